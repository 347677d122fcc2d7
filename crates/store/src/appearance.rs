//! How accounts appear to people: the one reading that every view of an account, and its pill, are made of (R-ST-4).

use crate::error::StoreError;
use crate::row;
use crate::sends::word;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use policy::ids::AccountId;
use policy::pill::{Hold, PillFacts, RestartsShown};
use policy::sends::sender::ZoneFrom;
use policy::session::Health;
use serde::Serialize;
use std::collections::HashMap;
use tokio_postgres::Row;
use utoipa::ToSchema;
use uuid::Uuid;

const APPEARANCE: Sql = sql!("accounts/appearance");

/// An account as people see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Appearance {
    /// Facts of its pill and of what its owner can do.
    pub facts: PillFacts,
    /// Cause of its newest flip (R-AUD-3).
    pub cause: Option<String>,
    /// When it was first connected: historical, the pill does not change by it.
    pub first_connected_at: Option<Timestamp>,
    /// The first call after its last episode that the provider took (R-LNK-6); none before that, and where it had none.
    pub working_since: Option<Timestamp>,
    /// The time in which it cannot send, while that lasts.
    pub episode: Option<Episode>,
    /// Name of that episode, by its flip's version: on pages and in notices.
    pub episode_version: Option<i64>,
    /// Owner of the zone that its clock times are shown in (R-CAP-3).
    pub zone_from: ZoneFrom,
    /// Earlier row of the same person that it went on as: it has nothing of its own any more (R-LNK-5).
    pub merged_into: Option<AccountId>,
}

/// An episode that is open (R-LNK-7).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Episode {
    /// When the account left `connected`.
    #[schema(value_type = String, format = DateTime)]
    pub began_at: Timestamp,
    /// Cause of that flip.
    pub cause: String,
}

impl Tx {
    /// Accounts as people see them, by id; those that do not exist are left out.
    pub(crate) async fn appearances(
        &self,
        ids: &[Uuid],
    ) -> Result<HashMap<Uuid, Appearance>, StoreError> {
        let rows = self.rows(APPEARANCE, &[&ids, &self.now().at]).await?;
        rows.iter()
            .map(|found| Ok((row::get(found, "id")?, appearance(found)?)))
            .collect()
    }
}

fn appearance(found: &Row) -> Result<Appearance, StoreError> {
    let zone: String = row::get(found, "zone")?;
    let began: Option<Timestamp> = row::get(found, "episode_began_at")?;
    let cause: Option<String> = row::get(found, "episode_cause")?;
    Ok(Appearance {
        facts: PillFacts {
            status: row::status(found, "status")?,
            since: row::get(found, "status_since")?,
            kind: row::get(found, "kind")?,
            last_activity: row::get(found, "last_activity_at")?,
            checked: row::get(found, "checked_at")?,
            checkpoint: row::get(found, "checkpoint")?,
            holds: holds(found)?,
            side: side(found)?,
            link_ends: row::get(found, "link_ends_at")?,
            restarts: restarts(found)?,
            zone: TimeZone::get(&zone).unwrap_or(TimeZone::UTC),
        },
        cause: row::get(found, "cause")?,
        first_connected_at: row::get(found, "first_connected_at")?,
        working_since: row::get(found, "working_since")?,
        episode: began
            .zip(cause)
            .map(|(began_at, cause)| Episode { began_at, cause }),
        episode_version: row::get(found, "episode_version")?,
        zone_from: word(found, "zone_from", ZoneFrom::parse)?,
        merged_into: row::get::<Option<Uuid>>(found, "merged_into")?.map(AccountId),
    })
}

fn restarts(found: &Row) -> Result<RestartsShown, StoreError> {
    let made: i64 = row::get(found, "restarts")?;
    Ok(RestartsShown {
        made: made.unsigned_abs(),
        next: row::get(found, "next_restart_at")?,
    })
}

fn side(found: &Row) -> Result<Option<Health>, StoreError> {
    let word: Option<&str> = row::get(found, "side_health")?;
    Ok(word.and_then(Health::parse))
}

fn holds(found: &Row) -> Result<Vec<Hold>, StoreError> {
    let reasons: Vec<String> = row::get(found, "hold_reasons")?;
    let ends: Vec<Option<Timestamp>> = row::get(found, "hold_ends")?;
    let each = reasons.into_iter().zip(ends);
    Ok(each.map(|(reason, until)| Hold { reason, until }).collect())
}

/// Appearance of one row of a list, which was read a moment before.
pub(crate) fn appears(
    appearances: &mut HashMap<Uuid, Appearance>,
    id: Uuid,
) -> Result<Appearance, StoreError> {
    appearances.remove(&id).ok_or_else(|| StoreError::Row {
        column: "id",
        why: format!("account {id} has no appearance"),
    })
}
