//! A session that an attempt made: bound to its account, to an earlier row of the same person, or to nobody.

use super::Subject;
use super::changes::{AnsweredAttempt, LinkRefusal};
use super::land::{Landing, landed_login, noted, refuse};
use super::restore::{Revival, revive};
use crate::account::{Cause, Flip, Link, Status, allowed};
use crate::decision::{Alert, Decision};
use crate::identity::{self, Agreement};
use crate::ids::{AttemptId, Identity};
use crate::orphans::{Claim, Owner, Proof, claimed};
use crate::session::{Health, Session};
use crate::verify::{
    AccountRow, NotedLook, PriorLook, Probe, STUCK_AFTER, SessionProof, Verification, end_of_hold,
    holds, next_look, wrong_account,
};
use jiff::Timestamp;
use serde_json::json;

/// Binds what the attempt made, if its person may be the account's.
pub(super) fn bind(landing: &Landing<'_>, attempt: AttemptId, now: Timestamp) -> Decision {
    debug_assert_eq!(
        landing.case.subject(landing.session),
        Subject::Candidate(attempt)
    );
    let Some(verification) = landing.verification else {
        return named(landing, attempt, now);
    };
    let row = &landing.case.known.row;
    match holds(landing.session, row.identity.as_ref(), verification) {
        SessionProof::Yes(person) => settle(landing, attempt, verification, &person, now),
        SessionProof::WrongAccount { expected, seen } if row.identity.is_some() => {
            let mut decision = Decision::nothing(now);
            let alert = wrong_account(row.account, landing.session, &expected, &seen);
            decision.alerts.push(alert);
            refuse(landing, attempt, LinkRefusal::WrongAccount, &mut decision);
            decision
        }
        SessionProof::WrongAccount { .. } | SessionProof::No => {
            doubt(landing, attempt, verification, now)
        }
    }
}

/// The person is proven. Who else has a claim decides.
fn settle(
    landing: &Landing<'_>,
    attempt: AttemptId,
    verification: &Verification,
    person: &Identity,
    now: Timestamp,
) -> Decision {
    let row = &landing.case.known.row;
    let mut decision = Decision::nothing(now);
    if let Some((why, alert)) = refusal(landing, verification, person) {
        decision.alerts.push(alert);
        refuse(landing, attempt, why, &mut decision);
        return decision;
    }
    let bound = Bound {
        verification,
        person,
        attempt: Some(attempt),
        proof: Proof::Attempt,
    };
    connect(landing, &bound, &mut decision);
    // Of a link that others turn out to be in the way of when it is made, the session is known all the same.
    decision.links.answered.push(AnsweredAttempt {
        account: row.account,
        attempt,
        session: landing.session.clone(),
    });
    decision
}

/// Proven login that nothing stands in the way of.
#[derive(Clone, Copy)]
pub(super) struct Bound<'a> {
    /// What the session and its owner answered.
    pub(super) verification: &'a Verification,
    /// Whose it is.
    pub(super) person: &'a Identity,
    /// Attempt that binds it; null where its person alone does.
    pub(super) attempt: Option<AttemptId>,
    /// Why it is the account's.
    pub(super) proof: Proof,
}

/// Gives the login to its person's earlier row, or else to the account, which is connected by it.
pub(super) fn connect(landing: &Landing<'_>, bound: &Bound<'_>, decision: &mut Decision) {
    let row = &landing.case.known.row;
    // An account that knows its person is that row itself.
    let earlier = landing.earlier.first().filter(|_| row.identity.is_none());
    if let Some(earlier) = earlier {
        let revival = Revival {
            row,
            earlier,
            session: landing.session,
            person: bound.person,
            attempt: bound.attempt,
            observed_at: bound.verification.observed_at,
            source: "links.answer",
        };
        revive(&revival, decision);
    } else if allowed(Some(row.status), Status::Connected).is_ok() {
        decision.status.flips.push(landed(landing, bound));
        if landing.case.known.is_held {
            decision.status.ended_holds.push(end_of_hold(row.account));
        }
    }
    let login = landed_login(landing, decision.at);
    decision.links.landed.push(login);
}

