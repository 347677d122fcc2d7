//! What owners' links and notices came to, and what must never become of them: from rows, the mailbox, the provider's links, and
//! what the owners themselves noted.

use crate::up::letters::{Letter, Told};
use crate::up::owners::OwnersNote;
use serde::Serialize;
use simulator::control::{LinkState, LinkView};
use std::collections::BTreeMap;
use store::report::LinkTotals;

/// Everything that is known of them.
pub(crate) struct Links {
    pub(crate) totals: LinkTotals,
    /// Mails that lie in the mailbox.
    pub(crate) letters: Vec<Letter>,
    /// Links as the provider has them.
    pub(crate) minted: Vec<LinkView>,
    pub(crate) owners: OwnersNote,
}

/// What the report says of them.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct LinksReport {
    /// Attempts to sign in by state: those that ended in this run, and those that are open.
    pub(super) attempts: BTreeMap<String, i64>,
    /// Open attempts whose page or name ended long ago (R-LNK-10).
    pub(super) attempts_overdue: usize,
    /// Each of them, in words.
    pub(super) attempts_overdue_named: Vec<String>,
    /// Attempts that a connected account ended, by what told of the login (R-LNK-3).
    pub(super) landed_by: BTreeMap<String, i64>,
    /// Notices by step, and of each step by state (R-LNK-7).
    pub(super) notices: BTreeMap<String, BTreeMap<String, i64>>,
    /// Mails in the mailbox.
    pub(super) mails: usize,
    /// Notices that one reader was mailed more than once, and mails that came twice.
    pub(super) notices_twice: Vec<String>,
    /// Links that the provider's page took twice, or that were given when they were over (R-LNK-1).
    pub(super) links_used_twice: u64,
    /// Links that the provider minted.
    pub(super) links_minted: usize,
    /// What owners did, by its words.
    pub(super) owners: BTreeMap<String, u64>,
}

impl From<&Links> for LinksReport {
    fn from(known: &Links) -> Self {
        let Links {
            totals,
            letters,
            minted,
            owners,
        } = known;
        let LinkTotals {
            attempts,
            overdue,
            landed,
            notices,
        } = totals.clone();
        let OwnersNote {
            deeds,
            given_again,
            signed_in: _,
        } = owners;
        let deeds = deeds
            .iter()
            .map(|(deed, times)| ((*deed).to_owned(), *times));
        Self {
            attempts,
            attempts_overdue: overdue.len(),
            attempts_overdue_named: overdue.iter().map(ToString::to_string).collect(),
            landed_by: landed,
            notices,
            mails: letters.len(),
            notices_twice: twice(letters),
            links_used_twice: taken_twice(minted) + given_again,
            links_minted: minted.len(),
            owners: deeds.collect(),
        }
    }
}

/// What a reader was mailed more than once. No address stands in it.
fn twice(letters: &[Letter]) -> Vec<String> {
    let mut told: BTreeMap<(&str, Told), u64> = BTreeMap::new();
    let mut ids: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for letter in letters {
        *ids.entry((&letter.to, &letter.id)).or_default() += 1;
        for one in &letter.told {
            *told.entry((&letter.to, *one)).or_default() += 1;
        }
    }
    let told = told.iter().filter(|(_, times)| 1 < **times);
    let told = told.map(|((_, (account, episode, step)), times)| {
        format!("account {account}, episode {episode}, step {step}: {times} mails")
    });
    let ids = ids.iter().filter(|(_, times)| 1 < **times);
    let ids = ids.map(|((_, id), times)| format!("mail {id}: {times} times"));
    told.chain(ids).collect()
}

/// Attempts of which more than one link was completed; the provider takes each link once.
fn taken_twice(minted: &[LinkView]) -> u64 {
    let mut completed: BTreeMap<&str, u64> = BTreeMap::new();
    let taken = minted.iter().filter(|it| it.state == LinkState::Completed);
    for link in taken {
        let attempt = link.name.as_deref().unwrap_or(&link.token);
        *completed.entry(attempt).or_default() += 1;
    }
    completed.values().map(|times| times - 1).sum()
}

impl LinksReport {
    /// Lines of a person's report.
    pub(super) fn lines(&self) -> [(&'static str, String); 4] {
        let steps = self.notices.iter();
        let steps: Vec<String> = steps
            .map(|(step, states)| format!("{step}: {}", counted(states)))
            .collect();
        let steps = if steps.is_empty() {
            "none".to_owned()
        } else {
            steps.join("; ")
        };
        [
            ("owners", counted(&self.owners)),
            (
                "attempts to sign in",
                format!(
                    "{} ({} links minted)",
                    counted(&self.attempts),
                    self.links_minted
                ),
            ),
            ("landed by", counted(&self.landed_by)),
            ("notices", format!("{steps} ({} mails)", self.mails)),
        ]
    }
}

/// `2 linked, 1 failed`.
fn counted<N: std::fmt::Display>(counts: &BTreeMap<String, N>) -> String {
    let all: Vec<String> = counts
        .iter()
        .map(|(word, count)| format!("{count} {word}"))
        .collect();
    if all.is_empty() {
        "none".to_owned()
    } else {
        all.join(", ")
    }
}
