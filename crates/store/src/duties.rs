//! Duties and whether they decide anything (R-WAT-5): one row each, whose facts schedulers observe and jobs say.

use crate::apart::Named;
use crate::columns::columns;
use crate::columns::values;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::{Parts, Tx};
use jiff::SignedDuration;
use jiff::Timestamp;
use policy::duties::{DutyState, DutyVerdict, Verdict, needs};
use policy::jobs::Kind;
use policy::schedule::Period;
use tokio_postgres::Row;

const DECLARE: Sql = sql!("duties/declare");
const NOTE: Sql = sql!("duties/note_verdict");
const OBSERVE: Sql = sql!("duties/observe");
const STATES: Sql = sql!("duties/states");
const ALERTED: Sql = sql!("duties/note_alerted");
const ALL: Sql = sql!("apart/duties");

/// Work on duties, as alerts of rows set aside name it.
const DUTIES: &str = "duties";

/// Seconds in which one of many equal verdicts is written, so that the jobs of a run do not queue for one row.
const FRESH_S: f64 = 30.0;

impl Tx {
    /// Makes duties known, each with its period. What a known one is counted from stays.
    pub async fn declare_duties(&self, duties: &[(Kind, Period)]) -> Result<(), StoreError> {
        let joined = |kind: Kind, word: fn(&Kind) -> &'static str| {
            let words: Vec<_> = needs(kind).iter().map(word).collect();
            words.join(" ")
        };
        let declared = self.each_apart(
            Parts::of(DUTIES, duties),
            |(kind, _)| kind.name.to_owned(),
            async |some| {
                let declared = columns(DECLARE, some)
                    .with("duty", |(kind, _)| kind.name)
                    .with("every_s", |(_, every)| every.period().as_secs())
                    .with("queues", |(kind, _)| joined(*kind, |it| it.queue.as_str()))
                    .with("kinds", |(kind, _)| joined(*kind, |it| it.name))
                    .value("at", self.now().at);
                self.execute_with(declared).await
            },
        );
        declared.await.map(drop)
    }

    /// Notes what a job says of its duty. The row is locked until this transaction ends: let it be the last.
    pub async fn note_verdict(&self, verdict: &DutyVerdict) -> Result<(), StoreError> {
        let noted = self.each_apart(
            Parts::of(DUTIES, std::slice::from_ref(verdict)),
            |one| one.duty.name.to_owned(),
            async |some| {
                for one in some {
                    self.write_verdict(one).await?;
                }
                Ok(())
            },
        );
        noted.await.map(drop)
    }

    async fn write_verdict(&self, verdict: &DutyVerdict) -> Result<(), StoreError> {
        let DutyVerdict { duty, verdict } = verdict;
        let note = match verdict {
            Verdict::Conclusive => None,
            Verdict::Inconclusive { note } => Some(note.as_str()),
        };
        let noted = values(NOTE)
            .value("duty", duty.name)
            .value("note", note)
            .value("at", self.now().at)
            .value("fresh_s", FRESH_S);
        self.execute_with(noted).await.map(drop)
    }

    /// Notes what rows tell of all duties: runs that ended, pauses, whether there is anything to do.
    pub async fn observe_duties(&self) -> Result<(), StoreError> {
        let named = Named {
            work: DUTIES,
            noun: "duty",
            owners: values(ALL),
        };
        let observed = self.run_apart(named, async |only: Option<Vec<String>>| {
            self.execute(OBSERVE, &[&self.now().at, &only]).await
        });
        observed.await.map(drop)
    }

    /// Where all duties stand, as last observed.
    pub async fn duty_states(&self) -> Result<Vec<DutyState>, StoreError> {
        let rows = self.rows(STATES, &[&self.now().at]).await?;
        let duty = |found: &Row| row::get(found, "duty").unwrap_or_default();
        Ok(self.readable(DUTIES, &rows, duty, state))
    }

    /// Notes of which duties operators were told now.
    pub async fn note_alerted(&self, duties: &[&str], at: Timestamp) -> Result<(), StoreError> {
        let alerted = self.each_apart(
            Parts::of(DUTIES, duties),
            |duty| (*duty).to_owned(),
            async |some| self.execute(ALERTED, &[&some, &at]).await,
        );
        alerted.await.map(drop)
    }
}

fn state(found: &Row) -> Result<DutyState, StoreError> {
    Ok(DutyState {
        duty: row::get(found, "duty")?,
        every: SignedDuration::from_secs(row::get(found, "every_s")?),
        counted_from: row::get(found, "counted_from")?,
        conclusive_at: row::get(found, "conclusive_at")?,
        tried_at: row::get(found, "tried_at")?,
        inconclusive: row::get(found, "inconclusive")?,
        note: row::get(found, "note")?,
        is_held: row::get(found, "is_held")?,
        alerted_at: row::get(found, "alerted_at")?,
    })
}
