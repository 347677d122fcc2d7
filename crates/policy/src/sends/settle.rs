//! What a call's end means for the send, its account, its campaign and its step (R-CAP-5, R-CAP-7, R-CAP-8).

mod facts;
mod late;
mod protect;
mod silence;

use super::blame::Blame;
use super::call::{Outcome, Receipt};
use super::decided::{Cooled, NewCooldown, NextStep, SendChanges, Settlement};
use super::refusals::{self, Consequence, OnAccount, OnStep};
use super::{Action, SendState};
use crate::class::Class;
use crate::decision::{Alert, Decision, NewJob};
use crate::holds::{HoldReason, NewHold};
use crate::ids::AccountId;
use crate::jobs::{ACCOUNT_CHECK, CheckAccount};
use crate::settled::Settled;
use jiff::{SignedDuration, Timestamp, TimestampRound, Unit};
use serde_json::json;

pub use facts::SettleFacts;
pub(super) use protect::are_too_many;

/// When an unknown outcome is looked for first: lists at the provider lag a little.
const FIRST_LOOK: SignedDuration = SignedDuration::from_mins(2);
/// What never left this machine is tried again after that.
const NOT_SENT_AGAIN: SignedDuration = SignedDuration::from_mins(5);
/// Limits that may be those of notes alone; a 429 is a limit of everything.
const NOTE_LIMITS: [&str; 2] = ["cannot_resend_yet", "limit_exceeded"];
/// A refused note: the same invitation goes again without it.
const WITHOUT_NOTE_AGAIN: SignedDuration = SignedDuration::from_mins(5);
/// The code of an outcome that nobody told.
const UNTOLD: &str = "untold";

/// Ends a send whose call has an outcome. What others have noted meanwhile gives way to what is known; what they have
/// decided stays, and is told to a person where it was wrong.
pub fn settle(facts: &SettleFacts, outcome: &Outcome, now: Timestamp) -> Settled {
    late::settle(facts, in_time(facts, outcome, now), now)
}

/// As if it were `sending` still.
fn in_time(facts: &SettleFacts, outcome: &Outcome, now: Timestamp) -> Settled {
    let mut settled = match outcome {
        Outcome::Sent(receipt) => sent(facts, receipt, now),
        Outcome::NotSent { why } => not_sent(facts, why, now),
        Outcome::Untold { why } => untold(facts, UNTOLD, why, now),
        Outcome::Refused {
            class,
            code,
            retry_after,
        } => refused(facts, (*class, code), *retry_after, now),
    };
    let ended = settled.decision.sends.settlements.first();
    let spoken = ended.map(|it| (it.blame, it.refund));
    let Some((blame, refunded)) = spoken else {
        return settled;
    };
    silence::note(&mut settled.decision, facts, outcome, refunded);
    if blame.is_none_or(Blame::counts) {
        protect::account(&mut settled.decision, facts, blame);
        protect::campaign(&mut settled.decision, facts, blame);
    }
    settled
}

fn settlement(facts: &SettleFacts, to: SendState, code: &str, enrollment: NextStep) -> Settlement {
    let states = (SendState::Sending, to);
    Settlement::plain((facts.account, facts.send), states, code, enrollment)
}

fn only(settlement: Settlement, now: Timestamp) -> Settled {
    let decision = Decision {
        sends: SendChanges {
            settlements: vec![settlement],
            ..SendChanges::default()
        },
        ..Decision::nothing(now)
    };
    Settled {
        decision,
        dead: None,
    }
}

fn nothing(now: Timestamp) -> Settled {
    Settled {
        decision: Decision::nothing(now),
        dead: None,
    }
}

fn sent(facts: &SettleFacts, receipt: &Receipt, now: Timestamp) -> Settled {
    let settlement = Settlement {
        reference: receipt.reference.clone(),
        chat: receipt.chat.clone(),
        usage: receipt.usage,
        ..settlement(facts, SendState::Sent, "sent", NextStep::Advance)
    };
    let mut settled = only(settlement, now);
    let ended = ended_cooldown(facts.account, facts.action, facts.cooldown_streak, now);
    settled.decision.sends.cooldowns.extend(ended);
    settled
}

/// After a success the next refusal is the first again.
pub(super) fn ended_cooldown(
    account: AccountId,
    action: Action,
    streak: u16,
    now: Timestamp,
) -> Option<NewCooldown> {
    (streak > 0).then(|| NewCooldown {
        account,
        cooled: Cooled::Action(action),
        until: now,
        code: "sent".to_owned(),
        streak: 0,
    })
}

fn not_sent(facts: &SettleFacts, why: &str, now: Timestamp) -> Settled {
    let again = NextStep::Again {
        at: refusals::wait(now, NOT_SENT_AGAIN, None),
        odd: false,
    };
    let settlement = Settlement {
        refund: true,
        blame: Some(Blame::Us),
        note: why.to_owned(),
        ..settlement(facts, SendState::Failed, "not_sent", again)
    };
    only(settlement, now)
}

fn untold(facts: &SettleFacts, code: &str, why: &str, now: Timestamp) -> Settled {
    let settlement = Settlement {
        note: why.to_owned(),
        look_at: Some(refusals::wait(now, FIRST_LOOK, None)),
        ..settlement(facts, SendState::Unknown, code, NextStep::Keep)
    };
    only(settlement, now)
}

