//! From a match of one account, verified, to its link.

use super::alerts::{claimed, news, same_person};
use super::{Finding, LinkOrphan, Neighbourhood, Owner, Proof, Unclaimed, Waiting, finding};
use crate::account::{Cause, Flip, Link, Status};
use crate::decision::{Decision, OnMoved};
use crate::ids::{Identity, SessionId};
use crate::jobs::ORPHAN_LINK;
use crate::links::{LandedBy, LandedLogin, Revival, revive};
use crate::verify::{
    AccountRow, NotedLook, PriorLook, Probe, SessionProof, Verification, holds, next_look,
    wrong_account,
};
use jiff::Timestamp;
use serde_json::json;

/// One account that may be linked.
#[derive(Clone, Debug)]
pub struct LinkFacts {
    /// What was asked for.
    pub asked: LinkOrphan,
    /// The account, and everything around it, read anew.
    pub neighbourhood: Neighbourhood,
    /// Newest look that was made to verify the account.
    pub prior: Option<PriorLook>,
    /// What the session and its owner answered; none where nobody was asked.
    pub verification: Option<Verification>,
    /// Every account that is the person whom the answers named, read after they came.
    pub owners: Vec<Owner>,
    /// Disconnected rows among them, of the account's workspace, newest first: the first of them comes back instead.
    pub earlier: Vec<AccountRow>,
}

/// The session to verify: the one that was asked for, if it is still the account's by proof, whatever the account says by
/// now while it waits.
pub fn session_to_verify(facts: &LinkFacts, now: Timestamp) -> Option<SessionId> {
    match still(&facts.asked, &facts.neighbourhood)? {
        (_, Finding::Match { session, .. }) if session == facts.asked.session => {
            // What proved nothing is asked again on the ladder of every verification.
            let waits = |it: &PriorLook| it.session == session && 0 < it.tries && now < it.next_at;
            let waits = facts.prior.as_ref().is_some_and(waits);
            (!waits).then_some(session)
        }
        _ => None,
    }
}

/// Person whom the answers prove to be behind the session: others who are that person must be known before it is linked.
pub fn person_to_link(facts: &LinkFacts) -> Option<Identity> {
    let (waiting, _) = still(&facts.asked, &facts.neighbourhood)?;
    let known = waiting.row.identity.as_ref();
    match holds(&facts.asked.session, known, facts.verification.as_ref()?) {
        SessionProof::Yes(identity) => Some(identity),
        SessionProof::WrongAccount { .. } | SessionProof::No => None,
    }
}

/// Links one account to what is proven and verified to be its session; alerts about what is not (R-ORP-1, R-ORP-2,
/// R-LNK-6). Answers that prove nothing change nothing.
pub fn link(facts: &LinkFacts, now: Timestamp) -> Decision {
    let LinkFacts {
        asked,
        neighbourhood,
        prior,
        verification,
        owners,
        earlier,
    } = facts;
    let mut decision = Decision::nothing(now);
    let Some((waiting, found)) = still(asked, neighbourhood) else {
        return decision;
    };
    decision.alerts.extend(news(neighbourhood, &found));
    let (Finding::Match { session, .. }, Some(verification)) = (&found, verification) else {
        return decision;
    };
    // News from before the last flip is dropped (R-ST-2).
    if *session != asked.session || verification.observed_at < waiting.row.since {
        return decision;
    }
    match holds(session, waiting.row.identity.as_ref(), verification) {
        SessionProof::Yes(identity) => {
            let owners = of_person(neighbourhood, &identity, owners);
            land(
                &mut decision,
                (waiting, asked.found_by),
                &found,
                verification,
                &identity,
                (&owners, earlier.first()),
            );
        }
        SessionProof::WrongAccount { expected, seen } => {
            let alert = wrong_account(waiting.row.account, session, &expected, &seen);
            decision.alerts.push(alert);
            let look = noted(waiting, session, prior.as_ref(), verification);
            decision.verifications.looks.push(look);
        }
        SessionProof::No => {
            let look = noted(waiting, session, prior.as_ref(), verification);
            decision.verifications.looks.push(look);
        }
    }
    decision
}

