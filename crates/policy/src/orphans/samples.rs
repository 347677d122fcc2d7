//! Small neighbourhoods for tests.

use super::{Attempt, Claim, LinkTime, Neighbourhood, Owner, Unclaimed, Waiting};
use crate::account::Status;
use crate::ids::{AttemptId, Identity};
use crate::samples::{account, at, identity, row, session, session_id, workspace};
use crate::session::{Health, Session};
use crate::verify::AccountRow;
use jiff::SignedDuration;
use proptest::prelude::*;
use uuid::Uuid;

/// A first link of account `number`: declared as `handle-{number}`, its link open from 0 to 1800 s.
pub(crate) fn first(number: u128) -> Waiting {
    let row = AccountRow {
        session: None,
        identity: None,
        ..row(number, Status::Connecting)
    };
    Waiting {
        row,
        kind: "LINKEDIN".to_owned(),
        declared: Some(format!("handle-{number}")),
        kept: None,
        attempt: Some(Attempt {
            id: Some(AttemptId(Uuid::from_u128(number))),
            started_at: at(0),
            session: None,
        }),
        tries: vec![time(0, 1800)],
    }
}

/// Time of a link, in seconds.
pub(crate) fn time(opens: i64, closes: i64) -> LinkTime {
    LinkTime {
        opens_at: at(opens),
        closes_at: at(closes),
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
        owners: vec![],
    }
}

/// A claim of account `number` of a workspace.
pub(crate) fn owner(tenant: u128, number: u128, status: Status, claim: Claim) -> Owner {
    Owner {
        workspace: workspace(tenant),
        account: account(number),
        status,
        claim,
    }
}

/// Of clocks that were measured and agree.
pub(crate) fn near(waiting: Vec<Waiting>, sessions: Vec<Unclaimed>) -> Neighbourhood {
    Neighbourhood {
        waiting,
        sessions,
        clock_lead: Some(SignedDuration::ZERO),
        told: vec![],
    }
}

fn few() -> impl Strategy<Value = Option<u128>> {
    prop_oneof![1 => Just(None), 2 => (1_u128..5).prop_map(Some)]
}

fn waiting(number: u128) -> impl Strategy<Value = Waiting> {
    let links = (few(), few(), few(), few());
    let kept = prop::option::weighted(0.1, 1_u128..5);
    let kind = prop_oneof![9 => Just("LINKEDIN"), 1 => Just("MAIL")];
    let status =
        prop_oneof![5 => Just(Status::Connecting), 1 => prop::sample::select(Status::ALL.to_vec())];
    let times = (0_i64..400, -60_i64..60, -60_i64..60);
    let row = (status, kept, kind);
    (links, row, times, 1_u128..3, any::<bool>()).prop_map(
        move |((session, person, named, declared), row, (since, start, end), tenant, new)| {
            let (status, kept, kind) = row;
            let mut it = first(number);
            it.kind = kind.to_owned();
            it.row.workspace = workspace(tenant);
            it.row.status = status;
            it.row.since = at(since);
            it.declared = declared.map(|it| format!("handle-{it}"));
            let attempt = it.attempt.as_mut().expect("it has one");
            attempt.started_at = at(start * 60);
            it.tries = vec![time(start * 60, end * 60)];
            if !new {
                it.kept = kept.map(session_id);
                attempt.session = named.map(session_id);
                it.row.session = session.map(session_id);
                it.row.identity = person.map(identity);
            }
            it
        },
    )
}

fn claimant() -> impl Strategy<Value = Owner> {
    let status = prop::sample::select(Status::ALL.to_vec());
    let claim = prop::sample::select(Claim::ALL.to_vec());
    // The sixth and seventh account are none of those that wait.
    (1_u128..8, status, claim)
        .prop_map(|(number, status, claim)| owner(number % 2 + 1, number, status, claim))
}

fn unclaimed(number: u128) -> impl Strategy<Value = Unclaimed> {
    let owners = prop_oneof![3 => Just(vec![]), 1 => prop::collection::vec(claimant(), 1..4)];
    let health =
        prop_oneof![4 => Just(Health::Ok), 1 => prop::sample::select(Health::ALL.to_vec())];
    (few(), few(), health, -90_i64..90, owners).prop_map(
        move |(person, handle, health, created, owners)| Unclaimed {
            session: Session {
                identity: person.map(identity),
                handle: handle.map(|it| format!("handle-{it}")),
                health,
                created_at: at(created * 60),
                ..session(number)
            },
            owners,
            ..free(number)
        },
    )
}

/// Up to four accounts of two workspaces and up to four sessions, with every kind of conflict.
pub(crate) fn neighbourhood() -> impl Strategy<Value = Neighbourhood> {
    let accounts = (waiting(1), waiting(2), waiting(3), waiting(4));
    let sessions = (unclaimed(1), unclaimed(2), unclaimed(3), unclaimed(4));
    let sizes = (0_usize..5, 0_usize..5);
    let lead = prop::option::of(-20_i64..20);
    (accounts, sessions, sizes, lead).prop_map(|(accounts, sessions, sizes, lead)| {
        let mut all = near(
            vec![accounts.0, accounts.1, accounts.2, accounts.3],
            vec![sessions.0, sessions.1, sessions.2, sessions.3],
        );
        all.clock_lead = lead.map(SignedDuration::from_mins);
        all.waiting.truncate(sizes.0);
        all.sessions.truncate(sizes.1);
        all
    })
}

/// The person of a session, for tests that verify it.
pub(crate) fn person(it: &Unclaimed) -> Identity {
    it.session.identity.clone().unwrap_or_else(|| identity(77))
}
