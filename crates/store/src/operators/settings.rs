//! Acts of people that say when, how much and whether an account sends (R-CAP-1, R-CAP-3).

use super::Act;
use crate::columns::values;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use policy::ids::AccountId;
use policy::sends::sender::{Caps, SendingRules, ZoneFrom};
use policy::sends::{Action, Tier};
use serde_json::Value;
use std::time::Duration;
use tokio_postgres::Row;

const HOLD_ACCOUNT: Sql = sql!("operators/hold_account");
const CAP_ACCOUNT: Sql = sql!("operators/cap_account");
const RULE_ACCOUNT: Sql = sql!("operators/rule_account");
const TIER_ACCOUNT: Sql = sql!("operators/tier_account");

/// An account's own caps of an action, as an act left them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptCaps {
    /// In any 24 hours; none for the tier's.
    pub day: Option<u32>,
    /// In any 7 × 24 hours; none for the tier's.
    pub week: Option<u32>,
    /// A number above the tier's holds.
    pub is_lifted: bool,
    /// Caps of the account's tier.
    pub tier: Caps,
}

impl Tx {
    /// Holds an account for `operator`, and takes back what it has reserved; none: until a person ends it. The end.
    pub async fn hold_account(
        &self,
        act: &Act<'_>,
        account: AccountId,
        life: Option<Duration>,
    ) -> Result<Option<Timestamp>, StoreError> {
        let asked = values(HOLD_ACCOUNT)
            .value("token", act.secret())
            .value("audit", act.audit)
            .value("account", account.0)
            .value("for_s", life.map(|it| it.as_secs_f64()))
            .value("reason", act.reason);
        self.acted(asked, "ends_at").await
    }

    /// Changes an account's own caps of an action by `day` and `week`; one above the tier's is refused unless it is lifted.
    pub async fn cap_account(
        &self,
        act: &Act<'_>,
        account: AccountId,
        (action, changes, lift): (Action, &Value, bool),
    ) -> Result<KeptCaps, StoreError> {
        let asked = values(CAP_ACCOUNT)
            .value("token", act.secret())
            .value("audit", act.audit)
            .value("account", account.0)
            .value("action", action.as_str())
            .value("changes", changes)
            .value("lift", lift)
            .value("reason", act.reason);
        let rows = self.rows_with(asked).await?;
        let found = only(&rows, "day")?;
        Ok(KeptCaps {
            day: some_cap(found, "day")?,
            week: some_cap(found, "week")?,
            is_lifted: row::get(found, "is_lifted")?,
            tier: Caps {
                day: some_cap(found, "tier_day")?.unwrap_or_default(),
                week: some_cap(found, "tier_week")?.unwrap_or_default(),
            },
        })
    }

    /// Changes an account's own rules of sending by the columns that `changes` names; null is inherited again. The rules in
    /// force after that.
    pub async fn rule_account(
        &self,
        act: &Act<'_>,
        account: AccountId,
        changes: &Value,
    ) -> Result<(SendingRules, ZoneFrom), StoreError> {
        let asked = values(RULE_ACCOUNT)
            .value("token", act.secret())
            .value("audit", act.audit)
            .value("account", account.0)
            .value("changes", changes)
            .value("reason", act.reason);
        let rows = self.rows_with(asked).await?;
        let found = only(&rows, "zone")?;
        let minute = |column| -> Result<u16, StoreError> {
            Ok(u16::try_from(row::get::<i16>(found, column)?).unwrap_or_default())
        };
        let from: &str = row::get(found, "zone_from")?;
        let rules = SendingRules {
            zone: row::get(found, "zone")?,
            start_minute: minute("start_minute")?,
            end_minute: minute("end_minute")?,
            days: u8::try_from(row::get::<i16>(found, "days")?).unwrap_or_default(),
            ramp_start: some_cap(found, "ramp_start")?.unwrap_or_default(),
            ramp_step: some_cap(found, "ramp_step")?.unwrap_or_default(),
        };
        Ok((rules, ZoneFrom::parse(from).unwrap_or(ZoneFrom::Unknown)))
    }

    /// Says what an account pays for. The tier of before, and the actions whose caps are lifted no more.
    pub async fn tier_account(
        &self,
        act: &Act<'_>,
        account: AccountId,
        tier: Tier,
    ) -> Result<(String, Vec<String>), StoreError> {
        let asked = values(TIER_ACCOUNT)
            .value("token", act.secret())
            .value("audit", act.audit)
            .value("account", account.0)
            .value("tier", tier.as_str())
            .value("reason", act.reason);
        let rows = self.rows_with(asked).await?;
        let found = only(&rows, "was")?;
        Ok((row::get(found, "was")?, row::get(found, "unlifted")?))
    }
}

fn only<'a>(rows: &'a [Row], column: &'static str) -> Result<&'a Row, StoreError> {
    rows.first().ok_or_else(|| StoreError::Row {
        column,
        why: "no answer".into(),
    })
}

fn some_cap(found: &Row, column: &'static str) -> Result<Option<u32>, StoreError> {
    let number: Option<i32> = row::get(found, column)?;
    Ok(number.and_then(|it| u32::try_from(it).ok()))
}
