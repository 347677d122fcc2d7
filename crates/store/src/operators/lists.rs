//! What operators look at.

use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

const FLAGS: Sql = sql!("operators/flags");
const LATCH: Sql = sql!("operators/latch");
const WARRANTS: Sql = sql!("operators/warrants");
const REMOVALS: Sql = sql!("operators/removals");

/// A flag that was enabled once.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FlagRow {
    /// Its id.
    pub id: Uuid,
    /// `removals`.
    pub name: String,
    /// When it was enabled.
    #[schema(value_type = String, format = DateTime)]
    pub enabled_at: Timestamp,
    /// When it ends by itself.
    #[schema(value_type = String, format = DateTime)]
    pub ends_at: Timestamp,
    /// By whom.
    pub enabled_by: String,
    /// Why.
    pub reason: String,
    /// When somebody ended it.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
    /// Who.
    pub ended_by: Option<String>,
    /// It holds now.
    pub in_force: bool,
}

/// The latch.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LatchRow {
    /// Since when nothing is removed; none: it is not tripped.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub tripped_at: Option<Timestamp>,
    /// Why.
    pub why: Option<String>,
}

/// A warrant and what became of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WarrantRow {
    /// Its id.
    pub id: Uuid,
    /// The session that it names.
    pub session_id: String,
    /// Why.
    pub reason: String,
    /// When it was issued.
    #[schema(value_type = String, format = DateTime)]
    pub issued_at: Timestamp,
    /// By whom.
    pub issued_by: String,
    /// When it dies.
    #[schema(value_type = String, format = DateTime)]
    pub ends_at: Timestamp,
    /// When it was approved.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub approved_at: Option<Timestamp>,
    /// By whom.
    pub approved_by: Option<String>,
    /// When it was revoked.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub revoked_at: Option<Timestamp>,
    /// By whom.
    pub revoked_by: Option<String>,
    /// Its removal.
    pub removal_id: Option<Uuid>,
    /// How far that is.
    pub removal_state: Option<String>,
}

/// A removal, for people.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RemovalLine {
    /// Its id.
    pub id: Uuid,
    /// The session.
    pub session_id: String,
    /// How far it is.
    pub state: String,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    pub requested_at: Timestamp,
    /// By whom.
    pub requested_by: String,
    /// Why.
    pub reason: String,
    /// What was said at its last step.
    pub note: String,
    /// The warrant that it rests on.
    pub warrant_id: Option<Uuid>,
    /// The case that it rests on.
    pub case_id: Option<Uuid>,
    /// When its call was begun.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub called_at: Option<Timestamp>,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
    /// Looks that have ended.
    pub looks: i64,
}

impl Tx {
    /// The newest 50 flags, newest first.
    pub async fn flags(&self) -> Result<Vec<FlagRow>, StoreError> {
        let rows = self.rows(FLAGS, &[&self.now().at]).await?;
        rows.iter()
            .map(|found| {
                Ok(FlagRow {
                    id: row::get(found, "id")?,
                    name: row::get(found, "name")?,
                    enabled_at: row::get(found, "enabled_at")?,
                    ends_at: row::get(found, "ends_at")?,
                    enabled_by: row::get(found, "enabled_by")?,
                    reason: row::get(found, "reason")?,
                    ended_at: row::get(found, "ended_at")?,
                    ended_by: row::get(found, "ended_by")?,
                    in_force: row::get(found, "in_force")?,
                })
            })
            .collect()
    }

    /// The latch; none only if its row is missing, in which case nothing is removed either.
    pub async fn latch(&self) -> Result<Option<LatchRow>, StoreError> {
        let rows = self.rows(LATCH, &[]).await?;
        rows.first()
            .map(|found| {
                Ok(LatchRow {
                    tripped_at: row::get(found, "tripped_at")?,
                    why: row::get(found, "why")?,
                })
            })
            .transpose()
    }

    /// The newest 50 warrants, newest first.
    pub async fn warrants(&self) -> Result<Vec<WarrantRow>, StoreError> {
        let rows = self.rows(WARRANTS, &[]).await?;
        rows.iter()
            .map(|found| {
                Ok(WarrantRow {
                    id: row::get(found, "id")?,
                    session_id: row::get(found, "session_id")?,
                    reason: row::get(found, "reason")?,
                    issued_at: row::get(found, "issued_at")?,
                    issued_by: row::get(found, "issued_by")?,
                    ends_at: row::get(found, "ends_at")?,
                    approved_at: row::get(found, "approved_at")?,
                    approved_by: row::get(found, "approved_by")?,
                    revoked_at: row::get(found, "revoked_at")?,
                    revoked_by: row::get(found, "revoked_by")?,
                    removal_id: row::get(found, "removal_id")?,
                    removal_state: row::get(found, "removal_state")?,
                })
            })
            .collect()
    }

    /// The newest 50 removals, newest first, those that are not over before all others.
    pub async fn removals(&self) -> Result<Vec<RemovalLine>, StoreError> {
        let rows = self.rows(REMOVALS, &[]).await?;
        rows.iter()
            .map(|found| {
                Ok(RemovalLine {
                    id: row::get(found, "id")?,
                    session_id: row::get(found, "session_id")?,
                    state: row::get(found, "state")?,
                    requested_at: row::get(found, "requested_at")?,
                    requested_by: row::get(found, "requested_by")?,
                    reason: row::get(found, "reason")?,
                    note: row::get(found, "note")?,
                    warrant_id: row::get(found, "warrant_id")?,
                    case_id: row::get(found, "case_id")?,
                    called_at: row::get(found, "called_at")?,
                    ended_at: row::get(found, "ended_at")?,
                    looks: row::get(found, "looks")?,
                })
            })
            .collect()
    }
}