/// The flip that binds the session and calls its account connected.
fn landed(landing: &Landing<'_>, bound: &Bound<'_>) -> Flip {
    let row = &landing.case.known.row;
    let made_by = landing.case.attempt.as_ref().map(|it| it.id);
    Flip {
        account: row.account,
        version: row.version,
        from: row.status,
        to: Status::Connected,
        cause: Cause::LinkLanded,
        observed_at: bound.verification.observed_at,
        evidence: json!({
            "source": "links.answer",
            "told_by": landing.by.as_str(),
            "attempt": made_by,
            "proof": bound.proof.as_str(),
            "session": landing.session,
            "observed_at": bound.verification.observed_at,
        }),
        link: Some(Link {
            session: landing.session.clone(),
            identity: Some(bound.person.clone()),
            attempt: bound.attempt,
        }),
        checkpoint: None,
    }
}

/// Why the proven person may not be this account's, and what operators hear.
pub(super) fn refusal(
    landing: &Landing<'_>,
    verification: &Verification,
    person: &Identity,
) -> Option<(LinkRefusal, Alert)> {
    let row = &landing.case.known.row;
    if let Probe::Answered(seen) = &verification.session
        && let Some(expected) = declared_otherwise(landing, seen, person)
    {
        let alert = wrong_account(row.account, landing.session, &expected, person);
        return Some((LinkRefusal::WrongAccount, alert));
    }
    let others = |it: &&Owner| it.keeps_off(row);
    let by: Vec<Owner> = landing.owners.iter().filter(others).copied().collect();
    let why = by.iter().map(|it| in_the_way(it, row)).max()?;
    Some((why, claimed(row.account, landing.session, &by)))
}

/// Whom the owner said to be, where that is another or of another kind; never of an account that knows its person.
fn declared_otherwise(
    landing: &Landing<'_>,
    seen: &Session,
    person: &Identity,
) -> Option<Identity> {
    let case = landing.case;
    if case.known.row.identity.is_some() {
        return None;
    }
    if !case.kind.eq_ignore_ascii_case(&seen.kind) {
        return Some(Identity(case.kind.clone()));
    }
    let declared = case.declared.as_deref();
    let agreement = identity::agreement(declared, seen.handle.as_deref(), Some(person));
    (agreement == Agreement::Differs).then(|| Identity(declared.unwrap_or_default().to_owned()))
}

/// What a claim of another account means.
fn in_the_way(owner: &Owner, row: &AccountRow) -> LinkRefusal {
    if owner.workspace != row.workspace {
        return LinkRefusal::Elsewhere;
    }
    match owner.claim {
        Claim::Session | Claim::Kept | Claim::Attempt => LinkRefusal::SessionTaken,
        Claim::Person => LinkRefusal::IdentityKnown,
    }
}

/// Nothing is proved: the session is noted and asked again. Only a session that is OK counts as asked in vain (R-LNK-6).
fn doubt(
    landing: &Landing<'_>,
    attempt: AttemptId,
    verification: &Verification,
    now: Timestamp,
) -> Decision {
    let mut decision = named(landing, attempt, now);
    let is_ok = matches!(&verification.session, Probe::Answered(seen) if seen.health == Health::Ok);
    if is_ok {
        let look = in_vain(landing, verification);
        if look.tries == STUCK_AFTER {
            decision.alerts.push(Alert {
                code: "verify_stuck",
                subject: format!("account {}", look.account),
                detail: json!({ "session": look.session, "why": look.why, "tries": look.tries, "next_at": look.next_at }),
            });
        }
        decision.verifications.looks.push(look);
    }
    decision
}

fn in_vain(landing: &Landing<'_>, verification: &Verification) -> NotedLook {
    let known = &landing.case.known;
    let same = |it: &&PriorLook| it.session == *landing.session;
    let before = known.prior.as_ref().filter(same).map_or(0, |it| it.tries);
    let tries = before.saturating_add(1);
    NotedLook {
        account: known.row.account,
        version: known.row.version,
        session: landing.session.clone(),
        tries,
        next_at: next_look(tries, verification.observed_at),
        why: "a session that its link made did not verify".to_owned(),
        refused: false,
    }
}

/// The attempt has its session, whoever told of it.
fn named(landing: &Landing<'_>, attempt: AttemptId, now: Timestamp) -> Decision {
    let mut decision = noted(landing, now);
    decision.links.answered = vec![AnsweredAttempt {
        account: landing.case.known.row.account,
        attempt,
        session: landing.session.clone(),
    }];
    decision
}
