//! Small neighbourhoods for tests.

use super::{Attempt, Neighbourhood, Unclaimed, Waiting};
use crate::account::Status;
use crate::ids::{AttemptId, Identity};
use crate::samples::{account, at, identity, row, session, session_id, workspace};
use crate::session::{Health, Session};
use crate::verify::AccountRow;
use proptest::prelude::*;
use uuid::Uuid;

/// A first link of account `number`: declared as `handle-{number}`, its attempt open from 0 to 1000 s.
pub(crate) fn first(number: u128) -> Waiting {
    let row = AccountRow {
        session: None,
        identity: None,
        ..row(number, Status::Connecting)
    };
    Waiting {
        row,
        declared: Some(format!("handle-{number}")),
        attempt: Some(Attempt {
            id: AttemptId(Uuid::from_u128(number)),
            started_at: at(0),
            ends_at: at(1000),
            session: None,
        }),
    }
}

/// A reconnect of account `number`: it knows its person and its earlier session.
pub(crate) fn again(number: u128) -> Waiting {
    Waiting {
        row: row(number, Status::Connecting),
        declared: None,
        ..first(number)
    }
}

/// The well session of person `number`, claimed by nobody.
pub(crate) fn free(number: u128) -> Unclaimed {
    Unclaimed {
        session: session(number),
        seen_at: at(100),
        claimed_by: None,
        identity_owner: None,
    }
}

pub(crate) fn near(waiting: Vec<Waiting>, sessions: Vec<Unclaimed>) -> Neighbourhood {
    Neighbourhood { waiting, sessions }
}

fn few() -> impl Strategy<Value = Option<u128>> {
    prop_oneof![1 => Just(None), 2 => (1_u128..5).prop_map(Some)]
}

fn waiting(number: u128) -> impl Strategy<Value = Waiting> {
    let links = (few(), few(), few(), few());
    let status =
        prop_oneof![5 => Just(Status::Connecting), 1 => prop::sample::select(Status::ALL.to_vec())];
    let times = (0_i64..400, 0_i64..40, 0_i64..40);
    (links, status, times, 1_u128..3, any::<bool>()).prop_map(
        move |((session, person, named, declared), status, (since, start, end), tenant, new)| {
            let mut it = first(number);
            it.row.workspace = workspace(tenant);
            it.row.status = status;
            it.row.since = at(since);
            it.declared = declared.map(|it| format!("handle-{it}"));
            let attempt = it.attempt.as_mut().expect("it has one");
            (attempt.started_at, attempt.ends_at) = (at(start), at(end));
            if !new {
                attempt.session = named.map(session_id);
                it.row.session = session.map(session_id);
                it.row.identity = person.map(identity);
            }
            it
        },
    )
}

fn unclaimed(number: u128) -> impl Strategy<Value = Unclaimed> {
    let owner = || prop::option::weighted(0.15, (1_u128..3, 1_u128..7));
    let health =
        prop_oneof![4 => Just(Health::Ok), 1 => prop::sample::select(Health::ALL.to_vec())];
    (few(), few(), health, 0_i64..40, owner(), owner()).prop_map(
        move |(person, handle, health, created, claimed, owned)| {
            let pair = |(tenant, number)| (workspace(tenant), account(number));
            Unclaimed {
                session: Session {
                    identity: person.map(identity),
                    handle: handle.map(|it| format!("handle-{it}")),
                    health,
                    created_at: at(created),
                    ..session(number)
                },
                claimed_by: claimed.map(pair),
                identity_owner: owned.map(pair),
                ..free(number)
            }
        },
    )
}

/// Up to four accounts of two workspaces and up to four sessions, with every kind of conflict.
pub(crate) fn neighbourhood() -> impl Strategy<Value = Neighbourhood> {
    let accounts = (waiting(1), waiting(2), waiting(3), waiting(4));
    let sessions = (unclaimed(1), unclaimed(2), unclaimed(3), unclaimed(4));
    let sizes = (0_usize..5, 0_usize..5);
    (accounts, sessions, sizes).prop_map(|(accounts, sessions, sizes)| {
        let mut all = near(
            vec![accounts.0, accounts.1, accounts.2, accounts.3],
            vec![sessions.0, sessions.1, sessions.2, sessions.3],
        );
        all.waiting.truncate(sizes.0);
        all.sessions.truncate(sizes.1);
        all
    })
}

/// The person of a session, for tests that verify it.
pub(crate) fn person(it: &Unclaimed) -> Identity {
    it.session.identity.clone().unwrap_or_else(|| identity(77))
}
