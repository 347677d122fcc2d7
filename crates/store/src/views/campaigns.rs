//! Campaigns.

use super::{Page, fetched};
use crate::columns::values;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use crate::why::{PauseSheet, StepSheet};
use jiff::Timestamp;
use policy::campaigns::PauseReason;
use policy::ids::CampaignId;
use serde::Serialize;
use tokio_postgres::Row;
use utoipa::ToSchema;
use uuid::Uuid;

const CAMPAIGNS: Sql = sql!("views/campaigns");

/// Which campaigns.
#[derive(Clone, Debug, Default)]
pub struct CampaignFilter {
    /// Of one workspace.
    pub workspace: Option<Uuid>,
    /// With this reason not to run.
    pub pause: Option<PauseReason>,
}

/// A campaign in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ListedCampaign)]
pub struct CampaignView {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Its workspace.
    pub workspace_id: Uuid,
    /// Its workspace's name.
    pub workspace: String,
    /// Whether its owner lets it run.
    pub active: bool,
    /// Active, and without a pause.
    pub runs: bool,
    /// Reasons for which it does not run (R-CAM-1).
    pub pauses: Vec<String>,
    /// What the loss of a sender does (R-CAM-2).
    pub on_sender_loss: String,
    /// Accounts that send for it.
    pub senders: i64,
    /// Those of them that take turns now.
    pub in_rotation: i64,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

/// A reason for which a campaign does not run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ListedPause)]
pub struct PauseView {
    /// Which.
    pub reason: String,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// Who asserted it.
    pub by: String,
    /// What was noted.
    pub note: String,
    /// What clears it.
    pub cleared_by: String,
}

/// A step and the enrollments on it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = ListedStep)]
pub struct StepView {
    /// From 1.
    pub step: i16,
    /// What it does.
    pub action: String,
    /// Seconds after the step before.
    pub wait_s: f64,
    /// Enrollments whose turn it is.
    pub due: i64,
    /// Those whose turn comes later.
    pub waiting: i64,
    /// With a send that is planned, on its way, or of unknown outcome.
    pub sending: i64,
    /// That ended here as they should.
    pub done: i64,
    /// That ended here for another reason.
    pub stopped: i64,
}

/// One campaign with what belongs to it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CampaignDetail {
    /// Itself.
    #[serde(flatten)]
    pub campaign: CampaignView,
    /// Why it does not run, the oldest reason first.
    pub all_pauses: Vec<PauseView>,
    /// Its steps.
    pub steps: Vec<StepView>,
    /// Accounts that send for it, the first 50, those in the rotation first.
    pub sender_ids: Vec<Uuid>,
}

impl Tx {
    /// One page of campaigns in the order of their ids, after `after`.
    pub async fn campaign_views(
        &self,
        filter: &CampaignFilter,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Page<CampaignView>, StoreError> {
        let rows = self
            .campaigns_by(filter, None, after, fetched(limit))
            .await?;
        Ok(Page::of(rows, limit, |one| one.id.to_string()))
    }

    /// One campaign; none if there is none of that id.
    pub async fn campaign_detail(
        &self,
        id: CampaignId,
    ) -> Result<Option<CampaignDetail>, StoreError> {
        let any = CampaignFilter::default();
        let found = self.campaigns_by(&any, Some(id.0), None, 1);
        let Some(campaign) = found.await?.pop() else {
            return Ok(None);
        };
        let Some(sheet) = self.campaign_sheet(id.0).await? else {
            return Ok(None);
        };
        Ok(Some(CampaignDetail {
            campaign,
            all_pauses: sheet.pauses.into_iter().map(PauseView::from).collect(),
            steps: sheet.steps.into_iter().map(StepView::from).collect(),
            sender_ids: sheet.senders.iter().map(|it| it.account.0).collect(),
        }))
    }

    async fn campaigns_by(
        &self,
        filter: &CampaignFilter,
        id: Option<Uuid>,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<CampaignView>, StoreError> {
        let pause = filter.pause.map(PauseReason::as_str);
        let after = after.unwrap_or_default();
        let page = values(CAMPAIGNS)
            .value("workspace", filter.workspace)
            .value("pause", pause)
            .value("id", id)
            .value("after", after)
            .value("limit", limit);
        let rows = self.rows_with(page).await?;
        rows.iter().map(campaign).collect()
    }
}

fn campaign(found: &Row) -> Result<CampaignView, StoreError> {
    let (active, pauses): (bool, Vec<String>) =
        (row::get(found, "active")?, row::get(found, "pauses")?);
    Ok(CampaignView {
        id: row::get(found, "id")?,
        name: row::get(found, "name")?,
        workspace_id: row::get(found, "workspace_id")?,
        workspace: row::get(found, "workspace")?,
        active,
        runs: active && pauses.is_empty(),
        pauses,
        on_sender_loss: row::get(found, "on_sender_loss")?,
        senders: row::get(found, "senders")?,
        in_rotation: row::get(found, "in_rotation")?,
        created_at: row::get(found, "created_at")?,
    })
}

impl From<PauseSheet> for PauseView {
    fn from(pause: PauseSheet) -> Self {
        let reason = PauseReason::parse(&pause.reason);
        let cleared_by = reason.map_or("nothing that this build knows", |it| it.lifting().words());
        Self {
            cleared_by: cleared_by.to_owned(),
            reason: pause.reason,
            since: pause.paused_at,
            by: pause.paused_by,
            note: pause.note,
        }
    }
}

impl From<StepSheet> for StepView {
    fn from(step: StepSheet) -> Self {
        Self {
            step: step.step,
            action: step.action,
            wait_s: step.wait_s,
            due: step.due,
            waiting: step.waiting,
            sending: step.sending,
            done: step.done,
            stopped: step.stopped,
        }
    }
}
