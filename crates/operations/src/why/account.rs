//! Why an account sends or does not.

mod lines;
mod notice;
mod restarts;
mod show;

use super::paused::{self, Reader};
use super::remedy::{self, Remedy};
use super::subscription::{self, SubscriptionView};
use super::words::{Eligibility, at, noted, rule, when};
use crate::product::OwnerPages;
use jiff::Timestamp;
use policy::ids::{AccountId, WorkspaceId};
use policy::pill::{OwnerAction, action, pill};
use policy::sends::explain;
use policy::sends::sender::Sender;
use policy::sends::slot::{allowance_now, next_instant, used, used_by_hand};
use serde::Serialize;
use store::appearance::Episode;
use store::why::{AccountSheet, ActionSheet, HoldSheet, Membership, UnknownSheet, WorkPauseSheet};
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
    /// Page on which its owner does that; null where no page helps, and for who has no key to sign its address with.
    action_url: Option<String>,
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
    /// Pauses of work that hold it back.
    work_pauses: Vec<String>,
    /// Each line begins with the rule's word.
    rules: Vec<String>,
    holds: Vec<String>,
    /// Newest notice of its owner: when it is due, or for what it waits.
    notice: Option<String>,
    restarts: Vec<String>,
    open_sends: Vec<String>,
    unknown_sends: Vec<String>,
    campaigns: Vec<String>,
    /// What is in the way of all its actions, each with what takes it away; empty for products.
    remedies: Vec<Remedy>,
    actions: Vec<ActionView>,
    /// Name of its open episode, on pages.
    #[serde(skip)]
    episode_version: i64,
}

impl AccountView {
    /// Adds the page on which its owner acts.
    #[must_use]
    pub fn with_page(mut self, pages: OwnerPages<'_>) -> Self {
        let action = OwnerAction::parse(self.action).unwrap_or(OwnerAction::None);
        self.action_url = pages.action_url(self.id, (self.episode_version, action), self.now);
        self
    }
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
    /// Capacity taken in the last 24 hours, what was done by hand included.
    pub day_used: u32,
    /// What of it was done by hand.
    pub day_by_hand: u32,
    /// Of the cap, what the ramp allows today.
    pub day_allowed: u32,
    /// The cap of 24 hours.
    pub day_cap: u32,
    /// Capacity taken in the last 7 × 24 hours, what was done by hand included.
    pub week_used: u32,
    /// What of it was done by hand.
    pub week_by_hand: u32,
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
    /// What takes away what is in its way.
    pub remedy: Option<Remedy>,
}

pub(super) async fn read(
    tx: &Tx,
    account: AccountId,
    of: Option<WorkspaceId>,
) -> Result<Option<AccountView>, StoreError> {
    let id = account.0;
    let sheet = tx.account_sheets(&[id]).await?.into_iter().next();
    let Some(sheet) = sheet.filter(|it| of.is_none_or(|of| of == it.known.workspace)) else {
        return Ok(None);
    };
    let holds = tx.holds_of(account).await?;
    let notice = tx.newest_notice(account).await?;
    let restarts = tx.restarts_of(account).await?;
    let open = tx.open_sends(&[id], None).await?;
    let unknown = tx.unknown_of(account).await?;
    let campaigns = tx.campaigns_of(account).await?;
    let pauses = tx.work_pauses(sheet.known.workspace, &[id]).await?;
    let reader = of.map_or(Reader::Operator, |_| Reader::Product);
    let now = tx.now().at;
    let (sender, appearance) = (&sheet.known.sender, &sheet.appearance);
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
        action_url: None,
        first_connected_at: appearance.first_connected_at,
        last_activity_at: facts.last_activity,
        checked_at: facts.checked,
        working_since: appearance.working_since,
        episode: appearance.episode.clone(),
        session: sheet.session.clone(),
        subscription: subscription::read(tx, sheet.known.workspace).await?,
        work_pauses: pauses.iter().map(|it| paused::line(it, reader)).collect(),
        remedies: match reader {
            Reader::Operator => remedies(&sheet, &pauses, &holds, &unknown, &campaigns),
            Reader::Product => vec![],
        },
        rules: lines::rules(&sheet, now),
        holds: holds.iter().map(|hold| lines::held(sender, hold)).collect(),
        notice: notice.map(|it| notice::line(sender, &it)),
        restarts: restarts
            .iter()
            .map(|one| restarts::line(sender, one))
            .collect(),
        open_sends: open
            .iter()
            .map(|send| lines::opened(sender, send))
            .collect(),
        unknown_sends: unknown
            .iter()
            .map(|send| lines::lost(sender, send))
            .collect(),
        campaigns: campaigns.iter().map(lines::member).collect(),
        actions: sheet
            .actions
            .iter()
            .map(|action| known_to(reader, view(sender, action, now)))
            .collect(),
        episode_version: appearance.episode_version.unwrap_or_default(),
    }))
}

/// Commands are an operator's.
pub(super) fn known_to(reader: Reader, action: ActionView) -> ActionView {
    match reader {
        Reader::Operator => action,
        Reader::Product => ActionView {
            remedy: None,
            ..action
        },
    }
}

/// Everything in the way of the account as a whole, in the order in which it is looked at.
fn remedies(
    sheet: &AccountSheet,
    pauses: &[WorkPauseSheet],
    holds: &[HoldSheet],
    unknown: &[UnknownSheet],
    campaigns: &[Membership],
) -> Vec<Remedy> {
    let (sender, workspace) = (&sheet.known.sender, sheet.known.workspace);
    let mut all: Vec<Remedy> = pauses.iter().filter_map(paused::remedy).collect();
    all.extend(remedy::status(sender.account, sender.status));
    let holds = holds.iter().filter(|hold| hold.in_force);
    all.extend(holds.map(|hold| remedy::hold(sender.account, workspace, &hold.reason)));
    all.extend(
        unknown
            .iter()
            .map(|send| remedy::unknown(send.id, send.look_at.is_some())),
    );
    for one in campaigns.iter().filter(|one| one.active) {
        let reasons = one.pauses.iter();
        all.extend(reasons.map(|reason| remedy::campaign_pause(one.id, workspace, reason)));
    }
    all
}

/// What the rules say of one action now.
pub(super) fn view(sender: &Sender, sheet: &ActionSheet, now: Timestamp) -> ActionView {
    let facts = &sheet.facts;
    let slot = next_instant(sender, facts, now);
    let (day_used, week_used) = used(sender, facts, now);
    let (day_by_hand, week_by_hand) = used_by_hand(sender, facts, now);
    ActionView {
        action: facts.action.as_str(),
        may: Eligibility::of(&slot, now),
        rule: rule(&slot),
        next_slot: when(&slot),
        answer: explain::answer(&slot, facts.action, facts, sender, now),
        day_used,
        day_by_hand,
        day_allowed: allowance_now(sender, facts, now),
        day_cap: facts.caps.day,
        week_used,
        week_by_hand,
        week_cap: facts.caps.week,
        usage_percent: sheet.usage.map(|(percent, _)| percent),
        unknown: sheet.unknown,
        due: sheet.due,
        details: details(sender, sheet, now),
        remedy: remedy::action(sender, facts, &slot, now),
    }
}

/// The lines of the rules that differ between actions, and what else is known of this one.
fn details(sender: &Sender, sheet: &ActionSheet, now: Timestamp) -> Vec<String> {
    let own = ["day: ", "week: ", "cooldown: ", "spacing: "];
    let quiet = ["cooldown: none", "spacing: free"];
    let mut details = explain::lines(sender, &sheet.facts, now);
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
