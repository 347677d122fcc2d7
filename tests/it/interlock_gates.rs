//! R-DEL-1: the six gates are independent. Every combination of open and shut gates, against the real database, the real
//! jobs and the simulator: a session is removed in exactly one of them.

use policy::ids::{RemovalId, SessionId};
use policy::interlock::{Gate, GateFacts, refused};
use std::time::Duration;
use tests::interlock::{BETWEEN_LOOKS, Ground};

const HOURS_2: Duration = Duration::from_hours(2);

/// Which gates are shut, a bit each.
#[derive(Clone, Copy)]
struct Shut(u8);

impl Shut {
    fn has(self, gate: Gate) -> bool {
        let place = Gate::ALL.iter().position(|it| *it == gate).expect("a gate");
        self.0 & (1 << place) != 0
    }

    fn words(self) -> Vec<String> {
        let shut = Gate::ALL.into_iter().filter(|gate| self.has(*gate));
        shut.map(|gate| gate.as_str().to_owned()).collect()
    }
}

#[tokio::test]
async fn r_del_1_of_64_combinations_of_gates_exactly_one_removes() {
    let mut ground = Ground::of(30).await;
    let session = ground.gone(0).await;
    let mut refusals = 0;
    // The one that removes comes last: what is removed cannot be asked for again.
    for shut in (1..64).rev().map(Shut) {
        let removal = ground.request(&session).await.expect("a request");
        set(&ground, shut, removal).await;
        attempt(&mut ground, shut, removal).await;
        assert_eq!(
            ground.state(removal).await.0,
            "refused",
            "{:?}",
            shut.words()
        );
        assert_eq!(
            ground.refused(removal).await,
            shut.words(),
            "the record names each"
        );
        assert_eq!(second_opinion(&ground, removal).await, shut.words());
        assert_eq!(ground.deletes().await, 0, "{:?}", shut.words());
        assert_eq!(
            ground.clear().await,
            shut.has(Gate::Sanity),
            "gate 2 trips the latch"
        );
        refusals += 1;
    }
    let removal = ground.request(&session).await.expect("a request");
    set(&ground, Shut(0), removal).await;
    attempt(&mut ground, Shut(0), removal).await;
    assert_eq!(ground.state(removal).await.0, "deleted");
    assert_eq!(ground.deletes().await, 1);
    ground.is_recorded().await;
    println!(
        "combinations of gates: {refusals} refused and 1 removed, of 64; DELETEs at the provider: 1"
    );
}

#[tokio::test]
async fn r_del_4_a_warrant_opens_no_other_gate() {
    let mut ground = Ground::of(30).await;
    let session = ground.duplicate(0).await;
    for shut in (0..6).map(|place| Shut(1 << place)).chain([Shut(0)]) {
        let warrant = ground.issue(&session).await.expect("a warrant");
        let removal = ground.approve(warrant).await.expect("its removal");
        set(&ground, shut, removal).await;
        attempt(&mut ground, shut, removal).await;
        assert_eq!(ground.refused(removal).await, shut.words());
        assert_eq!(second_opinion(&ground, removal).await, shut.words());
        let removed = u64::from(shut.0 == 0);
        assert_eq!(ground.deletes().await, removed, "{:?}", shut.words());
        ground.clear().await;
    }
    ground.is_recorded().await;
    println!("with a warrant: each of the six gates alone refused, none shut removed 1");
}

/// What gates 2, 4, 5 and 6 look at; gates 1 and 3 are the attempt's own.
async fn set(ground: &Ground, shut: Shut, removal: RemovalId) {
    set_suspects(ground, if shut.has(Gate::Sanity) { 5 } else { 0 }).await;
    set_intents(ground, if shut.has(Gate::Cap) { 3 } else { 0 }, removal).await;
    ground.unflag().await;
    if !shut.has(Gate::Flag) {
        ground.flag(HOURS_2).await.expect("a flag");
    }
    let how = if shut.has(Gate::Audit) {
        "disable"
    } else {
        "enable always"
    };
    ground
        .sql(&format!(
            "alter table relink.account_audit {how} trigger no_change"
        ))
        .await;
}

