//! The rule in which callback, webhook and look end.

use super::bind::bind;
use super::changes::{AnsweredAttempt, LandedBy, LandedLogin, LinkRefusal, RefusedAttempt};
use super::left::leave;
use super::{LinkCase, Subject};
use crate::account::{AttemptEnd, AttemptOutcome, Cause, Flip, Status};
use crate::decision::{Decision, NewJob, OnMoved};
use crate::ids::{AttemptId, SessionId};
use crate::jobs::ORPHAN_LINK;
use crate::orphans::{LinkOrphan, Owner, Proof};
use crate::session::Health;
use crate::verify::{
    AccountRow, Probe, SessionOwner, SessionProof, Verification, holds, owner_of, verified,
};
use jiff::Timestamp;
use serde_json::json;

/// One session, who it is of, and what it answered.
#[derive(Clone, Debug)]
pub struct Landing<'a> {
    /// Account and attempt.
    pub case: &'a LinkCase,
    /// The session.
    pub session: &'a SessionId,
    /// What the session and its owner answered; null where nobody was asked.
    pub verification: Option<&'a Verification>,
    /// Every account with a claim to the session or to the person that answered, read after the answers.
    pub owners: &'a [Owner],
    /// Rows of those among them that a return revives: disconnected, of the same person and workspace, newest first.
    pub earlier: &'a [AccountRow],
    /// What told of it.
    pub by: LandedBy,
}

/// Binds, connects, refuses or notes; what proves nothing changes nothing.
pub fn land(landing: &Landing<'_>, now: Timestamp) -> Decision {
    let mut decision = match landing.case.subject(landing.session) {
        Subject::Own => observe(landing, now),
        Subject::Candidate(attempt) => bind(landing, attempt, now),
        Subject::Left(attempt) => leave(landing, attempt, now),
        Subject::Nobody => Decision::nothing(now),
    };
    // An attempt may have ended in between: then it is looked at anew.
    decision.on_moved = OnMoved::Retry;
    decision
}

/// What the account's own session shows. Whoever told of it: this is an observation, and may call the account connected.
fn observe(landing: &Landing<'_>, now: Timestamp) -> Decision {
    let Landing {
        case, verification, ..
    } = landing;
    let Some(verification) = verification.filter(|it| tells(case, it)) else {
        return noted(landing, now);
    };
    let mut decision = verified(&case.known, verification, now);
    let connects = |flip: &Flip| flip.to == Status::Connected;
    if decision.status.flips.iter().any(connects) {
        land_in(landing, &mut decision);
    } else if landing.by == LandedBy::Callback && is_strangers(case, verification) {
        refuse_stranger(landing, &mut decision);
    } else if is_renewed(landing, verification) {
        land_in(landing, &mut decision);
    } else if is_open(case) {
        decision.links.answered.extend(answered(landing));
    }
    decision
}

/// The login has come to what it was for.
fn land_in(landing: &Landing<'_>, decision: &mut Decision) {
    close(landing, decision);
    let login = landed_login(landing, decision.at);
    decision.links.landed.push(login);
}

/// Login that lands, by its own callback where that came; a session that the account had before was made at some other time.
pub(super) fn landed_login(landing: &Landing<'_>, now: Timestamp) -> LandedLogin {
    let Landing { case, session, .. } = landing;
    let told_at = case.attempt.as_ref().and_then(|it| it.called_back_at);
    let login = LandedLogin {
        told_at,
        ..LandedLogin::by(told_at.map_or(landing.by, |_| LandedBy::Callback))
    };
    let is_new = case.known_session() != Some(*session);
    match landing.verification.map(|it| &it.session) {
        Some(Probe::Answered(seen)) if is_new => login.made(seen.created_at, now),
        _ => login,
    }
}

/// Whether the answers say anything that a login could have brought: a session that is not OK yet is looked at again, and
/// makes no later look wait.
fn tells(case: &LinkCase, verification: &Verification) -> bool {
    match &verification.session {
        Probe::Answered(seen) => {
            seen.health == Health::Ok
                || matches!(
                    owner_of(&case.known.row, seen),
                    SessionOwner::Stranger { .. }
                )
        }
        Probe::Checkpoint(_) => true,
        Probe::Gone | Probe::Inconclusive(_) => false,
    }
}

/// The attempt of the callback has brought its session, which is asked again.
pub(super) fn noted(landing: &Landing<'_>, now: Timestamp) -> Decision {
    let mut decision = Decision::nothing(now);
    if is_open(landing.case) {
        decision.links.answered.extend(answered(landing));
    }
    decision
}

