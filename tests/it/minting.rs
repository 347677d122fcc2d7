//! Links are minted once (R-LNK-1), against PostgreSQL, the simulator and processes that die.

mod death;
mod ends;
mod refusals;
mod scene;

use jiff::SignedDuration;
use linking::{Intent, LastLink, LinkAsk, NotMinted};
use policy::account::{AttemptPhase, Status};
use scene::{Scene, url};
use simulator::control::{Faults, Span};
use std::collections::BTreeSet;

/// Calls of each of two processes.
const CALLS: usize = 32;

/// Races 1, 2 and 36: many callers, while one mints and after it has.
#[tokio::test]
async fn r_lnk_1_sixty_four_calls_on_two_processes_mint_once() {
    let scene = Scene::of(Status::ReconnectNeeded).await;
    // Long enough that the others come while the first mints.
    let slow = Faults {
        latency_ms: Some(Span { min: 400, max: 400 }),
        ..Faults::default()
    };
    scene.provider.faults(&slow).await;
    let (one, other) = (scene.process(CALLS), scene.process(CALLS));
    let mut lines = one.ended().await;
    lines.extend(other.ended().await);
    let words: Vec<&str> = lines.iter().filter_map(|it| it.split(' ').next()).collect();
    assert_eq!(
        words.iter().filter(|it| **it == "minted").count(),
        1,
        "{lines:?}"
    );
    assert_eq!(
        words.iter().filter(|it| **it == "reused").count(),
        2 * CALLS - 1
    );
    let urls: BTreeSet<&str> = lines.iter().filter_map(|it| it.split(' ').nth(1)).collect();
    assert_eq!(urls.len(), 1, "one URL for all");
    assert_eq!(scene.minted().await, 1, "at the referee");
    let attempts = scene.attempts().await;
    assert_eq!(attempts.len(), 1);
    assert_eq!(
        (attempts[0].phase, attempts[0].mints),
        (AttemptPhase::Open, 1)
    );
    assert_eq!(
        scene.status().await,
        ("connecting".to_owned(), "link_started".to_owned())
    );
    assert_eq!(
        scene.looks(attempts[0].id).await,
        7,
        "looks in case nobody tells"
    );
    scene.provider.faults(&Faults::default()).await;
    let again = scene.mint(&scene.ask()).await.expect("a link");
    assert!(again.is_reused && urls.contains(url(&again).as_str()));
    assert_eq!(scene.minted().await, 1);
}

/// Race 35 without a key, and the bound of the hold.
#[tokio::test]
async fn r_lnk_1_the_same_link_is_given_for_ninety_seconds_and_then_a_new_one() {
    let mut scene = Scene::of(Status::Missing).await;
    let first = scene.mint(&scene.ask()).await.expect("a link");
    assert_eq!(
        first.purpose.as_str(),
        "create",
        "its session is proven gone"
    );
    scene.pass(SignedDuration::from_secs(85)).await;
    let held = scene.mint(&scene.ask()).await.expect("a link");
    assert!(held.is_reused && url(&held) == url(&first) && held.attempt == first.attempt);
    scene.pass(SignedDuration::from_secs(6)).await;
    let second = scene.mint(&scene.ask()).await.expect("a link");
    assert!(!second.is_reused && url(&second) != url(&first));
    let attempts = scene.attempts().await;
    let phases: Vec<AttemptPhase> = attempts.iter().map(|it| it.phase).collect();
    assert_eq!(phases, [AttemptPhase::Open, AttemptPhase::Superseded]);
    assert_eq!(attempts[1].superseded_by, Some(second.attempt));
    assert_eq!(scene.minted().await, 2);
    let flips = scene.flips().await;
    assert_eq!(flips, 1, "`connecting` already: no second flip");
    scene.names_are_proved().await;
    scene.urls_are_sealed(&[url(&first), url(&second)]).await;
}

/// Race 30: the provider's daily restart has killed the link.
#[tokio::test]
async fn r_lnk_1_a_dead_link_is_replaced_three_times_in_ten_minutes() {
    let mut scene = Scene::of(Status::ReconnectNeeded).await;
    let dead = LinkAsk {
        last_link: LastLink::Dead,
        ..scene.ask()
    };
    let mut urls = BTreeSet::from([url(&scene.mint(&scene.ask()).await.expect("a link"))]);
    for _ in 0..3 {
        let next = scene.mint(&dead).await.expect("a link");
        assert!(
            !next.is_reused && urls.insert(url(&next)),
            "never a spent one"
        );
    }
    let refused = scene.mint(&dead).await.expect_err("a fourth");
    assert_eq!(refused.word(), "too_many_dead");
    // Whoever does not call it dead gets the newest.
    assert!(scene.mint(&scene.ask()).await.expect("a link").is_reused);
    scene.pass(SignedDuration::from_mins(10)).await;
    let later = scene.mint(&dead).await.expect("a link");
    assert!(urls.insert(url(&later)));
    assert_eq!(scene.minted().await, 5);
}

/// Race 5: the session is gone, which only the mint shows.
#[tokio::test]
async fn r_lnk_1_a_reconnect_of_a_session_that_is_gone_goes_on_as_create() {
    let scene = Scene::of(Status::ReconnectNeeded).await;
    scene.lose_session().await;
    let minted = scene.mint(&scene.ask()).await.expect("a link");
    assert_eq!(minted.purpose.as_str(), "create");
    let attempts = scene.attempts().await;
    assert_eq!(attempts.len(), 1, "the same attempt");
    assert_eq!(
        (attempts[0].phase, attempts[0].mints),
        (AttemptPhase::Open, 1)
    );
    assert_eq!(scene.minted().await, 1);
    // Whether its session is gone is its case's business.
    assert_eq!(scene.status().await.0, "connecting");
    assert_eq!(scene.cases().await, 0);
}

/// Races 25, 26 and R-LNK-9: every status, and what a wish gets of it. All wishes of each status are cases of the pure rule.
#[tokio::test]
async fn r_lnk_9_a_link_is_minted_from_every_lost_status_and_a_renewal_flips_nothing() {
    use Intent::{Renew, Repair, Restore};
    for status in Status::ALL {
        let scene = Scene::beside(status).await;
        let wishes: &[(Intent, Result<&str, &str>, &str)] = match status {
            Status::Connected => &[
                (Repair, Err("already_connected"), "connected"),
                (Restore, Err("already_connected"), "connected"),
                (Renew, Ok("renew"), "connected"),
            ],
            Status::Disconnected => &[
                (Repair, Err("disconnected"), "disconnected"),
                (Renew, Err("disconnected"), "disconnected"),
                (Restore, Ok("restore"), "connecting"),
            ],
            Status::Missing => &[(Repair, Ok("create"), "connecting")],
            Status::Recovering => &[(Renew, Ok("reconnect"), "connecting")],
            Status::Connecting | Status::ReconnectNeeded | Status::ActionRequired => {
                &[(Restore, Ok("reconnect"), "connecting")]
            }
        };
        for (intent, told, after) in wishes {
            let ask = LinkAsk {
                intent: *intent,
                ..scene.ask()
            };
            let ended = scene.mint(&ask).await;
            let ended = ended.as_ref().map(|it| it.purpose.as_str());
            let ended = ended.map_err(NotMinted::word);
            assert_eq!(ended, *told, "{status} {intent:?}");
            assert_eq!(scene.status().await.0, *after, "{status} {intent:?}");
        }
    }
}
