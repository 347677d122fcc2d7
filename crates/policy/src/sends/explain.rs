//! What the rules say, for people: one answer, and one line a rule. Pure text.

mod lines;

use super::Action;
use super::sender::{ActionFacts, SendHold, Sender};
use super::slot::{Reason, Rule, Slot, allowance_now, blocking, used, used_by_hand};
use super::window::Window;
use crate::account::Status;
use crate::holds::HoldReason;
use jiff::Timestamp;
use jiff::tz::TimeZone;

pub use lines::lines;

/// Whether an action may go, in one line: `no: invite weekly cap 100/100, next slot Tue 24 Nov 09:14 Europe/Berlin`.
///
/// `slot` is what [`next_instant`](super::slot::next_instant) said of the same facts. Where several rules say no, the
/// one that says it for longest is named.
pub fn answer(
    slot: &Slot,
    action: Action,
    facts: &ActionFacts,
    sender: &Sender,
    now: Timestamp,
) -> String {
    let action = action.as_str();
    match slot {
        Slot::At { at, .. } if *at <= now => {
            let (day, week) = used(sender, facts, now);
            let (day_max, week_max) = (allowance_now(sender, facts, now), facts.caps.week);
            let (by_hand, of_week) = used_by_hand(sender, facts, now);
            let (by_hand, of_week) = (bracketed(by_hand), bracketed(of_week));
            format!(
                "yes: {action} now, {day}/{day_max} today{by_hand}, {week}/{week_max} this week{of_week}"
            )
        }
        Slot::At { at, rule } => {
            let when = local(sender, *at);
            let blocking = blocking(sender, facts, now);
            let longest = blocking.into_iter().max_by_key(|(_, until)| *until);
            let rule = longest.map(|(rule, _)| rule).or_else(|| rule.clone());
            let by_hand = rule
                .as_ref()
                .and_then(|rule| by_hand(rule, sender, facts, now));
            let by_hand = by_hand.unwrap_or_default();
            let why = rule.map_or_else(|| "not yet".to_owned(), |rule| words(&rule));
            format!("no: {action} {why}{by_hand}, next slot {when}")
        }
        Slot::Never(reason) => never(action, reason, sender),
    }
}

/// An instant as the account's owner reads it: `Tue 24 Nov 09:14 Europe/Berlin`; in UTC if its zone is unknown.
pub fn local(sender: &Sender, at: Timestamp) -> String {
    let window = Window::of(&sender.rules).ok();
    let zone = window.map_or(TimeZone::UTC, |it| it.zone().clone());
    let name = zone.iana_name().unwrap_or("UTC").to_owned();
    let local = at.to_zoned(zone);
    format!("{} {name}", local.strftime("%a %-d %b %H:%M"))
}

fn bracketed(by_hand: u32) -> String {
    if by_hand == 0 {
        String::new()
    } else {
        format!(" ({by_hand} by hand)")
    }
}

/// How much of what a cap counts was made by hand (R-CAP-10); none where nothing was.
fn by_hand(rule: &Rule, sender: &Sender, facts: &ActionFacts, now: Timestamp) -> Option<String> {
    let (of_day, of_week) = used_by_hand(sender, facts, now);
    let count = match rule {
        Rule::DailyCap(_) | Rule::Ramp(_) | Rule::OutageRamp(_) => of_day,
        Rule::WeeklyCap(_) => of_week,
        Rule::Hold { .. } | Rule::Cooldown { .. } | Rule::Spacing { .. } | Rule::Window => 0,
    };
    (count > 0).then(|| format!(", {count} of them by hand"))
}

/// A rule that says "not yet", in words.
fn words(rule: &Rule) -> String {
    match rule {
        Rule::Hold { reason } => format!("held ({reason})"),
        Rule::Cooldown { code, streak: 1 } => format!("cooling down after {code}"),
        Rule::Cooldown { code, streak } => {
            format!("cooling down after {code}, {streak} refusals in a row")
        }
        Rule::DailyCap(it) => format!("daily cap {}/{}", it.used, it.allowed),
        Rule::Ramp(it) => format!("ramp of a new account {}/{} a day", it.used, it.allowed),
        Rule::OutageRamp(it) => format!("ramp after an outage {}/{} a day", it.used, it.allowed),
        Rule::WeeklyCap(it) => format!("weekly cap {}/{}", it.used, it.allowed),
        Rule::Spacing { gap } => format!("spacing of {} s after the last send", gap.as_secs()),
        Rule::Window => "outside its sending window".to_owned(),
    }
}

fn never(action: &str, reason: &Reason, sender: &Sender) -> String {
    match reason {
        Reason::Busy => format!("not now: {action}: another send of this account is on its way"),
        Reason::Probing => {
            format!("not now: {action}: the probing send after a protective hold is not settled")
        }
        Reason::Status(status) => format!("never: status {status}: {}", until_connected(*status)),
        Reason::Hold { reason } => {
            let reasons = held(reason, &sender.holds);
            let (all, until) = (reasons.join(", "), until_released(&reasons));
            format!("never: {action}: held ({all}) until {until}")
        }
        Reason::NoCap { day, week } => {
            format!("never: {action}: its caps are {day} a day and {week} a week")
        }
        Reason::BadRules(bad) => format!("never: {action}: {bad}"),
        Reason::NoWindow => {
            format!("never: {action}: its sending window does not open within a fortnight")
        }
        Reason::NoRamp => {
            format!("never: {action}: its first ramp starts at 0 a day and does not rise")
        }
        Reason::Unsettled => {
            format!("never: {action}: the rules contradict one another; this is a defect")
        }
    }
}

/// Every hold without an end, not only the first.
fn held<'a>(first: &'a str, holds: &'a [SendHold]) -> Vec<&'a str> {
    let endless = holds.iter().filter(|it| it.until.is_none());
    let reasons: Vec<&str> = endless.map(|it| it.reason.as_str()).collect();
    if reasons.is_empty() {
        vec![first]
    } else {
        reasons
    }
}

/// What ends holds that have no end of their own. A renewal ends only the hold of the subscription (R-SUB-1).
pub fn until_released(reasons: &[&str]) -> &'static str {
    let of_subscription = |reason: &&str| *reason == HoldReason::Subscription.as_str();
    let renewal = reasons.iter().any(of_subscription);
    let person = !reasons.iter().all(of_subscription);
    if reasons
        .iter()
        .all(|reason| *reason == HoldReason::SessionGone.as_str())
    {
        return "its session's case ends";
    }
    match (renewal, person) {
        (true, false) => "the workspace's subscription is renewed",
        (true, true) => "the workspace's subscription is renewed and a person ends the rest",
        (false, _) => "a person ends it",
    }
}

/// What must happen first.
fn until_connected(status: Status) -> &'static str {
    match status {
        Status::Connecting => "its link is not finished",
        Status::Connected => "it may send",
        Status::ReconnectNeeded => "its owner must sign in again",
        Status::ActionRequired => "its owner must confirm something at the provider",
        Status::Recovering => "the provider reconnects it, or its owner must",
        Status::Missing => "its session is gone; its owner must link it again",
        Status::Disconnected => "its owner disconnected it",
    }
}

#[cfg(test)]
mod tests;
