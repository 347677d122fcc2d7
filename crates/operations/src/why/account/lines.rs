//! Lines of an account's sheet: its rules, holds, sends and campaigns.

use crate::why::words::{at, noted};
use jiff::Timestamp;
use policy::holds::{COPY, COPY_ENDS, HoldReason};
use policy::sends::caps::default_ramp;
use policy::sends::explain::{lines, until_released};
use policy::sends::sender::{RulesFrom, Sender, ZoneFrom};
use store::sends::AsSender;
use store::why::{AccountSheet, HoldSheet, Membership, OpenSend, UnknownSheet};

/// The rules that are the same for every action.
pub(super) fn rules(sheet: &AccountSheet, now: Timestamp) -> Vec<String> {
    let sender = &sheet.known.sender;
    let Some(first) = sheet.actions.first() else {
        return vec![];
    };
    let mut rules = lines(sender, &first.facts, now);
    rules.retain(|line| line.starts_with("status: ") || line.starts_with("window: "));
    rules.push(hours_line(&sheet.known));
    let of = &sender.rules;
    let default = default_ramp(&sheet.appearance.facts.kind);
    let whose = if (of.ramp_start, of.ramp_step) == default {
        "the default ramp"
    } else {
        "its own rules"
    };
    let connected = sender.first_connected_at.map(|it| at(sender, it));
    rules.push(format!(
        "ramp: {} a day and {} more each day ({whose}), first connected {}",
        of.ramp_start,
        of.ramp_step,
        connected.unwrap_or_else(|| "never".to_owned())
    ));
    if let Some(outage) = sender.outage {
        rules.push(format!(
            "outage: from {} until {}",
            at(sender, outage.from),
            at(sender, outage.until)
        ));
    }
    rules
}

/// Line about hours and zone, each with its owner (R-CAP-3).
fn hours_line(known: &AsSender) -> String {
    let hours = match known.rules_from {
        RulesFrom::Account => "the account's own",
        RulesFrom::Workspace => "its workspace's",
        RulesFrom::Default => "the default",
    };
    let zone = &known.sender.rules.zone;
    let whose = match known.zone_from {
        ZoneFrom::Account => "as its own rules say",
        ZoneFrom::Owner => "where its owner is",
        ZoneFrom::Workspace => "its workspace's zone",
        ZoneFrom::Unknown => "because nobody knows its owner's zone, nor its workspace's",
    };
    format!("hours: {hours}, in {zone}, {whose}")
}

pub(super) fn held(sender: &Sender, hold: &HoldSheet) -> String {
    let since = at(sender, hold.since);
    let end = match (hold.in_force, hold.ends_at) {
        (false, _) => "over; one probing send must succeed first".to_owned(),
        (true, Some(end)) => format!("ends by itself {}", at(sender, end)),
        (true, None) if hold.reason == COPY => format!("cleared by {COPY_ENDS}"),
        (true, None) => match HoldReason::parse(&hold.reason) {
            Some(HoldReason::Subscription) | None => {
                format!("until {}", until_released(&[&hold.reason]))
            }
            Some(reason) => format!("cleared by {}", reason.lifting().words()),
        },
    };
    format!("{} since {since}, {end}{}", hold.reason, noted(&hold.note))
}

pub(super) fn opened(sender: &Sender, send: &OpenSend) -> String {
    let campaign = send.campaign.as_deref().unwrap_or("no campaign");
    let (action, target, slot) = (&send.action, &send.target, at(sender, send.slot_at));
    format!(
        "{}: {action} to {target} for {campaign}, {slot}",
        send.state
    )
}

pub(super) fn lost(sender: &Sender, send: &UnknownSheet) -> String {
    let called = send.sending_at.map_or(String::new(), |it| at(sender, it));
    let next = match send.look_at {
        Some(look) => format!("next look {}", at(sender, look)),
        None => "given up and alerted; it stays counted".to_owned(),
    };
    let (action, target) = (&send.action, &send.target);
    format!(
        "{action} to {target}, called {called}, {} looks, {next}",
        send.looks
    )
}

pub(super) fn member(one: &Membership) -> String {
    let state = match (one.active, one.in_rotation, one.pauses.as_slice()) {
        (false, ..) => "is not active".to_owned(),
        (true, _, [_, ..]) => format!("is paused: {}", one.pauses.join(", ")),
        (true, false, []) => "runs, without this account".to_owned(),
        (true, true, []) => "runs".to_owned(),
    };
    format!("{} {state}", one.campaign)
}
