//! A duty that ran and could decide nothing has not succeeded, and operators hear of it (R-WAT-5).

mod order;
mod said;

use jiff::SignedDuration;
use policy::duties::{DutyState, UNSCHEDULED};
use policy::jobs::Kind;
use policy::schedule::Period;
use simulator::control::{Faults, Rate};
use store::Store;
use tests::fleet_run::FleetRun;
use tests::site::Site;

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
    scheduler::watch_duties(store, scheduler::Leader::Settled)
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
        if beat < 3 {
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
    never_ran(&mut run, &store).await;
}

/// Everything is blind in its own time, but what has nothing to do; told at once, and counted up as long as it lasts.
async fn never_ran(run: &mut FleetRun, store: &Store) {
    run.step_database(minutes(21)).await;
    look(store).await;
    let blind = told(run).await;
    let expected = [
        "attempts.end",
        "campaigns.heal",
        "holds.release",
        "notices.plan",
        "sends.dispatch",
        "sends.settle",
        "status.watch",
    ];
    assert_eq!(blind, expected);
    let times = "select max(times)::bigint from relink.admin_alerts where code = 'duty_blind' and acked_at is null";
    look(store).await;
    assert_eq!(
        run.number(times, &[]).await,
        1,
        "not told again at each look"
    );
    run.step_database(minutes(5)).await;
    look(store).await;
    assert_eq!(
        run.number(times, &[]).await,
        2,
        "but counted up as long as it lasts"
    );
}
