//! A database that is not as the migrations and the fleet leave it.

use super::patient::{Patient, token};
use super::ward::Ward;
use std::collections::BTreeSet;
use std::time::Duration;
use store::clock::{TestClock, install};
use tests::database::SUPERUSER;

#[expect(clippy::too_many_lines, reason = "a list, one breakage an entry")]
#[tokio::test]
async fn each_broken_database_is_named_with_its_fix() {
    let mut patient = Patient::fresh().await;
    patient
        .settings
        .retain(|name, _| name.contains("DATABASE") || name.contains("TOKEN"));
    let ward = Ward::of(patient).await;
    assert_eq!(ward.before, BTreeSet::new());
    let older = "create table relink.kept as select * from relink.schema_history order by version desc limit 1;
                 delete from relink.schema_history where version = (select version from relink.kept)";
    let restored =
        "insert into relink.schema_history select * from relink.kept; drop table relink.kept";
    let changed = "update relink.schema_history set checksum = (checksum::numeric + n)::text";
    let refuse = "create or replace function relink.refuse() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$";
    let whole = format!(
        "{refuse} begin\n    raise exception '% is refused on relink.%', tg_op, tg_table_name using errcode = '42501';\nend $$"
    );
    for (what, breaks, mends, expected) in [
        (
            "an old schema",
            older,
            restored,
            ["schema", "this build needs", "run `relink migrate`"],
        ),
        (
            "a newer schema",
            "insert into relink.schema_history (version, name, applied_on, checksum) values (9999, 'later', '', '0')",
            "delete from relink.schema_history where version = 9999",
            ["schema", "V9999__later", "at least as new"],
        ),
        (
            "a migration with another text",
            &changed
                .replace(" + n", " + 1 ")
                .replace("::text", "::text where version = 3"),
            &changed
                .replace(" + n", " - 1 ")
                .replace("::text", "::text where version = 3"),
            ["schema", "V0003__audit", "run the build that migrated"],
        ),
        (
            "a trigger switched off",
            "alter table relink.account_audit disable trigger no_change",
            "alter table relink.account_audit enable always trigger no_change",
            [
                "triggers",
                "no_change on relink.account_audit is not always on",
                "mends it",
            ],
        ),
        (
            "a guard that guards nothing",
            &format!("{refuse} begin return old; end $$"),
            &whole,
            ["functions", "relink.refuse is not what", "mends it"],
        ),
        (
            "a lease that lapsed",
            "update relink.scheduler_lease set holder = gen_random_uuid(), expires_at = relink.clock() - interval '1 hour'",
            "update relink.scheduler_lease set holder = null, expires_at = '-infinity'",
            [
                "scheduler lease",
                "nobody has led since",
                "start `relink scheduler`",
            ],
        ),
        (
            "a lease of a clock that was ahead",
            "update relink.scheduler_lease set holder = gen_random_uuid(), expires_at = relink.clock() + interval '3 hours'",
            "update relink.scheduler_lease set holder = null, expires_at = '-infinity'",
            [
                "scheduler lease",
                "later than any can",
                "relink-clock-ahead.md",
            ],
        ),
        (
            "a tick of a clock that was ahead",
            "insert into relink.schedules (name, every_s, last_slot) values ('ahead', 60, relink.clock() + interval '3 hours')",
            "delete from relink.schedules where name = 'ahead'",
            [
                "instants",
                "1 ticks are of an instant that is yet to come",
                "relink-clock-ahead.md",
            ],
        ),
    ] {
        ward.broken_by(what, (breaks, mends), expected).await;
    }
    let patient = &ward.patient;
    let expired = token(&patient.site, Duration::from_millis(50)).await;
    let expected = ["operator token", "expired at", "relink operator add"];
    ward.diagnose(
        "an expired token",
        &patient.but("RELINK_OPERATOR_TOKEN", expired),
        expected,
    )
    .await;
    let mut forged = patient.settings["RELINK_OPERATOR_TOKEN"].clone();
    forged.replace_range(forged.len() - 1.., "6");
    let expected = ["operator token", "its secret is not", "relink operator add"];
    ward.diagnose(
        "a token with another's secret",
        &patient.but("RELINK_OPERATOR_TOKEN", forged),
        expected,
    )
    .await;
    let clock = TestClock::Stepped { ahead_s: 0 };
    install(&patient.site.database(SUPERUSER), clock)
        .await
        .expect("a stand-in");
    let expected = [
        "clock function",
        "relink.clock is not what",
        "a stand-in clock is for demonstrations",
    ];
    ward.diagnose("a stand-in clock", &patient.settings, expected)
        .await;
}
