use super::*;
use crate::Config;
use crate::control::{Act, Change, Kind, LifeLine, LinkState, LinkView, NewSession, Rate, Span};
use crate::state::into_health;
use crate::webhooks::Subscription;

fn world(seed: u64) -> World {
    let at = "2026-03-01T10:00:00Z".parse().expect("an instant");
    let config = Config {
        seed,
        ..Config::new("key", at)
    };
    World::new(&config).expect("no file").0
}

fn sessions(world: &World, count: usize, new: &NewSession) {
    for _ in 0..count {
        world.create(new.clone(), Cause::Control).expect("room");
    }
}

fn word(world: &World, id: &str) -> String {
    let fleet = world.fleet();
    fleet.any(id).expect("it exists").worst().into_owned()
}

/// Steps the clock from one thing that is due to the next, and plays each.
fn pass(world: &World, seconds: u64) {
    let until = later(world.clock.now(), Duration::from_secs(seconds));
    loop {
        while world.play_next() {}
        let next = world.agenda().next_at();
        let next = next.into_iter().chain(world.lives().next_at()).min();
        let next = next.filter(|&at| at <= until);
        let to = next.unwrap_or(until).max(world.clock.now());
        // An error says that it is past already.
        world.clock.step_to(to).ok();
        if next.is_none() {
            return;
        }
    }
}

#[test]
fn the_next_time_of_day_is_today_or_tomorrow_and_never_now() {
    let at = |text: &str| text.parse::<Timestamp>().expect("an instant");
    let noon = "12:00:00".parse().expect("a time");
    for (now, next) in [
        ("2026-03-01T11:59:59Z", "2026-03-01T12:00:00Z"),
        ("2026-03-01T12:00:00Z", "2026-03-02T12:00:00Z"),
        ("2026-12-31T12:00:01Z", "2027-01-01T12:00:00Z"),
    ] {
        assert_eq!(next_time_of_day(noon, at(now)), Some(at(next)), "{now}");
    }
}

fn open_link(world: &World) -> LinkView {
    let now = world.clock.now();
    LinkView {
        token: "t".to_owned(),
        url: "http://x".to_owned(),
        purpose: "create".to_owned(),
        name: None,
        reconnect_account: None,
        notify_url: None,
        success_redirect_url: None,
        failure_redirect_url: None,
        expires_on: later(now, Duration::from_hours(48)),
        minted_at: now,
        opened: 0,
        state: LinkState::Open,
        account_id: None,
    }
}

#[test]
fn the_daily_restart_ends_links_and_each_healthy_session_connects_anew() {
    let world = world(3);
    sessions(&world, 200, &NewSession::default());
    let id = |number: usize| world.fleet().id_at(number).to_owned();
    let (failed, gone) = (id(7), id(8));
    world.change(&failed, &into_health(Health::Error), Cause::Control);
    let lost = Change {
        gone: true,
        ..Change::default()
    };
    world.change(&gone, &lost, Cause::Control);
    world.links().mint(open_link(&world), None);
    let daily = DailyRestart {
        at: "10:30:00".parse().expect("a time"),
        credentials: Rate(0.1),
        recover_after_seconds: Some(Span { min: 60, max: 90 }),
        ..DailyRestart::default()
    };
    let script = Script {
        daily_restart: Some(daily),
        ..Script::default()
    };
    world.load_script(script).expect("it makes sense");
    pass(&world, 30 * 60 - 10);
    assert_eq!(world.fleet().healthy().count(), 198);
    pass(&world, 20);
    assert_eq!(world.fleet().healthy().count(), 0);
    assert_eq!(word(&world, &id(0)), "CONNECTING");
    assert!(world.links().all()[0].expires_on < world.clock.now());
    assert_eq!(world.script_view().restarts_waiting, 198);
    pass(&world, 120);
    let healthy = world.fleet().healthy().count();
    assert!((165..195).contains(&healthy), "{healthy}");
    pass(&world, 90);
    assert_eq!(world.fleet().healthy().count(), 198);
    assert_eq!(word(&world, &failed), "ERROR", "nothing heals by itself");
    assert!(world.fleet().live(&gone).is_none());
    pass(&world, 86_400);
    assert_eq!(world.counts().daily_restarts, 2);
}

