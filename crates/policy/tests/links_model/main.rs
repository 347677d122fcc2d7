//! Logins as a model (L1 to L9, R-LNK-3): the real rules for callbacks, webhooks, looks, the watch and the watch for orphans,
//! over one account, its attempts and a provider, in every order of what can happen. A job reads, asks and decides in one step
//! and commits in another, so that everything else happens in between.
//!
//! From every state that can be reached all that is still on its way is then delivered, in several orders: each must end in
//! the same row.
//!
//! Two attempts are walked to the end; a third one from where two logins of one person have ended, and in full for as many
//! steps as [`THIRD`].

mod checked;
mod facts;
mod fleet;
mod happens;
mod merged;
mod rest;
mod rows;
mod world;

use checked::{EVENTS, MERGED, PLANTED, TRUTHS};
use stateright::{Checker, HasDiscoveries, Model};
use std::collections::BTreeSet;
use world::{ATTEMPTS, Bug, Links, World};

/// Steps of the short form.
const SHORT: usize = 7;
/// Steps of the full form with a third attempt.
const THIRD: usize = 12;

fn anew() -> Vec<World> {
    vec![
        World::first(true, false),
        World::first(true, true),
        World::first(false, false),
        World::connected(),
    ]
}

fn logged_in_twice() -> Vec<World> {
    vec![World::logged_in_twice()]
}

/// The rules as they are, over two attempts.
const LINKS: Links = Links {
    bug: Bug::None,
    truth: None,
    room: 2,
    starts: anew,
    merges: true,
};

/// Threads of a walk: the full form takes all processors, the short one runs beside other tests.
fn threads() -> usize {
    let all = std::thread::available_parallelism().map_or(1, usize::from);
    if is_full() { all } else { 1 }
}

/// Walks a model, to so many steps at most, and asks for every truth; what happened on the way.
fn walk(links: Links, steps: Option<usize>) -> BTreeSet<&'static str> {
    let truths = TRUTHS.into_iter().chain([MERGED]);
    let mut checker = links
        .checker()
        .threads(threads())
        .finish_when(HasDiscoveries::AnyOf(truths.clone().collect()));
    if let Some(steps) = steps {
        checker = checker.target_max_depth(steps);
    }
    let checker = checker.spawn_bfs().join();
    for truth in truths {
        checker.assert_no_discovery(truth);
    }
    println!(
        "states explored {}, unique {}, depth {}",
        checker.state_count(),
        checker.unique_state_count(),
        checker.max_depth()
    );
    checker.discoveries().into_keys().collect()
}

#[test]
fn r_lnk_3_model_every_order_of_news_ends_in_the_same_row() {
    let is_full = is_full();
    let happened = walk(LINKS, (!is_full).then_some(SHORT));
    // A model in which nothing happens proves nothing.
    assert!(
        !is_full || happened == BTreeSet::from(EVENTS),
        "{happened:?}"
    );
}

#[test]
fn r_lnk_3_model_a_third_attempt_changes_no_end() {
    let late = Links {
        room: ATTEMPTS,
        starts: logged_in_twice,
        ..LINKS
    };
    walk(late, None);
    if is_full() {
        let room = ATTEMPTS;
        walk(Links { room, ..LINKS }, Some(THIRD));
    }
}

#[test]
fn r_lnk_3_model_states_that_are_walked_as_one_go_the_same_ways() {
    let room = ATTEMPTS;
    let steps = if is_full() { SHORT + 2 } else { SHORT };
    let apart = Links {
        truth: Some(MERGED),
        merges: false,
        ..LINKS
    };
    for links in [
        apart,
        Links {
            room,
            starts: logged_in_twice,
            ..apart
        },
    ] {
        walk(links, Some(steps));
    }
}

/// Whether the whole model is walked; a run of the whole suite walks a part of it.
fn is_full() -> bool {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests/run says how much is measured"
    )]
    let asked = std::env::var("RELINK_TEST_FULL");
    asked.is_ok_and(|it| it == "1")
}

#[test]
fn r_lnk_3_model_every_planted_bug_of_binding_is_caught() {
    for (bug, truth) in PLANTED {
        let mut links = Links {
            bug,
            truth: Some(truth),
            ..LINKS
        };
        if bug == Bug::LooksWhileOpen {
            (links.room, links.starts) = (ATTEMPTS, logged_in_twice);
        }
        let checker = links
            .checker()
            .finish_when(HasDiscoveries::AnyOf(BTreeSet::from([truth])))
            .spawn_bfs()
            .join();
        let Some(path) = checker.discovery(truth) else {
            panic!("{bug:?} is not caught");
        };
        println!(
            "{bug:?}: not so that {truth}: {:?}, {} states",
            path.into_actions(),
            checker.unique_state_count()
        );
    }
}
