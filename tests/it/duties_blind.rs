//! A duty that ran and could decide nothing has not succeeded, and operators hear of it (R-WAT-5).

use jiff::SignedDuration;
use policy::duties::{DutyState, UNSCHEDULED, of_look, of_poll};
use policy::ids::CaseId;
use policy::jobs::Kind;
use policy::schedule::Period;
use simulator::control::{Faults, Rate};
use store::Store;
use tests::fleet_run::FleetRun;
use tests::site::Site;
use uuid::Uuid;

const NIL: &str = "00000000-0000-0000-0000-000000000000";

fn minutes(count: i64) -> SignedDuration {
    SignedDuration::from_mins(count)
}

/// A store as the scheduler has it.
fn scheduler(run: &mut FleetRun) -> Store {
    Store::new(run.site().database("relink_scheduler")).expect("a store")
}

/// What the leader does: notes, and tells.
async fn look(store: &Store) -> Vec<DutyState> {
    scheduler::watch_duties(store)
        .await
        .expect("look at duties");
    let states = store.reading(async |tx| tx.duty_states().await);
    states.await.expect("the duties")
}

fn of<'a>(states: &'a [DutyState], duty: &str) -> &'a DutyState {
    let found = states.iter().find(|it| it.duty == duty);
    found.unwrap_or_else(|| panic!("no duty {duty}"))
}

/// Duties of which operators were told, in their order.
async fn told(run: &FleetRun) -> Vec<String> {
    let sql = "select subject from relink.admin_alerts where code = 'duty_blind' and acked_at is null order by 1";
    run.words(sql, &[]).await
}

/// A database that a scheduler has just begun to lead; nothing runs, time is stepped.
async fn declared() -> (FleetRun, Store) {
    let mut run = FleetRun::without_workers(Site::shared().await, |cast| {
        cast.connected("ada");
    })
    .await;
    let store = scheduler(&mut run);
    let roster = duties::roster();
    let every = roster
        .iter()
        .filter_map(|it| Some((it.spec.kind, it.spec.every?)));
    let scheduled: Vec<(Kind, Period)> = every.collect();
    let names: Vec<(&str, i64)> = scheduled
        .iter()
        .map(|(kind, every)| (kind.name, every.period().as_secs()))
        .collect();
    let all: Vec<(Kind, Period)> = scheduled.iter().copied().chain(UNSCHEDULED).collect();
    let tx = store.begin().await.expect("begin");
    tx.declare_schedules(&names)
        .await
        .expect("declare schedules");
    tx.declare_duties(&all).await.expect("declare duties");
    tx.finish().await.expect("commit");
    (run, store)
}

#[tokio::test]
async fn r_wat_5_a_watch_that_hears_nothing_is_told_with_its_reason() {
    let mut run = FleetRun::start(|cast| {
        cast.connected("ada");
    })
    .await;
    let store = scheduler(&mut run);
    let begun = look(&store).await;
    assert!(
        of(&begun, "status.watch").conclusive_at.is_some(),
        "the first run is conclusive"
    );
    run.provider
        .faults(&Faults {
            rate_5xx: Rate(1.0),
            ..Faults::default()
        })
        .await;
    for beat in 1..=5 {
        run.beat().await;
        let states = look(&store).await;
        let watch = of(&states, "status.watch");
        assert_eq!(
            watch.inconclusive, beat,
            "its jobs are done, its runs are not"
        );
        if beat < 4 {
            assert_eq!(told(&run).await, [] as [&str; 0], "beat {beat}");
        }
    }
    assert_eq!(told(&run).await, ["status.watch"]);
    let why = "select detail ->> 'why' from relink.admin_alerts where code = 'duty_blind'";
    let why = run.words(why, &[]).await.concat();
    assert!(why.contains("GET /accounts") && why.contains("50"), "{why}");
    let views = store.reading(async |tx| tx.schedule_views().await);
    let views = views.await.expect("the schedules");
    let view = views
        .iter()
        .find(|it| it.name == "status.watch")
        .expect("it");
    assert!(
        view.blind_since.is_some()
            && view
                .note
                .as_ref()
                .is_some_and(|it| why.contains(it.as_str()))
    );
    // What looks at listings knows that it has none of now.
    run.beat().await;
    run.later(SignedDuration::from_hours(6)).await;
    let states = look(&store).await;
    for duty in ["orphans.watch", "duplicates.watch"] {
        let note = of(&states, duty).note.clone().unwrap_or_default();
        assert!(note.contains("newest complete listing"), "{duty}: {note}");
    }
    assert!(
        of(&states, "campaigns.heal").inconclusive == 0
            && !told(&run).await.contains(&"campaigns.heal".to_owned())
    );
    run.provider.faults(&Faults::default()).await;
    run.beat().await;
    let states = look(&store).await;
    let watch = of(&states, "status.watch");
    assert_eq!((watch.inconclusive, watch.note.clone()), (0, None));
    let now = store.now().await.expect("the clock");
    assert!(!watch.is_blind(now.at, now.rate));
    run.is_sound().await;
}

