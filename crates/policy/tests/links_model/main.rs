//! Logins as a model (L1 to L9, R-LNK-3): the real rules for callbacks, webhooks, looks, the watch and the watch for orphans,
//! over one account, its attempts and a provider, in every order of what can happen. A job reads, asks and decides in one step
//! and commits in another, so that everything else happens in between.
//!
//! From every state that can be reached all that is still on its way is then delivered, in several orders: each must end in
//! the same row.
//!
//! Two attempts are walked to the end. Known limit, from eleven steps on with a third one: of two logins of one person the
//! second is noted while the account is connected; its own session is lost, and the page of a third attempt fails. A watch for
//! orphans that comes before the failure finds the second login, one that comes after does not look, for no attempt is open.

mod checked;
mod facts;
mod fleet;
mod happens;
mod rest;
mod rows;
mod world;

use checked::{EVENTS, PLANTED, TRUTHS};
use stateright::{Checker, HasDiscoveries, Model};
use std::collections::BTreeSet;
use world::{Bug, Links};

/// Steps of the short form.
const SHORT: usize = 7;

#[test]
fn r_lnk_3_model_every_order_of_news_ends_in_the_same_row() {
    let mut checker = Links {
        bug: Bug::None,
        truth: None,
    }
    .checker()
    .finish_when(HasDiscoveries::AnyOf(BTreeSet::from(TRUTHS)));
    let is_full = is_full();
    if !is_full {
        checker = checker.target_max_depth(SHORT);
    }
    let checker = checker.spawn_bfs().join();
    for truth in TRUTHS {
        checker.assert_no_discovery(truth);
    }
    // A model in which nothing happens proves nothing.
    let happened: BTreeSet<_> = checker.discoveries().into_keys().collect();
    assert!(
        !is_full || happened == BTreeSet::from(EVENTS),
        "{happened:?}"
    );
    println!(
        "states explored {}, unique {}, depth {}",
        checker.state_count(),
        checker.unique_state_count(),
        checker.max_depth()
    );
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
        let links = Links {
            bug,
            truth: Some(truth),
        };
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
