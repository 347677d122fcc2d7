//! One stored event of the provider: a callback of a link, or news of a session.

use super::changes::{EventEnd, EventVerdict, LandedBy};
use super::land::{Landing, back, land};
use super::left;
use super::look::{is_asked_in_vain, soon};
use super::{LinkCase, Standing, Subject};
use crate::account::{AttemptEnd, AttemptOutcome, Status};
use crate::decision::{Decision, NewJob, OnMoved};
use crate::ids::SessionId;
use crate::jobs::{ACCOUNT_CHECK, AnswerLink, CheckAccount, LINKS_ANSWER};
use crate::orphans::Owner;
use crate::verify::{AccountRow, Verification};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use uuid::Uuid;

/// Wait between two looks at an attempt that is being minted; its callback may be faster than our own commit.
const MINTING: SignedDuration = SignedDuration::from_secs(1);
/// Waits after which a callback is nobody's: a mint that lasts longer is dead, and another makes a link of its own.
const WAITS_MAX: u16 = 60;

/// Words of the provider that tell of a login, and not only of a session that is well.
const LOGINS: [&str; 2] = ["RECONNECTED", "CREATION_SUCCESS"];
/// Words of the provider that may mean that a session is well.
const GOOD: [&str; 4] = ["OK", "RECONNECTED", "CREATION_SUCCESS", "SYNC_SUCCESS"];

/// What a stored event says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkNews {
    /// The attempt's callback: its login made or mended this session.
    Landed(SessionId),
    /// The attempt's callback: its login failed.
    Failed,
    /// News of a session, in the provider's word. No more than a hint: its state is asked for.
    Hint(SessionId, String),
}

impl LinkNews {
    /// News of a callback with this status.
    pub fn of_callback(status: &str, session: Option<SessionId>) -> Option<Self> {
        match (status, session) {
            ("CREATION_FAIL", _) => Some(Self::Failed),
            (_, Some(session)) => Some(Self::Landed(session)),
            (_, None) => None,
        }
    }
}

/// Facts of one event.
#[derive(Clone, Debug)]
pub struct AnswerFacts {
    /// Row of `provider_events`, and how often it waited.
    pub asked: AnswerLink,
    /// What it says; null where it says nothing that anybody acts on.
    pub news: Option<LinkNews>,
    /// Account and attempt; null for an event of nobody.
    pub case: Option<LinkCase>,
    /// What the session and its owner answered; null where nobody was asked.
    pub verification: Option<Verification>,
    /// Every account with a claim to the session or its person.
    pub owners: Vec<Owner>,
    /// Disconnected rows of the same person and workspace, newest first.
    pub earlier: Vec<AccountRow>,
}

/// Session to be asked for because of an event; none where its answer could change nothing.
pub fn asked_for<'a>(
    news: &'a LinkNews,
    case: &'a LinkCase,
    now: Timestamp,
) -> Option<&'a SessionId> {
    if is_minting(case) {
        return None;
    }
    match (news, case.subject(session_of(news, case)?)) {
        (LinkNews::Landed(session), Subject::Own | Subject::Candidate(_)) => Some(session),
        (LinkNews::Landed(session), Subject::Left(_)) => left::asked(case, session),
        // What a login that failed has left of the session that was there before.
        (LinkNews::Failed, Subject::Own | Subject::Candidate(_)) => session_of(news, case),
        (LinkNews::Hint(session, word), Subject::Own | Subject::Candidate(_)) => {
            let is_lost = case.known.row.status != Status::Connected;
            let is_wanted = (is_lost && GOOD.contains(&word.as_str()) || renews(case, word))
                && is_named(case, session)
                && !is_asked_in_vain(case, session, now);
            is_wanted.then_some(session)
        }
        _ => None,
    }
}

/// Whether a word about the session of a connected account tells of the renewal that is open.
fn renews(case: &LinkCase, word: &str) -> bool {
    let renewal = case.renewal().map(|it| it.id);
    renewal.is_some() && renewal == case.open && LOGINS.contains(&word)
}

/// News of a session name no attempt: one that the account has, or that its attempt's own callback named.
fn is_named(case: &LinkCase, session: &SessionId) -> bool {
    let named = case.attempt.as_ref().and_then(|it| it.session.as_ref());
    case.subject(session) == Subject::Own || named == Some(session)
}

fn session_of<'a>(news: &'a LinkNews, case: &'a LinkCase) -> Option<&'a SessionId> {
    match news {
        LinkNews::Landed(session) | LinkNews::Hint(session, _) => Some(session),
        LinkNews::Failed => case.known_session(),
    }
}

fn is_minting(case: &LinkCase) -> bool {
    let standing = case.attempt.as_ref().map(|it| it.standing);
    standing == Some(Standing::Minting)
}

/// Acts on one event, and says what became of it.
pub fn answer(facts: &AnswerFacts, now: Timestamp) -> Decision {
    let (Some(news), Some(case)) = (&facts.news, &facts.case) else {
        return ended(facts, EventVerdict::Nothing, Decision::nothing(now));
    };
    if is_minting(case) && facts.asked.waited < WAITS_MAX {
        return ended(
            facts,
            EventVerdict::Waits,
            wait(facts, case, MINTING, Decision::nothing(now)),
        );
    }
    match news {
        LinkNews::Landed(session) => landed(facts, case, session, now),
        LinkNews::Failed => failed(facts, case, now),
        LinkNews::Hint(session, word) => hinted(facts, case, (session, word), now),
    }
}