fn refused(
    facts: &SettleFacts,
    (class, code): (Class, &str),
    retry_after: Option<SignedDuration>,
    now: Timestamp,
) -> Settled {
    let row = refusals::of(meant(facts.action, class));
    if row.state == SendState::Unknown {
        let why = format!(
            "the answer ({}) does not tell whether it happened",
            class.as_str()
        );
        return untold(facts, code, &why, now);
    }
    let cooldown = new_cooldown(facts, row, code, retry_after, now);
    let wait = |ours| refusals::wait(now, ours, retry_after);
    let (enrollment, dead) = step(facts, row, code, cooldown.as_ref(), wait);
    let settlement = Settlement {
        refund: row.refund,
        blame: row.blame,
        note: class.as_str().to_owned(),
        ..settlement(facts, row.state, code, enrollment)
    };
    let mut settled = Settled {
        dead,
        ..only(settlement, now)
    };
    settled.decision.sends.cooldowns.extend(cooldown);
    on_account(&mut settled.decision, facts, row, code);
    settled
        .decision
        .alerts
        .extend(row.alert.map(|it| alert(facts, it, code)));
    settled
}

fn new_cooldown(
    facts: &SettleFacts,
    row: Consequence,
    code: &str,
    retry_after: Option<SignedDuration>,
    now: Timestamp,
) -> Option<NewCooldown> {
    let action = Cooled::Action(facts.action);
    let (cooled, streak, ours) = match row.account {
        OnAccount::CoolDown if facts.has_scarce_note && NOTE_LIMITS.contains(&code) => {
            let streak = facts.note_streak.saturating_add(1);
            (Cooled::Notes, streak, refusals::cooldown(streak))
        }
        OnAccount::CoolDown => {
            let streak = facts.cooldown_streak.saturating_add(1);
            (action, streak, refusals::cooldown(streak))
        }
        OnAccount::Rest => {
            let streak = facts.cooldown_streak.max(1);
            (action, streak, refusals::cooldown(1))
        }
        OnAccount::Nothing | OnAccount::Check | OnAccount::Restrict => return None,
    };
    Some(NewCooldown {
        account: facts.account,
        cooled,
        until: refusals::wait(now, ours, retry_after),
        code: code.to_owned(),
        streak,
    })
}

fn step(
    facts: &SettleFacts,
    row: Consequence,
    code: &str,
    cooldown: Option<&NewCooldown>,
    wait: impl Fn(SignedDuration) -> Timestamp,
) -> (NextStep, Option<String>) {
    let again = |at, odd| (NextStep::Again { at, odd }, None);
    let stop = || NextStep::Stop {
        why: format!("refused for good: {code}"),
    };
    match row.step {
        OnStep::Again(later) => again(wait(later), false),
        // Planned anew while notes rest, it has none.
        OnStep::AfterCooldown if cooldown.is_some_and(|it| it.cooled == Cooled::Notes) => {
            again(wait(WITHOUT_NOTE_AGAIN), false)
        }
        OnStep::AfterCooldown => {
            let until = cooldown.map(|it| it.until);
            again(until.unwrap_or_else(|| wait(refusals::cooldown(1))), false)
        }
        OnStep::Once(later) if !facts.odd_before => again(wait(later), true),
        OnStep::Once(_) => (
            stop(),
            Some(format!("refused twice with {code}, which we do not know")),
        ),
        OnStep::OnceThenEnd(later) if !facts.odd_before => again(wait(later), true),
        OnStep::OnceThenEnd(_) | OnStep::End => (stop(), None),
        OnStep::Advance => (NextStep::Advance, None),
        OnStep::Dead => (stop(), Some(format!("the call itself is wrong: {code}"))),
        OnStep::Keep => (NextStep::Keep, None),
    }
}

/// What a refusal means for this action: what is withdrawn or removed and is not there, is withdrawn or removed.
fn meant(action: Action, class: Class) -> Class {
    match (action, class) {
        (Action::WithdrawInvite | Action::RemoveConnection, Class::ProspectGone) => {
            Class::AimReached
        }
        _ => class,
    }
}

fn on_account(decision: &mut Decision, facts: &SettleFacts, row: Consequence, code: &str) {
    match row.account {
        OnAccount::Check => decision.jobs.push(check(facts, code, decision.at)),
        OnAccount::Restrict => decision.sends.holds.push(NewHold {
            account: facts.account,
            reason: HoldReason::Restricted,
            until: None,
            note: format!("the provider says {code}"),
        }),
        OnAccount::Nothing | OnAccount::CoolDown | OnAccount::Rest => {}
    }
}

/// However many sends are refused in a minute, one look tells what there is to know.
fn check(facts: &SettleFacts, code: &str, now: Timestamp) -> NewJob {
    let account = facts.account;
    let minute = TimestampRound::new()
        .smallest(Unit::Minute)
        .mode(jiff::RoundMode::Trunc);
    let minute = now.round(minute).unwrap_or(now);
    NewJob {
        kind: ACCOUNT_CHECK,
        cause: format!("{}:{account}@{minute}", ACCOUNT_CHECK.name),
        workspace: Some(facts.workspace),
        account: Some(account),
        run_at: now,
        payload: json!(CheckAccount {
            account,
            code: code.to_owned(),
        }),
    }
}

/// Our key is one trouble, whichever account ran into it; everything else is the account's.
fn alert(facts: &SettleFacts, what: &'static str, code: &str) -> Alert {
    let subject = match what {
        "provider_key" => "sends".to_owned(),
        _ => format!("account {}", facts.account),
    };
    Alert {
        code: what,
        subject,
        detail: json!({
            "send": facts.send, "account": facts.account, "action": facts.action, "code": code,
        }),
    }
}

#[cfg(test)]
mod tests;
