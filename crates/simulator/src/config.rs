//! What a simulator is started with.

use jiff::Timestamp;
use std::path::PathBuf;

/// How many log lines are kept when nothing else is said.
const LOG_LINES: usize = 50_000;
/// How many outward effects are kept when nothing else is said: about 250 MB when they are there.
const EFFECTS_MAX: usize = 1_000_000;

/// The settings that hold for the whole life of one simulator. Everything else is steered by `/control`.
#[derive(Clone)]
pub struct Config {
    /// The only `X-API-KEY` that is let in.
    pub api_key: String,
    /// Decides every random thing: ids, names, faults, rotation.
    pub seed: u64,
    /// How many seconds of the simulator's time pass in one of the machine's. Must be above zero.
    pub speed: f64,
    /// What the simulator's clock shows when it starts.
    pub started_at: Timestamp,
    /// How many requests the log holds; older ones fall out (the counters never forget them).
    pub log_lines: usize,
    /// How many outward effects are kept. None is ever forgotten: when there are so many, the log says that it is full,
    /// and further actions are refused with 503, because what cannot be written must not happen.
    pub effects_max: usize,
    /// Also append the log to this file: one JSON line per request, and one more when it was answered.
    pub log_file: Option<PathBuf>,
    /// Append the truth about sessions' lives to this file: a JSON line at each birth, and one more at its end.
    pub lives_file: Option<PathBuf>,
}

impl Config {
    /// Seed 0, time as fast as the machine's, no log file.
    pub fn new(api_key: impl Into<String>, started_at: Timestamp) -> Self {
        Self {
            api_key: api_key.into(),
            seed: 0,
            speed: 1.0,
            started_at,
            log_lines: LOG_LINES,
            effects_max: EFFECTS_MAX,
            log_file: None,
            lives_file: None,
        }
    }
}