fn landed(facts: &AnswerFacts, case: &LinkCase, session: &SessionId, now: Timestamp) -> Decision {
    let landing = landing(facts, case, session, LandedBy::Callback);
    let mut decision = land(&landing, now);
    let verdict = verdict_of(&decision);
    if let Some(after) = left::doubted(&landing, facts.asked.waited) {
        let row = &case.known.row;
        if row.status == Status::Connected {
            decision.jobs.push(check(facts, row, "UNWELL", now));
        }
        return ended(
            facts,
            EventVerdict::Waits,
            wait(facts, case, after, decision),
        );
    }
    if verdict == EventVerdict::Verifying {
        decision.jobs.extend(soon(case, now));
    }
    ended(facts, verdict, decision)
}

/// The page says that the login failed: the attempt ends, and its account is back where it was, unless the session that it
/// had before answers after all.
fn failed(facts: &AnswerFacts, case: &LinkCase, now: Timestamp) -> Decision {
    let own = case.attempt.as_ref().map(|it| it.id);
    let Some(attempt) = own.filter(|_| own == case.open) else {
        return ended(facts, EventVerdict::Nothing, Decision::nothing(now));
    };
    if let (Some(session), Some(_)) = (case.known_session(), &facts.verification) {
        let decision = land(&landing(facts, case, session, LandedBy::Look), now);
        if verdict_of(&decision) == EventVerdict::Landed {
            return ended(facts, EventVerdict::Landed, decision);
        }
    }
    let mut decision = Decision::nothing(now);
    decision.on_moved = OnMoved::Retry;
    decision.status.attempts.push(AttemptEnd {
        attempt,
        outcome: AttemptOutcome::Failed,
    });
    let evidence = json!({ "source": LINKS_ANSWER.name, "attempt": attempt, "failed": true });
    decision.status.flips.extend(back(case, evidence, now));
    ended(facts, EventVerdict::Failed, decision)
}

/// News of a session. Of a connected account's, one look says whether it is so; of the others, whether it is well.
fn hinted(
    facts: &AnswerFacts,
    case: &LinkCase,
    (session, word): (&SessionId, &str),
    now: Timestamp,
) -> Decision {
    let row = &case.known.row;
    let is_own = case.subject(session) == Subject::Own;
    let is_renewed = renews(case, word) && facts.verification.is_some();
    if is_own && row.status == Status::Connected && !is_renewed {
        let mut decision = Decision::nothing(now);
        if GOOD.contains(&word) {
            return ended(facts, EventVerdict::Nothing, decision);
        }
        decision.jobs.push(check(facts, row, word, now));
        return ended(facts, EventVerdict::Looked, decision);
    }
    if facts.verification.is_none() || !is_named(case, session) {
        return ended(facts, EventVerdict::Nothing, Decision::nothing(now));
    }
    let mut decision = land(&landing(facts, case, session, LandedBy::Webhook), now);
    let verdict = verdict_of(&decision);
    if verdict == EventVerdict::Verifying {
        decision.jobs.extend(soon(case, now));
    }
    ended(facts, verdict, decision)
}

fn landing<'a>(
    facts: &'a AnswerFacts,
    case: &'a LinkCase,
    session: &'a SessionId,
    by: LandedBy,
) -> Landing<'a> {
    Landing {
        case,
        session,
        verification: facts.verification.as_ref(),
        owners: &facts.owners,
        earlier: &facts.earlier,
        by,
    }
}

fn verdict_of(decision: &Decision) -> EventVerdict {
    let links = &decision.links;
    if !links.landed.is_empty() {
        EventVerdict::Landed
    } else if !links.refused.is_empty() {
        EventVerdict::Refused
    } else if !links.answered.is_empty() {
        EventVerdict::Verifying
    } else if !links.candidates.is_empty() {
        EventVerdict::Noted
    } else {
        EventVerdict::Nothing
    }
}

fn ended(facts: &AnswerFacts, verdict: EventVerdict, mut decision: Decision) -> Decision {
    let event = facts.asked.event;
    decision.links.events.push(EventEnd { event, verdict });
    decision
}

/// The event is looked at again: its attempt's transaction is not committed, or its session proves nothing yet.
fn wait(
    facts: &AnswerFacts,
    case: &LinkCase,
    after: SignedDuration,
    mut decision: Decision,
) -> Decision {
    let now = decision.at;
    let AnswerLink { event, waited } = facts.asked;
    let waited = waited.saturating_add(1);
    decision.jobs.push(NewJob {
        kind: LINKS_ANSWER,
        cause: format!("{}@{event}/{waited}", LINKS_ANSWER.name),
        workspace: Some(case.known.row.workspace),
        account: Some(case.known.row.account),
        run_at: now.checked_add(after).unwrap_or(now),
        payload: json!(AnswerLink { event, waited }),
    });
    decision
}

fn check(facts: &AnswerFacts, row: &AccountRow, word: &str, now: Timestamp) -> NewJob {
    let (account, event): (_, Uuid) = (row.account, facts.asked.event);
    NewJob {
        kind: ACCOUNT_CHECK,
        cause: format!("{}@{account}/news/{event}", ACCOUNT_CHECK.name),
        workspace: Some(row.workspace),
        account: Some(account),
        run_at: now,
        payload: json!(CheckAccount {
            account,
            code: word.to_owned(),
        }),
    }
}
