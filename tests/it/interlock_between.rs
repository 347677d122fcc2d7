//! Between the permit and the socket (scenario 54). The permit is committed; before its call begins, the world changes;
//! the same run of the same worker then finds all six gates judged again, and sends nothing. That the process's own
//! switch is looked at once more after that, right before the socket, is shown where a permit can be made:
//! `removal`'s `r_del_1_gate_1_with_the_switch_off_nothing_is_sent`.

use policy::account::Status;
use policy::ids::{RemovalId, SessionId, WarrantId};
use std::sync::Arc;
use std::time::Duration;
use store::removals::{Judged, Process, Step};
use tests::eventually::eventually;
use tests::interlock::{BY, Ground};
use tokio_postgres::Client;

const PATIENCE: Duration = Duration::from_mins(3);
const HOURS_2: Duration = Duration::from_hours(2);
const DAY_AND_AN_HOUR: i64 = 25 * 3_600;
/// Where a trigger makes the permit wait: on the alert that it raises, for a trigger on its own table would be found.
const GATE: i64 = 815;

/// A removal whose looks are good, of a session that is gone or, with a warrant, of a duplicate.
struct Ready {
    ground: Ground,
    removal: RemovalId,
    warrant: Option<(WarrantId, SessionId)>,
}

impl Ready {
    async fn gone() -> Self {
        let mut ground = Ground::of(20).await;
        ground.gone(0).await;
        ground.flag(HOURS_2).await.expect("a flag");
        let removal = ground.asked(0).await;
        ground.confirm().await;
        Self {
            ground,
            removal,
            warrant: None,
        }
    }

    async fn duplicate() -> Self {
        let mut ground = Ground::of(20).await;
        ground.flag(HOURS_2).await.expect("a flag");
        let (removal, warrant, session) = ground.warranted(0).await;
        ground.confirm().await;
        Self {
            ground,
            removal,
            warrant: Some((warrant, session)),
        }
    }

    /// One attempt; between its permit and its call, `change` happens. Its connection holds the latch's lock.
    async fn attempt(&self, change: impl AsyncFnOnce(&Self, &Client)) {
        let worker = self.ground.worker(true);
        // Closed before the worker begins, or it may be past it already.
        let gate = self.closed_gate().await;
        tokio::join!(
            self.ground.attempt(&worker, self.removal),
            self.meanwhile(gate, change)
        );
    }

    /// Makes the permit wait until the connection that is answered is dropped.
    async fn closed_gate(&self) -> Client {
        let gate = self.ground.database.owner().await;
        gate.batch_execute(&format!(
            "select pg_advisory_lock({GATE});
             create function public.wait_at_gate() returns trigger language plpgsql as
                $$ begin perform pg_advisory_xact_lock_shared({GATE}); return new; end $$;
             create trigger wait_at_gate before insert on relink.admin_alerts for each row
                when (new.code = 'removal_permitted') execute function public.wait_at_gate()"
        ))
        .await
        .expect("a gate");
        gate
    }

    async fn meanwhile(&self, gate: Client, change: impl AsyncFnOnce(&Self, &Client)) {
        let ground = &self.ground;
        self.until_waits("relink_worker", "judge_removal").await;
        // Queued behind the permit's own lock of the latch, and so between its commit and the call's.
        let holder = ground.database.owner().await;
        let queued = tokio::spawn(async move {
            let lock = "begin; lock table relink.removal_latch in access exclusive mode";
            holder.batch_execute(lock).await.map(|()| holder)
        });
        self.until_waits("postgres", "lock table").await;
        drop(gate);
        let holder = queued.await.expect("no panic").expect("the latch's lock");
        assert_eq!(ground.state(self.removal).await.0, "permitted");
        // The self-test before the second judgement reads the latch's triggers.
        self.until_waits("relink_worker", "missing_guards").await;
        change(self, &holder).await;
        holder.batch_execute("commit").await.expect("let go");
    }

    async fn until_waits(&self, role: &str, statement: &str) {
        let sql = "select count(*) from pg_stat_activity
                    where datname = current_database() and usename = $1 and wait_event_type = 'Lock'
                      and query like '%' || $2 || '%' and pid <> pg_backend_pid()";
        eventually(statement, PATIENCE, || async {
            let found = self.ground.owner.query_one(sql, &[&role, &statement]).await;
            let waiting: i64 = found.expect("ask").get(0);
            (waiting > 0).then_some(())
        })
        .await;
    }

