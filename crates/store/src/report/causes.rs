//! Holds and pauses with what rows say of their cause, to be held against what the provider knows.

use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;

const HOLDS: Sql = sql!("report/holds");
const PAUSES: Sql = sql!("report/campaign_pauses");

/// Hold of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldLine {
    /// Display name of the account.
    pub name: String,
    /// Linked session of the account.
    pub session: Option<String>,
    /// Reason, in the words of `HoldReason`.
    pub reason: String,
    /// Beginning.
    pub since: Timestamp,
    /// Words for people.
    pub note: String,
    /// Whether it holds the account now.
    pub is_in_force: bool,
    /// Whether an operator's audit row or an ended subscription asks for it.
    pub is_asked_for: bool,
}

/// Pause of a campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PauseLine {
    /// Name of the campaign.
    pub campaign: String,
    /// Linked sessions of its senders, in the rotation or out of it.
    pub sessions: Vec<String>,
    /// Reason, in the words of `PauseReason`.
    pub reason: String,
    /// Beginning.
    pub paused_at: Timestamp,
    /// Words for people.
    pub note: String,
    /// Whether it pauses the campaign now.
    pub is_in_force: bool,
    /// Whether an operator's audit row or an ended subscription asks for it.
    pub is_asked_for: bool,
}

impl Tx {
    /// Holds that began at `since` or later; of one account and reason the newest. For small fleets.
    pub async fn hold_lines(&self, since: Timestamp) -> Result<Vec<HoldLine>, StoreError> {
        let rows = self.rows(HOLDS, &[&since, &self.now().at]).await?;
        rows.iter()
            .map(|found| {
                Ok(HoldLine {
                    name: row::get(found, "name")?,
                    session: row::get(found, "session_id")?,
                    reason: row::get(found, "reason")?,
                    since: row::get(found, "since")?,
                    note: row::get(found, "note")?,
                    is_in_force: row::get(found, "is_in_force")?,
                    is_asked_for: row::get(found, "is_asked_for")?,
                })
            })
            .collect()
    }

    /// Pauses of campaigns that began at `since` or later. For small fleets.
    pub async fn pause_lines(&self, since: Timestamp) -> Result<Vec<PauseLine>, StoreError> {
        let rows = self.rows(PAUSES, &[&since]).await?;
        rows.iter()
            .map(|found| {
                Ok(PauseLine {
                    campaign: row::get(found, "name")?,
                    sessions: row::get(found, "sessions")?,
                    reason: row::get(found, "reason")?,
                    paused_at: row::get(found, "paused_at")?,
                    note: row::get(found, "note")?,
                    is_in_force: row::get(found, "is_in_force")?,
                    is_asked_for: row::get(found, "is_asked_for")?,
                })
            })
            .collect()
    }
}
