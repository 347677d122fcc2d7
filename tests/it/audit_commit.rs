//! `Tx::finish` is the only commit, and its answer is what happened.

use jiff::Timestamp;
use policy::decision::NewJob;
use policy::jobs::CAMPAIGNS_HEAL;
use serde_json::json;
use std::time::Duration;
use store::{Store, StoreError, Tx};
use tests::database::Database;
use tokio_postgres::Client;

fn job(cause: &str) -> NewJob {
    NewJob {
        kind: CAMPAIGNS_HEAL,
        cause: cause.to_owned(),
        workspace: None,
        account: None,
        run_at: Timestamp::UNIX_EPOCH,
        payload: json!({}),
    }
}

async fn enqueue(tx: &Tx, cause: &str) {
    let made = tx
        .enqueue(&[job(cause)], None, None)
        .await
        .expect("enqueue");
    assert_eq!(made, 1);
}

async fn stored(superuser: &Client, cause: &str) -> bool {
    superuser
        .query_one(
            "select exists (select from relink.jobs where cause = $1)",
            &[&cause],
        )
        .await
        .expect("look for the job")
        .get(0)
}

#[tokio::test]
async fn r_job_1_what_is_finished_is_stored_and_what_is_dropped_is_not() {
    let database = Database::fresh().await;
    let (store, superuser) = (database.store("relink_worker"), database.owner().await);
    let tx = store.begin().await.expect("begin");
    enqueue(&tx, "kept").await;
    tx.finish().await.expect("commit");
    let tx = store.begin().await.expect("begin");
    enqueue(&tx, "dropped").await;
    drop(tx);
    let tx = store.begin().await.expect("begin");
    enqueue(&tx, "abandoned").await;
    tx.abandon().await;
    no_transaction_is_open(&superuser).await;
    assert!(stored(&superuser, "kept").await);
    assert!(!stored(&superuser, "dropped").await);
    assert!(!stored(&superuser, "abandoned").await);
}

#[tokio::test]
async fn a_swallowed_error_makes_the_commit_fail_instead_of_rolling_back_silently() {
    let database = Database::fresh().await;
    let superuser = database.owner().await;
    // One connection, on which every statement of a commit has been prepared: otherwise preparing one would fail, and
    // tell by chance.
    let mut config = database.config("relink_scheduler");
    config.connections_max = 1;
    let store = Store::new(config).expect("a store");
    let tx = store.begin().await.expect("begin");
    enqueue(&tx, "before").await;
    tx.finish().await.expect("commit");
    let tx = store.begin().await.expect("begin");
    enqueue(&tx, "with-a-swallowed-error").await;
    // A period of nothing is against a check; whoever ignores that must still hear of it.
    let swallowed = tx.declare_schedules(&[("x", 0)]).await;
    assert!(swallowed.is_err());
    let error = tx.finish().await.expect_err("the transaction is aborted");
    println!(
        "finish said: {error}: {:?}",
        std::error::Error::source(&error).map(ToString::to_string)
    );
    assert!(!stored(&superuser, "with-a-swallowed-error").await);
    // The connection is fit for use again.
    let tx = store.begin().await.expect("begin");
    enqueue(&tx, "afterwards").await;
    tx.finish().await.expect("commit");
    assert!(stored(&superuser, "afterwards").await);
}

#[tokio::test]
async fn a_deferred_violation_is_an_error_of_the_commit_that_names_the_constraint() {
    let database = Database::fresh().await;
    let (store, superuser) = (database.store("relink_scheduler"), database.owner().await);
    // A deferred constraint that the store's own statements can violate.
    superuser
        .batch_execute(
            "create function relink.never() returns trigger language plpgsql as
             $$ begin raise exception 'never' using errcode = '23514', constraint = 'never'; end $$;
             create constraint trigger never after insert on relink.schedules deferrable initially deferred
                for each row when (new.name = 'violates') execute function relink.never()",
        )
        .await
        .expect("plant a deferred constraint");
    let tx = store.begin().await.expect("begin");
    enqueue(&tx, "beside").await;
    let declared = tx.declare_schedules(&[("violates", 60)]).await;
    declared.expect("deferred");
    let error = tx.finish().await.expect_err("deferred");
    assert_eq!(error.constraint(), Some("never"));
    assert!(!stored(&superuser, "beside").await);
}

#[tokio::test]
async fn a_connection_killed_before_the_commit_is_an_error_and_nothing_is_stored() {
    let database = Database::fresh().await;
    let (store, superuser) = (database.store("relink_worker"), database.owner().await);
    let tx = store.begin().await.expect("begin");
    enqueue(&tx, "killed").await;
    assert_eq!(kill(&superuser, "idle in transaction").await, 1);
    let error = tx.finish().await.expect_err("its connection is gone");
    println!("finish said: {error}");
    assert!(!stored(&superuser, "killed").await);
}

/// The answer to COMMIT is held back by a deferred trigger that waits, so that the connection can be killed while the
/// commit is under way; whatever becomes of it, `finish` and the table say the same.
#[tokio::test]
async fn a_connection_killed_in_the_midst_of_its_commit_is_told_as_it_was() {
    let database = Database::fresh().await;
    let superuser = database.owner().await;
    superuser
        .batch_execute(
            "create function relink.slow() returns trigger language plpgsql as
             $$ begin perform pg_sleep(30); return null; end $$;
             create constraint trigger slow after insert on relink.schedules deferrable initially deferred
                for each row when (new.name = 'slow') execute function relink.slow()",
        )
        .await
        .expect("plant a slow constraint");
    let store = database.store("relink_scheduler");
    let tx = store.begin().await.expect("begin");
    enqueue(&tx, "beside").await;
    let declared = tx.declare_schedules(&[("slow", 60)]).await;
    declared.expect("deferred");
    let finishing = tokio::spawn(tx.finish());
    while kill(&superuser, "active").await == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let outcome = finishing.await.expect("no panic");
    println!("finish said: {outcome:?}");
    assert!(outcome.is_err());
    assert!(!stored(&superuser, "beside").await);
}

