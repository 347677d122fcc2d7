//! What jobs say of their duties, and what a tick's jobs say together.

use super::{NIL, declared, look, minutes, of, told};
use jiff::Timestamp;
use policy::confirm::{Answer, Poll};
use policy::duties::{of_look, of_poll};
use policy::ids::CaseId;
use tests::fleet_run::FleetRun;
use uuid::Uuid;

/// An open case, and a send whose outcome nobody knows.
const PLANT: &str = "insert into relink.cases (account_id, id, session_id, account_version, opened_at, evidence)
                 select id, gen_random_uuid(), 's-gone', 2, relink.clock(), '{}' from relink.accounts;
                 alter table relink.sends disable trigger user;
                 insert into relink.sends (account_id, id, workspace_id, action, target, state, due_at, planned_at, slot_at, counted_at, sending_at, look_at)
                 select id, gen_random_uuid(), workspace_id, 'invite', 't', 'unknown', relink.clock(), relink.clock(), relink.clock(), relink.clock(), relink.clock(), relink.clock()
                   from relink.accounts;";
/// A run of `sends.settle` that ends now.
const SETTLED: &str = "insert into relink.jobs (id, queue, kind, version, cause, workspace_id, schedule, payload, state, run_at, finished_at)
                   select gen_random_uuid(), 'sweeps', 'sends.settle', 1, 'planted ' || relink.clock(), $1::text::uuid, 'sends.settle',
                          jsonb_build_object('slot', relink.clock()), 'done', relink.clock(), relink.clock()";

/// A poll and a look end; with a note, neither could tell anything.
async fn say(run: &FleetRun, note: Option<&str>) {
    let control_answer = note.map_or(Answer::Present, |why| Answer::Inconclusive {
        why: why.to_owned(),
    });
    let poll = Poll {
        case: CaseId(Uuid::nil()),
        number: 1,
        started_at: Timestamp::UNIX_EPOCH,
        finished_at: Timestamp::UNIX_EPOCH,
        answer: Answer::Gone,
        control: None,
        control_answer,
    };
    let look = of_look(note.map(str::to_owned));
    let tx = run.store.begin().await.expect("begin");
    tx.note_verdict(&of_poll(&poll)).await.expect("note a poll");
    tx.note_verdict(&look).await.expect("note a look");
    tx.finish().await.expect("commit");
}

#[tokio::test]
async fn r_wat_5_a_run_counts_once_every_job_of_its_tick_is_done() {
    let (mut run, store) = declared().await;
    // State, age in minutes, shard; the dead and the open one are of the newer ticks.
    let jobs = "insert into relink.jobs (id, queue, kind, version, cause, workspace_id, schedule, payload, state, run_at, finished_at, leased_until)
        select gen_random_uuid(), 'sweeps', 'campaigns.heal', 1, 'planted ' || slot || '#' || shard, $1::text::uuid, 'campaigns.heal',
               jsonb_build_object('slot', slot), state::relink.job_state, relink.clock() - age,
               case when state <> 'leased' then relink.clock() - age end, case when state = 'leased' then relink.clock() + interval '1 hour' end
          from (values ('tick 1', 0, 'done', interval '15 minutes'), ('tick 1', 1, 'done', interval '14 minutes'),
                       ('tick 2', 0, 'done', interval '10 minutes'), ('tick 2', 1, 'dead', interval '9 minutes'),
                       ('tick 3', 0, 'done', interval '2 minutes'), ('tick 3', 1, 'leased', interval '0')) as j(slot, shard, state, age)";
    run.step_database(minutes(60)).await;
    run.owner.execute(jobs, &[&NIL]).await.expect("plant jobs");
    let states = look(&store).await;
    let now = store.now().await.expect("the clock").at;
    let age = of(&states, "campaigns.heal")
        .conclusive_at
        .map(|at| now.duration_since(at).as_mins());
    assert_eq!(
        age,
        Some(14),
        "neither a range that died nor a run under way"
    );
    let end = "update relink.jobs set state = 'done', finished_at = relink.clock(), leased_until = null where state = 'leased'";
    run.owner.execute(end, &[]).await.expect("end it");
    let states = look(&store).await;
    let conclusive = of(&states, "campaigns.heal")
        .conclusive_at
        .expect("conclusive");
    assert!(now <= conclusive);
}

#[tokio::test]
async fn r_wat_5_polls_and_looks_that_all_fail_are_told_while_anything_hangs_on_them() {
    let (mut run, store) = declared().await;
    // Days without a case: one poll that tells nothing is not days of blindness.
    run.step_database(minutes(3_000)).await;
    run.owner.batch_execute(PLANT).await.expect("plant");
    look(&store).await;
    run.acknowledge_alerts().await;
    for minute in 0..=24 {
        if minute % 5 == 0 {
            run.owner
                .execute(SETTLED, &[&NIL])
                .await
                .expect("a sweep ends");
        }
        say(&run, Some("answered 503")).await;
        look(&store).await;
        if minute == 0 {
            say(&run, Some("answered 503")).await;
            let states = look(&store).await;
            assert_eq!(
                of(&states, "confirm.poll").inconclusive,
                1,
                "one of many equal ones is written"
            );
        }
        let told = told(&run).await;
        let is_told = |duty: &str| told.iter().any(|it| it == duty);
        assert!(!is_told("confirm.poll") || minute > 7, "minute {minute}");
        assert!(!is_told("sends.settle") || minute > 14, "minute {minute}");
        run.step_database(minutes(1)).await;
    }
    let now = told(&run).await;
    assert!(
        now.contains(&"confirm.poll".to_owned()) && now.contains(&"sends.settle".to_owned()),
        "{now:?}"
    );
    let note = of(&look(&store).await, "sends.settle").note.clone();
    assert_eq!(note.as_deref(), Some("answered 503"));
    say(&run, None).await;
    let states = look(&store).await;
    assert!(
        ["confirm.poll", "sends.settle"]
            .iter()
            .all(|duty| of(&states, duty).inconclusive == 0)
    );
    // Nothing hangs on them any more: what they could not decide is nobody's trouble.
    run.step_database(minutes(1)).await;
    say(&run, Some("answered 503")).await;
    let over = "update relink.cases set closed_at = relink.clock(), verdict = 'withdrawn'; update relink.sends set state = 'sent'";
    run.owner.batch_execute(over).await.expect("over");
    let states = look(&store).await;
    assert!(
        ["confirm.poll", "sends.settle"]
            .iter()
            .all(|duty| of(&states, duty).note.is_none())
    );
}
