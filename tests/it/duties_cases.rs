//! Cases that go on when their poll's job died, end when an owner repairs, and are not opened again and again.

use crate::duties::into;
use crate::duties_confirm::gone;
use jiff::SignedDuration;
use policy::account::{Cause, Flip, Status};
use policy::confirm::NewCase;
use policy::decision::Decision;
use policy::ids::{AccountId, SessionId};
use serde_json::json;
use simulator::control::{Faults, Health, ListMode};
use store::Author;
use tests::fleet_run::FleetRun;

const A_POLL: SignedDuration = SignedDuration::from_secs(61);
const BY: Author<'static> = Author {
    actor: "test",
    job: None,
    schedule: None,
    traceparent: None,
};

async fn verdicts(run: &FleetRun) -> Vec<String> {
    let sql = "select coalesce(verdict, 'open') from relink.cases order by opened_at";
    run.words(sql, &[]).await
}

/// What becomes of the waiting poll: `dead` as after its last failure, `discarded` as by an operator.
async fn kill_poll(run: &FleetRun, state: &str) {
    let sql = format!(
        "update relink.jobs set state = '{state}', finished_at = relink.clock() where kind = 'confirm.poll' and state = 'waiting'"
    );
    let killed = run.owner.execute(&sql, &[]).await.expect("kill the poll");
    assert_eq!(killed, 1, "one poll waits");
}

#[tokio::test]
async fn r_del_2_a_case_whose_poll_died_or_was_discarded_is_polled_again() {
    let mut ada = None;
    let mut run = FleetRun::start(|cast| {
        cast.crowd(10);
        ada = Some(cast.connected("ada"));
    })
    .await;
    let ada = ada.expect("ada");
    run.provider.change("s-ada", gone()).await;
    run.beat().await;
    kill_poll(&run, "dead").await;
    run.later(SignedDuration::from_mins(9)).await;
    assert_eq!(polls(&run).await, 1, "not at once: its fault may last");
    run.later(SignedDuration::from_mins(2)).await;
    assert_eq!(polls(&run).await, 2);
    kill_poll(&run, "discarded").await;
    // Ten minutes after the poll before it, which was one or two minutes ago.
    let mut minutes = 0;
    while polls(&run).await < 3 {
        assert!(minutes < 11, "nobody polls it again");
        run.later(SignedDuration::from_mins(1)).await;
        minutes += 1;
    }
    assert!(minutes >= 8, "not at once: {minutes} min");
    for _ in 0..2 {
        run.later(A_POLL).await;
    }
    assert_eq!(run.status(ada).await, "missing");
    assert_eq!(verdicts(&run).await, ["confirmed"]);
    let clean = "update relink.jobs set state = 'discarded' where state = 'dead'";
    run.owner.execute(clean, &[]).await.expect("discard");
    run.is_sound().await;
}

/// A run compared it while it was connected; meanwhile its case was confirmed. A fourth poll would be of a second case.
#[tokio::test]
async fn r_st_2_an_account_that_went_missing_meanwhile_gets_no_second_case() {
    let mut ada = None;
    let mut run = FleetRun::start(|cast| {
        cast.crowd(10);
        ada = Some(cast.connected("ada"));
    })
    .await;
    let ada = ada.expect("ada");
    let late = |at| {
        let mut decision = Decision::nothing(at);
        decision.cases.opened.push(NewCase {
            account: ada,
            session: SessionId("s-ada".to_owned()),
            evidence: json!({}),
            poll_at: at,
        });
        decision
    };
    run.provider.change("s-ada", gone()).await;
    run.beat().await;
    for _ in 0..3 {
        run.later(A_POLL).await;
    }
    assert_eq!(run.status(ada).await, "missing");
    let tx = run.store.begin().await.expect("begin");
    let opened = tx.apply(&late(tx.now().at), &BY).await.expect("apply");
    tx.finish().await.expect("commit");
    assert_eq!(opened.changed, 0, "it is missing already");
    run.beat().await;
    assert_eq!(verdicts(&run).await, ["confirmed"]);
    assert_eq!(polls(&run).await, 3);
    run.is_sound().await;
}

