//! Whom the failure of a send speaks of (R-CAP-8). One table: classes of refusals have theirs in
//! [`super::refusals::REFUSALS`], and all other ends of a call have it here.

use super::refusals::REFUSALS;
use std::fmt::Write as _;

crate::words! {
    /// Party that a failure speaks of.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum Blame {
        /// The sending account: a limit, a restriction, its credentials, words that nobody knows.
        Account = "account",
        /// The campaign: what it says, or how, is refused.
        Campaign = "campaign",
        /// The person written to: gone, no connection, invited before.
        Prospect = "prospect",
        /// Ourselves: our key, our network, what we refused before a byte left.
        Us = "us",
        /// The provider: an outage, an answer instead of the deed.
        Provider = "provider",
        /// Nobody yet: the outcome is not known.
        Unknown = "unknown",
    }
}

impl Blame {
    /// Parties of a whole send that count in a window of failures: the rest says nothing of an account or a campaign.
    pub const fn counts(self) -> bool {
        matches!(self, Self::Account | Self::Campaign | Self::Prospect)
    }
}

/// Table of `docs/sends.md`: each outcome and its party.
pub fn table() -> String {
    let mut table = "| outcome | speaks of | counts for |\n|---|---|---|\n".to_owned();
    let ends = [
        ("sent, or found later", None),
        ("nothing left this machine", Some(Blame::Us)),
        (
            "untold: silence, 5xx, an unreadable answer",
            Some(Blame::Unknown),
        ),
        ("absent: proved not to have happened", Some(Blame::Provider)),
    ];
    let refused = REFUSALS.iter().map(|row| (row.class.as_str(), row.blame));
    for (what, blame) in ends.into_iter().chain(refused) {
        let counts = match blame {
            Some(Blame::Account) => "`protective`",
            Some(Blame::Campaign) => "`failure_rate`",
            Some(Blame::Prospect) => "`failure_rate`, from half of 20 on",
            _ => "nothing",
        };
        let blame = blame.map_or("nobody", Blame::as_str);
        writeln!(table, "| {what} | {blame} | {counts} |").expect("write to a string");
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::class::Class;

    const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/sends.md");

    #[test]
    fn r_cap_8_docs_say_of_every_outcome_whom_it_speaks_of() {
        let page = std::fs::read_to_string(PAGE).expect("docs/sends.md");
        let table = table();
        assert!(page.contains(&table), "docs/sends.md must hold:\n{table}");
    }

    #[test]
    fn r_cap_8_a_table_row_for_every_class_and_only_the_accounts_own_count_for_it() {
        let accounts = REFUSALS
            .iter()
            .filter(|row| row.blame == Some(Blame::Account));
        let accounts: Vec<Class> = accounts.map(|row| row.class).collect();
        assert_eq!(
            accounts,
            [
                Class::Reconnect,
                Class::Checkpoint,
                Class::Restricted,
                Class::Degraded,
                Class::AccountCap,
                Class::Gone,
                Class::Unknown
            ]
        );
        let counting = Blame::ALL.into_iter().filter(|it| it.counts());
        assert_eq!(
            counting.collect::<Vec<_>>(),
            [Blame::Account, Blame::Campaign, Blame::Prospect]
        );
    }
}
