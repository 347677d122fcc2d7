//! What befalls sessions as time goes by.

use super::{DailyRestart, Kind, Lives, PlannedBurst, Rate, Span, Tally, Tier};
use serde::{Deserialize, Serialize};

/// A life script: single events, bursts, and what goes on all the time. Loading one replaces the steps of the last that were not due.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Script {
    /// In any order; those whose time is past happen at once.
    pub steps: Vec<Step>,
    /// Sessions that lose their credentials, and owners who bring them back.
    pub rotation: Option<Rotation>,
    /// Bursts, in any order; those whose time is past happen at once.
    pub bursts: Vec<PlannedBurst>,
    /// Curves by which sessions live; loading them again begins a life of each healthy session anew.
    pub lives: Option<Lives>,
    /// The provider's own restart.
    pub daily_restart: Option<DailyRestart>,
}

/// One event.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Step {
    /// Simulator seconds since the simulator started.
    pub at_seconds: f64,
    /// The session's id.
    pub session: String,
    /// What happens to it.
    #[serde(rename = "do")]
    pub act: Act,
    /// No webhook tells.
    pub quiet: bool,
    /// For `appear`.
    pub kind: Kind,
    /// For `appear` and `person`.
    pub name: Option<String>,
    /// For `appear` and `person`.
    pub identity: Option<String>,
    /// For `appear` and `person`.
    pub handle: Option<String>,
    /// For `appear`.
    pub tier: Tier,
}

/// What a step does. `appear` on a session that is there does nothing, the others nothing on one that never was.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// It runs (again); one that was gone is back.
    #[default]
    Ok,
    /// It needs its owner.
    Credentials,
    /// It has failed.
    Error,
    /// It has stopped.
    Stopped,
    /// It is being connected.
    Connecting,
    /// The provider loses it.
    Gone,
    /// LinkedIn restricts it; no webhook tells.
    Restricted,
    /// LinkedIn restricts it no more; no webhook tells.
    Unrestricted,
    /// It is created.
    Appear,
    /// Whoever `name`, `identity` and `handle` say is behind it from now on; no webhook tells of that.
    Person,
}

/// A steady, seeded loss of credentials over the whole fleet.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rotation {
    /// How many well sessions lose their credentials in a simulator hour, on average.
    pub rotate_per_hour: f64,
    /// How long until the owner reconnects, in simulator seconds.
    pub recover_after_seconds: Span,
    /// How many of the lost ones nobody brings back.
    #[serde(default)]
    pub never: Rate,
}

/// How far the script is.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ScriptView {
    /// As it was loaded last.
    pub script: Script,
    /// Steps done since the start, of all scripts.
    pub steps_done: u64,
    /// Steps that named a session that never was, or an `appear` on one that is there.
    pub steps_without_effect: u64,
    /// Steps that are still to come.
    pub steps_waiting: usize,
    /// Lost sessions whose owner has yet to come back.
    pub recoveries_waiting: usize,
    /// Sessions that are `CONNECTING` until their restart has ended.
    #[serde(default)]
    pub restarts_waiting: usize,
    /// Lives under way, where curves are loaded.
    #[serde(default)]
    pub lives: usize,
    /// What the scripts did, rotation, curves and bursts included.
    pub tally: Tally,
}
