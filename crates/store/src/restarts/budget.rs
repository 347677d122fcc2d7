//! The fleet's bound on restarts: read under its lock, written back with what was taken.

use crate::clock::NOW;
use crate::columns::{columns, values};
use crate::error::StoreError;
use crate::jobs::FLEET;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use policy::ids::WorkspaceId;
use policy::restarts::{Budget, bounds};
use std::collections::HashMap;
use uuid::Uuid;

const LOCK: Sql = sql!("restarts/lock");
const FLEET_FACTS: Sql = sql!("restarts/fleet");
const PLACES: Sql = sql!("restarts/places");
const TAKE: Sql = sql!("restarts/take");

impl Tx {
    /// Locks the fleet's bound until this transaction ends. What is read after it is what nobody else changes.
    pub async fn lock_restarts(&self) -> Result<(), StoreError> {
        self.execute(LOCK, &[&self.now().at]).await.map(drop)
    }

    /// The fleet's bound as these workspaces find it; the lock is held.
    pub async fn restart_budget(&self, workspaces: &[WorkspaceId]) -> Result<Budget, StoreError> {
        // Not when the transaction began: it may have waited for the lock into another minute.
        let clock = self.rows(NOW, &[]).await?;
        let now = clock
            .first()
            .map_or(Ok(self.now().at), |found| row::get(found, "now"))?;
        let rows = self.rows(FLEET_FACTS, &[&now]).await?;
        let fleet = rows.first().ok_or_else(|| StoreError::Row {
            column: "sessions",
            why: "no answer".into(),
        })?;
        let in_flight: i64 = row::get(fleet, "in_flight")?;
        let ids: Vec<Uuid> = workspaces.iter().map(|it| it.0).chain([FLEET]).collect();
        let taken = values(PLACES)
            .value("workspaces", ids)
            .value("minute", Budget::minute(now));
        let taken = self.rows_with(taken).await?;
        let taken = taken.iter().map(|found| {
            let workspace: Uuid = row::get(found, "workspace_id")?;
            let of = (workspace != FLEET).then_some(WorkspaceId(workspace));
            let count: i32 = row::get(found, "taken")?;
            let minute: i64 = row::get(found, "minute")?;
            Ok(((minute, of), u32::try_from(count).unwrap_or(0)))
        });
        Ok(Budget {
            now,
            bounds: bounds(row::get(fleet, "sessions")?, row::get(fleet, "workspaces")?),
            in_flight: u32::try_from(in_flight).unwrap_or(u32::MAX),
            taken: taken.collect::<Result<HashMap<_, _>, StoreError>>()?,
            new: vec![],
        })
    }

    /// Writes the places that were taken.
    pub async fn take_places(&self, budget: &Budget) -> Result<(), StoreError> {
        if budget.new.is_empty() {
            return Ok(());
        }
        let taken = columns(TAKE, &budget.new)
            .with("minute", |(minute, _)| *minute)
            .with("workspace_id", |(_, of)| of.map_or(FLEET, |it| it.0));
        self.execute_with(taken).await.map(drop)
    }
}
