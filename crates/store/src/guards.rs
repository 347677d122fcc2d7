//! The self-test of the record's guards: triggers always on, functions as this build's migrations wrote them, a login that
//! owns nothing and can remove nothing. While it finds something, the deletion interlock refuses (gate 6).

use crate::error::StoreError;
use crate::migrate;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use std::collections::BTreeMap;

const TRIGGERS: Sql = sql!("guards/triggers");
const FUNCTIONS: Sql = sql!("guards/functions");
const LOGIN: Sql = sql!("guards/login");
const WATCH_CLOCK: Sql = sql!("guards/watch_clock");

/// Whether the database's clock must be production's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockKind {
    /// Exactly `clock_timestamp()`.
    Real,
    /// One that a demonstration or a test installed.
    StandIn,
}

impl Tx {
    /// The fleet's regular look at the clock; why it tripped the removals' latch, if it did.
    pub async fn watch_removal_clock(&self) -> Result<Option<String>, StoreError> {
        let rows = self.rows(WATCH_CLOCK, &[]).await?;
        rows.first()
            .map_or(Ok(None), |found| row::get(found, "tripped"))
    }

    /// What is wrong with the guards; nothing, in a sound database.
    pub async fn check_guards(&self, clock: ClockKind) -> Result<Vec<String>, StoreError> {
        let mut findings: Vec<String> = self.one_list(TRIGGERS, "missing").await?;
        findings.extend(self.one_list(LOGIN, "findings").await?);
        let rows = self.rows(FUNCTIONS, &[]).await?;
        let mut found: BTreeMap<String, (String, bool)> = BTreeMap::new();
        for function in &rows {
            found.insert(
                row::get(function, "name")?,
                (
                    row::get(function, "body")?,
                    row::get(function, "is_definer")?,
                ),
            );
        }
        for (name, written) in migrate::functions() {
            if clock == ClockKind::StandIn && matches!(name.as_str(), "clock" | "clock_rate") {
                continue;
            }
            match found.get(&name) {
                None => findings.push(format!("function relink.{name} is missing")),
                Some((body, is_definer))
                    if *body != written.body || *is_definer != written.is_definer =>
                {
                    findings.push(format!(
                        "function relink.{name} is not what the migrations wrote"
                    ));
                }
                Some(_) => {}
            }
        }
        Ok(findings)
    }

    async fn one_list(&self, sql: Sql, column: &'static str) -> Result<Vec<String>, StoreError> {
        let rows = self.rows(sql, &[]).await?;
        rows.first()
            .map_or(Ok(vec![]), |found| row::get(found, column))
    }
}