async fn attempt(ground: &mut Ground, shut: Shut, removal: RemovalId) {
    let worker = ground.worker(!shut.has(Gate::Switch));
    if shut.has(Gate::Confirmation) {
        ground.run_due(&worker).await;
        ground.later(BETWEEN_LOOKS).await;
        ground.run_due(&worker).await;
        // Two looks, and an attempt that nobody should have asked for.
        ground
            .attempt(&ground.worker(!shut.has(Gate::Switch)), removal)
            .await;
        ground.sql("update relink.jobs set state = 'done', finished_at = relink.clock() where state = 'waiting'").await;
    } else {
        ground.looks(&worker).await;
    }
}

/// So many other sessions that were found gone just now.
async fn set_suspects(ground: &Ground, count: usize) {
    ground
        .sql(
            "alter table relink.case_polls disable trigger no_change;
              alter table relink.cases disable trigger guard;
              delete from relink.case_polls;
              delete from relink.cases where verdict is distinct from 'confirmed';
              alter table relink.cases enable always trigger guard;
              alter table relink.case_polls enable always trigger no_change",
        )
        .await;
    for (account, session) in ground.accounts.iter().skip(1).take(count) {
        suspect(ground, account.0, session).await;
    }
}

async fn suspect(ground: &Ground, account: uuid::Uuid, session: &str) {
    let sql = "with opened as (
                 insert into relink.cases (account_id, id, session_id, account_version, opened_at, evidence)
                 values ($1, gen_random_uuid(), $2, 1, relink.clock(), '{}') returning id)
               insert into relink.case_polls (case_id, number, started_at, finished_at, answer, control_session, control_answer)
               select id, 1, relink.clock(), relink.clock(), 'gone', 's-control', 'present' from opened";
    let planted = ground.owner.execute(sql, &[&account, &session]).await;
    planted.expect("a suspect");
}

/// So many intents of others within the day. The record refuses to lose rows, so its guard steps aside for the test.
async fn set_intents(ground: &Ground, count: i32, removal: RemovalId) {
    ground
        .sql(
            "alter table relink.removal_audit disable trigger no_change;
              delete from relink.removal_audit where actor = 'planted';
              alter table relink.removal_audit enable always trigger no_change",
        )
        .await;
    let sql = "insert into relink.removal_audit (removal_id, session_id, event, to_state, facts, note, actor)
               select id, session_id, 'intent', 'permitted', '{}', '', 'planted'
                 from relink.removals cross join generate_series(1, $1) where id = $2";
    // Of a removal that is not this one: any other row will do, and there is one by now or it is made.
    let other = other_removal(ground, removal).await;
    let planted = ground.owner.execute(sql, &[&count, &other.0]).await;
    planted.expect("intents");
}

/// A removal that was refused before.
async fn other_removal(ground: &Ground, removal: RemovalId) -> RemovalId {
    let sql = "select id from relink.removals where id <> $1 limit 1";
    if let Some(found) = ground
        .owner
        .query_opt(sql, &[&removal.0])
        .await
        .expect("ask")
    {
        return RemovalId(found.get(0));
    }
    let twin = SessionId(ground.duplicate(29).await.0);
    let warrant = ground.issue(&twin).await.expect("a warrant");
    let other = ground.approve(warrant).await.expect("its removal");
    ground
        .sql(&format!(
            "select relink.settle_removal('{other}', 'withdrawn', 'for a test', 'test', null)"
        ))
        .await;
    other
}

/// The facts that the database judged on, judged by the rules in Rust.
async fn second_opinion(ground: &Ground, removal: RemovalId) -> Vec<String> {
    let sql = "select facts from relink.removals where id = $1";
    let found = ground
        .owner
        .query_one(sql, &[&removal.0])
        .await
        .expect("facts");
    let facts: GateFacts = serde_json::from_value(found.get(0)).expect("the facts' shape");
    let gates = refused(&facts);
    gates.iter().map(|gate| gate.as_str().to_owned()).collect()
}
