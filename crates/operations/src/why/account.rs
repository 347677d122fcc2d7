//! Why an account sends or does not.

mod notice;
mod restarts;
mod show;

use super::subscription::{self, SubscriptionView};
use super::words::{Eligibility, at, noted, rule, when};
use jiff::Timestamp;
use policy::holds::HoldReason;
use policy::ids::{AccountId, WorkspaceId};
use policy::pill::{action, pill};
use policy::sends::caps::default_ramp;
use policy::sends::explain::{answer, lines, until_released};
use policy::sends::sender::{RulesFrom, Sender, ZoneFrom};
use policy::sends::slot::{allowance_now, next_instant, used};
use serde::Serialize;
use store::appearance::Episode;
use store::sends::AsSender;
use store::why::{AccountSheet, ActionSheet, HoldSheet, Membership, OpenSend, UnknownSheet};
use store::{StoreError, Tx};
use utoipa::ToSchema;

/// One account: everything that decides whether it sends.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountView {
    /// The instant that all of it is of.
    #[schema(value_type = String, format = DateTime)]
    now: Timestamp,
    #[schema(value_type = Uuid)]
    id: AccountId,
    name: String,
    kind: String,
    tier: &'static str,
    workspace: String,
    status: &'static str,
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    cause: Option<String>,
    pill: String,
    pill_second_line: Option<String>,
    /// What its owner can do: `none`, `wait`, `ask_support`, `owner_confirm` or `owner_reconnect`.
    action: &'static str,
    #[schema(value_type = Option<String>, format = DateTime)]
    first_connected_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    last_activity_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    checked_at: Option<Timestamp>,
    /// First call after its last episode that the provider took; none before it, and where it had no episode.
    #[schema(value_type = Option<String>, format = DateTime)]
    working_since: Option<Timestamp>,
    /// The time in which it cannot send, while that lasts.
    episode: Option<Episode>,
    session: Option<String>,
    subscription: Option<SubscriptionView>,
    /// Each line begins with the rule's word.
    rules: Vec<String>,
    holds: Vec<String>,
    /// Newest notice of its owner: when it is due, or for what it waits.
    notice: Option<String>,
    restarts: Vec<String>,
    open_sends: Vec<String>,
    unknown_sends: Vec<String>,
    campaigns: Vec<String>,
    actions: Vec<ActionView>,
}

/// One action of an account.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActionView {
    /// The word in our tables.
    pub action: &'static str,
    /// Whether it may be done.
    pub may: Eligibility,
    /// The rule that moved it last, or what must happen first.
    pub rule: Option<&'static str>,
    /// When it may be done next, if that can be told.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_slot: Option<Timestamp>,
    /// The same in one sentence.
    pub answer: String,
    /// Capacity taken in the last 24 hours.
    pub day_used: u32,
    /// Of the cap, what the ramp allows today.
    pub day_allowed: u32,
    /// The cap of 24 hours.
    pub day_cap: u32,
    /// Capacity taken in the last 7 × 24 hours.
    pub week_used: u32,
    /// The cap of 7 × 24 hours.
    pub week_cap: u32,
    /// The provider's hint of how much of its own limit is used.
    pub usage_percent: Option<i16>,
    /// Sends whose outcome nobody knows; they count.
    pub unknown: i64,
    /// Enrollments whose turn it is.
    pub due: i64,
    /// What else is known, one fact a line.
    pub details: Vec<String>,
}

pub(super) async fn read(
    tx: &Tx,
    account: AccountId,
    of: Option<WorkspaceId>,
) -> Result<Option<AccountView>, StoreError> {
    let id = account.0;
    let sheets = tx.account_sheets(&[id]).await?;
    let sheet = sheets.into_iter().next();
    let Some(sheet) = sheet.filter(|it| of.is_none_or(|of| of == it.known.workspace)) else {
        return Ok(None);
    };
    let holds = tx.holds_of(account).await?;
    let notice = tx.newest_notice(account).await?;
    let restarts = tx.restarts_of(account).await?;
    let open = tx.open_sends(&[id], None).await?;
    let unknown = tx.unknown_of(account).await?;
    let campaigns = tx.campaigns_of(account).await?;
    let now = tx.now().at;
    let sender = &sheet.known.sender;
    let appearance = &sheet.appearance;
    let facts = &appearance.facts;
    let pill = pill(facts, now);
    Ok(Some(AccountView {
        now,
        id: account,
        name: sheet.known.name.clone(),
        kind: facts.kind.clone(),
        tier: sender.tier.as_str(),
        workspace: sheet.workspace.clone(),
        status: facts.status.as_str(),
        since: facts.since,
        cause: appearance.cause.clone(),
        pill: pill.text,
        pill_second_line: pill.second_line,
        action: action(facts, now).as_str(),
        first_connected_at: appearance.first_connected_at,
        last_activity_at: facts.last_activity,
        checked_at: facts.checked,
        working_since: appearance.working_since,
        episode: appearance.episode.clone(),
        session: sheet.session.clone(),
        subscription: subscription::read(tx, sheet.known.workspace).await?,
        rules: rules(&sheet, now),
        holds: holds.iter().map(|hold| held(sender, hold)).collect(),
        notice: notice.map(|it| notice::line(sender, &it)),
        restarts: restarts
            .iter()
            .map(|one| restarts::line(sender, one))
            .collect(),
        open_sends: open.iter().map(|send| opened(sender, send)).collect(),
        unknown_sends: unknown.iter().map(|send| lost(sender, send)).collect(),
        campaigns: campaigns.iter().map(member).collect(),
        actions: sheet
            .actions
            .iter()
            .map(|action| view(sender, action, now))
            .collect(),
    }))
}