    /// It was permitted and not sent, because of these gates; the intent is spent all the same.
    async fn not_sent(&self, what: &str, gates: &[&str], note: &str) {
        let ground = &self.ground;
        assert_eq!(
            ground.trail(self.removal).await,
            "requested permitted not_sent",
            "{what}"
        );
        assert_eq!(ground.refused(self.removal).await, gates, "{what}");
        let told = ground.state(self.removal).await.1;
        assert!(told.contains(note), "{what}: {told}");
        assert_eq!(ground.deletes().await, 0, "{what}");
        println!("between permit and call, {what}: not sent ({told})");
    }

    /// The permit is spent: it counts against the cap, and no later run takes it up again.
    async fn is_spent(&self) {
        let ground = &self.ground;
        assert_eq!(ground.intents().await, 1, "the intent still counts");
        let again = "update relink.jobs set state = 'waiting', finished_at = null where kind = 'removals.execute'";
        ground.sql(again).await;
        ground.attempt(&ground.worker(true), self.removal).await;
        assert_eq!(ground.state(self.removal).await.0, "not_sent");
        assert_eq!(ground.deletes().await, 0);
    }
}

#[tokio::test]
async fn r_del_1_where_nothing_happens_between_permit_and_call_it_is_sent() {
    for ready in [Ready::gone().await, Ready::duplicate().await] {
        ready.attempt(async |_, _| {}).await;
        let trail = ready.ground.trail(ready.removal).await;
        assert_eq!(trail, "requested permitted calling deleted");
        assert_eq!(ready.ground.deletes().await, 1);
    }
    // Also where the two lie 25 s apart.
    let ready = Ready::gone().await;
    ready.attempt(async |it, _| it.ground.shift(25).await).await;
    assert_eq!(ready.ground.state(ready.removal).await.0, "deleted");
    println!("between permit and call, nothing, or 25 s: sent");
}

#[tokio::test]
async fn r_del_1_gate_5_a_flag_that_ends_between_permit_and_call_stops_it() {
    let ready = Ready::gone().await;
    ready.attempt(async |it, _| it.ground.unflag().await).await;
    ready.not_sent("the flag is ended", &["flag"], "flag").await;
    ready.is_spent().await;
    let ready = Ready::gone().await;
    let life = Duration::from_secs(20);
    ready.ground.flag(life).await.expect("a flag");
    ready.attempt(async |it, _| it.ground.shift(21).await).await;
    ready
        .not_sent("the flag ends by itself", &["flag"], "flag")
        .await;
}

#[tokio::test]
async fn r_del_1_gate_2_a_latch_tripped_between_permit_and_call_stops_it() {
    let ready = Ready::gone().await;
    ready
        .attempt(async |_, holder| {
            let trip = "select relink.trip_removal_latch('a test')";
            holder.batch_execute(trip).await.expect("tripped");
        })
        .await;
    ready
        .not_sent("the latch is tripped", &["sanity"], "sanity")
        .await;
    ready.is_spent().await;
}

#[tokio::test]
async fn r_del_1_gate_6_a_guard_that_falls_between_permit_and_call_stops_it() {
    let ready = Ready::gone().await;
    ready
        .attempt(async |it, _| {
            let off = "alter table relink.account_audit disable trigger no_change";
            it.ground.sql(off).await;
        })
        .await;
    ready
        .not_sent("a guard is switched off", &["audit"], "audit")
        .await;
    ready.is_spent().await;
}

#[tokio::test]
async fn r_del_1_gate_3_news_between_permit_and_call_stop_it() {
    let ready = Ready::gone().await;
    let flip = ready.attempt(async |it, _| it.ground.flip(0, Status::Connected, None).await);
    Box::pin(flip).await;
    let what = "the account is connected again";
    ready
        .not_sent(what, &["confirmation"], "confirmation")
        .await;
    ready.is_spent().await;
    let ready = Ready::duplicate().await;
    let (warrant, _) = ready.warrant.clone().expect("a warrant");
    ready
        .attempt(async |it, _| assert!(it.ground.revoke(warrant).await))
        .await;
    let what = "the warrant is revoked";
    ready
        .not_sent(what, &["confirmation"], "confirmation")
        .await;
    ready.is_spent().await;
    let ready = Ready::duplicate().await;
    let (_, session) = ready.warrant.clone().expect("a warrant");
    let flipped = ready.attempt(async |it, _| {
        it.ground.flip(4, Status::ReconnectNeeded, None).await;
        it.ground.flip(4, Status::Connected, Some(&session)).await;
    });
    Box::pin(flipped).await;
    let what = "the duplicate is linked";
    ready
        .not_sent(what, &["confirmation"], "confirmation")
        .await;
}