/// Kills connections at random instants around many commits: `Ok` if and only if the row is there, and an unknown
/// outcome is not hidden.
#[tokio::test]
async fn a_connection_killed_around_its_commit_never_makes_finish_lie() {
    const ROUNDS: u32 = 60;
    let database = Database::fresh().await;
    let superuser = database.owner().await;
    let (mut committed, mut rolled_back, mut unknown) = (0, 0, 0);
    for round in 0..ROUNDS {
        let store: Store = database.store("relink_worker");
        let tx = store.begin().await.expect("begin");
        let cause = format!("round-{round}");
        enqueue(&tx, &cause).await;
        let finishing = tokio::spawn(tx.finish());
        // From before the first byte until after the last answer.
        tokio::time::sleep(Duration::from_micros(u64::from(round) * 40)).await;
        superuser
            .execute(
                "select pg_terminate_backend(pid) from pg_stat_activity
                  where datname = current_database() and usename = 'relink_worker' and state <> 'idle'",
                &[],
            )
            .await
            .expect("kill");
        let outcome = finishing.await.expect("no panic");
        let there = stored(&superuser, &cause).await;
        match outcome {
            Ok(()) => {
                assert!(
                    there,
                    "round {round}: finish said yes, the row is not there"
                );
                committed += 1;
            }
            Err(StoreError::OutcomeUnknown(_)) => unknown += 1,
            Err(error) => {
                assert!(
                    !there,
                    "round {round}: finish said {error}, the row is there"
                );
                rolled_back += 1;
            }
        }
        store.close();
    }
    println!(
        "{ROUNDS} kills: {committed} committed, {rolled_back} rolled back, {unknown} unknown, 0 lies"
    );
    assert_eq!(unknown, 0, "the server was there to be asked");
}

/// The proxy of this test swallows the answer to COMMIT, which is how an outcome gets lost for good; the server is
/// asked by the transaction's id.
#[tokio::test]
async fn a_lost_answer_to_a_commit_is_resolved_by_the_transactions_id() {
    let database = Database::fresh().await;
    let superuser = database.owner().await;
    let proxy = crate::audit_proxy::Proxy::start(&database.url("relink_worker")).await;
    let mut config = database.config("relink_worker");
    config.url = secrecy::SecretString::from(proxy.url());
    let store = Store::new(config).expect("a store behind the proxy");
    let tx = store.begin().await.expect("begin");
    enqueue(&tx, "answer-lost").await;
    proxy.swallow_the_next_commit();
    let outcome = tx.finish().await;
    println!("finish said: {outcome:?}");
    assert!(proxy.has_swallowed(), "the answer was not lost");
    assert!(stored(&superuser, "answer-lost").await);
    outcome.expect("the server says that it was committed");
}

#[tokio::test]
async fn a_dropped_transaction_frees_its_locks() {
    let database = Database::fresh().await;
    let (store, superuser) = (database.store("relink_worker"), database.owner().await);
    let tx = store.begin().await.expect("begin");
    enqueue(&tx, "locked").await;
    let other = store.begin().await.expect("begin");
    // The same cause waits for whoever inserted it first.
    let waiting = tokio::spawn(async move {
        let made = other.enqueue(&[job("locked")], None, None).await;
        other.finish().await.expect("commit");
        made
    });
    while waiting_for_locks(&superuser).await == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(tx);
    let made = waiting.await.expect("no panic").expect("its turn came");
    assert_eq!(made, 1);
    no_transaction_is_open(&superuser).await;
}

/// Given up at each of its awaits, a beginning leaves no transaction open in the connection that it hands back.
#[tokio::test]
async fn a_transaction_given_up_in_its_beginning_leaves_none_open() {
    let database = Database::fresh().await;
    let store = database.narrow_store("relink_worker", 1);
    let superuser = database.owner().await;
    for polls in 0..12 {
        let mut beginning = Box::pin(store.begin());
        for _ in 0..polls {
            if futures_util::poll!(&mut beginning).is_ready() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        drop(beginning);
        // Only one connection: this has it when the rollback is over.
        store.now().await.expect("the connection");
        no_transaction_is_open(&superuser).await;
        let tx = store.begin().await.expect("begin");
        enqueue(&tx, &format!("after {polls}")).await;
        tx.finish().await.expect("commit");
        assert!(stored(&superuser, &format!("after {polls}")).await);
    }
}

async fn kill(superuser: &Client, state: &str) -> u64 {
    superuser
        .execute(
            "select pg_terminate_backend(pid) from pg_stat_activity
              where datname = current_database() and usename in ('relink_worker', 'relink_scheduler') and state = $1",
            &[&state],
        )
        .await
        .expect("kill")
}

async fn waiting_for_locks(superuser: &Client) -> i64 {
    superuser
        .query_one(
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
            &[],
        )
        .await
        .expect("look for waits")
        .get(0)
}

async fn no_transaction_is_open(superuser: &Client) {
    let ended = tokio::time::timeout(Duration::from_secs(5), async {
        loop {
            let open: i64 = superuser
                .query_one(
                    "select count(*) from pg_stat_activity
                      where datname = current_database() and usename = 'relink_worker' and xact_start is not null",
                    &[],
                )
                .await
                .expect("look for transactions")
                .get(0);
            if open == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    ended.await.expect("a dropped transaction rolls back");
}
