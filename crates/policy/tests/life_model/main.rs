//! The life of an account as a model (R-ST-5): the real table and the real ends of time, walked by an account, its attempts
//! and a provider that changes its mind, in every order of what can happen.
//!
//! From every state that can be reached the fleet then goes on alone: with a session that answers OK the account must end
//! `connected`; with one that stays as it is, it must come to rest where its pill is true and says what a person can do.

mod checked;
mod fleet;
mod rest;
mod rules;
mod world;

use checked::{EVENTS, TRUTHS};
use rules::Bug;
use stateright::{Checker, HasDiscoveries, Model};
use std::collections::BTreeSet;
use world::Life;

#[test]
fn r_st_5_model_every_account_ends_well_or_says_what_a_person_can_do() {
    let checker = Life { bug: Bug::None }.checker().spawn_bfs().join();
    assert!(checker.is_done());
    for truth in TRUTHS {
        checker.assert_no_discovery(truth);
    }
    // A model in which nothing happens proves nothing.
    let happened: BTreeSet<_> = checker.discoveries().into_keys().collect();
    assert_eq!(happened, BTreeSet::from(EVENTS));
    println!(
        "states explored {}, unique {}, depth {}",
        checker.state_count(),
        checker.unique_state_count(),
        checker.max_depth()
    );
}

#[test]
fn r_st_5_model_every_planted_bug_of_the_table_is_caught() {
    for bug in Bug::PLANTED {
        let checker = Life { bug }
            .checker()
            .finish_when(HasDiscoveries::AnyOf(BTreeSet::from(TRUTHS)))
            .spawn_bfs()
            .join();
        let found = checker.discoveries();
        let caught = TRUTHS.into_iter().find_map(|it| Some((it, found.get(it)?)));
        let Some((truth, path)) = caught else {
            panic!("{bug:?} is not caught");
        };
        println!(
            "{bug:?}: not so that {truth}: {:?}",
            path.clone().into_actions()
        );
    }
}
