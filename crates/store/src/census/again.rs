//! What must be counted again, and what stands since the census before: a fleet in which nothing changes costs no count,
//! however large it is.

use super::{Census, DAY};
use crate::columns::values;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;

const PASSED: Sql = sql!("census/passed");

/// Tables that slices are counted of.
pub const SLICED: [&str; 6] = [
    "account_audit",
    "accounts",
    "audit_heads",
    "send_caps",
    "send_limits",
    "sends",
];
/// Tables that are counted anew only when something was written to them.
pub(super) const TABLES: [&str; 14] = [
    "account_audit",
    "account_holds",
    "accounts",
    "admin_alerts",
    "audit_heads",
    "campaign_pauses",
    "campaigns",
    "cases",
    "jobs",
    "removals",
    "send_caps",
    "send_limits",
    "sends",
    "sends_by_hand",
];

/// Whether time alone has changed a count.
pub(super) struct Passed {
    pub(super) holds: bool,
    pub(super) by_hand: bool,
    pub(super) cases: bool,
}

impl Passed {
    const ALL: Self = Self {
        holds: true,
        by_hand: true,
        cases: true,
    };
}

impl Tx {
    /// Which counts time alone has changed since a census.
    pub(super) async fn passed(&self, before: Option<&Census>) -> Result<Passed, StoreError> {
        let at = self.now().at;
        let Some(before) = before.filter(|it| it.at <= at) else {
            return Ok(Passed::ALL);
        };
        let day = |at: Timestamp| at.saturating_sub(DAY).unwrap_or(Timestamp::MIN);
        let asked = values(PASSED)
            .value("then", before.at)
            .value("at", at)
            .value("day_then", day(before.at))
            .value("day_at", day(at));
        let rows = self.rows_with(asked).await?;
        rows.first().map_or(Ok(Passed::ALL), |found| {
            Ok(Passed {
                holds: row::get(found, "holds")?,
                by_hand: row::get(found, "by_hand")?,
                cases: row::get(found, "cases")?,
            })
        })
    }
}
