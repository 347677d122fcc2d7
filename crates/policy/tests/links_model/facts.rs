//! A state of the model as the rules see it.

use crate::world::{Attempt, Bug, Person, World};
use jiff::Timestamp;
use policy::account::{AttemptPhase, Status};
use policy::ids::{AccountId, AttemptId, Identity, SessionId, WorkspaceId};
use policy::life::NewestAttempt;
use policy::links::{LinkAttempt, LinkCase, Rank, Standing};
use policy::orphans::{
    Attempt as WaitingAttempt, Claim, LinkTime, Neighbourhood, Owner, Unclaimed, Waiting,
};
use policy::session::{Health, Session};
use policy::verify::{AccountRow, OwnerProbe, Probe, Verification, VerificationFacts};
use uuid::Uuid;

/// The account, its person's earlier row, and the account of another workspace.
pub(crate) const ACCOUNT: AccountId = AccountId(Uuid::from_u128(1));
pub(crate) const EARLIER: AccountId = AccountId(Uuid::from_u128(2));
const OTHER: AccountId = AccountId(Uuid::from_u128(9));
const WORKSPACE: WorkspaceId = WorkspaceId(Uuid::from_u128(11));
const ELSEWHERE: WorkspaceId = WorkspaceId(Uuid::from_u128(12));
const KIND: &str = "LINKEDIN";

/// Instant of everything: what is old is said by phases and steps.
pub(crate) fn now() -> Timestamp {
    Timestamp::constant(1_772_359_200, 0)
}

fn later() -> Timestamp {
    Timestamp::constant(1_772_362_800, 0)
}

pub(crate) fn session_id(index: u8) -> SessionId {
    SessionId(format!("s{index}"))
}

pub(crate) fn session_index(id: &SessionId) -> Option<u8> {
    id.0.strip_prefix('s')?.parse().ok()
}

pub(crate) fn attempt_id(index: u8) -> AttemptId {
    AttemptId(Uuid::from_u128(100 + u128::from(index)))
}

pub(crate) fn attempt_index(id: AttemptId) -> Option<u8> {
    u8::try_from(id.0.as_u128().checked_sub(100)?).ok()
}

fn name(person: Person) -> &'static str {
    match person {
        Person::Own => "own",
        Person::Stranger => "stranger",
        Person::Elsewhere => "elsewhere",
    }
}

fn identity(person: Person) -> Identity {
    Identity(name(person).to_owned())
}

fn row(world: &World) -> AccountRow {
    AccountRow {
        account: ACCOUNT,
        workspace: WORKSPACE,
        version: 7,
        status: world.status,
        since: now(),
        session: world.session.map(session_id),
        identity: world.known.map(identity),
    }
}

fn phase(bug: Bug, attempt: &Attempt) -> AttemptPhase {
    match bug {
        Bug::BindsClosed if attempt.phase.is_closed() => AttemptPhase::Open,
        _ => attempt.phase,
    }
}

/// The account, and the attempt that the news is of.
pub(crate) fn case(bug: Bug, world: &World, of: Option<u8>) -> LinkCase {
    let newest = world.newest();
    let of = match bug {
        Bug::BindsWhateverIsNewest => of.and(newest),
        _ => of,
    };
    let standing = |index: u8, it: &Attempt| {
        let is_newest = newest == Some(index) || bug == Bug::BindsClosed;
        let rank = if is_newest { Rank::Newest } else { Rank::Older };
        Standing::of(phase(bug, it), rank, later(), now())
    };
    let attempt = of.and_then(|index| Some((index, world.attempt(index)?)));
    let open = newest.filter(|index| {
        let newest = world.attempt(*index);
        newest.is_some_and(|it| standing(*index, it) == Standing::Open)
    });
    let is_declared = world.declares || bug == Bug::GuessesThePerson;
    LinkCase {
        known: VerificationFacts {
            row: row(world),
            prior: None,
            is_held: world.held,
            attempt: newest.and_then(|index| world.attempt(index).map(newest_attempt)),
            checkpoint: None,
        },
        kind: KIND.to_owned(),
        declared: is_declared.then(|| name(Person::Own).to_owned()),
        kept: world.kept.map(session_id),
        attempt: attempt.map(|(index, it)| LinkAttempt {
            id: attempt_id(index),
            purpose: it.purpose,
            standing: standing(index, it),
            link_ends_at: later(),
            session: it.session.map(session_id),
            called_back_at: None,
        }),
        open: open.map(attempt_id),
    }
}

