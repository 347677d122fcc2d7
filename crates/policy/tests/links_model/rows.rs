//! What a commit writes, and under which conditions.

use crate::fleet::gather;
use crate::world::{Act, Asked, Attempt, Bug, LINK, NAME, Pending, Person, World};
use policy::account::{AttemptOutcome, AttemptPhase, Status};

/// The job commits what it decided, or finds that its rows have moved on and runs again.
pub(crate) fn commit(bug: Bug, world: &mut World) {
    let Some(pending) = world.pending.take() else {
        return;
    };
    let Pending { act, asked, .. } = pending;
    if runs_again(bug, world, pending) {
        return gather(bug, world, asked);
    }
    world.wrongs.closed_bound |= !is_bound_open(world, act);
    write(bug, world, act);
    settle_asked(bug, world, asked, act);
}

/// Whether a job finds at its commit that its rows have moved on: once so, it stays so.
pub(crate) fn runs_again(bug: Bug, world: &World, pending: Pending) -> bool {
    let Pending { moved, act, .. } = pending;
    let has_moved = act.to.is_some() && moved;
    let is_unlooked = matches!(bug, Bug::ChecksBeforeOnly | Bug::BindsClosed);
    has_moved || (!is_unlooked && !is_bound_open(world, act))
}

/// Whether the attempt that an act binds by may bind; also where it binds by none.
fn is_bound_open(world: &World, act: Act) -> bool {
    let binding = act.link.and_then(|(_, attempt)| attempt);
    binding.is_none_or(|index| {
        let attempt = world.attempt(index);
        world.newest() == Some(index) && attempt.is_some_and(Attempt::is_open)
    })
}

fn settle_asked(bug: Bug, world: &mut World, asked: Asked, act: Act) {
    let is_connected = act.to == Some(Status::Connected) || act.revives;
    match asked {
        Asked::Callback(index) => {
            world.landed.by_callback |= is_connected;
            let drops = act.waits && bug == Bug::DropsEarlyNews;
            if let Some(it) = &mut world.callbacks[usize::from(index)] {
                it.left = match (drops, act.waits) {
                    (true, _) => 0,
                    (false, true) => it.left,
                    (false, false) => it.left - 1,
                };
            }
        }
        Asked::Webhook(session) => {
            world.landed.by_webhook |= is_connected;
            world.webhooks[usize::from(session)] = false;
        }
        Asked::Look(_) => world.landed.by_look |= is_connected,
        Asked::Kept => world.asks_kept = false,
    }
}

pub(crate) fn write(bug: Bug, world: &mut World, act: Act) {
    if let Some((index, outcome)) = act.ends {
        close(world, index, outcome);
    }
    if act.revives {
        let (session, attempt) = act.link.unwrap_or_default();
        world.wrongs.twin |= world.earlier == Some(Some(session)) || world.session == Some(session);
        world.earlier = Some(Some(session));
        world.landed.revived = true;
        if let Some(index) = attempt {
            close(world, index, AttemptOutcome::Linked);
        }
    }
    if let Some(to) = act.to {
        let bound = act.link.filter(|_| !act.revives);
        flip(bug, world, to, bound);
    }
    if let Some((index, session)) = act.answers
        && world.newest() == Some(index)
        && let Some(attempt) = world.attempt_mut(index)
        && attempt.is_open()
        && attempt.session.is_none_or(|it| it == session)
    {
        attempt.session = Some(session);
        attempt.phase = AttemptPhase::Verifying;
    }
    world.held = act.holds.unwrap_or(world.held);
    world.asks_kept |= act.asks_kept && bug != Bug::ForgetsTheKept;
}

pub(crate) fn close(world: &mut World, index: u8, outcome: AttemptOutcome) {
    let Some(phase) = AttemptPhase::parse(outcome.as_str()) else {
        return;
    };
    if let Some(attempt) = world.attempt_mut(index)
        && attempt.is_open()
    {
        attempt.phase = phase;
        // Its page stays as it was, where nobody has used it up.
        let is_left = matches!(
            outcome,
            AttemptOutcome::Superseded | AttemptOutcome::Cancelled | AttemptOutcome::Repaired
        );
        attempt.age = if is_left && attempt.age <= LINK {
            0
        } else {
            NAME
        };
    }
}

/// The one way in which a status changes, with the session that a link binds.
pub(crate) fn flip(bug: Bug, world: &mut World, to: Status, link: Option<(u8, Option<u8>)>) {
    let from = world.status;
    world.wrongs.left_disconnected |= from == Status::Disconnected && to != Status::Connecting;
    if let Some(pending) = &mut world.pending {
        pending.moved = true;
    }
    for attempt in world.attempts.iter_mut().flatten() {
        attempt.moved |= attempt.phase == AttemptPhase::Minting;
    }
    world.status = to;
    if let Some((session, attempt)) = link {
        bind(world, session);
        if let Some(index) = attempt {
            close(world, index, AttemptOutcome::Linked);
        }
    }
    let left = match to {
        Status::Connected => Some(AttemptOutcome::Repaired),
        Status::Disconnected => Some(AttemptOutcome::Cancelled),
        _ => None,
    };
    for index in (0_u8..).take(world.attempts.len()) {
        let is_open = world.attempt(index).is_some_and(Attempt::is_open);
        if let Some(outcome) = left.filter(|_| is_open) {
            world.landed.repaired |= outcome == AttemptOutcome::Repaired;
            close(world, index, outcome);
        }
    }
    match to {
        Status::Connected => {
            world.kept = None;
        }
        Status::Disconnected => {
            world.kept = world.session.or(world.kept);
            world.session = None;
        }
        // Another episode begins.
        _ if from == Status::Connected => world.noticed = false,
        _ => {}
    }
    if to == Status::ReconnectNeeded {
        notice(bug, world);
    }
}

/// The first notice of an episode, written where none of that key is.
fn notice(bug: Bug, world: &mut World) {
    if bug == Bug::NoticesByVersion || !world.noticed {
        world.wrongs.noticed_again |= world.noticed;
        world.noticed = true;
    }
}

fn bind(world: &mut World, session: u8) {
    let Some(live) = world.live(session) else {
        return;
    };
    world.session = Some(session);
    world.known = Some(world.known.unwrap_or(live.person));
}

/// Whether a session may be the account's, as it is when it is looked at: what comes between a look and its commit is seen by
/// the next look.
pub(crate) fn judge(world: &mut World, act: Act) {
    prove(world, act);
    if act.revives || act.to != Some(Status::Connected) {
        return;
    }
    let bound = act.link.map(|(session, _)| session);
    let Some(live) = bound.or(world.session).and_then(|it| world.live(it)) else {
        return;
    };
    let declared = world.declares.then_some(Person::Own);
    let wanted = world.known.or(declared.filter(|_| bound.is_some()));
    world.wrongs.stranger |= wanted.is_some_and(|it| it != live.person);
    if bound.is_some() {
        world.wrongs.claimed |= live.person == Person::Elsewhere;
        world.wrongs.twin |= world.earlier.is_some() && live.person == Person::Own;
    }
}

/// A session that is bound is of the account's person, or was made by the newest link.
fn prove(world: &mut World, act: Act) {
    let Some((session, _)) = act.link else {
        return;
    };
    let person = world.live(session).map(|it| it.person);
    let declared = world.declares.then_some(Person::Own);
    let is_own = person.is_some() && person == world.known.or(declared);
    let made = world.newest().and_then(|index| {
        let attempt = world.attempt(index)?;
        Some(attempt.mends.unwrap_or(index + 1))
    });
    world.wrongs.unproven |= !is_own && made != Some(session);
}
