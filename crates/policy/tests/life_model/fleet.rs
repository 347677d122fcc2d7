//! What the fleet does: the watch, a look by name, a poll, and the ends of time.

use crate::rules::Bug;
use crate::world::{PATIENCE, Truth, World};
use policy::account::{Status, allowed};
use policy::life::{Answer, Step};

/// Polls that confirm a case.
const POLLS: u8 = 3;

/// One run of the watch. It asks for a verification where the table does, which is made at once.
pub(crate) fn watch(bug: Bug, world: &mut World) {
    let answer = world.truth.listed();
    if world.truth != Truth::Stranger && is_named(world.truth) {
        world.held = false;
    }
    let step = bug.step(world.status, world.attempt_state(), answer);
    take(bug, world, answer, step);
}

/// A look at the session and its owner by name: of a connected account because a send was refused.
pub(crate) fn look(bug: Bug, world: &mut World) {
    let answer = world.truth.asked(world.asked);
    if answer == Answer::Ok {
        if world.status != Status::Connected && !world.held {
            flip(world, answer, Status::Connected);
        }
        return;
    }
    let step = bug.step(world.status, world.attempt_state(), answer);
    if step != Step::Verify {
        take(bug, world, answer, step);
    }
}

/// A poll of the open case; moot while the owner repairs it.
pub(crate) fn poll(world: &mut World) {
    let gone = matches!(world.truth, Truth::Absent | Truth::HalfGone);
    let moot = world.is_shielded() || allowed(Some(world.status), Status::Missing).is_err();
    if world.polls == 0 || moot || !gone {
        world.polls = 0;
    } else if world.polls < POLLS {
        world.polls += 1;
    } else {
        world.polls = 0;
        flip(world, Answer::Gone, Status::Missing);
    }
}

/// Ten minutes pass, and `attempts.end` runs.
pub(crate) fn pass(bug: Bug, world: &mut World) {
    if bug != Bug::AttemptNeverLapses {
        world.attempt = world.attempt.saturating_sub(1);
    }
    world.patience = world.patience.saturating_sub(1);
    let over = match world.status {
        Status::Connecting => world.attempt == 0,
        Status::ActionRequired => world.patience == 0,
        _ => false,
    };
    let ends = over.then(|| bug.time_out(world.status, world.truth.listed()));
    if let Some(to) = ends.flatten() {
        settle_on(world, to);
    }
}

fn take(bug: Bug, world: &mut World, answer: Answer, step: Step) {
    match step {
        Step::Nothing | Step::Alert => {}
        Step::Verify => look(bug, world),
        Step::Flip(to, _) => flip(world, answer, to),
        Step::OpenCase => {
            world.wrongs.unshielded |= world.is_shielded();
            world.polls = world.polls.max(1);
        }
        Step::Hold => world.held = true,
    }
}

/// A flip because of news.
fn flip(world: &mut World, answer: Answer, to: Status) {
    let is_loss = !matches!(to, Status::Connected | Status::ActionRequired);
    world.wrongs.unshielded |= is_loss && world.is_shielded();
    world.wrongs.unknown_flipped |= answer == Answer::Unknown;
    settle_on(world, to);
}

fn settle_on(world: &mut World, to: Status) {
    world.wrongs.forbidden |= allowed(Some(world.status), to).is_err();
    world.status = to;
    world.patience = 0;
    match to {
        Status::ActionRequired => {
            world.patience = PATIENCE;
            world.asked = true;
        }
        Status::Connected => {
            world.attempt = 0;
            world.asked = false;
        }
        Status::Connecting => world.asked = false,
        Status::ReconnectNeeded | Status::Recovering | Status::Missing | Status::Disconnected => {}
    }
}

/// The provider says whose session it is.
fn is_named(truth: Truth) -> bool {
    !matches!(truth, Truth::Absent | Truth::Silence)
}
