//! Why a campaign runs and sends, or does not.

mod show;

use super::account::{ActionView, known_to, view};
use super::paused::{self, Reader};
use super::remedy::{self, Remedy};
use super::subscription::{self, SubscriptionView};
use super::words::{after, utc};
use jiff::Timestamp;
use policy::account::Status;
use policy::campaigns::PauseReason;
use policy::ids::{AccountId, CampaignId, WorkspaceId};
use serde::Serialize;
use std::collections::HashMap;
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
    /// Pauses of work that hold it back, or a sender of it.
    work_pauses: Vec<String>,
    pauses: Vec<PauseView>,
    senders: Vec<SenderView>,
    steps: Vec<String>,
    stops: Vec<String>,
    next_sends: Vec<String>,
    /// What is in its way, each with what takes it away; empty for products.
    remedies: Vec<Remedy>,
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
    let pauses = tx.work_pauses(sheet.workspace_id, &ids).await?;
    let reader = of.map_or(Reader::Operator, |_| Reader::Product);
    let now = tx.now().at;
    let places: HashMap<AccountId, SenderPlace> =
        sheet.senders.iter().map(|it| (it.account, *it)).collect();
    let senders = accounts.iter().filter_map(|account| {
        let place = places.get(&account.known.sender.account)?;
        Some(sender(account, place, &sheet, (reader, now)))
    });
    Ok(Some(CampaignView {
        now,
        id: sheet.id,
        senders: senders.collect(),
        work_pauses: pauses.iter().map(|it| paused::line(it, reader)).collect(),
        remedies: match reader {
            Reader::Operator => {
                let mut all: Vec<_> = pauses.iter().filter_map(paused::remedy).collect();
                all.extend(remedies(&sheet, &accounts));
                all
            }
            Reader::Product => vec![],
        },
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

/// Everything in the way of the campaign itself; what is in the way of a sender's action stands with that.
fn remedies(sheet: &CampaignSheet, senders: &[AccountSheet]) -> Vec<Remedy> {
    let (id, workspace) = (sheet.id, sheet.workspace_id);
    let inactive = (!sheet.active).then(remedy::not_active);
    let pauses = sheet.pauses.iter();
    let pauses = pauses.map(|it| remedy::campaign_pause(id, workspace, &it.reason));
    let mut all: Vec<Remedy> = inactive.into_iter().chain(pauses).collect();
    for one in senders {
        let (account, status) = (one.known.sender.account, one.known.sender.status);
        let name = one.known.name.as_str();
        if let Some(remedy) = remedy::status(account, status) {
            all.push(remedy.of(name));
            all.push(remedy::lost_sender(id, account, name));
        }
        let holds = one.known.sender.holds.iter();
        all.extend(holds.map(|hold| remedy::hold(account, workspace, &hold.reason).of(name)));
    }
    let overdue: i64 = sheet.steps.iter().map(|step| step.overdue).sum();
    all.extend((overdue > 0).then(|| remedy::overdue(id, overdue)));
    let unknown = remedy::unknown_in(id, sheet.unknown, sheet.given_up);
    all.extend((sheet.unknown > 0).then_some(unknown));
    let stopped: i64 = sheet.stops.iter().map(|(_, count)| count).sum();
    all.extend((stopped > 0).then(|| remedy::stopped(id, stopped)));
    all
}

fn sender(
    account: &AccountSheet,
    place: &SenderPlace,
    campaign: &CampaignSheet,
    (reader, now): (Reader, Timestamp),
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
            .map(|action| known_to(reader, view(&account.known.sender, action, now)))
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
    let overdue = match step.overdue {
        0 => String::new(),
        overdue => format!(", {overdue} overdue"),
    };
    format!(
        "{}. {} {}: {} due, {} later{}{overdue}, {} on their way, {} done, {} stopped",
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
