//! What an operator sees of losses that were stopped: `relink watch list`, then `relink watch show`.

use super::Stopped;
use super::keyboard::Keyboard;
use crate::commands::Failure;
use jiff::Timestamp;
use serde::Deserialize;
use simulator::control::{Presence, SessionView};
use std::collections::BTreeMap;
use std::fmt;
use uuid::Uuid;

/// Newest runs with open losses in which an account's is looked for.
const RUNS_SHOWN: usize = 3;
/// Word of a loss that waits for an answer.
const OPEN: &str = "open";

/// A run that stopped losses, as the list shows it.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct ListedRun {
    pub(super) run: Timestamp,
    pub(super) open: u64,
}

/// One loss that a run stopped, or that counts to it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct ShownLoss {
    pub(super) account_id: Uuid,
    pub(super) session: String,
    pub(super) state: String,
}

/// Losses of one alert, as far as they are shown.
pub(super) struct Sight {
    losses: Vec<ShownLoss>,
}

impl Sight {
    /// Looks; none where the lists cannot be had.
    pub(super) async fn of(
        stopped: Stopped,
        keyboard: &mut Keyboard,
    ) -> Result<Option<Self>, Failure> {
        let Some(listed) = keyboard.rows(&["watch", "list"]).await? else {
            return Ok(None);
        };
        let mut losses = vec![];
        for run in runs_of(stopped, &listed) {
            let run = run.to_string();
            match keyboard.rows(&["watch", "show", &run]).await? {
                Some(shown) => losses.extend(shown),
                None => return Ok(None),
            }
        }
        Ok(Some(Self::new(stopped, losses)))
    }

    pub(super) fn new(stopped: Stopped, shown: Vec<ShownLoss>) -> Self {
        let is_of = |it: &ShownLoss| match stopped {
            Stopped::Run(_) => true,
            Stopped::Account(account) => it.account_id == account,
        };
        Self {
            losses: shown.into_iter().filter(is_of).collect(),
        }
    }

    /// Whether one of them waits for an answer.
    pub(super) fn is_open(&self) -> bool {
        self.open().next().is_some()
    }

    /// Whether most of what waits can be true: the provider shows these sessions as none that come back by themselves.
    pub(super) fn are_lost(&self, sessions: &[SessionView]) -> bool {
        let known: BTreeMap<&str, &SessionView> =
            sessions.iter().map(|it| (it.id.as_str(), it)).collect();
        let is_lost = |it: &&ShownLoss| known.get(it.session.as_str()).is_none_or(|it| lost(it));
        let lost = self.open().filter(is_lost).count();
        self.open().count() < lost * 2
    }

    fn open(&self) -> impl Iterator<Item = &ShownLoss> {
        self.losses.iter().filter(|it| it.state == OPEN)
    }
}

/// `relink watch show says 3 open, 52 withdrawn`.
impl fmt::Display for Sight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut states: BTreeMap<&str, usize> = BTreeMap::new();
        for loss in &self.losses {
            *states.entry(&loss.state).or_default() += 1;
        }
        if states.is_empty() {
            return f.write_str("`relink watch list` has no open loss of it");
        }
        let states = states
            .iter()
            .map(|(state, count)| format!("{count} {state}"));
        let states: Vec<String> = states.collect();
        write!(f, "`relink watch show` says {}", states.join(", "))
    }
}

/// Runs to be shown: the one that is named, or those to which a look's loss may count.
pub(super) fn runs_of(stopped: Stopped, listed: &[ListedRun]) -> Vec<Timestamp> {
    match stopped {
        Stopped::Run(run) => vec![run],
        Stopped::Account(_) => {
            let open = listed.iter().filter(|it| it.open > 0);
            let newest = open.map(|it| it.run).take(RUNS_SHOWN);
            newest.collect()
        }
    }
}

fn lost(session: &SessionView) -> bool {
    let mut words = session.words.iter();
    session.presence != Presence::Live
        || words.any(|word| matches!(word.as_str(), "CREDENTIALS" | "ERROR" | "STOPPED"))
}