/// The note of a look that proved nothing.
fn noted(
    waiting: &Waiting,
    session: &SessionId,
    prior: Option<&PriorLook>,
    verification: &Verification,
) -> NotedLook {
    let same = prior.filter(|it| it.session == *session);
    let tries = same.map_or(0, |it| it.tries).saturating_add(1);
    NotedLook {
        account: waiting.row.account,
        version: waiting.row.version,
        session: session.clone(),
        tries,
        next_at: next_look(tries, verification.observed_at),
        why: "a session that was found for it did not verify".to_owned(),
        refused: false,
    }
}

fn still<'a>(
    asked: &LinkOrphan,
    neighbourhood: &'a Neighbourhood,
) -> Option<(&'a Waiting, Finding)> {
    let of = |it: &&Waiting| it.row.account == asked.account;
    let waiting = neighbourhood.waiting.iter().find(of)?;
    Some((waiting, finding(neighbourhood, asked.account)?))
}

/// Everybody who is that person: as read after the answers, and as the rows around the account say.
fn of_person(neighbourhood: &Neighbourhood, identity: &Identity, read: &[Owner]) -> Vec<Owner> {
    let same = |it: &&Unclaimed| it.session.identity.as_ref() == Some(identity);
    let around = neighbourhood.sessions.iter().filter(same);
    let around = around.flat_map(|it| it.owners.iter());
    let mut all: Vec<_> = read.iter().chain(around).copied().collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Login as it is counted; the account's own session was made at some other time.
fn landed(
    (found_by, proof): (LandedBy, Proof),
    verification: &Verification,
    now: Timestamp,
) -> LandedLogin {
    let login = LandedLogin::by(found_by);
    match &verification.session {
        Probe::Answered(seen) if proof != Proof::Own => login.made(seen.created_at, now),
        _ => login,
    }
}

/// The flip, unless somebody else is that person.
fn land(
    decision: &mut Decision,
    (waiting, found_by): (&Waiting, LandedBy),
    found: &Finding,
    verification: &Verification,
    identity: &Identity,
    (owners, revived): (&[Owner], Option<&AccountRow>),
) {
    let Finding::Match { session, proof, .. } = found else {
        return;
    };
    let row = &waiting.row;
    let others: Vec<_> = owners
        .iter()
        .filter(|it| it.keeps_off(row))
        .copied()
        .collect();
    if !others.is_empty() {
        decision.alerts.push(claimed(row.account, session, &others));
        return;
    }
    // Its attempt may have ended in between: then it is looked at anew, and still waits.
    decision.on_moved = OnMoved::Retry;
    let login = landed((found_by, *proof), verification, decision.at);
    decision.links.landed.push(login);
    let attempt = waiting.attempt.as_ref().and_then(|it| it.id);
    if let Some(earlier) = revived.filter(|_| row.identity.is_none()) {
        let revival = Revival {
            row,
            earlier,
            session,
            person: identity,
            attempt,
            observed_at: verification.observed_at,
            source: ORPHAN_LINK.name,
        };
        return revive(&revival, decision);
    }
    let earlier: Vec<_> = owners
        .iter()
        .filter(|it| it.is_earlier(row))
        .copied()
        .collect();
    if !earlier.is_empty() {
        decision
            .alerts
            .push(same_person(row.account, session, &earlier));
    }
    decision.status.flips.push(Flip {
        account: row.account,
        version: row.version,
        from: row.status,
        to: Status::Connected,
        cause: Cause::OrphanLinked,
        observed_at: verification.observed_at,
        evidence: json!({
            "source": "orphan.link",
            "proof": proof.as_str(),
            "session": session,
            "observed_at": verification.observed_at,
        }),
        link: Some(Link {
            session: session.clone(),
            identity: Some(identity.clone()),
            attempt,
        }),
        checkpoint: None,
    });
}

#[cfg(test)]
mod tests;
