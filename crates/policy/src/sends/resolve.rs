//! What a look at the provider means for a send whose outcome is unknown (R-CAP-6).

use super::call::{Receipt, Trace};
use super::decided::{Look, NextStep, SendChanges, Settlement};
use super::settle::ended_cooldown;
use super::{Action, SendState};
use crate::decision::{Alert, Decision};
use crate::ids::{AccountId, CampaignId, SendId, WorkspaceId};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

/// Lists at the provider lag: an absence means something only this long after the call, and after the look before.
const APART: SignedDuration = SignedDuration::from_mins(5);
/// So many absences prove it.
const ABSENCES: u16 = 2;
/// Looks are never further apart.
const APART_MAX: SignedDuration = SignedDuration::from_hours(2);
/// After this a person is told, and nobody looks any more.
const GIVE_UP: SignedDuration = SignedDuration::from_hours(24);

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
    /// The newest look before this one, of any result.
    pub last_look: Option<Timestamp>,
    /// Refusals of this action in a row so far; 0 for none.
    pub cooldown_streak: u16,
}

/// Ends an unknown outcome if this look proves something, and says when to look next otherwise.
pub fn resolve(facts: &ResolveFacts, trace: &Trace, now: Timestamp) -> Decision {
    match trace {
        Trace::Found(receipt) => found(facts, receipt, now),
        Trace::Absent if cannot_be_read_back(facts.action) => {
            unclear(facts, "this action leaves no trace that can be read", now)
        }
        Trace::Absent => absent(facts, now),
        Trace::Unclear { why } => unclear(facts, why, now),
    }
}

/// Nobody can list whose profiles an account looked at.
fn cannot_be_read_back(action: Action) -> bool {
    action == Action::ProfileView
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
    let counts_from = counts_from(facts);
    if now < counts_from {
        return look(facts, false, Some(counts_from), now);
    }
    if facts.absences.saturating_add(1) < ABSENCES {
        return look(facts, true, Some(later(now, APART)), now);
    }
    // Its capacity stays taken: absent from our point of view is not proof that LinkedIn counted nothing. What is sent
    // instead takes capacity of its own.
    let again = NextStep::Again {
        at: now,
        odd: false,
    };
    let settlement = Settlement {
        note: format!("absent from {ABSENCES} complete answers"),
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
fn counts_from(facts: &ResolveFacts) -> Timestamp {
    let after_call = later(facts.sending_at, APART);
    let before = facts.last_look.filter(|_| facts.absences > 0);
    before.map_or(after_call, |before| after_call.max(later(before, APART)))
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
    let minutes = APART.as_mins() << looks.min(8);
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
