//! Whatever the provider answers that is not news of an account changes no account (R-WAT-3, R-ST-3).

use crate::duties::into;
use crate::duties_confirm::gone;
use policy::ids::AccountId;
use simulator::control::{Change, Faults, Health, ListMode, Rate, Span};
use tests::fleet_run::FleetRun;

fn always() -> Rate {
    Rate(1.0)
}

fn list(mode: ListMode) -> Faults {
    Faults {
        list: mode,
        ..Faults::default()
    }
}

/// What goes wrong, how the run of the watch must end, and which alert must be raised.
type Fault = (&'static str, Faults, &'static str, Option<&'static str>);

fn refusals() -> Vec<Fault> {
    let late = Some(Span {
        min: 2_000,
        max: 2_000,
    });
    let no = Faults::default;
    vec![
        (
            "wrong key (401) for all",
            Faults {
                unauthorized_all: true,
                ..no()
            },
            "inconclusive",
            Some("provider_key"),
        ),
        (
            "HTML 404",
            Faults {
                html_404: always(),
                ..no()
            },
            "inconclusive",
            None,
        ),
        (
            "5xx",
            Faults {
                rate_5xx: always(),
                ..no()
            },
            "inconclusive",
            None,
        ),
        (
            "429",
            Faults {
                rate_429: always(),
                ..no()
            },
            "inconclusive",
            None,
        ),
        (
            "connection resets",
            Faults {
                rate_reset: always(),
                ..no()
            },
            "inconclusive",
            None,
        ),
        (
            "redirects",
            Faults {
                redirect: always(),
                ..no()
            },
            "inconclusive",
            None,
        ),
        (
            "time-outs",
            Faults {
                latency_ms: late,
                ..no()
            },
            "inconclusive",
            None,
        ),
    ]
}

fn lists() -> Vec<Fault> {
    vec![
        (
            "empty list",
            list(ListMode::Empty),
            "inconclusive",
            Some("empty_list"),
        ),
        ("half a list", list(ListMode::Half), "applied", None),
        (
            "cursor loop",
            list(ListMode::CursorLoop),
            "inconclusive",
            Some("cursor_loop"),
        ),
    ]
}

#[tokio::test]
async fn r_wat_3_what_is_inconclusive_flips_nothing_confirms_nothing_and_is_alerted() {
    let mut crowd = vec![];
    // Two pages of the provider's list, so that a cursor can loop.
    let mut run = FleetRun::start(|cast| crowd = cast.crowd(300)).await;
    let before = run.flips().await;
    // A case is open, and polled meanwhile.
    run.provider.change(&crowd[0].1, gone()).await;
    run.beat().await;
    for fault in refusals() {
        check(&mut run, fault, before).await;
    }
    let polled = "select count(*) from relink.case_polls where answer = 'inconclusive'";
    assert!(
        run.number(polled, &[]).await >= 7,
        "and is polled all the while"
    );
    let open = "select count(*) from relink.cases where verdict is null";
    assert_eq!(
        run.number(open, &[]).await,
        1,
        "the case waits for certainty"
    );
    run.provider
        .change(
            &crowd[0].1,
            Change {
                back: true,
                quiet: true,
                ..Change::default()
            },
        )
        .await;
    run.provider.faults(&Faults::default()).await;
    run.beat().await;
    for fault in lists() {
        check(&mut run, fault, before).await;
    }
    run.provider.faults(&Faults::default()).await;
    run.beat().await;
    assert_eq!(run.flips().await, before);
    let outcome = "select outcome from relink.watch_runs order by slot desc limit 1";
    assert_eq!(
        run.words(outcome, &[]).await,
        ["applied"],
        "and then it goes on"
    );
    run.is_sound().await;
}

async fn check(run: &mut FleetRun, (what, faults, outcome, alert): Fault, flips: i64) {
    run.acknowledge_alerts().await;
    run.provider.faults(&faults).await;
    run.beat().await;
    let confirmed = run
        .number(
            "select count(*) from relink.cases where verdict = 'confirmed'",
            &[],
        )
        .await;
    let sql = "select outcome || coalesce(': ' || left(note, 90), '') from relink.watch_runs order by slot desc limit 1";
    let ended = run.words(sql, &[]).await.concat();
    let (new, alerts) = (run.flips().await - flips, run.alerts().await);
    println!("{what}: {new} flips, {confirmed} confirmed cases, alerts {alerts:?}, run {ended}");
    assert_eq!((new, confirmed), (0, 0), "{what}");
    assert!(ended.starts_with(outcome), "{what}: {ended}");
    assert_eq!(alerts, Vec::from_iter(alert), "{what}");
}

#[tokio::test]
async fn r_wat_3_a_mass_loss_flips_nothing_at_once() {
    let mut crowd: Vec<(AccountId, String)> = vec![];
    // A quarter of 84 is 21, the threshold.
    let mut run = FleetRun::start(|cast| crowd = cast.crowd(84)).await;
    let before = run.flips().await;
    let lost: Vec<String> = crowd.iter().take(22).map(|it| it.1.clone()).collect();
    run.provider
        .change_all(&lost, &into(Health::Credentials))
        .await;
    run.beat().await;
    assert_eq!(run.flips().await, before, "22 of 84 is more than a quarter");
    assert_eq!(run.alerts().await, ["mass_change"]);
    run.is_sound().await;
}

#[tokio::test]
async fn r_st_3_an_unknown_word_is_alerted_and_flips_nothing() {
    let mut crowd: Vec<(AccountId, String)> = vec![];
    let mut run = FleetRun::start(|cast| crowd = cast.crowd(4)).await;
    let before = run.flips().await;
    let weird = Change {
        words: Some(vec!["PONDERING".to_owned()]),
        quiet: true,
        ..Change::default()
    };
    run.provider.change(&crowd[0].1, weird).await;
    run.beat().await;
    assert_eq!(run.flips().await, before);
    assert_eq!(run.alerts().await, ["unknown_status"]);
    let recorded =
        "select array_to_string(words, ',') from relink.sessions_seen where session_id = $1";
    assert_eq!(run.words(recorded, &[&crowd[0].1]).await, ["PONDERING"]);
    run.is_sound().await;
}
