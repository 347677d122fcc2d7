//! Why a campaign runs and sends, or does not.

use super::account::{ActionView, view};
use super::subscription::{self, SubscriptionView};
use super::words::{after, noted, utc};
use jiff::Timestamp;
use policy::account::Status;
use policy::campaigns::PauseReason;
use policy::ids::{AccountId, CampaignId, WorkspaceId};
use serde::Serialize;
use std::collections::HashMap;
use std::fmt;
use store::why::{AccountSheet, CampaignSheet, OpenSend, PauseSheet, SenderPlace, StepSheet};
use store::{StoreError, Tx};
use utoipa::ToSchema;
use uuid::Uuid;

/// One campaign: everything that decides whether it sends.
#[derive(Debug, Serialize, ToSchema)]
pub struct CampaignView {
    /// The instant that all of it is of.
    #[schema(value_type = String, format = DateTime)]
    now: Timestamp,
    #[schema(value_type = Uuid)]
    id: CampaignId,
    name: String,
    workspace: String,
    active: bool,
    runs: bool,
    on_sender_loss: String,
    subscription: Option<SubscriptionView>,
    pauses: Vec<PauseView>,
    senders: Vec<SenderView>,
    steps: Vec<String>,
    stops: Vec<String>,
    next_sends: Vec<String>,
}

/// A reason for which it does not run (R-CAM-1).
#[derive(Debug, Serialize, ToSchema)]
pub struct PauseView {
    reason: String,
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    by: String,
    note: String,
    cleared_by: String,
}

/// A sender, with the answers for what the campaign's steps do.
#[derive(Debug, Serialize, ToSchema)]
pub struct SenderView {
    #[schema(value_type = Uuid)]
    account: AccountId,
    name: String,
    status: &'static str,
    in_rotation: bool,
    #[schema(value_type = Option<String>, format = DateTime)]
    last_turn: Option<Timestamp>,
    actions: Vec<ActionView>,
}

pub(super) async fn read(
    tx: &Tx,
    campaign: CampaignId,
    of: Option<WorkspaceId>,
) -> Result<Option<CampaignView>, StoreError> {
    let sheet = tx.campaign_sheet(campaign.0).await?;
    let Some(sheet) = sheet.filter(|it| of.is_none_or(|of| of == it.workspace_id)) else {
        return Ok(None);
    };
    let ids: Vec<Uuid> = sheet.senders.iter().map(|it| it.account.0).collect();
    let accounts = tx.account_sheets(&ids).await?;
    let open = tx.open_sends(&ids, Some(campaign)).await?;
    let now = tx.now().at;
    let places: HashMap<AccountId, SenderPlace> =
        sheet.senders.iter().map(|it| (it.account, *it)).collect();
    let senders = accounts.iter().filter_map(|account| {
        let place = places.get(&account.known.sender.account)?;
        Some(sender(account, place, &sheet, now))
    });
    Ok(Some(CampaignView {
        now,
        id: sheet.id,
        senders: senders.collect(),
        pauses: sheet
            .pauses
            .iter()
            .map(|pause| paused(pause, &accounts))
            .collect(),
        steps: sheet.steps.iter().map(step).collect(),
        stops: sheet
            .stops
            .iter()
            .map(|(why, count)| format!("{count} stopped: {why}"))
            .collect(),
        next_sends: open.iter().map(next).collect(),
        runs: sheet.active && sheet.pauses.is_empty(),
        active: sheet.active,
        subscription: subscription::read(tx, sheet.workspace_id).await?,
        on_sender_loss: sheet.on_sender_loss,
        name: sheet.name,
        workspace: sheet.workspace,
    }))
}

fn sender(
    account: &AccountSheet,
    place: &SenderPlace,
    campaign: &CampaignSheet,
    now: Timestamp,
) -> SenderView {
    let does = |action: &str| campaign.steps.iter().any(|step| step.action == action);
    let actions = account.actions.iter();
    let actions = actions.filter(|action| does(action.facts.action.as_str()));
    SenderView {
        account: place.account,
        name: account.known.name.clone(),
        status: account.appearance.facts.status.as_str(),
        in_rotation: place.in_rotation,
        last_turn: place.last_planned_at,
        actions: actions
            .map(|action| view(&account.known.sender, action, now))
            .collect(),
    }
}

fn paused(pause: &PauseSheet, senders: &[AccountSheet]) -> PauseView {
    PauseView {
        reason: pause.reason.clone(),
        since: pause.paused_at,
        by: pause.paused_by.clone(),
        note: pause.note.clone(),
        cleared_by: cleared_by(&pause.reason, senders),
    }
}

/// Only its own cause removes a reason (R-CAM-1); a lost sender is named.
fn cleared_by(reason: &str, senders: &[AccountSheet]) -> String {
    let Some(reason) = PauseReason::parse(reason) else {
        return "nothing that this build knows".to_owned();
    };
    let lost = senders
        .iter()
        .filter(|it| it.appearance.facts.status != Status::Connected);
    let lost: Vec<String> = lost
        .map(|it| format!("{} is {}", it.known.name, it.appearance.facts.status))
        .collect();
    let words = reason.lifting().words();
    if reason == PauseReason::AccountDisconnected && !lost.is_empty() {
        format!("{words} ({})", lost.join(", "))
    } else {
        words.to_owned()
    }
}

fn step(step: &StepSheet) -> String {
    let next = step.next_due_at.map(|it| format!(", next due {}", utc(it)));
    format!(
        "{}. {} {}: {} due, {} later{}, {} on their way, {} done, {} stopped",
        step.step,
        step.action,
        after(step.wait_s),
        step.due,
        step.waiting,
        next.unwrap_or_default(),
        step.sending,
        step.done,
        step.stopped
    )
}

fn next(send: &OpenSend) -> String {
    let (action, target) = (&send.action, &send.target);
    let (account, slot) = (&send.account, utc(send.slot_at));
    format!("{slot} {action} to {target} by {account} ({})", send.state)
}

impl fmt::Display for CampaignView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            now,
            id,
            name,
            workspace,
            active,
            runs,
            on_sender_loss,
            subscription,
            pauses,
            senders,
            steps,
            stops,
            next_sends,
        } = self;
        writeln!(f, "{name}, workspace {workspace}")?;
        writeln!(f, "  campaign   {id}")?;
        writeln!(f, "  now        {}", utc(*now))?;
        let state = match (active, runs) {
            (false, _) => "not active: its owner has not started it, or ended it",
            (true, true) => "runs",
            (true, false) => "does not run",
        };
        writeln!(f, "  state      {state} (a lost sender: {on_sender_loss})")?;
        subscription::show(subscription.as_ref(), f)?;
        for pause in pauses {
            let PauseView {
                reason,
                since,
                by,
                note,
                cleared_by,
            } = pause;
            let (since, note) = (utc(*since), noted(note));
            writeln!(f, "  paused     {reason} since {since} by {by}{note}")?;
            writeln!(f, "             cleared by {cleared_by}")?;
        }
        for (title, all) in [("step", steps), ("ended", stops), ("next send", next_sends)] {
            for one in all {
                writeln!(f, "  {title:<10} {one}")?;
            }
        }
        for sender in senders {
            let turn = if sender.in_rotation {
                "in the rotation"
            } else {
                "out of the rotation"
            };
            writeln!(f, "\n{} ({}, {turn})", sender.name, sender.status)?;
            for action in &sender.actions {
                writeln!(f, "    {}", action.answer)?;
            }
        }
        Ok(())
    }
}