/// What the rules say of one action now.
pub(super) fn view(sender: &Sender, sheet: &ActionSheet, now: Timestamp) -> ActionView {
    let facts = &sheet.facts;
    let slot = next_instant(sender, facts, now);
    let (day_used, week_used) = used(sender, facts, now);
    ActionView {
        action: facts.action.as_str(),
        may: Eligibility::of(&slot, now),
        rule: rule(&slot),
        next_slot: when(&slot),
        answer: answer(&slot, facts.action, facts, sender, now),
        day_used,
        day_allowed: allowance_now(sender, facts, now),
        day_cap: facts.caps.day,
        week_used,
        week_cap: facts.caps.week,
        usage_percent: sheet.usage.map(|(percent, _)| percent),
        unknown: sheet.unknown,
        due: sheet.due,
        details: details(sender, sheet, now),
    }
}

/// The lines of the rules that differ between actions, and what else is known of this one.
fn details(sender: &Sender, sheet: &ActionSheet, now: Timestamp) -> Vec<String> {
    let own = ["day: ", "week: ", "cooldown: ", "spacing: "];
    let quiet = ["cooldown: none", "spacing: free"];
    let mut details = lines(sender, &sheet.facts, now);
    details.retain(|line| own.iter().any(|word| line.starts_with(word)));
    details.retain(|line| !quiet.contains(&line.as_str()));
    if let Some(note) = &sheet.caps_note {
        let (day, week) = sheet.tier;
        let by = sheet.lifted_by.as_ref();
        let by = by.map_or("lowered".to_owned(), |by| format!("lifted by {by}"));
        details.push(format!(
            "caps: its own, {by}{} (its tier's are {day} a day, {week} a week)",
            noted(note)
        ));
    }
    if let Some((percent, when)) = sheet.usage {
        let when = at(sender, when);
        details.push(format!(
            "usage: the provider said {percent} % of its own limit, {when}"
        ));
    }
    if sheet.unknown > 0 {
        let oldest = sheet.oldest_unknown_at.map(|it| at(sender, it));
        details.push(format!(
            "unknown: {} outcomes, counted and looked for; the oldest of {}",
            sheet.unknown,
            oldest.unwrap_or_default()
        ));
    }
    let next = sheet.next_due_at.map(|it| at(sender, it));
    match (sheet.due, next) {
        (0, None) => details.push("in line: nothing".to_owned()),
        (due, None) => details.push(format!("in line: {due} enrollments are due")),
        (due, Some(next)) => details.push(format!(
            "in line: {due} enrollments are due, the next one {next}"
        )),
    }
    if let Some((until, rule)) = &sheet.closed {
        let until = at(sender, *until);
        details.push(format!("dispatch looks again {until} ({rule})"));
    }
    details
}

/// The rules that are the same for every action.
fn rules(sheet: &AccountSheet, now: Timestamp) -> Vec<String> {
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

fn held(sender: &Sender, hold: &HoldSheet) -> String {
    let since = at(sender, hold.since);
    let end = match (hold.in_force, hold.ends_at) {
        (false, _) => "over; one probing send must succeed first".to_owned(),
        (true, Some(end)) => format!("ends by itself {}", at(sender, end)),
        (true, None) => match HoldReason::parse(&hold.reason) {
            Some(HoldReason::Subscription) | None => {
                format!("until {}", until_released(&[&hold.reason]))
            }
            Some(reason) => format!("cleared by {}", reason.lifting().words()),
        },
    };
    format!("{} since {since}, {end}{}", hold.reason, noted(&hold.note))
}

fn opened(sender: &Sender, send: &OpenSend) -> String {
    let campaign = send.campaign.as_deref().unwrap_or("no campaign");
    let (action, target, slot) = (&send.action, &send.target, at(sender, send.slot_at));
    format!(
        "{}: {action} to {target} for {campaign}, {slot}",
        send.state
    )
}

fn lost(sender: &Sender, send: &UnknownSheet) -> String {
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

fn member(one: &Membership) -> String {
    let state = match (one.active, one.in_rotation, one.pauses.as_slice()) {
        (false, ..) => "is not active".to_owned(),
        (true, _, [_, ..]) => format!("is paused: {}", one.pauses.join(", ")),
        (true, false, []) => "runs, without this account".to_owned(),
        (true, true, []) => "runs".to_owned(),
    };
    format!("{} {state}", one.campaign)
}
