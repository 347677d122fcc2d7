//! Removals, behind the interlock: the database judges, under one lock, and writes whatever it says (V0010, V0011).

mod look;
mod steps;

pub use look::Begun;

use crate::columns::values;
use crate::decision::Author;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use policy::ids::{RemovalId, SessionId};
use policy::interlock::{Gate, GateFacts};
use serde::Deserialize;
use serde_json::Value;

const ROW: Sql = sql!("removals/row");
const JUDGE: Sql = sql!("removals/judge");
const GATES: Sql = sql!("removals/gates");
const TRIP: Sql = sql!("removals/trip");

/// A removal, as far as jobs look at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    /// Its id.
    pub id: RemovalId,
    /// The session that is to be removed.
    pub session: SessionId,
    /// How far it is: `requested`, `permitted`, `calling`, …
    pub state: String,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When its call was begun.
    pub called_at: Option<Timestamp>,
    /// It rests on a warrant, not on a case.
    pub by_warrant: bool,
}

/// Which step is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Asking for the permit: its intent.
    Permit,
    /// Beginning the call, within 30 s of the permit.
    Start,
}

/// What the process says of itself: gate 1, and its self-test for gate 6.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its kill switch is on.
    pub switch: bool,
    /// What its self-test found.
    pub self_test: Vec<String>,
}

/// What the gates were judged on, and which of them the database says refuse.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// The facts.
    pub facts: GateFacts,
    /// In order; empty: all six pass.
    pub refused: Vec<Gate>,
}

/// What the database said to a step. It is written already, whatever it is: commit it.
#[derive(Clone, Debug, PartialEq)]
pub enum Judged {
    /// The step is taken.
    Go(Judgement),
    /// The removal has ended, refused.
    Refused {
        /// Why.
        judgement: Judgement,
        /// The permit was older than 30 s.
        late: bool,
    },
    /// Another run took the step; the removal's state, if it exists.
    Past(Option<String>),
}

impl Tx {
    /// A removal; none if there is none of that id.
    pub async fn removal(&self, removal: RemovalId) -> Result<Option<Removal>, StoreError> {
        let rows = self.rows(ROW, &[&removal.0]).await?;
        rows.first()
            .map(|found| {
                Ok(Removal {
                    id: RemovalId(row::get(found, "id")?),
                    session: SessionId(row::get(found, "session_id")?),
                    state: row::get(found, "state")?,
                    requested_at: row::get(found, "requested_at")?,
                    called_at: row::get(found, "called_at")?,
                    by_warrant: row::get(found, "by_warrant")?,
                })
            })
            .transpose()
    }

    /// Judges a step under the global lock, and takes it or writes the refusal.
    pub async fn judge_removal(
        &self,
        removal: RemovalId,
        step: Step,
        process: &Process,
        by: &Author<'_>,
    ) -> Result<Judged, StoreError> {
        let step = match step {
            Step::Permit => "permit",
            Step::Start => "start",
        };
        let asked = values(JUDGE)
            .value("removal", removal.0)
            .value("step", step)
            .value("switch", process.switch)
            .value("self_test", &process.self_test)
            .value("actor", by.actor)
            .value("job", by.job);
        let rows = self.rows_with(asked).await?;
        let told: Value = only(&rows, "judged")?;
        match told["verdict"].as_str() {
            Some("go") => Ok(Judged::Go(judgement(&told["facts"])?)),
            Some("refused") => Ok(Judged::Refused {
                judgement: judgement(&told["facts"])?,
                late: told["late"].as_bool().unwrap_or(false),
            }),
            _ => Ok(Judged::Past(told["state"].as_str().map(str::to_owned))),
        }
    }

    /// What the gates would say of a removal now; of none, what holds for the fleet, and the third gate refuses. Takes
    /// no lock and changes nothing.
    pub async fn removal_gates(
        &self,
        removal: Option<RemovalId>,
        process: &Process,
    ) -> Result<Judgement, StoreError> {
        let removal = removal.map(|removal| removal.0);
        let rows = self
            .rows(GATES, &[&removal, &process.switch, &process.self_test])
            .await?;
        judgement(&only(&rows, "facts")?)
    }

    /// Stops all removals until a person clears the latch. False: it was tripped already.
    pub async fn trip_removal_latch(&self, why: &str) -> Result<bool, StoreError> {
        let rows = self.rows(TRIP, &[&why]).await?;
        only(&rows, "is_tripped")
    }
}

/// The database writes the facts and what refuses into one document.
pub(crate) fn judgement(told: &Value) -> Result<Judgement, StoreError> {
    let wrong = |error: serde_json::Error| StoreError::Row {
        column: "facts",
        why: error.to_string(),
    };
    Ok(Judgement {
        facts: GateFacts::deserialize(told).map_err(wrong)?,
        refused: Vec::deserialize(&told["refused"]).map_err(wrong)?,
    })
}

fn only<'a, T: tokio_postgres::types::FromSql<'a>>(
    rows: &'a [tokio_postgres::Row],
    column: &'static str,
) -> Result<T, StoreError> {
    let found = rows.first().ok_or_else(|| StoreError::Row {
        column,
        why: "no answer".into(),
    })?;
    row::get(found, column)
}