async fn polls(run: &FleetRun) -> i64 {
    run.number("select count(*) from relink.case_polls", &[])
        .await
}

#[tokio::test]
async fn r_lnk_10_a_click_withdraws_the_case_and_no_late_poll_makes_it_missing() {
    let mut ada = None;
    let mut run = FleetRun::start(|cast| {
        cast.crowd(10);
        ada = Some(cast.connected("ada"));
    })
    .await;
    let ada = ada.expect("ada");
    run.provider
        .change("s-ada", into(Health::Credentials))
        .await;
    run.beat().await;
    run.provider.change("s-ada", gone()).await;
    run.beat().await;
    run.later(A_POLL).await;
    assert_eq!(verdicts(&run).await, ["open"]);
    reconnect(&run, ada).await;
    // Its third poll is late by as much as the owner takes.
    run.later(SignedDuration::from_mins(4)).await;
    assert_eq!(verdicts(&run).await, ["withdrawn"]);
    for _ in 0..4 {
        run.beat().await;
    }
    assert_eq!(run.status(ada).await, "connecting");
    assert_eq!(
        verdicts(&run).await,
        ["withdrawn"],
        "and no other is opened"
    );
    run.is_sound().await;
}

/// The owner clicks: the flip, and the attempt that goes with it.
async fn reconnect(run: &FleetRun, account: AccountId) {
    let version = "select status_version from relink.accounts where id = $1";
    let tx = run.store.begin().await.expect("begin");
    let at = tx.now().at;
    let mut decision = Decision::nothing(at);
    decision.status.flips.push(Flip {
        account,
        version: run.number(version, &[&account.0]).await,
        from: Status::ReconnectNeeded,
        to: Status::Connecting,
        cause: Cause::Credentials,
        observed_at: at,
        evidence: json!({}),
        link: None,
        checkpoint: None,
    });
    let applied = tx.apply(&decision, &BY).await.expect("flip");
    assert_eq!(applied.changed, 1);
    tx.finish().await.expect("commit");
    let attempt = "insert into relink.link_attempts (account_id, id, started_at, ends_at, purpose, link_ends_at)
                   values ($1, gen_random_uuid(), relink.clock(), relink.clock() + interval '24 hours', 'reconnect',
                           relink.clock() + interval '30 minutes')";
    run.owner
        .execute(attempt, &[&account.0])
        .await
        .expect("the attempt");
}

#[tokio::test]
async fn r_del_2_a_session_that_lists_leave_out_is_suspected_less_and_less() {
    let mut ada = None;
    let mut run = FleetRun::start(|cast| {
        cast.connected("old");
        ada = Some(cast.connected("ada"));
    })
    .await;
    let ada = ada.expect("ada");
    let half = Faults {
        list: ListMode::Half,
        ..Faults::default()
    };
    run.provider.faults(&half).await;
    for _ in 0..24 {
        run.beat().await;
    }
    let cases = verdicts(&run).await;
    assert!((3..=5).contains(&cases.len()), "{cases:?} in two hours");
    assert!(cases.iter().all(|it| it == "recovered"), "{cases:?}");
    assert_eq!(run.status(ada).await, "connected");
    assert_eq!(run.alerts().await, ["session_unlisted"]);
    let told = "select times::bigint from relink.admin_alerts where code = 'session_unlisted'";
    assert_eq!(run.number(told, &[]).await, 1);
    // What nobody lists is still looked at: the poll's own look sees that it is lost.
    run.provider
        .change("s-ada", into(Health::Credentials))
        .await;
    for _ in 0..25 {
        run.beat().await;
    }
    assert_eq!(run.status(ada).await, "reconnect_needed");
    run.is_sound().await;
}