#[test]
fn a_quiet_daily_restart_tells_only_what_a_session_is_afterwards() {
    let world = world(3);
    sessions(&world, 20, &NewSession::default());
    world.subscriptions().push(Subscription {
        id: "w1".to_owned(),
        source: "account_status".to_owned(),
        request_url: "http://127.0.0.1:9/".to_owned(),
        name: None,
        format: "json".to_owned(),
        enabled: true,
        account_ids: vec![],
        events: None,
        headers: vec![],
    });
    let daily = DailyRestart {
        at: "10:30:00".parse().expect("a time"),
        quiet: true,
        ..DailyRestart::default()
    };
    let script = Script {
        daily_restart: Some(daily),
        ..Script::default()
    };
    world.load_script(script).expect("it makes sense");
    pass(&world, 30 * 60 + 10);
    assert_eq!(world.fleet().healthy().count(), 0);
    assert_eq!(world.counts().webhooks.raised, 0);
    pass(&world, 120);
    assert_eq!(world.fleet().healthy().count(), 20);
    assert_eq!(world.counts().webhooks.raised, 20);
}

#[test]
fn a_restart_that_was_overtaken_changes_nothing_any_more() {
    let world = world(3);
    sessions(&world, 1, &NewSession::default());
    let id = world.fleet().id_at(0).to_owned();
    let connecting = into_health(Health::Connecting);
    world.change(&id, &connecting, Cause::Owner);
    let wait = Duration::from_mins(5);
    world.settle_later(&id, wait, Health::Ok, (Cause::Owner, "restart"));
    world.change(&id, &into_health(Health::Credentials), Cause::Control);
    pass(&world, 600);
    assert_eq!(word(&world, &id), "CREDENTIALS");
}

#[test]
fn a_burst_takes_its_share_of_what_fits_and_the_same_for_the_same_seed() {
    let taken = |seed| {
        let world = world(seed);
        for kind in [Kind::Linkedin, Kind::Google] {
            for workspace in ["north", "south"] {
                let new = NewSession {
                    kind,
                    workspace: Some(workspace.to_owned()),
                    ..NewSession::default()
                };
                sessions(&world, 50, &new);
            }
        }
        let burst = Burst {
            cause: "keys_changed".to_owned(),
            share: Rate(0.25),
            kind: Some(Kind::Google),
            workspace: Some("north".to_owned()),
            recover_after_seconds: Some(Span { min: 60, max: 90 }),
            ..Burst::default()
        };
        let view = world.burst(&burst);
        assert_eq!(
            (view.cause.as_str(), view.sessions.len()),
            ("keys_changed", 13)
        );
        for id in &view.sessions {
            let fleet = world.fleet();
            let session = fleet.any(id).expect("it exists");
            let told = (session.kind, session.workspace.as_deref());
            assert_eq!(told, (Kind::Google, Some("north")));
            assert_eq!(session.worst(), "CREDENTIALS");
        }
        let again = world.burst(&Burst {
            count: Some(100),
            act: Act::Gone,
            ..burst
        });
        assert_eq!(again.sessions.len(), 37, "those that are left");
        pass(&world, 100);
        assert_eq!(world.fleet().healthy().count(), 200);
        view.sessions
    };
    assert_eq!(taken(1), taken(1));
    assert_ne!(taken(1), taken(2));
}

#[test]
fn r_ana_1_the_truth_tells_who_died_of_what_and_who_lives() {
    let world = world(5);
    sessions(&world, 400, &NewSession::default());
    let script = serde_json::json!({ "lives": {
        "curves": [{ "shape": 1.5, "scale_hours": 20.0 }], "aged_hours": 30.0,
        "recover_after_seconds": { "min": 600, "max": 1200 }, "never": 0.5,
        "clusters": { "per_day": 6.0, "burst": { "cause": "proxy_gone", "share": 0.1 } },
    } });
    let script = serde_json::from_value(script).expect("a script");
    world.load_script(script).expect("it makes sense");
    pass(&world, 86_400);
    let lives: Vec<LifeLine> = world.lives().lines().cloned().collect();
    let of = |cause: &str| {
        let mine = lives.iter().filter(|it| it.cause.as_deref() == Some(cause));
        mine.collect::<Vec<_>>()
    };
    let (curve, cluster) = (of("curve"), of("proxy_gone"));
    assert!(
        curve.len() > 100 && cluster.len() > 40,
        "{} {}",
        curve.len(),
        cluster.len()
    );
    for life in curve {
        let (planned, died) = (life.planned_end, life.died);
        assert!(planned <= died && life.entered <= planned.unwrap_or_default());
    }
    assert!(cluster.iter().all(|it| it.died < it.planned_end));
    let living = lives.iter().filter(|it| it.died.is_none()).count();
    assert_eq!(living, world.fleet().healthy().count());
    let losses = world.counts().script.losses;
    assert_eq!(lives.len() as u64 - living as u64, losses);
}
