//! The operator of a demonstration: answers what the mass-change breaker stopped, by the commands that one types.

use crate::commands::Failure;
use crate::up::progress::say;
use fleet::config::Environment;
use simulator::control::{Presence, SessionView};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;
use store::report::AlertLine;
use tokio::process::Command;

/// Alert of stopped losses; its detail names the run, or the account that a look of its own found lost.
const STOPPED: &str = "mass_change";
/// Reason of the acceptance, kept with its audit row.
const REASON: &str =
    "the provider's console shows these sessions signed out, and their owners know";
/// Begins the line that names the fleet.
const TITLE: &str = "local fleet in ";
/// A command that takes longer has failed.
const COMMAND_MAX: Duration = Duration::from_secs(30);

/// Losses that the breaker stopped, in one run of the watch or by a look at one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stopped {
    /// Words that name them in a command: a run, or `--account` and its id.
    named: Vec<String>,
    losses: u64,
}

impl Stopped {
    fn of(alert: &AlertLine) -> Option<Self> {
        let text = |key: &str| Some(alert.detail.get(key)?.as_str()?.to_owned());
        if let Some(run) = text("run") {
            let losses = alert.detail.get("losses")?.as_u64()?;
            return Some(Self {
                named: vec![run],
                losses,
            });
        }
        Some(Self {
            named: vec!["--account".to_owned(), text("account")?],
            losses: 1,
        })
    }
}

/// What an operator has answered so far.
pub(crate) struct Operator {
    /// Directory of the fleet, by which `--local` finds it.
    dir: PathBuf,
    log: File,
    answered: BTreeSet<Vec<String>>,
    answers: Vec<String>,
}

impl Operator {
    /// Commands and what they print go to `operator.log`.
    pub(super) fn on_duty(dir: &Path, logs: &Path) -> Result<Self, Failure> {
        std::fs::create_dir_all(logs)?;
        Ok(Self {
            dir: dir.to_owned(),
            log: File::create(logs.join("operator.log"))?,
            answered: BTreeSet::new(),
            answers: vec![],
        })
    }

    /// What was stopped and has no answer yet.
    pub(super) fn unanswered(&self, open: &[AlertLine]) -> Vec<Stopped> {
        let stopped = open.iter().filter(|alert| alert.code == STOPPED);
        let new = |it: &Stopped| !self.answered.contains(&it.named);
        stopped.filter_map(Stopped::of).filter(new).collect()
    }

    /// Answers what was stopped once, after a look at the provider's sessions.
    pub(super) async fn answer_stopped(
        &mut self,
        stopped: &Stopped,
        sessions: &[SessionView],
    ) -> Result<(), Failure> {
        let named = stopped.named.iter().map(String::as_str);
        let named: Vec<&str> = named.collect();
        self.answered.insert(stopped.named.clone());
        let said = if are_lost(stopped, sessions) {
            self.type_command(&["watch", "list"]).await?;
            let words = [&["watch", "accept"], &*named, &["--reason", REASON]].concat();
            self.type_command(&words).await?
        } else {
            format!(
                "{}: left alone, the sessions are back or connecting",
                named.join(" ")
            )
        };
        say(&format!("operator: {said}"));
        self.answers.push(said);
        Ok(())
    }

    /// Answers in their order, for the report.
    pub(super) fn answers(&self) -> &[String] {
        &self.answers
    }

    /// Runs this very program as an operator types it; what it printed first, or why it could not be asked.
    async fn type_command(&mut self, words: &[&str]) -> Result<String, Failure> {
        let local = format!("--local={}", self.dir.display());
        let mut command = Command::new(std::env::current_exe()?);
        for setting in Environment::of_process().names() {
            command.env_remove(setting);
        }
        command.arg(local).args(words).stdin(Stdio::null());
        let ended = tokio::time::timeout(COMMAND_MAX, command.kill_on_drop(true).output()).await;
        let typed = typed(words);
        let told = match ended {
            Ok(ended) => printed(&ended?),
            Err(_) => format!("no answer within {} s", COMMAND_MAX.as_secs()),
        };
        writeln!(self.log, "$ relink {typed}\n{told}")?;
        let mut lines = told.lines().filter(|line| !line.starts_with(TITLE));
        let first = lines.next().unwrap_or("nothing").trim();
        let (short, _) = typed.split_once(" --reason").unwrap_or((&typed, ""));
        Ok(format!("`relink {short}`: {first}"))
    }
}

/// Whether most of what was stopped can be true: the provider shows as many sessions that do not come back by themselves.
fn are_lost(stopped: &Stopped, sessions: &[SessionView]) -> bool {
    let is_lost = |it: &&SessionView| {
        let mut words = it.words.iter();
        it.presence != Presence::Live
            || words.any(|word| matches!(word.as_str(), "CREDENTIALS" | "ERROR" | "STOPPED"))
    };
    let lost = sessions.iter().filter(is_lost).count();
    u64::try_from(lost).is_ok_and(|lost| lost * 2 > stopped.losses)
}

/// Words as they stand on a line; what has spaces in it is quoted.
fn typed(words: &[&str]) -> String {
    let quoted = |word: &&str| {
        if word.contains(' ') {
            format!("{word:?}")
        } else {
            (*word).to_owned()
        }
    };
    words.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

/// Standard output; where that is empty, what went wrong.
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
mod tests;
