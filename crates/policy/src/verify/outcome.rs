//! Decision of a look at a session and its owner (R-LNK-6, R-LNK-4, R-ST-6).

use super::ladder::{NotedLook, PriorLook, STUCK_AFTER, next_look, tries_before};
use super::whose::{end_of_hold, hold, look_at_owner, wrong_account};
use super::{AccountRow, OwnerProbe, Probe, SessionProof, Verification, holds};
use crate::account::{Cause, Flip, Link, Status, allowed};
use crate::decision::{Alert, Decision};
use crate::ids::{Identity, SessionId};
use crate::life::{Answer, AttemptState, NewestAttempt, Step, attempt_state, cell};
use crate::session::Health;
use jiff::Timestamp;
use serde_json::{Value, json};

/// Account before its session is asked, as far as a verification looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerificationFacts {
    /// Row of the account.
    pub row: AccountRow,
    /// Newest look at it.
    pub prior: Option<PriorLook>,
    /// Another person was seen behind its session, and the known one not since (R-ST-6).
    pub is_held: bool,
    /// Newest attempt of its owner.
    pub attempt: Option<NewestAttempt>,
    /// Last checkpoint that its owner was asked to pass, in the provider's word; none since it was connected.
    pub checkpoint: Option<String>,
}

impl VerificationFacts {
    /// Status and cause that an answer about the session leads to, by the table (R-ST-5); none where it flips nothing.
    pub fn turn(&self, answer: Answer, now: Timestamp) -> Option<(Status, Cause)> {
        let row = &self.row;
        match cell(row.status, self.attempt_state(now), answer).step {
            Step::Flip(to, cause) => Some((to, cause)),
            Step::Nothing | Step::Alert | Step::Verify | Step::OpenCase | Step::Hold => None,
        }
    }

    /// State of the newest attempt: open while the owner may be at its page (R-LNK-10).
    pub fn attempt_state(&self, now: Timestamp) -> AttemptState {
        attempt_state(self.row.status, self.row.since, self.attempt, now)
    }

    /// A checkpoint, as the table looks at it: one that was left unanswered before is no news.
    pub fn checkpoint_answer(&self, word: &str) -> Answer {
        if self.checkpoint.as_deref() == Some(word) {
            Answer::SameCheckpoint
        } else {
            Answer::Checkpoint
        }
    }
}

/// Calls an account connected if its own session and its own owner answered (R-LNK-6).
///
/// Otherwise it notes why not, and when to look again. A refusal makes a waiting account the owner's, a checkpoint too.
/// News from before the last flip is dropped (R-ST-2).
pub fn verified(
    facts: &VerificationFacts,
    verification: &Verification,
    now: Timestamp,
) -> Decision {
    let mut decision = Decision::nothing(now);
    let row = &facts.row;
    let is_stale = verification.observed_at < row.since;
    let (Some(session), false) = (&row.session, is_stale) else {
        return decision;
    };
    if row.status == Status::Disconnected {
        return decision;
    }
    if let Probe::Answered(seen) = &verification.session
        && seen.id == *session
    {
        let (changes, alert) = look_at_owner(row, seen, facts.is_held);
        decision.status = changes;
        decision.alerts.extend(alert);
    }
    if row.status == Status::Connected {
        return decision;
    }
    let look = Look {
        facts,
        session,
        verification,
        now,
    };
    match holds(session, row.identity.as_ref(), verification) {
        SessionProof::Yes(identity) => look.prove(identity, &mut decision),
        SessionProof::WrongAccount { expected, seen } => {
            look.meet_stranger(&expected, &seen, &mut decision);
        }
        SessionProof::No => look.leave(&mut decision),
    }
    decision
}

/// Reason for which a look proved nothing.
enum Doubt<'a> {
    /// The owner must confirm something, in the provider's word for it.
    Checkpoint(&'a str),
    /// The provider says that the session may not act.
    Refused(&'a str),
    /// Anything else.
    Other(String),
}

struct Look<'a> {
    facts: &'a VerificationFacts,
    session: &'a SessionId,
    verification: &'a Verification,
    now: Timestamp,
}