#[tokio::test]
async fn r_wat_5_a_duty_that_never_succeeded_is_blind_and_a_pause_of_it_pages_nobody() {
    let (mut run, store) = declared().await;
    let pauses = [
        ("kind", "status.watch", true),
        // The chain's later kinds are its own, and what looks at its listings needs it.
        ("kind", "status.apply", false),
        ("queue", "watches", true),
        ("everything", "", true),
    ];
    for (scope, target, holds_orphans) in pauses {
        let begin = "insert into relink.pauses (id, scope, target, mode, paused_at, paused_by, why)
                     values (gen_random_uuid(), $1, $2, 'hold', relink.clock(), 'test', 'on purpose')";
        run.owner
            .execute(begin, &[&scope, &target])
            .await
            .expect("pause");
        run.step_database(minutes(300)).await;
        let states = look(&store).await;
        let watch = of(&states, "status.watch");
        assert!(watch.is_held, "{scope} {target}");
        assert_eq!(
            of(&states, "orphans.watch").is_held,
            holds_orphans,
            "{scope} {target}"
        );
        assert!(
            !told(&run).await.contains(&"status.watch".to_owned()),
            "{scope} {target}"
        );
        let lift = "update relink.pauses set lifted_at = relink.clock(), lifted_by = 'test' where lifted_at is null";
        run.owner.execute(lift, &[]).await.expect("lift");
        run.step_database(minutes(19)).await;
        let states = look(&store).await;
        assert!(!of(&states, "status.watch").is_held);
        assert!(
            !told(&run).await.contains(&"status.watch".to_owned()),
            "{scope} {target}"
        );
        run.step_database(minutes(2)).await;
        look(&store).await;
        assert!(
            told(&run).await.contains(&"status.watch".to_owned()),
            "{scope} {target}"
        );
        run.acknowledge_alerts().await;
        run.owner
            .execute(
                "update relink.duties set counted_from = relink.clock()",
                &[],
            )
            .await
            .expect("anew");
    }
    // Nothing ever ran: everything is blind in its own time, but what has nothing to do.
    run.step_database(minutes(21)).await;
    look(&store).await;
    let blind = told(&run).await;
    let expected = [
        "attempts.end",
        "campaigns.heal",
        "holds.release",
        "sends.dispatch",
        "sends.settle",
        "status.watch",
    ];
    assert_eq!(blind, expected);
    let times = "select max(times)::bigint from relink.admin_alerts where code = 'duty_blind' and acked_at is null";
    look(&store).await;
    assert_eq!(
        run.number(times, &[]).await,
        1,
        "not told again at each look"
    );
    run.step_database(minutes(5)).await;
    look(&store).await;
    assert_eq!(
        run.number(times, &[]).await,
        2,
        "but counted up as long as it lasts"
    );
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
    let worker = run.store.clone();
    let say = async |note: Option<&str>| {
        let failed = note.map(str::to_owned);
        let poll = policy::confirm::Poll {
            case: CaseId(Uuid::nil()),
            number: 1,
            started_at: jiff::Timestamp::UNIX_EPOCH,
            finished_at: jiff::Timestamp::UNIX_EPOCH,
            answer: policy::confirm::Answer::Gone,
            control: None,
            control_answer: note.map_or(policy::confirm::Answer::Present, |why| {
                policy::confirm::Answer::Inconclusive {
                    why: why.to_owned(),
                }
            }),
        };
        let tx = worker.begin().await.expect("begin");
        tx.note_verdict(&of_poll(&poll)).await.expect("note a poll");
        tx.note_verdict(&of_look(failed))
            .await
            .expect("note a look");
        tx.finish().await.expect("commit");
    };
    let plant = "insert into relink.cases (account_id, id, session_id, account_version, opened_at, evidence)
                 select id, gen_random_uuid(), 's-gone', 2, relink.clock(), '{}' from relink.accounts;
                 alter table relink.sends disable trigger user;
                 insert into relink.sends (account_id, id, workspace_id, action, target, state, due_at, planned_at, slot_at, counted_at, sending_at, look_at)
                 select id, gen_random_uuid(), workspace_id, 'invite', 't', 'unknown', relink.clock(), relink.clock(), relink.clock(), relink.clock(), relink.clock(), relink.clock()
                   from relink.accounts;";
    // Days without a case: one poll that tells nothing is not days of blindness.
    run.step_database(minutes(3_000)).await;
    run.owner.batch_execute(plant).await.expect("plant");
    look(&store).await;
    let settled = "insert into relink.jobs (id, queue, kind, version, cause, workspace_id, schedule, payload, state, run_at, finished_at)
                   select gen_random_uuid(), 'sweeps', 'sends.settle', 1, 'planted ' || relink.clock(), $1::text::uuid, 'sends.settle',
                          jsonb_build_object('slot', relink.clock()), 'done', relink.clock(), relink.clock()";
    run.acknowledge_alerts().await;
    for minute in 0..=24 {
        if minute % 5 == 0 {
            run.owner
                .execute(settled, &[&NIL])
                .await
                .expect("a sweep ends");
        }
        say(Some("answered 503")).await;
        let states = look(&store).await;
        if minute == 0 {
            say(Some("answered 503")).await;
            assert_eq!(
                of(&states, "confirm.poll").inconclusive,
                1,
                "one of many equal ones is written"
            );
        }
        let told = told(&run).await;
        let is_told = |duty: &str| told.iter().any(|it| it == duty);
        assert!(!is_told("confirm.poll") || minute > 7, "minute {minute}");
        assert!(!is_told("sends.settle") || minute > 19, "minute {minute}");
        run.step_database(minutes(1)).await;
    }
    let now = told(&run).await;
    assert!(
        now.contains(&"confirm.poll".to_owned()) && now.contains(&"sends.settle".to_owned()),
        "{now:?}"
    );
    let note = of(&look(&store).await, "sends.settle").note.clone();
    assert_eq!(note.as_deref(), Some("answered 503"));
    say(None).await;
    let states = look(&store).await;
    assert!(
        ["confirm.poll", "sends.settle"]
            .iter()
            .all(|duty| of(&states, duty).inconclusive == 0)
    );
    // Nothing hangs on them any more: what they could not decide is nobody's trouble.
    run.step_database(minutes(1)).await;
    say(Some("answered 503")).await;
    let over = "update relink.cases set closed_at = relink.clock(), verdict = 'withdrawn'; update relink.sends set state = 'sent'";
    run.owner.batch_execute(over).await.expect("over");
    let states = look(&store).await;
    assert!(
        ["confirm.poll", "sends.settle"]
            .iter()
            .all(|duty| of(&states, duty).note.is_none())
    );
}
