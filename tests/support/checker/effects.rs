//! What the referee saw, held against the rows.

use super::history::{History, Send};
use super::{Broken, Violation};
use jiff::{SignedDuration, Timestamp};
use simulator::control::{Action, EffectLine};
use std::collections::HashMap;
use uuid::Uuid;

/// The simulator's clock and the database's are set one after the other.
const SKEW: SignedDuration = SignedDuration::from_secs(5);

pub(super) fn violations(history: &History) -> Vec<Violation> {
    let mut found = duplicates(history);
    let intents = first_intents(history);
    let mut effects_of: HashMap<Uuid, Vec<u64>> = HashMap::new();
    for effect in &history.effects {
        if effect.is_raw {
            found.push(violation(
                Broken::Template,
                effect,
                "it holds a placeholder",
            ));
        }
        let Some(send) = send_of(history, effect) else {
            found.push(violation(
                Broken::NoIntent,
                effect,
                "no send was called for it",
            ));
            continue;
        };
        effects_of.entry(send.id).or_default().push(effect.number);
        if intents
            .get(&send.id)
            .is_none_or(|intent| after(effect.at) < *intent)
        {
            found.push(violation(
                Broken::NoIntent,
                effect,
                "no intent was written before it",
            ));
        }
    }
    found.extend(wrongly_settled(history, &effects_of));
    let by_id: HashMap<Uuid, &Send> = history.sends.iter().map(|send| (send.id, send)).collect();
    for (id, effects) in effects_of {
        if effects.len() > 1 {
            let what = format!("send {id}: effects {effects:?}");
            found.push(Violation {
                of: Broken::TwoEffects,
                what,
            });
        }
        if by_id
            .get(&id)
            .is_some_and(|send| send.is_refunded || send.counted_at.is_none())
        {
            let what = format!("send {id}: effect {effects:?}");
            found.push(Violation {
                of: Broken::RefundOfEffect,
                what,
            });
        }
    }
    found
}

/// What was absent has no effect, and what was found has one. Who is connected or invited already by hand is found too, and
/// an invitation that was accepted is gone as if withdrawn: the aim is reached, by no effect of ours.
fn wrongly_settled(history: &History, effects_of: &HashMap<Uuid, Vec<u64>>) -> Vec<Violation> {
    let is_wrong = |send: &&Send| match (send.code.as_str(), effects_of.get(&send.id)) {
        ("absent", Some(_)) => true,
        ("found", None) => !matches!(send.action.as_str(), "invite" | "withdraw_invite"),
        _ => false,
    };
    let wrong = history.sends.iter().filter(is_wrong);
    let what = |send: &Send| format!("send {} ({}): {}", send.id, send.action, send.code);
    wrong
        .map(|send| Violation {
            of: Broken::WronglySettled,
            what: what(send),
        })
        .collect()
}

/// The newest call of that account and action to that person that had begun by then.
fn send_of<'a>(history: &'a History, effect: &EffectLine) -> Option<&'a Send> {
    let account = history.accounts_of.get(&effect.session)?;
    let same = history.sends.iter().filter(|send| {
        send.account == *account
            && send.action == effect.action.name()
            && send.target == effect.target
    });
    let begun = same.filter(|send| send.sending_at.is_some_and(|at| at <= after(effect.at)));
    begun.max_by_key(|send| send.sending_at)
}

fn first_intents(history: &History) -> HashMap<Uuid, Timestamp> {
    let mut first = HashMap::new();
    for row in history.audit.iter().filter(|row| row.intent.is_none()) {
        first.entry(row.send).or_insert(row.at);
    }
    first
}

/// The text of an invitation does not make it another one.
fn duplicates(history: &History) -> Vec<Violation> {
    let mut seen: HashMap<(&str, Action, &str, Option<&str>), u64> = HashMap::new();
    let mut found = vec![];
    for effect in &history.effects {
        let text = effect
            .text_digest
            .as_deref()
            .filter(|_| effect.action != Action::Invite);
        let key = (
            effect.session.as_str(),
            effect.action,
            effect.target.as_str(),
            text,
        );
        if let Some(before) = seen.insert(key, effect.number) {
            found.push(violation(
                Broken::Duplicate,
                effect,
                &format!("as effect {before}"),
            ));
        }
    }
    found
}

fn violation(of: Broken, effect: &EffectLine, why: &str) -> Violation {
    let (number, action) = (effect.number, effect.action.name());
    let what = format!(
        "effect {number}, {action} of {} to {}: {why}",
        effect.session, effect.target
    );
    Violation { of, what }
}

fn after(at: Timestamp) -> Timestamp {
    at.checked_add(SKEW).unwrap_or(Timestamp::MAX)
}
