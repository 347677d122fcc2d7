//! What a look at the provider means for a send whose outcome is unknown (R-CAP-6).

use super::call::{Receipt, Trace};
use super::decided::{Look, NextStep, SendChanges, Settlement};
use super::proof::{self, Fallback};
use super::settle::ended_cooldown;
use super::sight::{OtherSend, Sight, judge};
use super::{Action, SendState};
use crate::decision::{Alert, Decision};
use crate::ids::{AccountId, CampaignId, SendId, WorkspaceId};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

/// Pause after the first unclear look; each is twice as long as the one before.
const FIRST_PAUSE: SignedDuration = SignedDuration::from_mins(5);
/// Looks are never further apart.
const APART_MAX: SignedDuration = SignedDuration::from_hours(2);
/// After this a person is told, and nobody looks any more.
const GIVE_UP: SignedDuration = SignedDuration::from_hours(24);
/// The code of a view that is taken as made.
pub(super) const ASSUMED: &str = "assumed";

/// What is known of a send that was looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolveFacts {
    /// The send.
    pub send: SendId,
    /// The account.
    pub account: AccountId,
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// The campaign that it was for.
    pub campaign: Option<CampaignId>,
    /// What was done, perhaps.
    pub action: Action,
    /// When its call began.
    pub sending_at: Timestamp,
    /// Looks before this one.
    pub looks: u16,
    /// How many of them found it absent, and counted.
    pub absences: u16,
    /// The newest look before this one that counted as an absence.
    pub last_look: Option<Timestamp>,
    /// Refusals of this action in a row so far; 0 for none.
    pub cooldown_streak: u16,
}

/// Ends an unknown outcome if what the provider shows proves something, and says when to look next otherwise. `others`
/// must have been asked after the provider.
pub fn resolve_sight(
    facts: &ResolveFacts,
    sight: &Sight,
    others: &[OtherSend],
    now: Timestamp,
) -> Decision {
    resolve(facts, &judge(facts, sight, others, now), now)
}

/// Ends an unknown outcome if this look proves something, and says when to look next otherwise.
pub fn resolve(facts: &ResolveFacts, trace: &Trace, now: Timestamp) -> Decision {
    match (trace, proof::of(facts.action).fallback) {
        (Trace::Found(receipt), _) => found(facts, receipt, now),
        (Trace::Absent | Trace::Unclear { .. }, Fallback::GoesOn) => assumed(facts, now),
        (Trace::Absent, Fallback::Waits) => absent(facts, now),
        (Trace::Unclear { why }, Fallback::Waits) => unclear(facts, why, now),
    }
}

/// Asks for the next look of a send whose last one ended without a word: its job is a dead letter, or did nothing.
pub fn lost_look(facts: &ResolveFacts, now: Timestamp) -> Decision {
    match proof::of(facts.action).fallback {
        Fallback::GoesOn => look(facts, false, Some(later(now, pause(facts.looks))), now),
        Fallback::Waits => unclear(facts, "its last look did not come to an end", now),
    }
}

/// Takes it as done: one too many or one too few harms nobody. Nothing is proved by it, so its refusals in a row stay.
fn assumed(facts: &ResolveFacts, now: Timestamp) -> Decision {
    let settlement = Settlement {
        note: "nothing shows whether it happened, and neither harms anybody".to_owned(),
        ..settlement(facts, SendState::Sent, ASSUMED, NextStep::Advance)
    };
    let alert = Alert {
        code: "send_assumed",
        subject: format!("account {}", facts.account),
        detail: json!({
            "workspace": facts.workspace, "send": facts.send, "campaign": facts.campaign, "action": facts.action,
            "sending_at": facts.sending_at,
        }),
    };
    Decision {
        sends: SendChanges {
            settlements: vec![settlement],
            ..SendChanges::default()
        },
        alerts: vec![alert],
        ..Decision::nothing(now)
    }
}

fn found(facts: &ResolveFacts, receipt: &Receipt, now: Timestamp) -> Decision {
    let settlement = Settlement {
        reference: receipt.reference.clone(),
        chat: receipt.chat.clone(),
        usage: receipt.usage,
        ..settlement(facts, SendState::Sent, "found", NextStep::Advance)
    };
    let (account, action) = (facts.account, facts.action);
    let ended = ended_cooldown(account, action, facts.cooldown_streak, now);
    Decision {
        sends: SendChanges {
            settlements: vec![settlement],
            cooldowns: ended.into_iter().collect(),
            ..SendChanges::default()
        },
        ..Decision::nothing(now)
    }
}

fn absent(facts: &ResolveFacts, now: Timestamp) -> Decision {
    let proof = proof::of(facts.action);
    let counts_from = counts_from(facts, proof.apart);
    if now < counts_from {
        return look(facts, false, Some(counts_from), now);
    }
    let absences = facts.absences.saturating_add(1);
    if absences < proof.absences {
        return look(facts, true, Some(later(now, proof.apart)), now);
    }
    // Its capacity stays taken: absent from our point of view is not proof that LinkedIn counted nothing. What is sent
    // instead takes capacity of its own.
    let again = NextStep::Again {
        at: now,
        odd: false,
    };
    let settlement = Settlement {
        note: format!("absent from {absences} complete answers"),
        ..settlement(facts, SendState::Failed, "absent", again)
    };
    Decision {
        sends: SendChanges {
            settlements: vec![settlement],
            ..SendChanges::default()
        },
        ..Decision::nothing(now)
    }
}

/// The instant from which an absence counts: long enough after the call, and after the look before.
fn counts_from(facts: &ResolveFacts, apart: SignedDuration) -> Timestamp {
    let after_call = later(facts.sending_at, apart);
    let before = facts.last_look.filter(|_| facts.absences > 0);
    before.map_or(after_call, |before| after_call.max(later(before, apart)))
}

fn unclear(facts: &ResolveFacts, why: &str, now: Timestamp) -> Decision {
    let give_up = later(facts.sending_at, GIVE_UP);
    if now < give_up {
        let next = later(now, pause(facts.looks)).min(give_up);
        return look(facts, false, Some(next), now);
    }
    let alert = Alert {
        code: "send_unclear",
        subject: format!("send {}", facts.send),
        detail: json!({
            "account": facts.account, "workspace": facts.workspace, "campaign": facts.campaign,
            "action": facts.action, "sending_at": facts.sending_at, "looks": facts.looks.saturating_add(1), "why": why,
        }),
    };
    Decision {
        alerts: vec![alert],
        ..look(facts, false, None, now)
    }
}

/// 5, 10, 20, 40 minutes and so on, at most 2 hours.
fn pause(looks: u16) -> SignedDuration {
    let minutes = FIRST_PAUSE.as_mins() << looks.min(8);
    SignedDuration::from_mins(minutes).min(APART_MAX)
}

fn look(facts: &ResolveFacts, absent: bool, next: Option<Timestamp>, now: Timestamp) -> Decision {
    let look = Look {
        account: facts.account,
        send: facts.send,
        absent,
        next,
    };
    Decision {
        sends: SendChanges {
            looks: vec![look],
            ..SendChanges::default()
        },
        ..Decision::nothing(now)
    }
}

fn settlement(facts: &ResolveFacts, to: SendState, code: &str, enrollment: NextStep) -> Settlement {
    let states = (SendState::Unknown, to);
    Settlement::plain((facts.account, facts.send), states, code, enrollment)
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
