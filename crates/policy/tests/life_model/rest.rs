//! Where the fleet takes an account by itself, if nobody does anything any more.

use crate::fleet::{look, pass, poll, watch};
use crate::rules::Bug;
use crate::world::{Truth, World};
use policy::account::Status;
use policy::life::{AttemptState, cell};

/// Rounds after which it must have come to rest.
const ROUNDS: u8 = 20;

/// Where it comes to rest with the provider as it is; none if it goes round and round.
fn rest(bug: Bug, from: &World) -> Option<World> {
    let mut world = *from;
    for _ in 0..ROUNDS {
        round(bug, &mut world);
    }
    let (status, held) = (world.status, world.held);
    for _ in 0..ROUNDS {
        round(bug, &mut world);
        if (world.status, world.held) != (status, held) {
            return None;
        }
    }
    Some(world)
}

fn round(bug: Bug, world: &mut World) {
    watch(bug, world);
    // Its sends are refused if anything is wrong with it, and each refusal asks for a look.
    if world.status == Status::Connected {
        look(bug, world);
    }
    poll(world);
    pass(bug, world);
}

/// With a session that answers OK from now on, it ends connected.
pub(crate) fn ends_well(bug: Bug, world: &World) -> bool {
    let healed = World {
        truth: Truth::Ok,
        ..*world
    };
    rest(bug, &healed).is_some_and(|it| it.status == Status::Connected && !it.held)
}

/// With a session that stays as it is, it comes to rest.
pub(crate) fn comes_to_rest(bug: Bug, world: &World) -> bool {
    rest(bug, world).is_some()
}

/// At rest its pill is true.
pub(crate) fn pill_is_true(bug: Bug, world: &World) -> bool {
    rest(bug, world).is_none_or(|it| is_true(&it))
}

fn is_true(at_rest: &World) -> bool {
    let World { truth, held, .. } = *at_rest;
    let nothing_heard = matches!(truth, Truth::Silence | Truth::Unknown);
    if truth == Truth::Stranger && !held {
        return false;
    }
    match at_rest.status {
        Status::Connected => nothing_heard || matches!(truth, Truth::Ok | Truth::Stranger),
        Status::ReconnectNeeded => !matches!(truth, Truth::Ok | Truth::Absent | Truth::HalfGone),
        Status::Recovering => {
            nothing_heard || matches!(truth, Truth::Connecting | Truth::Error | Truth::Stranger)
        }
        Status::Missing => {
            nothing_heard || matches!(truth, Truth::Absent | Truth::HalfGone | Truth::Stranger)
        }
        // Nobody waits for ever for an owner who left.
        Status::Connecting | Status::ActionRequired | Status::Disconnected => false,
    }
}

/// At rest, whoever has the way out in the end is a person, or it is where it should be.
pub(crate) fn a_person_can_act(bug: Bug, world: &World) -> bool {
    let Some(at_rest) = rest(bug, world) else {
        return true;
    };
    let heard = [at_rest.truth.listed(), at_rest.truth.asked(at_rest.asked)];
    heard.into_iter().all(|answer| {
        let way = cell(at_rest.status, AttemptState::Ended, answer).way;
        way.then.action() != "wait"
    })
}
