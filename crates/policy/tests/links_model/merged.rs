//! States that differ in nothing that anything can still ask for, written in one way: less is walked, and nothing that can
//! happen is lost. [`is_merged_rightly`] holds a state as it is against the one that stands for it.

use crate::rest;
use crate::rows::runs_again;
use crate::world::{Act, Asked, Attempt, Bug, LINK, Links, NAME, World};
use policy::account::{AttemptPhase, AttemptPurpose};
use stateright::Model as _;

/// The one state that stands for all that go on as `world` does.
pub(crate) fn merged(bug: Bug, mut world: World) -> World {
    // A job that will run again, or that changes nothing whenever it commits, is as good as one that has not begun.
    world.pending = world.pending.filter(|it| {
        let is_idle = matches!(it.asked, Asked::Look(_)) && it.act == Act::default();
        !is_idle && !runs_again(bug, &world, *it)
    });
    for callback in &mut world.callbacks {
        *callback = callback.filter(|it| it.left > 0);
    }
    let newest = world.newest();
    for index in (0_u8..).take(world.attempts.len()) {
        let is_newest = newest == Some(index);
        let is_told_of = world.callbacks[usize::from(index)].is_some();
        if let Some(attempt) = world.attempt_mut(index) {
            attempt.moved &= attempt.phase == AttemptPhase::Minting;
            if !attempt.is_open() {
                forget(attempt, is_newest, is_told_of);
            }
        }
    }
    world
}

/// What nobody asks of an attempt that is over.
fn forget(attempt: &mut Attempt, is_newest: bool, is_told_of: bool) {
    // A callback names the one session that its page makes.
    attempt.session = None;
    if !attempt.used && attempt.age <= LINK {
        attempt.age = 0;
        return;
    }
    (attempt.used, attempt.age) = (true, NAME);
    if is_told_of {
        return;
    }
    // No news of it can come any more.
    (attempt.phase, attempt.purpose) = (AttemptPhase::Expired, AttemptPurpose::First);
    if !is_newest {
        attempt.mends = None;
    }
}

/// Whether the state that stands for `world` ends as it does, and goes wherever it can go.
pub(crate) fn is_merged_rightly(links: &Links, world: &World) -> bool {
    let standing = merged(links.bug, *world);
    let next = |from: &World| {
        let mut happenings = vec![];
        links.actions(from, &mut happenings);
        let all = happenings.into_iter();
        let after = all.filter_map(|it| links.next_state(from, it));
        after
            .map(|it| merged(links.bug, it))
            .collect::<Vec<World>>()
    };
    let ways = next(&standing);
    rest::ends(links.bug, world) == rest::ends(links.bug, &standing)
        && next(world)
            .iter()
            .all(|after| *after == standing || ways.contains(after))
}
