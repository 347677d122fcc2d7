//! Commands as an operator types them, and what they print.

use crate::commands::Failure;
use fleet::config::Environment;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;
use tokio::process::Command;

/// Begins the line that names the fleet.
const TITLE: &str = "local fleet in ";
/// A command that takes longer has failed.
const COMMAND_MAX: Duration = Duration::from_secs(30);

/// Where commands are typed.
pub(super) struct Keyboard {
    /// Directory of the fleet, by which `--local` finds it.
    dir: PathBuf,
    log: File,
}

/// A command that was typed.
pub(super) struct Typed {
    line: String,
    /// Standard output; where that is empty, what went wrong.
    printed: String,
    /// Exit code 0.
    pub(super) is_done: bool,
}

/// A list as `--json` prints it.
#[derive(Deserialize)]
struct Listed<T> {
    rows: Vec<T>,
}

impl Keyboard {
    pub(super) fn of(dir: &Path, logs: &Path) -> Result<Self, Failure> {
        std::fs::create_dir_all(logs)?;
        Ok(Self {
            dir: dir.to_owned(),
            log: File::create(logs.join("operator.log"))?,
        })
    }

    /// Runs this very program as an operator types it.
    pub(super) async fn type_command(&mut self, words: &[String]) -> Result<Typed, Failure> {
        let local = format!("--local={}", self.dir.display());
        let mut command = Command::new(std::env::current_exe()?);
        for setting in Environment::of_process().names() {
            command.env_remove(setting);
        }
        command.arg(local).args(words).stdin(Stdio::null());
        let ended = tokio::time::timeout(COMMAND_MAX, command.kill_on_drop(true).output()).await;
        let (printed, is_done) = if let Ok(ended) = ended {
            let output = ended?;
            (printed(&output), output.status.success())
        } else {
            let why = format!("no answer within {} s", COMMAND_MAX.as_secs());
            (why, false)
        };
        let line = typed(words);
        writeln!(self.log, "$ relink {line}\n{printed}")?;
        Ok(Typed {
            line,
            printed,
            is_done,
        })
    }

    /// Rows of a list; none where it cannot be had.
    pub(super) async fn rows<T: DeserializeOwned>(
        &mut self,
        words: &[&str],
    ) -> Result<Option<Vec<T>>, Failure> {
        let words = words.iter().chain(&["--limit", "1000", "--json"]);
        let words: Vec<String> = words.map(|it| (*it).to_owned()).collect();
        let typed = self.type_command(&words).await?;
        let listed = serde_json::from_str::<Listed<T>>(&typed.printed).ok();
        Ok(listed.filter(|_| typed.is_done).map(|it| it.rows))
    }
}

impl Typed {
    /// The command without its reason, and the first line of its answer.
    pub(super) fn in_brief(&self) -> String {
        let answers = |line: &&str| !line.starts_with(TITLE);
        let first = self.printed.lines().find(answers);
        let (short, _) = self
            .line
            .split_once(" --reason")
            .unwrap_or((&self.line, ""));
        format!("`relink {short}`: {}", first.unwrap_or("nothing").trim())
    }
}

/// Words as they stand on a line; what has spaces in it is quoted.
fn typed(words: &[String]) -> String {
    let quoted = |word: &String| {
        if word.contains(' ') {
            format!("{word:?}")
        } else {
            word.clone()
        }
    };
    words.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

fn printed(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    if out.is_empty() {
        format!("{} ({})", err, output.status)
    } else {
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_written_as_it_is_typed_and_told_without_its_reason() {
        let words = [
            "watch",
            "accept",
            "2026-03-01T10:05:00Z",
            "--reason",
            "it is true",
        ];
        let line = typed(&words.map(str::to_owned));
        assert_eq!(
            line,
            r#"watch accept 2026-03-01T10:05:00Z --reason "it is true""#
        );
        let typed = Typed {
            line,
            printed: format!("{TITLE}/home/you: process 1\n done: accepted 3 losses\n more"),
            is_done: true,
        };
        assert_eq!(
            typed.in_brief(),
            "`relink watch accept 2026-03-01T10:05:00Z`: done: accepted 3 losses"
        );
    }
}
