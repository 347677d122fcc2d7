//! What people and the provider do.

use crate::rows::{close, flip};
use crate::world::{Attempt, Bug, Callback, LINK, Live, Person, World};
use policy::account::{AttemptOutcome, AttemptPhase, AttemptPurpose, Status};

/// Whether another attempt fits into the model.
pub(crate) fn has_room(world: &World) -> bool {
    world.attempts.iter().any(Option::is_none)
}

/// Somebody asks for a link: the open one again, or a new one.
pub(crate) fn click(bug: Bug, world: &mut World) {
    let newest = world.newest();
    if let Some(attempt) = newest.and_then(|index| world.attempt(index)) {
        let is_young = attempt.is_open() && attempt.age == 0;
        if is_young && (!attempt.used || bug == Bug::ReusesSpent) {
            world.wrongs.spent |= attempt.used;
            return;
        }
    }
    let index = newest.map_or(0, |it| it + 1);
    let purpose = match (world.status, world.session, world.known) {
        (Status::Connected, ..) => AttemptPurpose::Renew,
        (Status::Disconnected, ..) => AttemptPurpose::Restore,
        (_, Some(_), _) => AttemptPurpose::Reconnect,
        (_, None, Some(_)) => AttemptPurpose::Create,
        (_, None, None) => AttemptPurpose::First,
    };
    if let Some(before) = newest.filter(|_| bug != Bug::LeavesOpen) {
        close(world, before, AttemptOutcome::Superseded);
    }
    if let Some(place) = world.attempts.get_mut(usize::from(index)) {
        *place = Some(Attempt {
            purpose,
            phase: AttemptPhase::Minting,
            session: None,
            age: 0,
            used: false,
        });
    }
    let open = world.attempts.iter().flatten().filter(|it| it.is_open());
    world.wrongs.two_open |= open.count() > 1;
}

/// The mint's second transaction.
pub(crate) fn open(bug: Bug, world: &mut World, index: u8) {
    let Some(attempt) = world.attempt(index).copied() else {
        return;
    };
    if attempt.phase != AttemptPhase::Minting {
        return;
    }
    let (status, purpose) = (world.status, attempt.purpose);
    let outcome = match (status, purpose) {
        (Status::Disconnected, AttemptPurpose::Restore) | (_, AttemptPurpose::Renew) => None,
        (Status::Disconnected, _) => Some(AttemptOutcome::Cancelled),
        (Status::Connected, _) => Some(AttemptOutcome::Repaired),
        _ => None,
    };
    if let Some(outcome) = outcome {
        return close(world, index, outcome);
    }
    if let Some(attempt) = world.attempt_mut(index) {
        attempt.phase = AttemptPhase::Open;
    }
    if purpose != AttemptPurpose::Renew && status != Status::Connecting {
        flip(bug, world, Status::Connecting, None);
    }
}

/// Whether the provider's page of that attempt can be used.
pub(crate) fn is_usable(world: &World, index: u8) -> bool {
    let attempt = world.attempt(index);
    attempt.is_some_and(|it| !it.used && it.age <= LINK)
}

/// Somebody signs in on the page: a session is made, or the one that was there is mended, and the provider tells.
pub(crate) fn sign_in(world: &mut World, index: u8, person: Person) {
    let Some(attempt) = world.attempt_mut(index) else {
        return;
    };
    attempt.used = true;
    let keeps = match attempt.purpose {
        AttemptPurpose::Reconnect | AttemptPurpose::Renew => world.session,
        AttemptPurpose::Restore => world.kept,
        AttemptPurpose::First | AttemptPurpose::Create => None,
    };
    let session = keeps.unwrap_or(index + 1);
    if let Some(place) = world.sessions.get_mut(usize::from(session)) {
        *place = Some(Live { person, well: true });
        world.webhooks[usize::from(session)] = true;
    }
    world.callbacks[usize::from(index)] = Some(Callback {
        session: Some(session),
        left: 2,
    });
}

/// The login fails, and the page says so.
pub(crate) fn fail(world: &mut World, index: u8) {
    if let Some(attempt) = world.attempt_mut(index) {
        attempt.used = true;
        world.callbacks[usize::from(index)] = Some(Callback {
            session: None,
            left: 1,
        });
    }
}

/// The account's session loses its credentials.
pub(crate) fn lose(world: &mut World) {
    let session = world.session.map(usize::from);
    if let Some(live) = session.and_then(|it| world.sessions[it].as_mut()) {
        live.well = false;
        world.losses -= 1;
    }
}

/// Its owner disconnects the account.
pub(crate) fn disconnect(bug: Bug, world: &mut World) {
    world.disconnects -= 1;
    flip(bug, world, Status::Disconnected, None);
}
