//! What was sent, against what may be: for the screen, and the proof at the end.

use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use serde::Serialize;

const SENDS: Sql = sql!("report/sends");
const NEXT: Sql = sql!("report/next_sends");
const TOTALS: Sql = sql!("report/send_totals");
const WINDOWS: Sql = sql!("report/send_windows");
const SESSION_CAPS: Sql = sql!("report/session_caps");

/// One action of all connected accounts together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ActionState {
    /// The word in our tables.
    pub action: String,
    /// Capacity taken in the last 24 hours.
    pub used_day: i64,
    /// All accounts' daily caps.
    pub cap_day: i64,
    /// Capacity taken in the last 7 × 24 hours.
    pub used_week: i64,
    /// All accounts' weekly caps.
    pub cap_week: i64,
    /// Accounts that used all of a cap.
    pub full_accounts: i64,
    /// Outcomes that nobody knows.
    pub unknown: i64,
    /// The earliest planned one.
    pub next_slot_at: Option<Timestamp>,
}

/// What became of all sends. Field names are the report's keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SendTotals {
    /// Ended: sent, refused or failed.
    pub sends_settled: i64,
    /// The provider said yes, or showed it afterwards.
    pub sends_sent: i64,
    /// The provider said no.
    pub sends_refused: i64,
    /// Did not happen.
    pub sends_failed: i64,
    /// Taken back before any call.
    pub sends_cancelled: i64,
    /// Planned or on their way.
    pub sends_open: i64,
    /// Whose outcome was unknown at some time.
    pub sends_unknown: i64,
    /// Of those, found or proved absent since.
    pub sends_unknown_resolved: i64,
    /// Still unknown, with a look ahead.
    pub sends_unknown_looked_for: i64,
    /// Of those, profile views: nobody can list them, so they stay counted and end as alerts after 24 hours.
    pub sends_unknown_traceless: i64,
    /// Still unknown, given up, and alerted.
    pub sends_unknown_alerted: i64,
    /// Open, but nothing will ever happen to them.
    pub sends_adrift: i64,
    /// Without their audit rows, or with one too many.
    pub sends_unaudited: i64,
    /// Sent in this run, by the rows; without views that are assumed and invitations that were found.
    pub sends_sent_in_run: i64,
    /// Called in this run and not known to have happened, by the rows; with views that are assumed and invitations that were found.
    pub sends_open_in_run: i64,
    /// Audit rows of sends.
    pub send_audit_rows: i64,
    /// Steps of enrollments that were, or may have been, done twice.
    #[serde(skip)]
    pub duplicated: i64,
}

/// The fullest rolling windows of one action, in the table that caps are counted from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Windows {
    /// The word in our tables.
    pub action: String,
    /// Rows that count.
    pub counted: i64,
    /// Most of any 24 hours, relative to its account's cap.
    pub day_most: i64,
    /// That account's cap.
    pub day_cap: i64,
    /// Most of any 7 × 24 hours, relative to its account's cap.
    pub week_most: i64,
    /// That account's cap.
    pub week_cap: i64,
    /// Windows that hold more than their account's cap.
    pub violations: i64,
}

/// Caps in force of one action of a session: name, action, a day, a week.
pub type SessionCap = (String, String, i32, i32);

impl Tx {
    /// Each action against the caps. For small fleets.
    pub async fn send_states(&self) -> Result<Vec<ActionState>, StoreError> {
        let rows = self.rows(SENDS, &[&self.now().at]).await?;
        rows.iter()
            .map(|found| {
                Ok(ActionState {
                    action: row::get(found, "action")?,
                    used_day: row::get(found, "used_day")?,
                    cap_day: row::get(found, "cap_day")?,
                    used_week: row::get(found, "used_week")?,
                    cap_week: row::get(found, "cap_week")?,
                    full_accounts: row::get(found, "full_accounts")?,
                    unknown: row::get(found, "unknown")?,
                    next_slot_at: row::get(found, "next_slot_at")?,
                })
            })
            .collect()
    }

    /// The next planned sends: whose, what, when.
    pub async fn next_sends(
        &self,
        limit: i64,
    ) -> Result<Vec<(String, String, Timestamp)>, StoreError> {
        let rows = self.rows(NEXT, &[&limit]).await?;
        rows.iter()
            .map(|found| {
                Ok((
                    row::get(found, "name")?,
                    row::get(found, "action")?,
                    row::get(found, "slot_at")?,
                ))
            })
            .collect()
    }

    /// What became of all sends; those called from `since` on are counted apart, too.
    pub async fn send_totals(&self, since: Timestamp) -> Result<SendTotals, StoreError> {
        let rows = self.rows(TOTALS, &[&since]).await?;
        let found = rows.first().ok_or(StoreError::Row {
            column: "settled",
            why: "no answer".into(),
        })?;
        Ok(SendTotals {
            sends_settled: row::get(found, "settled")?,
            sends_sent: row::get(found, "sent")?,
            sends_refused: row::get(found, "refused")?,
            sends_failed: row::get(found, "failed")?,
            sends_cancelled: row::get(found, "cancelled")?,
            sends_open: row::get(found, "open")?,
            sends_unknown: row::get(found, "unknown")?,
            sends_unknown_resolved: row::get(found, "unknown_resolved")?,
            sends_unknown_looked_for: row::get(found, "unknown_looked_for")?,
            sends_unknown_traceless: row::get(found, "unknown_traceless")?,
            sends_unknown_alerted: row::get(found, "unknown_alerted")?,
            sends_adrift: row::get(found, "adrift")?,
            sends_unaudited: row::get(found, "unaudited")?,
            sends_sent_in_run: row::get(found, "sent_since")?,
            sends_open_in_run: row::get(found, "open_since")?,
            send_audit_rows: row::get(found, "audit_rows")?,
            duplicated: row::get(found, "duplicated")?,
        })
    }

    /// The fullest rolling windows of each action that anybody did. Looks at every send there is.
    pub async fn send_windows(&self) -> Result<Vec<Windows>, StoreError> {
        let rows = self.rows(WINDOWS, &[]).await?;
        rows.iter()
            .map(|found| {
                Ok(Windows {
                    action: row::get(found, "action")?,
                    counted: row::get(found, "counted")?,
                    day_most: row::get(found, "day_most")?,
                    day_cap: row::get(found, "day_cap")?,
                    week_most: row::get(found, "week_most")?,
                    week_cap: row::get(found, "week_cap")?,
                    violations: row::get(found, "violations")?,
                })
            })
            .collect()
    }

    /// The caps in force of every linked session.
    pub async fn session_caps(&self) -> Result<Vec<SessionCap>, StoreError> {
        let rows = self.rows(SESSION_CAPS, &[]).await?;
        rows.iter()
            .map(|found| {
                Ok((
                    row::get(found, "session_id")?,
                    row::get(found, "action")?,
                    row::get(found, "cap_day")?,
                    row::get(found, "cap_week")?,
                ))
            })
            .collect()
    }
}
