//! A login that its attempt may not bind: named, and bound by proof of its person alone (R-ORP-2).

use super::bind::{Bound, connect, refusal};
use super::changes::CandidateSession;
use super::land::{Landing, close};
use super::{LinkCase, Subject};
use crate::account::{Status, allowed};
use crate::decision::Decision;
use crate::identity::{self, Agreement};
use crate::ids::{AttemptId, Identity, SessionId};
use crate::orphans::Proof;
use crate::session::Health;
use crate::verify::{Probe, SessionProof, Verification, holds, wrong_account};
use jiff::{SignedDuration, Timestamp};

/// Waits of the news of such a login, while its session proves nothing yet.
const DOUBTED: [SignedDuration; 5] = [
    SignedDuration::from_secs(5),
    SignedDuration::from_secs(15),
    SignedDuration::from_secs(60),
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(20),
];

/// Whether the person of a session can be proof: the account is lost, and it is known or said who it is.
///
/// Looked at when its own news come, whatever comes of newer attempts: else it would be bound where a watch comes before
/// their end, and lost where it comes after.
fn is_provable(case: &LinkCase) -> bool {
    let row = &case.known.row;
    allowed(Some(row.status), Status::Connected).is_ok()
        && (row.identity.is_some() || case.declared.is_some())
}

/// Binds the session if its person is the account's, for its account is back whoever made the login; else the session is
/// named at the attempt that made it, for the watch for orphans and for people.
pub(super) fn leave(landing: &Landing<'_>, attempt: AttemptId, now: Timestamp) -> Decision {
    let mut decision = Decision::nothing(now);
    let row = &landing.case.known.row;
    let asked = landing.verification;
    if let Some(verification) = asked.filter(|_| is_provable(landing.case)) {
        match holds(landing.session, row.identity.as_ref(), verification) {
            SessionProof::Yes(person) => prove(landing, verification, &person, &mut decision),
            SessionProof::WrongAccount { expected, seen } if row.identity.is_some() => {
                let alert = wrong_account(row.account, landing.session, &expected, &seen);
                decision.alerts.push(alert);
            }
            SessionProof::WrongAccount { .. } | SessionProof::No => {}
        }
    }
    if decision.links.landed.is_empty() {
        decision.links.candidates.push(CandidateSession {
            account: row.account,
            attempt,
            session: landing.session.clone(),
        });
    }
    decision
}

/// The login is known to be that person's. Nobody is refused: its attempt is over, and the open one is none of its business.
fn prove(
    landing: &Landing<'_>,
    verification: &Verification,
    person: &Identity,
    decision: &mut Decision,
) {
    if let Some((_, alert)) = refusal(landing, verification, person) {
        decision.alerts.push(alert);
        return;
    }
    if let Some(proof) = proof_of(landing, verification, person) {
        let bound = Bound {
            verification,
            person,
            attempt: None,
            proof,
        };
        connect(landing, &bound, decision);
        close(landing, decision);
    }
}

/// Proof by the person alone: the known one, or for a first link the one that its owner said to be.
fn proof_of(
    landing: &Landing<'_>,
    verification: &Verification,
    person: &Identity,
) -> Option<Proof> {
    let LinkCase {
        known,
        kind,
        declared,
        ..
    } = landing.case;
    let Probe::Answered(seen) = &verification.session else {
        return None;
    };
    if !kind.eq_ignore_ascii_case(&seen.kind) {
        return None;
    }
    if known.row.identity.is_some() {
        return Some(Proof::SameIdentity);
    }
    let agreement = identity::agreement(declared.as_deref(), seen.handle.as_deref(), Some(person));
    (agreement == Agreement::Agrees).then_some(Proof::Declared)
}

/// Session to be asked for because of such a login: itself, or of an account that is connected the own one, for while that
/// is well nothing is looked for.
pub(super) fn asked<'a>(case: &'a LinkCase, session: &'a SessionId) -> Option<&'a SessionId> {
    let row = &case.known.row;
    match row.status {
        Status::Connected => row.session.as_ref(),
        _ => is_provable(case).then_some(session),
    }
}

/// When the news of such a login are looked at again, after so many waits: while its session may still prove whose it is, or
/// its account is about to be lost.
pub(super) fn doubted(landing: &Landing<'_>, waited: u16) -> Option<SignedDuration> {
    let Landing { case, session, .. } = landing;
    if !matches!(case.subject(session), Subject::Left(_)) {
        return None;
    }
    let row = &case.known.row;
    let verification = landing.verification?;
    let is_open = match (&verification.session, row.status) {
        (Probe::Answered(own), Status::Connected) => own.health != Health::Ok,
        (Probe::Gone, _) | (_, Status::Connected) => false,
        _ => {
            let proof = holds(session, row.identity.as_ref(), verification);
            is_provable(case) && proof == SessionProof::No
        }
    };
    DOUBTED
        .get(usize::from(waited))
        .copied()
        .filter(|_| is_open)
}
