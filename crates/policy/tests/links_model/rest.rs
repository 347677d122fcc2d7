//! Where everything ends once all that is on its way has come, in some order.

use crate::fleet::{gather, orphans, pass, watch};
use crate::happens;
use crate::rows::commit;
use crate::world::{Asked, Bug, NAME, Person, World};
use policy::account::{AttemptPurpose, Status};

/// Ways by which news come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Mints,
    Callbacks,
    Webhooks,
    Looks,
    Watch,
}

const ORDERS: [[Way; 5]; 6] = {
    use Way::{Callbacks, Looks, Mints, Watch, Webhooks};
    [
        [Mints, Callbacks, Webhooks, Looks, Watch],
        [Callbacks, Mints, Watch, Webhooks, Looks],
        [Webhooks, Looks, Mints, Watch, Callbacks],
        [Looks, Watch, Callbacks, Webhooks, Mints],
        [Watch, Webhooks, Mints, Callbacks, Looks],
        [Mints, Watch, Looks, Callbacks, Webhooks],
    ]
};

/// What a person sees of the end: which of two sessions of one person is the linked one is no part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    status: Status,
    known: Option<Person>,
    is_held: bool,
    is_back: bool,
}

/// Whether every order ends in the same row.
pub(crate) fn is_one_end(bug: Bug, world: &World) -> bool {
    let [first, others @ ..] = ends(bug, world);
    others.iter().all(|end| *end == first)
}

/// The row that each order ends in.
pub(crate) fn ends(bug: Bug, world: &World) -> [Row; ORDERS.len()] {
    ORDERS.map(|order| row(&settle(bug, world, order)))
}

/// Whether a login that is proven to be the account's lands although nobody tells of it.
pub(crate) fn is_found(bug: Bug, world: &World) -> bool {
    let mut world = *world;
    if !waits_for_a_look(&world) {
        return true;
    }
    for callback in world.callbacks.iter_mut().flatten() {
        callback.left = 0;
    }
    world.webhooks = Default::default();
    for way in [Way::Mints, Way::Looks] {
        come(bug, &mut world, way);
    }
    let is_back = world.earlier.is_some_and(|it| it.is_some());
    world.status == Status::Connected || is_back
}

/// The newest attempt was used by the right person, and nothing else is open.
fn waits_for_a_look(world: &World) -> bool {
    let Some(attempt) = world.newest().and_then(|index| world.attempt(index)) else {
        return false;
    };
    let is_wanted = attempt.purpose != AttemptPurpose::Renew && world.status == Status::Connecting;
    let live: Vec<_> = world.sessions.iter().flatten().collect();
    let is_own = live.len() == 1 && live.iter().all(|it| it.well && it.person == Person::Own);
    let is_known = world.declares || world.known == Some(Person::Own);
    let is_left = attempt.is_open() && attempt.used && world.pending.is_none();
    is_wanted && is_own && is_known && is_left && !world.held
}

fn row(world: &World) -> Row {
    Row {
        status: world.status,
        known: world.known,
        is_held: world.held,
        is_back: world.earlier.is_some_and(|it| it.is_some()),
    }
}

fn settle(bug: Bug, from: &World, order: [Way; 5]) -> World {
    let mut world = *from;
    finish(bug, &mut world);
    // All of it, then the ends of time, after each of which the watch looks again.
    for _ in 0..2 {
        for way in order {
            come(bug, &mut world, way);
        }
    }
    for _ in 0..=NAME {
        pass(bug, &mut world);
        come(bug, &mut world, Way::Watch);
    }
    world
}

fn finish(bug: Bug, world: &mut World) {
    // Once more where its rows had moved on.
    for _ in 0..3 {
        commit(bug, world);
    }
}

fn come(bug: Bug, world: &mut World, way: Way) {
    let attempts = 0..world.newest().map_or(0, |it| it + 1);
    match way {
        Way::Mints => attempts.for_each(|index| happens::open(bug, world, index)),
        Way::Callbacks => {
            for index in attempts {
                for _ in 0..2 {
                    let left = world.callbacks[usize::from(index)].map_or(0, |it| it.left);
                    if left > 0 {
                        run(bug, world, Asked::Callback(index));
                    }
                }
            }
        }
        Way::Webhooks => {
            for session in (0_u8..).take(world.webhooks.len()) {
                if world.webhooks[usize::from(session)] {
                    run(bug, world, Asked::Webhook(session));
                }
            }
        }
        Way::Looks => {
            for index in attempts {
                run(bug, world, Asked::Look(index));
            }
            kept(bug, world);
            if bug != Bug::LooksForNothing {
                orphans(bug, world);
            }
        }
        Way::Watch => {
            kept(bug, world);
            watch(bug, world);
            orphans(bug, world);
        }
    }
}

/// A job of ours runs soon.
fn kept(bug: Bug, world: &mut World) {
    if world.asks_kept {
        run(bug, world, Asked::Kept);
    }
}

fn run(bug: Bug, world: &mut World, asked: Asked) {
    gather(bug, world, asked);
    finish(bug, world);
}