fn newest_attempt(attempt: &Attempt) -> NewestAttempt {
    let is_over = attempt.phase == AttemptPhase::Lapsed;
    NewestAttempt {
        link_ends_at: if is_over { Timestamp::MIN } else { later() },
        closed_at: attempt.phase.is_closed().then(now),
    }
}

/// What the session and its owner answer.
pub(crate) fn verification(bug: Bug, world: &World, session: u8) -> Verification {
    let Some(seen) = session_of(bug, world, session) else {
        return Verification {
            session: Probe::Gone,
            owner: OwnerProbe::Inconclusive(String::new()),
            observed_at: now(),
        };
    };
    let owner = match &seen.identity {
        Some(identity) => OwnerProbe::Answered {
            identity: identity.clone(),
        },
        None => OwnerProbe::Unnamed,
    };
    Verification {
        session: Probe::Answered(seen),
        owner,
        observed_at: now(),
    }
}

fn session_of(bug: Bug, world: &World, index: u8) -> Option<Session> {
    let live = world.live(index)?;
    let person = match bug {
        Bug::TakesStrangers => Person::Own,
        _ => live.person,
    };
    let is_well = live.well || bug == Bug::BelievesNews;
    let health = if is_well {
        Health::Ok
    } else {
        Health::Credentials
    };
    Some(Session {
        id: session_id(index),
        kind: KIND.to_owned(),
        name: String::new(),
        health,
        words: vec![],
        odd: vec![],
        side: None,
        identity: Some(identity(person)),
        handle: Some(name(person).to_owned()),
        created_at: now(),
    })
}

/// Everybody with a claim to a session or its person.
pub(crate) fn owners(bug: Bug, world: &World, session: u8) -> Vec<Owner> {
    let mut owners = vec![];
    let Some(live) = world.live(session) else {
        return owners;
    };
    if bug == Bug::ForgetsClaims {
        return owners;
    }
    if live.person == Person::Elsewhere {
        owners.push(Owner {
            workspace: ELSEWHERE,
            account: OTHER,
            status: Status::Connected,
            claim: Claim::Person,
        });
    }
    if let (Some(back), Person::Own) = (world.earlier, live.person) {
        owners.push(Owner {
            workspace: WORKSPACE,
            account: EARLIER,
            status: if back.is_some() {
                Status::Connected
            } else {
                Status::Disconnected
            },
            claim: Claim::Person,
        });
    }
    owners
}

/// Rows that the person of a session brings back.
pub(crate) fn earlier(bug: Bug, world: &World, session: u8) -> Vec<AccountRow> {
    let is_own = world
        .live(session)
        .is_some_and(|it| it.person == Person::Own);
    if world.earlier != Some(None) || !is_own || bug == Bug::MakesTwins {
        return vec![];
    }
    vec![AccountRow {
        account: EARLIER,
        workspace: WORKSPACE,
        version: 1,
        status: Status::Disconnected,
        since: now(),
        session: None,
        identity: Some(identity(Person::Own)),
    }]
}

/// The account, its newest attempt while that may bind, and every session that exists.
pub(crate) fn neighbourhood(bug: Bug, world: &World) -> Neighbourhood {
    let newest = world.newest().and_then(|index| {
        let attempt = world.attempt(index)?;
        attempt.is_open().then(|| WaitingAttempt {
            id: Some(attempt_id(index)),
            started_at: now(),
            session: attempt.session.map(session_id),
        })
    });
    let tries = world.attempts.iter().flatten().map(|_| LinkTime {
        opens_at: now(),
        closes_at: later(),
    });
    let waiting = Waiting {
        row: row(world),
        kind: KIND.to_owned(),
        declared: world.declares.then(|| name(Person::Own).to_owned()),
        kept: world.kept.map(session_id),
        attempt: newest,
        tries: tries.collect(),
    };
    let indices = (0_u8..).take(world.sessions.len());
    let unclaimed = indices.filter_map(|index| {
        Some(Unclaimed {
            session: session_of(bug, world, index)?,
            seen_at: now(),
            owners: owners(bug, world, index),
        })
    });
    Neighbourhood {
        waiting: vec![waiting],
        sessions: unclaimed.collect(),
        clock_lead: None,
        told: vec![],
    }
}
