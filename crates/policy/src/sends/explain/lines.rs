//! One line a rule, with its present value.

use super::{local, until_released};
use crate::account::Status;
use crate::sends::ramp::{self, Bound};
use crate::sends::sender::{ActionFacts, Probe, Sender};
use crate::sends::slot::{Rule, blocking, used, used_by_hand};
use crate::sends::window::Window;
use jiff::Timestamp;

/// What each rule says of one action at `now`, in a fixed order, each beginning with the rule's word. A rule that
/// forbids it ends with until when.
pub fn lines(sender: &Sender, facts: &ActionFacts, now: Timestamp) -> Vec<String> {
    let blocking = blocking(sender, facts, now);
    let until = |words: &[&str]| {
        let found = blocking.iter().find(|(it, _)| words.contains(&it.as_str()));
        found.map_or(String::new(), |(_, at)| {
            format!(", until {}", local(sender, *at))
        })
    };
    let (day, week) = used(sender, facts, now);
    let (of_day, of_week) = used_by_hand(sender, facts, now);
    let caps = facts.caps;
    vec![
        status(sender),
        format!("holds: {}", holds(sender)),
        format!("cooldown: {}{}", cooldown(facts, now), until(&["cooldown"])),
        format!(
            "day: {day}/{}{} {}{}",
            ramp::allowance(caps.day, sender, now).day,
            by_hand(of_day),
            bound(sender, caps.day, now),
            until(&["daily_cap", "ramp", "outage_ramp"]),
        ),
        format!(
            "week: {week}/{}{}{}",
            caps.week,
            by_hand(of_week),
            until(&["weekly_cap"])
        ),
        format!("spacing: {}{}", spacing(&blocking), until(&["spacing"])),
        format!("window: {}{}", window(sender, now), until(&["window"])),
    ]
}

fn by_hand(count: u32) -> String {
    if count == 0 {
        String::new()
    } else {
        format!(", {count} by hand")
    }
}

fn status(sender: &Sender) -> String {
    let more = match (sender.status, sender.is_busy, sender.probe) {
        (Status::Connected, true, _) => ", a call is on its way",
        (Status::Connected, false, Probe::Due) => ", one probing send first",
        (Status::Connected, false, Probe::Pending) => ", the probing send is not settled",
        _ => "",
    };
    format!("status: {}{more}", sender.status)
}

fn holds(sender: &Sender) -> String {
    let one = |reason: &str, until: Option<Timestamp>| match until {
        Some(until) => format!("{reason} until {}", local(sender, until)),
        None => format!("{reason} until {}", until_released(&[reason])),
    };
    let all = sender.holds.iter().map(|it| one(&it.reason, it.until));
    let all: Vec<String> = all.collect();
    if all.is_empty() {
        "none".to_owned()
    } else {
        all.join("; ")
    }
}

fn cooldown(facts: &ActionFacts, now: Timestamp) -> String {
    match facts.cooldown.as_ref().filter(|it| it.until > now) {
        Some(it) => format!("{}, {} in a row", it.code, it.streak),
        None => "none".to_owned(),
    }
}

/// What bounds the day, and when more is allowed.
fn bound(sender: &Sender, cap: u32, now: Timestamp) -> String {
    let what = match ramp::allowance(cap, sender, now).bound {
        Bound::Cap => return "(cap)".to_owned(),
        Bound::Ramp => "ramp of a new account",
        Bound::Outage => "ramp after an outage",
    };
    let rise = ramp::next_rise(cap, sender, now);
    let rise = rise.map_or("no rise ahead".to_owned(), |at| {
        format!("more from {}", local(sender, at))
    });
    format!("({what} to {cap}, {rise})")
}

fn spacing(blocking: &[(Rule, Timestamp)]) -> String {
    let gap = blocking.iter().find_map(|(rule, _)| match rule {
        Rule::Spacing { gap } => Some(gap.as_secs()),
        _ => None,
    });
    gap.map_or("free".to_owned(), |gap| {
        format!("{gap} s after the last send")
    })
}

fn window(sender: &Sender, now: Timestamp) -> String {
    let window = match Window::of(&sender.rules) {
        Ok(window) => window,
        Err(bad) => return bad.to_string(),
    };
    let state = if window.is_open(now) {
        "open"
    } else {
        "closed"
    };
    let rules = &sender.rules;
    let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    let (start, end) = (clock(rules.start_minute), clock(rules.end_minute));
    let next_day = if rules.end_minute < rules.start_minute {
        " of the next day"
    } else {
        ""
    };
    format!(
        "{state} ({start}–{end}{next_day} {} on {})",
        rules.zone,
        days(rules.days)
    )
}

fn days(bits: u8) -> String {
    let names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let active = names
        .iter()
        .enumerate()
        .filter(|(bit, _)| bits & (1 << bit) != 0);
    let active: Vec<&str> = active.map(|(_, name)| *name).collect();
    active.join(" ")
}
