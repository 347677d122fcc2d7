//! R-SUB-1: runs of `subscriptions.grace` beside renewals, sends and themselves, statement by statement.

use jiff::{SignedDuration, Timestamp};
use policy::ids::WorkspaceId;
use policy::schedule::{SHARDS, ShardRange};
use policy::subscriptions::notice_cutoffs;
use std::time::Duration;
use store::sends::{Start, Verdict};
use store::{Store, Tx, subscriptions};
use tests::database::SUPERUSER;
use tests::eventually::eventually;
use tests::sends::{BY, Ground, ask, reserve};

const ALL: ShardRange = ShardRange {
    first: 0,
    last: SHARDS - 1,
};
const DAY_S: i64 = 24 * 60 * 60;
const LIMIT: Duration = Duration::from_secs(20);

/// One workspace with accounts and a campaign.
struct Tenant {
    ground: Ground,
    workspace: WorkspaceId,
    owner: Store,
}

impl Tenant {
    async fn of(accounts: usize) -> Self {
        let ground = Ground::of(accounts).await;
        let sql = "insert into relink.campaigns (id, workspace_id, name, failures_from, created_at)
                   select gen_random_uuid(), id, 'Spring', relink.clock(), relink.clock() from relink.workspaces
                   returning workspace_id";
        let row = ground.owner.query_one(sql, &[]).await.expect("a campaign");
        let owner = ground.database.store(SUPERUSER);
        Self {
            workspace: WorkspaceId(row.get(0)),
            ground,
            owner,
        }
    }

    async fn end(&self, ended_at: Timestamp) -> bool {
        let tx = self.owner.begin().await.expect("begin");
        let changed = subscriptions::end(&tx, self.workspace, ended_at).await;
        tx.finish().await.expect("commit");
        changed.expect("end")
    }

    async fn end_now(&self) -> bool {
        self.end(self.now().await).await
    }

    async fn renew(&self) -> bool {
        let tx = self.owner.begin().await.expect("begin");
        let changed = subscriptions::renew(&tx, self.workspace).await;
        tx.finish().await.expect("commit");
        changed.expect("renew")
    }

    async fn now(&self) -> Timestamp {
        self.owner.now().await.expect("the clock").at
    }

    /// A whole run; what it changed.
    async fn run(&self) -> [u64; 5] {
        let tx = self.ground.worker().begin().await.expect("begin");
        let mut changed = vec![];
        for step in 0..STEPS {
            changed.extend(take(&tx, step).await);
        }
        tx.finish().await.expect("commit");
        changed.try_into().expect("five counts")
    }

    /// Accounts held, campaigns paused, days told.
    async fn state(&self) -> (i64, i64, Vec<i16>) {
        let count = async |sql: &str| -> i64 {
            let row = self.ground.owner.query_one(sql, &[]).await;
            row.expect("count").get(0)
        };
        let held = "select count(*) from relink.account_holds where reason = 'subscription' and ended_at is null";
        let paused = "select count(*) from relink.campaign_pauses where reason = 'subscription' and lifted_at is null";
        let days = "select coalesce(array_agg(day order by episode, day), '{}') from relink.workspace_notices";
        let days = self.ground.owner.query_one(days, &[]).await.expect("days");
        (count(held).await, count(paused).await, days.get(0))
    }
}

const STEPS: usize = 4;

/// What the job does, one step at a time.
async fn take(tx: &Tx, step: usize) -> Vec<u64> {
    match step {
        0 => vec![tx.hold_ended(ALL, &BY).await.expect("hold")],
        1 => vec![tx.pause_ended(ALL, &BY).await.expect("pause")],
        2 => {
            let cutoffs = notice_cutoffs(tx.now().at);
            vec![tx.note_ended(ALL, &cutoffs).await.expect("note")]
        }
        _ => {
            let (released, lifted) = tx.undo_renewed(ALL, &BY).await.expect("undo");
            vec![released, lifted]
        }
    }
}

#[tokio::test]
async fn r_sub_1_a_renewal_in_the_middle_of_a_run_is_obeyed_by_that_run_or_by_the_next() {
    for before in 0..=STEPS {
        let tenant = Tenant::of(3).await;
        assert!(tenant.end_now().await);
        let tx = tenant.ground.worker().begin().await.expect("begin");
        for step in 0..=STEPS {
            if step == before {
                assert!(tenant.renew().await);
            }
            if step < STEPS {
                take(&tx, step).await;
            }
        }
        tx.finish().await.expect("commit");
        let (held, paused, days) = tenant.state().await;
        println!("renewed before step {before}: {held} held, {paused} paused, told {days:?}");
        if before < STEPS {
            assert_eq!((held, paused), (0, 0), "renewed before step {before}");
        }
        assert_eq!(
            days.is_empty(),
            before < 3,
            "nobody is told after a renewal"
        );
        tenant.run().await;
        let (held, paused, _) = tenant.state().await;
        assert_eq!((held, paused), (0, 0), "renewed before step {before}");
    }
}

