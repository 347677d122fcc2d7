//! What people and the provider do.

use crate::facts::{attempt_id, attempt_index, now, session_id, session_index};
use crate::rows::{close, flip};
use crate::world::{Attempt, Bug, Callback, LINK, Live, Person, World};
use policy::account::{AttemptOutcome, AttemptPhase, AttemptPurpose, Status};
use policy::life::{
    Intent, LastLink, LinkTarget, MintFacts, MintStep, MintedFacts, NewestMint, Opening, mint_step,
    opening,
};

/// Whether another attempt fits into the model.
pub(crate) fn has_room(world: &World, room: usize) -> bool {
    world.attempts.iter().flatten().count() < room
}

/// Somebody asks for a link: the open one again, a new one, or none.
pub(crate) fn click(bug: Bug, world: &mut World) {
    let newest = world.newest();
    let young = newest.filter(|index| world.attempt(*index).is_some_and(|it| it.age == 0));
    let step = match (bug, young) {
        (Bug::ReusesSpent, Some(index)) => MintStep::Reuse(attempt_id(index)),
        _ => mint_step(&mint_facts(world), intent(world), LastLink::Unsaid),
    };
    match step {
        MintStep::Reuse(_) => {
            let phase = newest
                .and_then(|index| world.attempt(index))
                .map(|it| it.phase);
            let is_known = matches!(phase, Some(AttemptPhase::Open | AttemptPhase::Minting));
            world.wrongs.spent |= !is_known;
        }
        MintStep::Begin {
            purpose,
            target,
            supersedes,
        } => {
            let mends = match target {
                LinkTarget::Create => None,
                LinkTarget::Reconnect(session) => session_index(&session),
            };
            begin(
                bug,
                world,
                (purpose, mends),
                supersedes.and_then(attempt_index),
            );
        }
        MintStep::Wait { .. } | MintStep::TakeOver { .. } | MintStep::Refuse(_) => {}
    }
}

fn begin(
    bug: Bug,
    world: &mut World,
    (purpose, mends): (AttemptPurpose, Option<u8>),
    supersedes: Option<u8>,
) {
    if let Some(before) = supersedes.filter(|_| bug != Bug::LeavesOpen) {
        close(world, before, AttemptOutcome::Superseded);
    }
    let index = world.newest().map_or(0, |it| it + 1);
    if let Some(place) = world.attempts.get_mut(usize::from(index)) {
        *place = Some(Attempt {
            purpose,
            phase: AttemptPhase::Minting,
            session: None,
            mends,
            moved: false,
            age: 0,
            used: false,
        });
    }
    let open = world.attempts.iter().flatten().filter(|it| it.is_open());
    world.wrongs.two_open |= open.count() > 1;
}

fn intent(world: &World) -> Intent {
    match world.status {
        Status::Connected => Intent::Renew,
        Status::Disconnected => Intent::Restore,
        _ => Intent::Repair,
    }
}

fn mint_facts(world: &World) -> MintFacts {
    let newest = world.newest().and_then(|index| {
        let attempt = world.attempt(index)?;
        let is_young = attempt.age == 0;
        let since = if is_young {
            now()
        } else {
            jiff::Timestamp::MIN
        };
        Some(NewestMint {
            attempt: attempt_id(index),
            phase: attempt.phase,
            purpose: attempt.purpose,
            mint_no: 1,
            minted_at: Some(since),
            lease_ends_at: Some(jiff::Timestamp::MAX),
            link_ends_at: if attempt.age <= LINK {
                jiff::Timestamp::MAX
            } else {
                jiff::Timestamp::MIN
            },
            answered_at: attempt.session.map(|_| since),
        })
    });
    MintFacts {
        at: now(),
        status: world.status,
        session: world.session.map(session_id),
        kept_session: world.kept.map(session_id),
        was_connected: world.known.is_some(),
        newest,
        dead_said: vec![],
    }
}

/// The mint's second transaction.
pub(crate) fn open(bug: Bug, world: &mut World, index: u8) {
    let Some(attempt) = world.attempt(index).copied() else {
        return;
    };
    let facts = MintedFacts {
        status: world.status,
        version: 1 + i64::from(attempt.moved),
        phase: attempt.phase,
        mint_no: 1,
    };
    match opening(&facts, (attempt.purpose, 1), 1) {
        Opening::Open { flip: to } => {
            if let Some(attempt) = world.attempt_mut(index) {
                attempt.phase = AttemptPhase::Open;
            }
            if to.is_some() {
                flip(bug, world, Status::Connecting, None);
            }
        }
        Opening::Overtaken => {}
        Opening::Repaired => close(world, index, AttemptOutcome::Repaired),
        Opening::Cancelled => close(world, index, AttemptOutcome::Cancelled),
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
    let session = attempt.mends.unwrap_or(index + 1);
    if let Some(place) = world.sessions.get_mut(usize::from(session)) {
        *place = Some(Live { person, well: true });
        world.webhooks[usize::from(session)] = true;
    }
    world.callbacks[usize::from(index)] = Some(Callback {
        session: Some(session),
        left: 1,
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
