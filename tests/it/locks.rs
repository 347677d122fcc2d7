//! One order of locks (docs/database.md): everything that writes rows of accounts and campaigns, all at once and each with its
//! ids in any order, and nobody waits for somebody who waits for them.

mod people;
mod scene;
mod turns;
mod workers;

use futures_util::future::{BoxFuture, join_all};
use scene::{Dice, Scene};
use std::collections::BTreeMap;
use store::StoreError;

/// Work of one kind, which takes its ids from the dice.
type Work = for<'a> fn(&'a Scene, &'a mut Dice) -> BoxFuture<'a, Result<(), StoreError>>;

/// Everything that locks rows of accounts and campaigns, by name.
const WORKS: [(&str, Work); 22] = [
    ("flips out of connected", workers::flip_out),
    ("flips into connected", workers::flip_back),
    ("heals", workers::heal),
    ("accounts leave and join the rotation", workers::rotate),
    ("dispatch", workers::dispatch),
    ("holds.release", workers::release),
    ("overdue enrollments", workers::mark_overdue),
    ("reservations", workers::reserve),
    ("starts", workers::start),
    ("ends of calls", workers::settle),
    ("looks at unknown sends", workers::look),
    ("subscriptions.grace", workers::follow_subscriptions),
    ("sends decided", people::decide_send),
    ("enrollments stopped", people::stop_enrollments),
    ("enrollments restarted", people::restart_enrollments),
    ("enrollments reassigned", people::reassign),
    ("campaigns paused", people::pause_campaign),
    ("campaigns resumed", people::resume_campaign),
    ("accounts held and released", people::hold_account),
    ("caps, rules and tiers", people::set_account),
    ("subscriptions ended and renewed", people::subscribe),
    ("workspaces' hours", people::set_workspace),
];
/// Times that each does its work.
const ROUNDS: u64 = 20;

/// What became of one work's rounds.
#[derive(Default)]
struct Rounds {
    done: u64,
    /// By SQLSTATE, or by the store's own words where the server said nothing.
    refused: BTreeMap<String, u64>,
}

async fn rounds_of(scene: &Scene, work: Work, seed: u64) -> Rounds {
    let mut rounds = Rounds::default();
    let mut dice = Dice::of(seed);
    for _ in 0..ROUNDS {
        match work(scene, &mut dice).await {
            Ok(()) => rounds.done += 1,
            Err(error) => {
                let state = error
                    .sqlstate()
                    .map_or_else(|| error.to_string(), str::to_owned);
                *rounds.refused.entry(state).or_default() += 1;
            }
        }
    }
    rounds
}

#[tokio::test]
async fn r_job_3_a_storm_of_everything_at_once_deadlocks_nobody() {
    let scene = Scene::plant().await;
    // Two of each, so that each meets itself too.
    let storm = (0..2).flat_map(|nth| {
        let scene = &scene;
        WORKS
            .iter()
            .enumerate()
            .map(move |(at, (name, work))| async move {
                (
                    *name,
                    rounds_of(scene, *work, 1 + nth * 100 + at as u64).await,
                )
            })
    });
    let mut done: BTreeMap<&str, u64> = BTreeMap::new();
    let mut odd = vec![];
    for (name, rounds) in join_all(storm).await {
        *done.entry(name).or_default() += rounds.done;
        let states = rounds.refused.keys().map(String::as_str);
        odd.extend(
            states
                .filter(|it| !scene::REFUSALS.contains(it))
                .map(|it| format!("{name}: {it}")),
        );
    }
    assert!(odd.is_empty(), "{odd:#?}");
    let idle: Vec<_> = done.iter().filter(|(_, done)| **done == 0).collect();
    assert!(idle.is_empty(), "these did nothing: {idle:?}");
    assert_eq!(scene.deadlocks().await, 0);
    assert_eq!(scene.doubled().await, 0);
}
