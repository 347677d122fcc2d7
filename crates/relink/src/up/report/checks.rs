//! What must hold, whatever happened, and what speaks against it where it does not.

use super::links::LinksReport;
use super::{Report, count};
use crate::up::children::UncleanEnd;

/// Something that must hold.
pub(super) struct Check {
    pub(super) what: &'static str,
    /// What speaks against it, a line each; empty where it holds.
    pub(super) against: Vec<String>,
}

impl Check {
    pub(super) fn holds(&self) -> bool {
        self.against.is_empty()
    }
}

/// Nothing where it holds, else what was counted.
fn unless(holds: bool, counted: impl FnOnce() -> String) -> Vec<String> {
    if holds { vec![] } else { vec![counted()] }
}

/// Nothing where there are none, else how many, and those that are known by name.
fn none(number: u64, of: &str, named: &[String]) -> Vec<String> {
    let mut against = unless(number == 0, || format!("{number} {of}"));
    if number > 0 {
        against.extend_from_slice(named);
    }
    against
}

impl Report {
    pub(super) fn checks(&self) -> [Check; 20] {
        let links = &self.links;
        let of = |(what, against)| Check { what, against };
        let [flips, audit, counted, lost, twice, dead] = self.of_jobs();
        let [rows_caps, provider_caps, once, known, audited, done] = self.of_sends();
        let [overdue, used, told] = of_links(links);
        let deleted = none(self.provider_deletes, "deletes", &[]);
        let unclean = self.unclean_ends.iter().flat_map(UncleanEnd::lines);
        [
            ("every flip has its audit row", flips),
            ("the audit's chain is intact", audit),
            ("every job is finished or waiting", counted),
            ("no job is lost", lost),
            ("no effect happened twice", twice),
            ("no dead letter", dead),
            ("no cap is broken (database)", rows_caps),
            ("no cap is broken (provider's log)", provider_caps),
            ("nothing was sent twice", once),
            ("every outcome is known, looked for, or alerted", known),
            ("every send has its audit rows", audited),
            ("the provider did what the rows say", done),
            ("nothing was deleted", deleted),
            (
                "every account whose session is well is connected",
                self.accounts_astray.clone(),
            ),
            (
                "every connected account has a live session of its own person",
                self.accounts_unproven.clone(),
            ),
            ("no attempt to sign in is open past its end", overdue),
            ("no link was used twice", used),
            ("nobody was told twice of one thing", told),
            (
                "no account held and no campaign paused without a true cause",
                self.stopped_without_cause.clone(),
            ),
            ("every process ended cleanly", unclean.collect()),
        ]
        .map(of)
    }

    fn of_jobs(&self) -> [Vec<String>; 6] {
        let (totals, known) = (&self.totals, &self.particulars);
        let accounted = totals.jobs_finished + totals.jobs_waiting + totals.dead_letters;
        [
            unless(totals.flips == totals.flip_audit_rows, || {
                format!("{} flips, {} rows", totals.flips, totals.flip_audit_rows)
            }),
            none(self.audit_wrong, "findings", &known.audit_findings),
            unless(totals.jobs_enqueued == accounted, || {
                format!(
                    "{} enqueued, {accounted} accounted for",
                    totals.jobs_enqueued
                )
            }),
            none(count(totals.jobs_lost), "jobs", &known.jobs_lost_named),
            none(count(totals.effects_duplicated), "effects", &[]),
            none(
                count(totals.dead_letters),
                "dead letters",
                &known.dead_letters_named,
            ),
        ]
    }

    fn of_sends(&self) -> [Vec<String>; 6] {
        let (sends, named) = (&self.sends, &self.particulars);
        let known = sends.sends_unknown_resolved
            + sends.sends_unknown_looked_for
            + sends.sends_unknown_alerted;
        // What was called and did not say that it happened, may have.
        let (least, most) = (
            count(sends.sends_sent_in_run),
            count(sends.sends_sent_in_run + sends.sends_open_in_run),
        );
        let effects = self.provider_effects;
        [
            none(
                self.cap_violations_database,
                "windows",
                &named.caps_broken_database,
            ),
            none(
                self.cap_violations_provider,
                "windows",
                &named.caps_broken_provider,
            ),
            none(
                self.sends_duplicated,
                "sends beyond the first",
                &named.duplicates_provider,
            ),
            unless(
                sends.sends_unknown == known && sends.sends_adrift == 0,
                || {
                    format!(
                        "{} unknown, {known} of them accounted for; {} that no job will look at",
                        sends.sends_unknown, sends.sends_adrift
                    )
                },
            ),
            none(count(sends.sends_unaudited), "sends", &[]),
            unless((least..=most).contains(&effects), || {
                format!("{least} to {most} effects by the rows, {effects} in the provider's log")
            }),
        ]
    }
}

fn of_links(links: &LinksReport) -> [Vec<String>; 3] {
    [
        links.attempts_overdue_named.clone(),
        none(links.links_used_twice, "links", &[]),
        links.notices_twice.clone(),
    ]
}
