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
const VERSION: Sql = sql!("guards/version");
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

    /// Whether a newer build migrated the database: this one cannot tell then what its guards should be.
    pub async fn is_of_a_newer_build(&self) -> Result<bool, StoreError> {
        let rows = self.rows(VERSION, &[]).await?;
        let found: Option<i64> = rows
            .first()
            .map_or(Ok(None), |found| row::get(found, "version"))?;
        Ok(found.is_some_and(|version| version > migrate::known_version()))
    }

    /// What is wrong with the guards; nothing, in a sound database.
    pub async fn check_guards(&self, clock: ClockKind) -> Result<Vec<String>, StoreError> {
        let mut findings: Vec<String> = self.one_list(TRIGGERS, "missing").await?;
        if self.is_of_a_newer_build().await? {
            findings.push(
                "the database's schema is newer than this build, which cannot judge its guards"
                    .to_owned(),
            );
        }
        findings.extend(self.one_list(LOGIN, "findings").await?);
        let rows = self.rows(FUNCTIONS, &[]).await?;
        // Of one name there may be only one: a second, of other arguments, is not what the migrations wrote.
        let mut found: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
        for function in &rows {
            let known = found.entry(row::get(function, "name")?).or_default();
            known.push((row::get(function, "body")?, row::get(function, "manner")?));
        }
        for (name, written) in migrate::functions() {
            if clock == ClockKind::StandIn && matches!(name.as_str(), "clock" | "clock_rate") {
                continue;
            }
            match found.get(&name) {
                None => findings.push(format!("function relink.{name} is missing")),
                Some(known) if *known != [(written.body, written.manner)] => findings.push(
                    format!("function relink.{name} is not what the migrations wrote"),
                ),
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