fn answered(landing: &Landing<'_>) -> Option<AnsweredAttempt> {
    let case = landing.case;
    let attempt = case.attempt.as_ref()?;
    let is_told = match landing.by {
        LandedBy::Callback => true,
        // Of what works already no state shows it later.
        LandedBy::Webhook => case.known.row.status == Status::Connected && case.renewal().is_some(),
        LandedBy::Look | LandedBy::Watcher => false,
    };
    is_told.then(|| AnsweredAttempt {
        account: case.known.row.account,
        attempt: attempt.id,
        session: landing.session.clone(),
    })
}

/// Closes the account's open attempt: its own login, or another way by which the account came back.
pub(super) fn close(landing: &Landing<'_>, decision: &mut Decision) {
    let own = landing.case.attempt.as_ref().map(|it| it.id);
    let ends = landing.case.open.map(|attempt| AttemptEnd {
        attempt,
        outcome: if own == Some(attempt) {
            AttemptOutcome::Linked
        } else {
            AttemptOutcome::Repaired
        },
    });
    decision.status.attempts.extend(ends);
}

/// A renewal ends once its login was told of or shows, if the session then is the known person's and OK.
fn is_renewed(landing: &Landing<'_>, verification: &Verification) -> bool {
    let Landing { case, session, .. } = landing;
    let row = &case.known.row;
    let is_told = match landing.by {
        LandedBy::Callback | LandedBy::Webhook => true,
        LandedBy::Look | LandedBy::Watcher => case.shows_renewal(session),
    };
    let proof = holds(session, row.identity.as_ref(), verification);
    is_told
        && case.open.is_some()
        && row.status == Status::Connected
        && case.renewal().is_some()
        && matches!(proof, SessionProof::Yes(_))
}

/// Another person signed in to the account's own session. What the list says against the profile proves nothing.
fn is_strangers(case: &LinkCase, verification: &Verification) -> bool {
    let row = &case.known.row;
    let Probe::Answered(seen) = &verification.session else {
        return false;
    };
    match owner_of(row, seen) {
        SessionOwner::Stranger { .. } => true,
        SessionOwner::Known => false,
        SessionOwner::Unnamed => {
            let proof = holds(&seen.id, row.identity.as_ref(), verification);
            row.identity.is_some() && matches!(proof, SessionProof::WrongAccount { .. })
        }
    }
}

fn refuse_stranger(landing: &Landing<'_>, decision: &mut Decision) {
    let own = landing.case.attempt.as_ref().map(|it| it.id);
    if let Some(attempt) = own.filter(|_| is_open(landing.case)) {
        refuse(landing, attempt, LinkRefusal::WrongAccount, decision);
    }
}

/// Ends the attempt, and takes an account that waited for it back at once: its owner may begin anew.
pub(super) fn refuse(
    landing: &Landing<'_>,
    attempt: AttemptId,
    why: LinkRefusal,
    decision: &mut Decision,
) {
    let case = landing.case;
    let account = case.known.row.account;
    decision.links.refused.push(RefusedAttempt {
        account,
        attempt,
        why,
    });
    decision.status.attempts.push(AttemptEnd {
        attempt,
        outcome: AttemptOutcome::Refused,
    });
    let evidence = json!({ "source": "links.answer", "attempt": attempt, "refused": why.as_str() });
    decision
        .status
        .flips
        .extend(back(case, evidence, decision.at));
    decision.jobs.extend(kept(landing, attempt, decision.at));
}

/// The session that an account on its way back kept is its own, whoever signed in on the page: once no attempt is open, no
/// watch would look for it.
fn kept(landing: &Landing<'_>, attempt: AttemptId, now: Timestamp) -> Option<NewJob> {
    let row = &landing.case.known.row;
    let kept = landing.case.kept.as_ref();
    let session = kept.filter(|it| *it != landing.session && row.session.is_none())?;
    let link = LinkOrphan {
        account: row.account,
        session: session.clone(),
        proof: Proof::Own,
        found_by: LandedBy::Look,
    };
    let cause = format!("{}@{attempt}#{}", ORPHAN_LINK.name, row.account);
    Some(link.job(cause, row.workspace, now))
}

/// The flip of an account that waits for a login which has come to nothing; a renewal flips nothing.
pub(super) fn back(case: &LinkCase, evidence: serde_json::Value, now: Timestamp) -> Option<Flip> {
    let row = &case.known.row;
    (row.status == Status::Connecting).then_some(Flip {
        account: row.account,
        version: row.version,
        from: row.status,
        to: Status::ReconnectNeeded,
        cause: Cause::LinkFailed,
        observed_at: now,
        evidence,
        link: None,
        checkpoint: None,
    })
}

/// The attempt that the news is of is the one that is open.
fn is_open(case: &LinkCase) -> bool {
    let own = case.attempt.as_ref().map(|it| it.id);
    own.is_some() && own == case.open
}
