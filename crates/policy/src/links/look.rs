//! Looks at one open attempt, in case nobody tells that its login has ended.

use super::changes::LandedBy;
use super::land::{Landing, land};
use super::list::list_job;
use super::{LinkCase, Standing, Subject};
use crate::account::{AttemptPurpose, Status};
use crate::decision::{Decision, NewJob};
use crate::ids::{AttemptId, SessionId};
use crate::jobs::{LINKS_LOOK, LookAtLink};
use crate::life::ATTEMPT_GRACE;
use crate::orphans::Owner;
use crate::verify::{AccountRow, PriorLook, Verification, is_due, next_look};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

/// Between two looks at an attempt whose link may be used: a login of which nobody tells is found within a minute.
const WHILE_OPEN: SignedDuration = SignedDuration::from_secs(40);
/// Waits of a login that has ended, while its session proves nothing yet.
const ANSWERED: [SignedDuration; 4] = [
    SignedDuration::from_secs(3),
    SignedDuration::from_secs(6),
    SignedDuration::from_secs(12),
    SignedDuration::from_secs(30),
];

/// Facts of one look.
#[derive(Clone, Debug)]
pub struct LookedAt {
    /// What the job was asked.
    pub asked: LookAtLink,
    /// Account and attempt; null where there is no such attempt.
    pub case: Option<LinkCase>,
    /// What the session and its owner answered; null where nobody was asked.
    pub verification: Option<Verification>,
    /// Every account with a claim to the session or its person.
    pub owners: Vec<Owner>,
    /// Disconnected rows of the same person and workspace, newest first.
    pub earlier: Vec<AccountRow>,
}

/// Session that a look asks for: the one that the attempt's callback named, else the account's own.
pub fn session_to_look_at(case: &LinkCase) -> Option<&SessionId> {
    let attempt = looks_at(case)?;
    let session = attempt.session.as_ref().or(case.known_session())?;
    match case.subject(session) {
        // Of what is connected a look tells nothing new, but of a renewal whose login shows.
        Subject::Own if case.known.row.status == Status::Connected => {
            Some(session).filter(|it| case.shows_renewal(it))
        }
        Subject::Own | Subject::Candidate(_) => Some(session),
        Subject::Left(_) | Subject::Nobody => None,
    }
}

/// The attempt, while looks at it can still find anything.
fn looks_at(case: &LinkCase) -> Option<&super::LinkAttempt> {
    let attempt = case.attempt.as_ref()?;
    let is_live = matches!(attempt.standing, Standing::Open | Standing::Minting);
    let is_out = matches!(case.known.row.status, Status::Disconnected);
    (is_live && !is_out).then_some(attempt)
}

/// Whether the session was asked a short while ago, and its owner's profile proved nothing (R-LNK-6).
pub fn is_asked_in_vain(case: &LinkCase, session: &SessionId, now: Timestamp) -> bool {
    let known = &case.known;
    if case.subject(session) == Subject::Own {
        return !is_due(&known.row, known.prior.as_ref(), now);
    }
    let waits = |it: &PriorLook| it.session == *session && 0 < it.tries && now < it.next_at;
    known.prior.as_ref().is_some_and(waits)
}

/// Acts on what a look found, and asks for the next one.
pub fn looked(looked: &LookedAt, now: Timestamp) -> Decision {
    let Some(case) = &looked.case else {
        return Decision::nothing(now);
    };
    let mut decision = match (session_to_look_at(case), &looked.verification) {
        (Some(session), Some(verification)) => {
            let landing = Landing {
                case,
                session,
                verification: Some(verification),
                owners: &looked.owners,
                earlier: &looked.earlier,
                by: LandedBy::Look,
            };
            land(&landing, now)
        }
        _ => Decision::nothing(now),
    };
    if !decision.links.landed.is_empty() || !decision.links.refused.is_empty() {
        return decision;
    }
    if is_unnamed(case) {
        decision.jobs.push(list_job(now));
    }
    decision.jobs.extend(next(looked, case, now));
    decision
}

/// Nobody has named a session, and the account has none: only a list can show it. A renewal binds no other.
fn is_unnamed(case: &LinkCase) -> bool {
    let Some(attempt) = looks_at(case) else {
        return false;
    };
    attempt.session.is_none()
        && attempt.purpose != AttemptPurpose::Renew
        && (case.known_session().is_none() || attempt.purpose == AttemptPurpose::Create)
}

/// The next look of a row of looks.
fn next(looked: &LookedAt, case: &LinkCase, now: Timestamp) -> Option<NewJob> {
    let attempt = looks_at(case)?;
    let LookAtLink { follow, .. } = looked.asked;
    if follow == 0 {
        return None;
    }
    let after = if attempt.session.is_some() {
        wait_of_answered(case, follow, now)
    } else {
        let ends = attempt.link_ends_at.checked_add(ATTEMPT_GRACE).ok()?;
        (now < ends).then_some(WHILE_OPEN)?
    };
    Some(follow_up(case, attempt.id, follow, after, now))
}

/// A login that has ended is asked after at once, then less often, then on the ladder of every verification (R-LNK-6).
fn wait_of_answered(case: &LinkCase, follow: u16, now: Timestamp) -> SignedDuration {
    let step = usize::from(follow.saturating_sub(1));
    ANSWERED.get(step).copied().unwrap_or_else(|| {
        let tries = case.known.prior.as_ref().map_or(1, |it| it.tries.max(1));
        let ladder = next_look(tries.max(follow / 8), now).duration_since(now);
        ladder.max(WHILE_OPEN)
    })
}

/// The first of the looks that follow an answer which proves nothing yet.
pub(super) fn soon(case: &LinkCase, now: Timestamp) -> Option<NewJob> {
    let attempt = case.attempt.as_ref()?.id;
    Some(follow_up(case, attempt, 1, ANSWERED[0], now))
}

fn follow_up(
    case: &LinkCase,
    attempt: AttemptId,
    follow: u16,
    after: SignedDuration,
    now: Timestamp,
) -> NewJob {
    let row = &case.known.row;
    let (account, run_at) = (row.account, now.checked_add(after).unwrap_or(now));
    // Rows of looks that meet go on as one.
    let slot = run_at.as_second() / 3;
    NewJob {
        kind: LINKS_LOOK,
        cause: format!("{}@{attempt}/at/{slot}", LINKS_LOOK.name),
        workspace: Some(row.workspace),
        account: Some(account),
        run_at,
        payload: json!(LookAtLink {
            account,
            attempt,
            follow: follow.saturating_add(1),
        }),
    }
}
