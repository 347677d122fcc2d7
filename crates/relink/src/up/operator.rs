//! The operator of a demonstration: looks at what the mass-change breaker stopped, and answers it, by the commands that one types.

mod keyboard;
mod sight;

use crate::commands::Failure;
use crate::up::progress::say;
use jiff::Timestamp;
use keyboard::Keyboard;
use sight::Sight;
use simulator::control::SessionView;
use std::collections::BTreeSet;
use std::path::Path;
use store::report::AlertLine;
use uuid::Uuid;

/// Alert of stopped losses; its detail names the run, or the account that a look of its own found lost.
const STOPPED: &str = "mass_change";
/// Reason of the acceptance, kept with its audit row.
const REASON: &str =
    "the provider's console shows these sessions signed out, and their owners know";

/// Losses that the breaker stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stopped {
    /// In one run of the watch.
    Run(Timestamp),
    /// By a look at one account.
    Account(Uuid),
}

impl Stopped {
    fn of(alert: &AlertLine) -> Option<Self> {
        let text = |key: &str| alert.detail.get(key)?.as_str();
        match text("run") {
            Some(run) => run.parse().ok().map(Self::Run),
            None => Some(Self::Account(Uuid::parse_str(text("account")?).ok()?)),
        }
    }

    /// Words that name them in a command.
    fn words(self) -> Vec<String> {
        match self {
            Self::Run(run) => vec![run.to_string()],
            Self::Account(account) => vec!["--account".to_owned(), account.to_string()],
        }
    }
}

/// What an operator has answered so far.
pub(crate) struct Operator {
    keyboard: Keyboard,
    answered: BTreeSet<Stopped>,
    answers: Vec<String>,
}

impl Operator {
    /// Commands and what they print go to `operator.log`.
    pub(super) fn on_duty(dir: &Path, logs: &Path) -> Result<Self, Failure> {
        Ok(Self {
            keyboard: Keyboard::of(dir, logs)?,
            answered: BTreeSet::new(),
            answers: vec![],
        })
    }

    /// Whether something was stopped and has no answer yet.
    pub(super) fn is_asked(&self, open: &[AlertLine]) -> bool {
        !self.unanswered(open).is_empty()
    }

    fn unanswered(&self, open: &[AlertLine]) -> Vec<Stopped> {
        let stopped = open.iter().filter(|alert| alert.code == STOPPED);
        let stopped = stopped.filter_map(Stopped::of);
        stopped.filter(|it| !self.answered.contains(it)).collect()
    }

    /// Answers whatever was stopped, once each, after a look at it and at the provider's sessions. What cannot be looked at is
    /// left for later.
    pub(super) async fn answer_stopped(
        &mut self,
        open: &[AlertLine],
        sessions: &[SessionView],
    ) -> Result<(), Failure> {
        for stopped in self.unanswered(open) {
            let Some(sight) = Sight::of(stopped, &mut self.keyboard).await? else {
                continue;
            };
            let said = self.answer(stopped, &sight, sessions).await?;
            say(&format!("operator: {said}"));
            self.answered.insert(stopped);
            self.answers.push(said);
        }
        Ok(())
    }

    /// Accepts what is open and can be true. What is not open any more needs no answer.
    async fn answer(
        &mut self,
        stopped: Stopped,
        sight: &Sight,
        sessions: &[SessionView],
    ) -> Result<String, Failure> {
        let named = stopped.words().join(" ");
        if !sight.is_open() {
            return Ok(format!("{named}: left alone, {sight}"));
        }
        if !sight.are_lost(sessions) {
            let why = "the sessions are back or connecting";
            return Ok(format!("{named}: left alone, {why}; {sight}"));
        }
        let words = [
            vec!["watch".to_owned(), "accept".to_owned()],
            stopped.words(),
            vec!["--reason".to_owned(), REASON.to_owned()],
        ];
        let typed = self.keyboard.type_command(&words.concat()).await?;
        if typed.is_done {
            return Ok(typed.in_brief());
        }
        // Somebody may have been faster: the session itself, or another operator.
        let again = Sight::of(stopped, &mut self.keyboard).await?;
        Ok(match again.filter(|it| !it.is_open()) {
            Some(now) => format!("{named}: left alone after all, {now}"),
            None => typed.in_brief(),
        })
    }

    /// Answers in their order, for the report.
    pub(super) fn answers(&self) -> &[String] {
        &self.answers
    }
}

#[cfg(test)]
mod tests;
