//! Ends of processes that were not clean, as a person must be told of them.

use serde::Serialize;
use std::fmt;
use std::fs::File;
use std::io::{Error, Read as _, Seek as _, SeekFrom};
use std::path::Path;

/// Last lines of a log that are told.
const LINES: usize = 8;
/// Letters of each at most.
const LETTERS: usize = 400;
/// Bytes at the end of a log in which these lines are looked for.
const BYTES: u64 = 16 * 1024;

/// A process that did not end as it should.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct UncleanEnd {
    /// Name of the process, which is that of its log.
    process: String,
    /// Exit code or signal, or why it was killed.
    how: String,
    /// File of its log.
    log: String,
    /// End of that log, the newest line last.
    last_lines: Vec<String>,
}

impl UncleanEnd {
    pub(crate) fn new(process: &str, how: String, log: &Path) -> Self {
        let last_lines = match last_lines(log) {
            Ok(lines) => lines,
            Err(error) => vec![format!("it cannot be read: {error}")],
        };
        Self {
            process: process.to_owned(),
            how,
            log: log.display().to_string(),
            last_lines,
        }
    }

    /// A line of its own for the end, then one for each of the log.
    pub(crate) fn lines(&self) -> Vec<String> {
        let Self {
            process,
            how,
            log,
            last_lines,
        } = self;
        if last_lines.is_empty() {
            return vec![format!("{process} {how}; {log} is empty")];
        }
        let first = format!("{process} {how}; the end of {log}:");
        let rest = last_lines.iter().map(|line| format!("  {line}"));
        [first].into_iter().chain(rest).collect()
    }
}

impl fmt::Display for UncleanEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines().join("\n"))
    }
}

fn last_lines(log: &Path) -> Result<Vec<String>, Error> {
    let mut file = File::open(log)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(BYTES)))?;
    let mut bytes = vec![];
    file.read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let lines: Vec<String> = lines
        .map(|line| line.chars().take(LETTERS).collect())
        .collect();
    let last = lines.len().saturating_sub(LINES);
    Ok(lines[last..].to_vec())
}

#[cfg(test)]
mod tests;
