//! The interlock as a model (R-DEL-1): the real `judge` and `clock_disagrees`, asked by two workers in a world of lies,
//! crashes, doubled messages, steps of clocks and people who change their minds.
//!
//! What it rests on. Of the provider: a lie about one session alone ends within a minute, and one about many within a
//! day. Of our clocks: one that leaps while no process looks leaps by more than an hour. [`limits`] shows which parts
//! that rests on.

mod checked;
mod limits;
mod rules;
mod scopes;
mod steps;
mod variant;
mod workers;
mod world;

use checked::{ALIVE, CROWD, MEANT, OFF, RECORDED, THREE, TRUTHS};
use policy::interlock::Gate;
use stateright::{Checker, HasDiscoveries, Model};
use std::collections::BTreeSet;
use variant::{Variant, Without};

/// Each gate with the truth that is lost without it, in a world that is small enough to lose it soon.
fn gates() -> [(Gate, &'static str, Variant); 6] {
    [
        (Gate::Switch, OFF, scopes::minutes(false)),
        (Gate::Sanity, CROWD, scopes::minutes(true)),
        (Gate::Confirmation, ALIVE, scopes::minutes(true)),
        (Gate::Cap, THREE, scopes::two()),
        (Gate::Flag, MEANT, scopes::minutes(false)),
        (Gate::Audit, RECORDED, scopes::minutes(false)),
    ]
}

/// The program without that part loses that truth; returns the shortest way to it that was found.
#[track_caller]
fn assert_lost(without: Without, truth: &'static str, world: Variant) {
    let variant = Variant { without, ..world };
    let checker = variant
        .checker()
        .finish_when(HasDiscoveries::AllOf(BTreeSet::from([truth])))
        .spawn_bfs()
        .join();
    let steps = checker.assert_any_discovery(truth).into_actions();
    println!("without {without:?} it is not so that {truth}: {steps:?}");
}

/// The program without that part keeps that truth.
#[track_caller]
fn assert_kept(without: Without, truth: &'static str, world: Variant) {
    let checker = Variant { without, ..world }.checker().spawn_bfs().join();
    assert!(checker.is_done());
    checker.assert_no_discovery(truth);
}

#[test]
fn interlock_model_r_del_1_no_reachable_state_deletes_without_all_six_gates() {
    let (mut states, mut unique, mut depth) = (0, 0, 0);
    let mut happened = BTreeSet::new();
    for scope in scopes::all() {
        let checker = scope.checker().threads(2).spawn_bfs().join();
        assert!(checker.is_done());
        for truth in TRUTHS {
            checker.assert_no_discovery(truth);
        }
        happened.extend(checker.discoveries().into_keys());
        states += checker.state_count();
        unique += checker.unique_state_count();
        depth = depth.max(checker.max_depth());
    }
    // A model in which nothing happens proves nothing.
    assert_eq!(happened, BTreeSet::from(checked::EVENTS));
    let names = gates().map(|(gate, truth, world)| {
        assert_lost(Without::Gate(gate), truth, world);
        gate.as_str()
    });
    let names = names.join(", ");
    println!(
        "states explored {states}, unique {unique}, depth {depth}; mutants caught 6/6: {names}"
    );
}
