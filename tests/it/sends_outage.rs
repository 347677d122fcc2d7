//! R-HEAL-4: the outage that an account remembers, written by its flips.

use jiff::{SignedDuration, Timestamp};
use policy::account::{Cause, Flip, Status, StatusChanges};
use policy::decision::Decision;
use policy::ids::AccountId;
use policy::sends::sender::Outage;
use tests::clock;
use tests::sends::{BY, Ground};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// Flips an account; when that was.
async fn flip(
    ground: &Ground,
    account: AccountId,
    version: i64,
    pair: (Status, Status),
) -> Timestamp {
    let tx = ground.worker().begin().await.expect("begin");
    let at = tx.now().at;
    let status = StatusChanges {
        flips: vec![Flip {
            account,
            version,
            from: pair.0,
            to: pair.1,
            cause: Cause::Verified,
            observed_at: at,
            evidence: serde_json::json!({}),
            link: None,
            checkpoint: None,
        }],
        ..StatusChanges::default()
    };
    let decision = Decision {
        status,
        ..Decision::nothing(at)
    };
    let applied = tx.apply(&decision, &BY).await.expect("apply");
    tx.finish().await.expect("commit");
    assert_eq!(applied.changed, 1);
    at
}

/// Outage that is remembered after outages of an account, each of so many seconds from so many seconds ahead on, in whole
/// seconds of the same scale.
async fn remembered(ground: &Ground, account: AccountId, outages: &[(i64, i64)]) -> (i64, i64) {
    let zero = clock::step(&ground.owner, 0).await;
    for (version, (from, length)) in (2..).step_by(2).zip(outages) {
        let lost = (Status::Connected, Status::ReconnectNeeded);
        clock::step(&ground.owner, *from).await;
        flip(ground, account, version, lost).await;
        clock::step(&ground.owner, from + length).await;
        flip(ground, account, version + 1, (lost.1, lost.0)).await;
    }
    let tx = ground.worker().begin().await.expect("begin");
    let known = tx.senders(&[account.0]).await.expect("read");
    let Outage { from, until } = known[0].sender.outage.expect("an outage");
    let of = |at: Timestamp| {
        let half = SignedDuration::from_millis(500);
        at.duration_since(zero).saturating_add(half).as_secs()
    };
    (of(from), of(until))
}

/// Two figures of an outage, in seconds after the scene's beginning: when it began, and how long it was or when it ended.
type Outaged = (i64, i64);

#[tokio::test]
async fn r_heal_4_short_outages_add_up_to_no_long_one_in_its_row() {
    // What is planted was connected long before: each begins a day and more after the machine's now.
    let week = |nth: i64| DAY + nth * 6 * DAY;
    let cases: [(&[Outaged], Outaged); 4] = [
        // Four of an hour, six days apart: 25 % for a fortnight it was once.
        (
            &[
                (week(0), HOUR),
                (week(1), HOUR),
                (week(2), HOUR),
                (week(3), HOUR),
            ],
            (week(3), week(3) + HOUR),
        ),
        // A short one soon after a long one leaves that in force, and less than an hour is none.
        (&[(DAY, 20 * DAY), (23 * DAY, 2 * HOUR)], (DAY, 21 * DAY)),
        (&[(DAY, 20 * DAY), (23 * DAY, 60)], (DAY, 21 * DAY)),
        // Half is less than what is left of it a week later.
        (
            &[(DAY, 20 * DAY), (28 * DAY, 2 * HOUR)],
            (28 * DAY, 28 * DAY + 2 * HOUR),
        ),
    ];
    let ground = Ground::of(cases.len()).await;
    clock::lay(&ground.owner).await;
    for (account, (outages, expected)) in ground.accounts.iter().zip(cases) {
        let seen = remembered(&ground, *account, outages).await;
        let near = |seen: i64, expected: i64| (seen - expected).abs() <= 120;
        assert!(
            near(seen.0, expected.0) && near(seen.1, expected.1),
            "{outages:?}: {seen:?}, not {expected:?}"
        );
    }
}
