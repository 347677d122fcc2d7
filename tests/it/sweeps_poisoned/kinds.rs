//! Every kind of job, and how a poisoned row of it is shown to stop nobody else.

use super::scene::Scene;
use std::collections::BTreeSet;

/// How it is shown that a refused row of one tenant stops nobody else in a kind of job.
enum Shown {
    /// Works that set a row aside in this test.
    Here(&'static [&'static str]),
    /// Test that shows it.
    There(&'static str),
    /// Each job is of one account: what fails is that job.
    OneAccount,
    /// Its statements name no tenant's row.
    NoRow,
}

/// Every kind of job: a new one has to say here what a poisoned row does to it.
const SHOWN: [(&str, Shown); 30] = [
    (
        "status.watch",
        Shown::There("watch_door::r_wat_4_a_row_that_the_database_refuses_is_set_aside_by_name"),
    ),
    ("status.compare", Shown::Here(&["status.compare"])),
    (
        "status.apply",
        Shown::Here(&["accounts.flip", "notices.write"]),
    ),
    (
        "losses.apply",
        Shown::There("status.apply: both write by `Tx::apply`"),
    ),
    ("account.verify", Shown::OneAccount),
    ("orphans.watch", Shown::Here(&["orphans.watch"])),
    ("orphan.link", Shown::OneAccount),
    ("campaigns.heal", Shown::Here(&["campaigns.heal"])),
    (
        "campaigns.resume",
        Shown::There("campaigns.heal: both write by `Tx::apply`"),
    ),
    ("confirm.poll", Shown::OneAccount),
    ("account.check", Shown::OneAccount),
    (
        "sends.dispatch",
        Shown::There("sends_plan::r_cap_4_a_row_that_the_database_refuses_stops_alone"),
    ),
    ("sends.execute", Shown::OneAccount),
    ("sends.settle", Shown::Here(&["sends.settle"])),
    ("sends.resolve", Shown::OneAccount),
    ("sends.compare", Shown::OneAccount),
    ("holds.release", Shown::Here(&["holds.release"])),
    ("removals.look", Shown::OneAccount),
    ("removals.execute", Shown::OneAccount),
    ("removals.prove", Shown::OneAccount),
    ("duplicates.watch", Shown::Here(&["duplicates.watch"])),
    ("subscriptions.grace", Shown::Here(&["subscriptions.grace"])),
    ("guards.watch", Shown::NoRow),
    (
        "attempts.end",
        Shown::Here(&["attempts.end", "accounts.flip"]),
    ),
    ("sessions.recover", Shown::Here(&["jobs.enqueue"])),
    ("links.answer", Shown::OneAccount),
    ("links.look", Shown::OneAccount),
    (
        "links.list",
        Shown::There("orphans.watch: both read by `Tx::neighbourhoods`"),
    ),
    (
        "notices.plan",
        Shown::There("status.apply: both write notices by `Tx::apply`, each apart"),
    ),
    ("notices.deliver", Shown::OneAccount),
];

/// Works of the scheduler, which is no kind of job.
const OF_SCHEDULER: [&str; 1] = ["duties"];

/// Each kind of the roster says how it is shown, and what is to be shown here was.
pub(super) async fn every_kind(it: &Scene) {
    let kinds: BTreeSet<&str> = duties::roster()
        .iter()
        .map(|entry| entry.spec.kind.name)
        .collect();
    let named: BTreeSet<&str> = SHOWN.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, named, "a kind without a poisoned row");
    let works = it.works().await;
    let mut expected: BTreeSet<&str> = OF_SCHEDULER.into();
    for (kind, shown) in &SHOWN {
        match shown {
            Shown::Here(those) => expected.extend(*those),
            Shown::There(test) => assert!(!test.is_empty(), "{kind}"),
            Shown::OneAccount | Shown::NoRow => {}
        }
    }
    let missing: Vec<_> = expected
        .iter()
        .filter(|work| !works.contains(**work))
        .collect();
    assert!(missing.is_empty(), "{missing:?} of {works:?}");
}
