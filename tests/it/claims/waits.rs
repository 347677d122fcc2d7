//! Locks after a claim: it waits for none itself, and what follows it waits as any work does.

use super::{bell, closed, ids};
use crate::FIXTURE;
use policy::decision::Alert;
use std::time::Duration;
use store::jobs::Closing;
use store::{Store, Tx};
use tests::rig::{PATIENCE, Rig};
use tests::roster::{Act, SWEEP};
use uuid::Uuid;

/// Way of a claim to end otherwise than by closing.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// Nothing of it may be claimed.
    Nothing,
    /// Another set has it.
    Locked,
    /// It is leased.
    Leased,
}

/// Raises an alert that a session holds, and lets go of once it is waited for longer than a claim waits.
async fn waits_as_any_work_does(rig: &Rig, tx: &Tx) {
    let holder = rig.site.owner().await;
    let hold = "begin; update relink.admin_alerts set times = times where code = 'dead_letter'";
    holder.batch_execute(hold).await.expect("hold it");
    let waiting = "select count(*) from pg_stat_activity where datname = current_database()
                    and wait_event_type = 'Lock' and statement_timestamp() - query_start > interval '400 ms'";
    let release = async {
        rig.until_count(waiting, PATIENCE, |it| it == 1).await;
        holder.batch_execute("commit").await.expect("let go");
    };
    let alert = [Alert {
        code: "dead_letter",
        subject: "held".to_owned(),
        detail: serde_json::json!({}),
    }];
    let (raised, ()) = tokio::join!(tx.raise(&alert), release);
    raised.expect("it waited");
}

#[tokio::test]
async fn r_job_3_what_follows_a_claim_waits_for_locks_as_any_work_does() {
    let mut rig = Rig::shared(FIXTURE).await;
    rig.ask(SWEEP, Act::Effect, 6).await;
    rig.sql(
        "insert into relink.admin_alerts (id, code, subject, raised_at, last_at)
         values (gen_random_uuid(), 'dead_letter', 'held', relink.clock(), relink.clock())",
    )
    .await;
    let jobs = ids(&rig).await;
    let mut config = rig.site.database("relink_worker");
    // One connection: what a claim leaves behind is found by whoever has it next.
    config.connections_max = 1;
    let store = Store::new(config).expect("a store");
    let tx = store.begin().await.expect("begin");
    let claimed = tx.claim_closing(&bell(&jobs[..1])).await;
    assert_eq!(closed(claimed.expect("claim")), jobs[..1]);
    waits_as_any_work_does(&rig, &tx).await;
    tx.finish().await.expect("commit");
    let tx = store.begin().await.expect("begin");
    let claimed = tx.claim_closing_free(&bell(&jobs[1..2])).await;
    assert_eq!(closed(claimed.expect("claim")), jobs[1..2]);
    waits_as_any_work_does(&rig, &tx).await;
    tx.finish().await.expect("commit");
    let set = rig.site.owner().await;
    let lock = format!(
        "begin; update relink.jobs set state = 'done', attempt = 1 where id = '{}'",
        jobs[2]
    );
    set.batch_execute(&lock).await.expect("as a set does");
    for way in [Way::Nothing, Way::Locked, Way::Leased] {
        let tx = store.begin().await.expect("begin");
        end_by(way, tx, &jobs).await;
        let tx = store.begin().await.expect("begin");
        waits_as_any_work_does(&rig, &tx).await;
        tx.abandon().await;
    }
}

/// A claim's transaction from its begin to its end.
async fn end_by(way: Way, tx: Tx, jobs: &[Uuid]) {
    match way {
        Way::Nothing => {
            let claimed = tx.claim_closing(&bell(&jobs[..2])).await;
            assert_eq!(closed(claimed.expect("claim")), [] as [Uuid; 0]);
            tx.abandon().await;
        }
        Way::Locked => {
            let met = tx.claim_closing(&bell(&jobs[2..3])).await.expect("claim");
            assert!(matches!(met, Closing::Locked), "{met:?}");
            tx.abandon().await;
        }
        Way::Leased => {
            let minute = Duration::from_mins(1);
            let leased = tx.claim_leasing(&bell(&jobs[3..4]), "a test", minute).await;
            assert_eq!(leased.expect("claim").len(), 1);
            tx.finish().await.expect("commit");
        }
    }
}