/// R-SUB-1, R-WAT-1: more accounts than a page, and a second run that finds nothing to do.
#[tokio::test]
async fn r_sub_1_a_run_holds_everybody_and_running_again_changes_nothing() {
    let tenant = Tenant::of(2_300).await;
    assert_eq!(tenant.run().await, [0; 5], "nothing ended yet");
    tenant.end_now().await;
    assert_eq!(tenant.run().await, [2_300, 1, 1, 0, 0]);
    for _ in 0..3 {
        assert_eq!(tenant.run().await, [0; 5]);
    }
    assert_eq!(tenant.state().await, (2_300, 1, vec![0]));
    tenant.renew().await;
    assert_eq!(tenant.run().await, [0, 0, 0, 2_300, 1]);
    assert_eq!(tenant.run().await, [0; 5]);
}

/// R-SUB-1: two ranges of shards hold what is theirs, and both together all of it, once.
#[tokio::test]
async fn r_sub_1_ranges_of_shards_share_the_work_between_them() {
    let tenant = Tenant::of(40).await;
    tenant.end_now().await;
    let mut counts = [0; 3];
    for first in [0, SHARDS / 2] {
        let half = ShardRange {
            first,
            last: first + SHARDS / 2 - 1,
        };
        let tx = tenant.ground.worker().begin().await.expect("begin");
        let cutoffs = notice_cutoffs(tx.now().at);
        counts[0] += tx.hold_ended(half, &BY).await.expect("hold");
        counts[1] += tx.pause_ended(half, &BY).await.expect("pause");
        counts[2] += tx.note_ended(half, &cutoffs).await.expect("note");
        tx.undo_renewed(half, &BY).await.expect("undo");
        tx.finish().await.expect("commit");
    }
    assert_eq!(counts, [40, 1, 1]);
}

/// R-SUB-1, R-CAP-5: from the commit on no call begins; what is on its way ends as it would have.
#[tokio::test]
async fn r_sub_1_from_the_instant_of_the_hold_no_send_begins() {
    let tenant = Tenant::of(3).await;
    let worker = tenant.ground.worker();
    let mut sends = vec![];
    for &account in &tenant.ground.accounts {
        sends.push((
            account,
            tenant.ground.planned(account, "message", 1).await[0],
        ));
    }
    let [
        (planned_account, planned),
        (reserved_account, reserved),
        (calling_account, calling),
    ] = sends[..]
    else {
        panic!("three sends");
    };
    let asks = [
        ask(reserved_account, reserved),
        ask(calling_account, calling),
    ];
    reserve(&worker, &asks).await.expect("reserve");
    let tx = worker.begin().await.expect("begin");
    let started = tx.start_send(calling_account, calling).await;
    assert!(started.expect("start").won().is_some());
    tx.finish().await.expect("commit");

    tenant.end_now().await;
    let run = worker.begin().await.expect("begin");
    take(&run, 0).await;
    // Whoever tries to start now waits for the run, and then finds its send taken back.
    let starting = tokio::spawn({
        let worker = worker.clone();
        async move {
            let tx = worker.begin().await.expect("begin");
            let started = tx.start_send(reserved_account, reserved).await;
            tx.finish().await.expect("commit");
            started.expect("start")
        }
    });
    run.finish().await.expect("commit");
    let refused = starting.await.expect("no panic");
    assert!(
        matches!(&refused, Start::Refused(rule) if rule == "settled"),
        "{refused:?}"
    );
    let verdicts = reserve(&worker, &[ask(planned_account, planned)]).await;
    let refused = Verdict::Refused("hold".to_owned());
    assert_eq!(verdicts.expect("ask").get(&planned), Some(&refused));
    let sql = "select state || coalesce(' ' || code, '') || case when refunded_at is null then '' else ' given back' end
                 from relink.sends order by array_position($1::uuid[], id)";
    let ids = sends.iter().map(|(_, send)| send.0).collect::<Vec<_>>();
    let rows = tenant.ground.owner.query(sql, &[&ids]).await.expect("look");
    let states: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(states, ["planned", "cancelled hold given back", "sending"]);
}