impl Look<'_> {
    fn prove(&self, identity: Identity, decision: &mut Decision) {
        let row = &self.facts.row;
        if allowed(Some(row.status), Status::Connected).is_err() {
            return;
        }
        if self.facts.is_held && decision.status.ended_holds.is_empty() {
            decision.status.ended_holds.push(end_of_hold(row.account));
        }
        // The session is linked already; linking it again only teaches the row who its owner is.
        let link = row.identity.is_none().then(|| Link {
            session: self.session.clone(),
            identity: Some(identity),
            attempt: None,
        });
        let flip = self.flip(Status::Connected, Cause::Verified, json!({}), link);
        decision.status.flips.push(flip);
        if self.facts.prior.is_some() {
            let look = self.note(
                0,
                row.version.saturating_add(1),
                &Doubt::Other(String::new()),
            );
            decision.verifications.looks.push(look);
        }
    }

    /// Another person answered. Where the list names the known one, the two contradict each other: nothing is proved,
    /// and no hold is set that the next list would end.
    fn meet_stranger(&self, expected: &Identity, seen: &Identity, decision: &mut Decision) {
        let row = &self.facts.row;
        let tries = self.tries();
        let lists_nobody =
            matches!(&self.verification.session, Probe::Answered(it) if it.identity.is_none());
        let is_new = if row.identity.is_some() && lists_nobody {
            if !self.facts.is_held {
                decision.status.holds.push(hold(row.account));
            }
            !self.facts.is_held
        } else {
            !self.facts.is_held && decision.alerts.is_empty() && tries == 1
        };
        if is_new {
            let alert = wrong_account(row.account, self.session, expected, seen);
            decision.alerts.push(alert);
        }
        let why = Doubt::Other("another person answered".to_owned());
        let look = self.note(tries, row.version, &why);
        decision.verifications.looks.push(look);
    }

    /// Nothing is proved: notes why, makes the account its owner's where the provider says so, tells operators once.
    fn leave(&self, decision: &mut Decision) {
        let row = &self.facts.row;
        let doubt = self.doubt();
        let flip = self.turn_to_owner(&doubt);
        let version = row.version.saturating_add(i64::from(flip.is_some()));
        let look = self.note(self.tries(), version, &doubt);
        if look.tries == STUCK_AFTER {
            decision.alerts.push(stuck(&look));
        }
        decision.status.flips.extend(flip);
        decision.verifications.looks.push(look);
    }

    fn turn_to_owner(&self, doubt: &Doubt) -> Option<Flip> {
        let (answer, seen) = match doubt {
            Doubt::Checkpoint(word) => {
                let seen = json!({ "checkpoint": word });
                (self.facts.checkpoint_answer(word), seen)
            }
            Doubt::Refused(why) => (Answer::Refused, json!({ "refused_with": why })),
            Doubt::Other(_) => return None,
        };
        let (to, cause) = self.facts.turn(answer, self.now)?;
        let checkpoint = match doubt {
            Doubt::Checkpoint(word) => Some((*word).to_owned()),
            Doubt::Refused(_) | Doubt::Other(_) => None,
        };
        Some(Flip {
            checkpoint,
            ..self.flip(to, cause, seen, None)
        })
    }

    fn doubt(&self) -> Doubt<'_> {
        let other = |why: &str| Doubt::Other(why.to_owned());
        let seen = match &self.verification.session {
            Probe::Answered(seen) => seen,
            Probe::Checkpoint(word) => return Doubt::Checkpoint(word),
            Probe::Gone => return other("its session is gone"),
            Probe::Inconclusive(why) => return other(why),
        };
        if seen.id != *self.session {
            return other("the answer is for another session");
        }
        match &self.verification.owner {
            OwnerProbe::Checkpoint(word) => Doubt::Checkpoint(word),
            _ if seen.health != Health::Ok => {
                Doubt::Other(format!("its session says {}", seen.health))
            }
            OwnerProbe::Refused(why) => Doubt::Refused(why),
            OwnerProbe::Inconclusive(why) => other(why),
            // A stranger could not be told from the owner later.
            OwnerProbe::Unnamed | OwnerProbe::Answered { .. } => {
                other("neither its session nor its profile names anybody")
            }
        }
    }

    fn tries(&self) -> u16 {
        let before = tries_before(&self.facts.row, self.facts.prior.as_ref(), self.now);
        before.saturating_add(1)
    }

    fn note(&self, tries: u16, version: i64, doubt: &Doubt) -> NotedLook {
        let why = match doubt {
            Doubt::Checkpoint(word) => format!("a checkpoint {word}").trim_end().to_owned(),
            Doubt::Refused(why) => (*why).to_owned(),
            Doubt::Other(why) => why.clone(),
        };
        NotedLook {
            account: self.facts.row.account,
            version,
            session: self.session.clone(),
            tries,
            next_at: next_look(tries, self.verification.observed_at),
            why,
            refused: matches!(doubt, Doubt::Refused(_)),
        }
    }

    fn flip(&self, to: Status, cause: Cause, seen: Value, link: Option<Link>) -> Flip {
        let row = &self.facts.row;
        let mut evidence = json!({
            "source": "account.verify",
            "session": self.session,
            "observed_at": self.verification.observed_at,
        });
        if let (Value::Object(evidence), Value::Object(seen)) = (&mut evidence, seen) {
            evidence.extend(seen);
        }
        Flip {
            account: row.account,
            version: row.version,
            from: row.status,
            to,
            cause,
            observed_at: self.verification.observed_at,
            evidence,
            link,
            checkpoint: None,
        }
    }
}

/// Alert for an account whose session looks healthy, and that cannot be verified.
fn stuck(look: &NotedLook) -> Alert {
    Alert {
        code: "verify_stuck",
        subject: format!("account {}", look.account),
        detail: json!({
            "session": look.session,
            "why": look.why,
            "tries": look.tries,
            "next_at": look.next_at,
        }),
    }
}