#[tokio::test]
async fn r_del_1_a_permit_of_more_than_30_seconds_is_not_used() {
    let ready = Ready::gone().await;
    ready.attempt(async |it, _| it.ground.shift(31).await).await;
    ready
        .not_sent("31 s pass", &[], "the permit was for 30 seconds")
        .await;
    ready.is_spent().await;
}

#[tokio::test]
async fn r_del_1_gate_2_a_clock_that_steps_between_permit_and_call_stops_it() {
    for seconds in [-10, -DAY_AND_AN_HOUR, DAY_AND_AN_HOUR] {
        let ready = Ready::gone().await;
        ready
            .attempt(async |it, _| it.ground.shift(seconds).await)
            .await;
        let ground = &ready.ground;
        let trail = ground.trail(ready.removal).await;
        assert_eq!(trail, "requested permitted not_sent", "{seconds}");
        assert_eq!(ground.deletes().await, 0, "{seconds}");
        let refused = ground.refused(ready.removal).await;
        if seconds < 0 {
            assert!(refused.contains(&"sanity".to_owned()), "{refused:?}");
            assert!(
                ground.clear().await,
                "a clock that went back trips the latch"
            );
        }
        println!("between permit and call, the clock steps by {seconds} s: not sent ({refused:?})");
    }
}

/// Gate 1. The permit's worker is gone; the one that takes it up was started without the setting.
#[tokio::test]
async fn r_del_1_gate_1_a_permit_is_not_taken_up_by_a_worker_whose_switch_is_off() {
    let ready = Ready::gone().await;
    let ground = &ready.ground;
    permitted(&ready).await;
    ground.attempt(&ground.worker(false), ready.removal).await;
    ready
        .not_sent("the setting is gone", &["switch"], "switch")
        .await;
    // And, to compare, by one whose switch is on.
    let ready = Ready::gone().await;
    permitted(&ready).await;
    assert_eq!(ready.ground.attempted(ready.removal).await.0, "deleted");
    assert_eq!(ready.ground.intents().await, 1, "by the same intent");
}

/// A permit whose worker died at once.
async fn permitted(ready: &Ready) {
    let store = ready.ground.store("relink_worker");
    let tx = store.begin().await.expect("begin");
    let process = Process {
        switch: true,
        self_test: vec![],
    };
    let judged = tx.judge_removal(ready.removal, Step::Permit, &process, &BY);
    assert!(matches!(judged.await.expect("judged"), Judged::Go(_)));
    tx.finish().await.expect("commit");
}

/// Gate 2, scenario 45. Everything else lets pass: what the worker's own clock measured does not.
#[tokio::test]
async fn r_del_1_gate_2_a_worker_that_lives_through_a_step_of_the_clock_trips_the_latch() {
    for seconds in [DAY_AND_AN_HOUR, -DAY_AND_AN_HOUR, 120] {
        let mut ground = Ground::of(20).await;
        ground.gone(0).await;
        ground.gone(1).await;
        let veteran = Arc::clone(&ground.worker(true));
        let first = ground.asked(1).await;
        ground.attempt(&veteran, first).await;
        assert_eq!(ground.state(first).await.0, "refused", "it read the clock");
        // The step comes before everything that the second removal needs, and is all that is wrong with it.
        ground.step_database(seconds).await;
        ground.flag(HOURS_2).await.expect("a flag");
        let removal = ground.asked(0).await;
        let looker = ground.worker(false);
        for _ in 0..3 {
            ground.due_looks(&looker).await;
            ground.step_database(91).await;
        }
        ground.attempt(&veteran, removal).await;
        let refused = ground.refused(removal).await;
        assert!(refused.contains(&"sanity".to_owned()), "{refused:?}");
        assert!(refused.contains(&"audit".to_owned()), "{refused:?}");
        assert_eq!(ground.trail(removal).await, "requested refused");
        assert_eq!(ground.deletes().await, 0);
        let told = "select count(*) from relink.admin_alerts where code = 'removal_latch' and acked_at is null";
        assert_eq!(ground.number(told).await, 1, "operators hear of it");
        let why = "select why from relink.removal_latch";
        let why: String = ground.owner.query_one(why, &[]).await.expect("why").get(0);
        assert!(why.contains("clock"), "{why}");
        assert!(ground.clear().await, "it was tripped");
        println!("a worker that lives through {seconds} s: latch tripped ({why}), nothing sent");
    }
}