/// R-SUB-1, R-CAP-5: a reservation that is being made when the run comes is waited for and taken back too.
#[tokio::test]
async fn r_sub_1_a_reservation_under_way_is_waited_for() {
    let tenant = Tenant::of(1).await;
    let worker = tenant.ground.worker();
    let account = tenant.ground.accounts[0];
    let send = tenant.ground.planned(account, "message", 1).await[0];
    tenant.end_now().await;
    let reserving = worker.begin().await.expect("begin");
    let verdicts = reserving.reserve(&[ask(account, send)], &BY).await;
    assert_eq!(
        verdicts.expect("reserve").get(&send),
        Some(&Verdict::Reserved)
    );
    let run = tokio::spawn({
        let worker = worker.clone();
        async move {
            let tx = worker.begin().await.expect("begin");
            let held = take(&tx, 0).await;
            tx.finish().await.expect("commit");
            held
        }
    });
    let waiting = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    eventually("the run waits, or is over", LIMIT, || async {
        let row = tenant.ground.owner.query_one(waiting, &[]).await;
        let waits: i64 = row.expect("look").get(0);
        (waits > 0 || run.is_finished()).then_some(())
    })
    .await;
    reserving.finish().await.expect("commit");
    assert_eq!(run.await.expect("no panic"), [1]);
    let tx = worker.begin().await.expect("begin");
    let refused = tx.start_send(account, send).await.expect("ask");
    tx.abandon().await;
    assert!(
        matches!(&refused, Start::Refused(rule) if rule == "settled"),
        "{refused:?}"
    );
}

/// R-SUB-1: after an outage the last day that is due is told, not all of them; no day twice, none out of order.
#[tokio::test]
async fn r_sub_1_a_notice_is_never_repeated_and_never_late_behind_a_newer_one() {
    let tenant = Tenant::of(1).await;
    tenant.ground.clock(0).await;
    tenant.end_now().await;
    for (day, told) in [
        (4, vec![3]),
        (5, vec![3]),
        // The clock is set back for a while.
        (1, vec![3]),
        (6, vec![3, 6]),
        (7, vec![3, 6]),
        (40, vec![3, 6]),
    ] {
        tenant.ground.clock(day * DAY_S + 60).await;
        tenant.run().await;
        assert_eq!(tenant.state().await, (1, 1, told), "day {day}");
    }
    tenant.renew().await;
    tenant.ground.clock(41 * DAY_S).await;
    tenant.run().await;
    // Another end is another episode.
    tenant.end_now().await;
    tenant.run().await;
    assert_eq!(tenant.state().await, (1, 1, vec![3, 6, 0]));
}

/// R-SUB-1: an end is told before or after it comes, twice, or late; a renewal stands against ends from before it.
#[tokio::test]
async fn r_sub_1_an_end_that_is_told_twice_or_too_late_changes_nothing() {
    let tenant = Tenant::of(1).await;
    tenant.ground.clock(0).await;
    let now = tenant.now().await;
    let at = |days: i64| {
        now.checked_add(SignedDuration::from_secs(days * DAY_S))
            .expect("an instant")
    };
    assert!(!tenant.renew().await, "it runs anyway");
    // To come: nothing is held, and it may be moved.
    assert!(tenant.end(at(1)).await);
    assert_eq!(tenant.run().await, [0; 5]);
    assert!(tenant.end(at(2)).await);
    tenant.ground.clock(DAY_S + DAY_S / 2).await;
    assert_eq!(tenant.run().await, [0; 5], "moved");
    tenant.ground.clock(2 * DAY_S + 60).await;
    assert_eq!(tenant.run().await, [1, 1, 1, 0, 0]);
    // Come: told again, at whatever instant, it is the same end.
    assert!(!tenant.end(at(2)).await);
    assert!(!tenant.end(at(1)).await);
    assert!(!tenant.end(at(9)).await);
    assert_eq!(tenant.run().await, [0; 5]);
    assert!(tenant.renew().await);
    assert!(!tenant.renew().await);
    assert!(!tenant.end(at(2)).await, "of before the renewal");
    assert_eq!(tenant.run().await, [0, 0, 0, 1, 1]);
    let tx = tenant.owner.begin().await.expect("begin");
    let row = tx.subscription(tenant.workspace).await.expect("look");
    tx.abandon().await;
    let row = row.expect("a row");
    assert_eq!((row.ended_at, row.told_days), (None, vec![]));
    assert!(row.renewed_at.is_some());
}
