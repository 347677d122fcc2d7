//! Whether this database is the fleet's own (R-RES-1): the number that the leader raises.

use crate::columns::values;
use crate::error::StoreError;
use crate::operators::Act;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use policy::witness::{Own, Witness};
use std::time::Duration;
use uuid::Uuid;

const LOOK: Sql = sql!("witness/look");
const RAISE: Sql = sql!("witness/raise");
const DECLARE_COPY: Sql = sql!("witness/declare_copy");
const STATE: Sql = sql!("witness/state");
const ADOPT: Sql = sql!("operators/adopt_database");

/// What a leader sees of its database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looked {
    /// To be compared.
    pub own: Own,
    /// Whether it was compared since its server started.
    pub is_here: bool,
}

/// Whether a database acts outward, as people are shown it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Originality {
    /// Number that it was raised to; 0: never.
    pub number: i64,
    /// When; null: never, and nothing is held back.
    pub raised_at: Option<Timestamp>,
    /// Whether it may act outward.
    pub is_original: bool,
    /// Since when it is known to be a copy, and why.
    pub copy: Option<(Timestamp, String)>,
}

impl Tx {
    /// What this database knows of itself, and how fast its clock runs.
    pub async fn witness(&self) -> Result<(Looked, f64), StoreError> {
        let rows = self.rows(LOOK, &[]).await?;
        let found = only(rows.first(), "witness/look")?;
        let own = Own {
            number: row::get(found, "number")?,
            marks: row::get(found, "marks")?,
            raised_at: row::get(found, "raised_at")?,
            is_of_cluster: row::get(found, "is_of_cluster")?,
            copy_why: row::get(found, "copy_why")?,
            is_adopting: row::get(found, "is_adopting")?,
        };
        let is_here = row::get(found, "is_here")?;
        Ok((Looked { own, is_here }, row::get(found, "rate")?))
    }

    /// Raises the number, and vouches for this start of the server.
    pub async fn raise_witness(&self, witness: Witness) -> Result<(), StoreError> {
        let raised = values(RAISE)
            .value("number", witness.number)
            .value("mark", witness.mark);
        self.rows_with(raised).await.map(drop)
    }

    /// Holds everything back, for this is a copy. Whether that is news.
    pub async fn declare_copy(&self, why: &str) -> Result<bool, StoreError> {
        let declared = values(DECLARE_COPY)
            .value("pause", Uuid::now_v7())
            .value("why", why);
        self.acted(declared, "is_news").await
    }

    /// Whether this database acts outward.
    pub async fn originality(&self) -> Result<Originality, StoreError> {
        let rows = self.rows(STATE, &[]).await?;
        let found = only(rows.first(), "witness/state")?;
        let since: Option<Timestamp> = row::get(found, "copy_since")?;
        let why: Option<String> = row::get(found, "copy_why")?;
        Ok(Originality {
            number: row::get(found, "number")?,
            raised_at: row::get(found, "raised_at")?,
            is_original: row::get(found, "is_original")?,
            copy: since.zip(why),
        })
    }

    /// A person makes this copy the fleet's database; what was held back starts little by little over `ramp`. Since when it was
    /// known to be a copy.
    pub async fn adopt_database(
        &self,
        act: &Act<'_>,
        ramp: Duration,
    ) -> Result<Timestamp, StoreError> {
        let asked = values(ADOPT)
            .value("token", act.secret())
            .value("audit", act.audit)
            .value("ramp_s", ramp.as_secs_f64())
            .value("reason", act.reason);
        self.acted(asked, "copy_since").await
    }
}

fn only<'a, R>(found: Option<&'a R>, query: &'static str) -> Result<&'a R, StoreError> {
    found.ok_or(StoreError::Count {
        query,
        expected: 1,
        changed: 0,
    })
}
