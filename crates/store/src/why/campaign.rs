//! One campaign, as a person asks about it.

use super::NameMatch;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use policy::ids::{AccountId, CampaignId, WorkspaceId};
use uuid::Uuid;

const FIND: Sql = sql!("why/find_campaign");
const LIKE: Sql = sql!("why/like_campaign");
const CAMPAIGN: Sql = sql!("why/campaign");
const PAUSES: Sql = sql!("why/pauses");
const SENDERS_OF: Sql = sql!("why/senders_of");
const STEPS: Sql = sql!("why/steps");
const STOPS: Sql = sql!("why/stops");
const UNKNOWN: Sql = sql!("why/unknown_in_campaign");

/// Senders shown of one campaign.
const SENDERS_MAX: i64 = 50;

/// A campaign with its pauses, senders and steps.
#[derive(Clone, Debug, PartialEq)]
pub struct CampaignSheet {
    /// Its id.
    pub id: CampaignId,
    /// Its name.
    pub name: String,
    /// Its workspace's name.
    pub workspace: String,
    /// Its workspace.
    pub workspace_id: WorkspaceId,
    /// Whether its owner lets it run.
    pub active: bool,
    /// The word in our tables (R-CAM-2).
    pub on_sender_loss: String,
    /// Failures before this instant do not count (R-HEAL-2).
    pub failures_from: Timestamp,
    /// Every reason for which it does not run, the oldest first.
    pub pauses: Vec<PauseSheet>,
    /// Its senders, those in the rotation first, then whoever waited longest.
    pub senders: Vec<SenderPlace>,
    /// Its steps.
    pub steps: Vec<StepSheet>,
    /// Why enrollments stopped, with how many.
    pub stops: Vec<(String, i64)>,
    /// Sends whose outcome is unknown.
    pub unknown: i64,
    /// Those of them that nobody looks for any more.
    pub given_up: i64,
}

/// A reason for which a campaign does not run (R-CAM-1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PauseSheet {
    /// The word in our tables.
    pub reason: String,
    /// Since when.
    pub paused_at: Timestamp,
    /// Who asserted it.
    pub paused_by: String,
    /// What was noted.
    pub note: String,
}

/// A sender's place in the rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SenderPlace {
    /// The account.
    pub account: AccountId,
    /// Whether it takes turns.
    pub in_rotation: bool,
    /// When its last turn was.
    pub last_planned_at: Option<Timestamp>,
}

/// A step and the enrollments on it.
#[derive(Clone, Debug, PartialEq)]
pub struct StepSheet {
    /// From 1.
    pub step: i16,
    /// The word in our tables.
    pub action: String,
    /// How long after the step before, in seconds.
    pub wait_s: f64,
    /// Whose turn it is.
    pub due: i64,
    /// Whose turn comes later.
    pub waiting: i64,
    /// Too late to go by themselves: they wait for a person (R-CAM-7).
    pub overdue: i64,
    /// With a send that is planned, on its way, or of unknown outcome.
    pub sending: i64,
    /// That ended here as they should.
    pub done: i64,
    /// That ended here with a reason.
    pub stopped: i64,
    /// When the next one is due after now.
    pub next_due_at: Option<Timestamp>,
}

impl Tx {
    /// The campaign that goes by an id or a name.
    pub async fn find_campaign(&self, called: &str) -> Result<NameMatch, StoreError> {
        self.find(FIND, LIKE, called).await
    }

    /// A campaign; none if there is none.
    pub async fn campaign_sheet(&self, id: Uuid) -> Result<Option<CampaignSheet>, StoreError> {
        let rows = self.rows(CAMPAIGN, &[&id]).await?;
        let Some(found) = rows.first() else {
            return Ok(None);
        };
        let (unknown, given_up) = self.unknown_in_campaign(id).await?;
        Ok(Some(CampaignSheet {
            id: CampaignId(id),
            unknown,
            given_up,
            name: row::get(found, "name")?,
            workspace: row::get(found, "workspace")?,
            workspace_id: WorkspaceId(row::get(found, "workspace_id")?),
            active: row::get(found, "active")?,
            on_sender_loss: row::get(found, "on_sender_loss")?,
            failures_from: row::get(found, "failures_from")?,
            pauses: self.pauses_of(id).await?,
            senders: self.senders_of(id).await?,
            steps: self.steps_of(id).await?,
            stops: self.stops_of(id).await?,
        }))
    }

    async fn unknown_in_campaign(&self, id: Uuid) -> Result<(i64, i64), StoreError> {
        let rows = self.rows(UNKNOWN, &[&id]).await?;
        let found = rows.first().map(|found| {
            Ok::<_, StoreError>((row::get(found, "unknown")?, row::get(found, "given_up")?))
        });
        found.unwrap_or(Ok((0, 0)))
    }

    async fn pauses_of(&self, id: Uuid) -> Result<Vec<PauseSheet>, StoreError> {
        let rows = self.rows(PAUSES, &[&id]).await?;
        rows.iter()
            .map(|found| {
                Ok(PauseSheet {
                    reason: row::get(found, "reason")?,
                    paused_at: row::get(found, "paused_at")?,
                    paused_by: row::get(found, "paused_by")?,
                    note: row::get(found, "note")?,
                })
            })
            .collect()
    }

    async fn senders_of(&self, id: Uuid) -> Result<Vec<SenderPlace>, StoreError> {
        let rows = self.rows(SENDERS_OF, &[&id, &SENDERS_MAX]).await?;
        rows.iter()
            .map(|found| {
                Ok(SenderPlace {
                    account: AccountId(row::get(found, "account_id")?),
                    in_rotation: row::get(found, "in_rotation")?,
                    last_planned_at: row::get(found, "last_planned_at")?,
                })
            })
            .collect()
    }

    async fn steps_of(&self, id: Uuid) -> Result<Vec<StepSheet>, StoreError> {
        let rows = self.rows(STEPS, &[&id, &self.now().at]).await?;
        rows.iter()
            .map(|found| {
                Ok(StepSheet {
                    step: row::get(found, "step")?,
                    action: row::get(found, "action")?,
                    wait_s: row::get(found, "wait_s")?,
                    due: row::get(found, "due")?,
                    waiting: row::get(found, "waiting")?,
                    overdue: row::get(found, "overdue")?,
                    sending: row::get(found, "sending")?,
                    done: row::get(found, "done")?,
                    stopped: row::get(found, "stopped")?,
                    next_due_at: row::get(found, "next_due_at")?,
                })
            })
            .collect()
    }

    async fn stops_of(&self, id: Uuid) -> Result<Vec<(String, i64)>, StoreError> {
        let rows = self.rows(STOPS, &[&id]).await?;
        rows.iter()
            .map(|found| Ok((row::get(found, "why")?, row::get(found, "enrollments")?)))
            .collect()
    }
}
