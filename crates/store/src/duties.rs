//! Duties and whether they decide anything (R-WAT-5): one row each, whose facts schedulers observe and jobs say.

use crate::apart::{Apart, Only};
use crate::columns::columns;
use crate::columns::values;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::{Parts, Tx, each_apart};
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
        each_apart!(
            self,
            Parts::of(DUTIES, duties),
            |(kind, _)| kind.name.to_owned(),
            |some| async {
                let declared = columns(DECLARE, some)
                    .with("duty", |(kind, _)| kind.name)
                    .with("every_s", |(_, every)| every.period().as_secs())
                    .with("queues", |(kind, _)| joined(*kind, |it| it.queue.as_str()))
                    .with("kinds", |(kind, _)| joined(*kind, |it| it.name))
                    .value("at", self.now().at);
                self.execute_with(declared).await
            }
        );
        Ok(())
    }

    /// Notes what a job says of its duty. The row is locked until this transaction ends: let it be the last.
    pub async fn note_verdict(&self, verdict: &DutyVerdict) -> Result<(), StoreError> {
        each_apart!(
            self,
            Parts::of(DUTIES, std::slice::from_ref(verdict)),
            |one| one.duty.name.to_owned(),
            |_some| async { self.write_verdict(verdict).await }
        );
        Ok(())
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
        let mut apart = Apart::<String>::of(DUTIES, "duty", values(ALL));
        while let Some(Only(only)) = apart.next(self).await? {
            let ran = self.execute(OBSERVE, &[&self.now().at, &only]).await;
            apart.end(self, only, ran).await?;
        }
        apart.tell(self).await.map(drop)
    }

    /// Where all duties stand, as last observed.
    pub async fn duty_states(&self) -> Result<Vec<DutyState>, StoreError> {
        let rows = self.rows(STATES, &[&self.now().at]).await?;
        let duty = |found: &Row| row::get(found, "duty").unwrap_or_default();
        Ok(self.readable(DUTIES, &rows, duty, state))
    }

    /// Notes of which duties operators were told now.
    pub async fn note_alerted(&self, duties: &[&str], at: Timestamp) -> Result<(), StoreError> {
        each_apart!(
            self,
            Parts::of(DUTIES, duties),
            |duty| (*duty).to_owned(),
            |some| async { self.execute(ALERTED, &[&some, &at]).await }
        );
        Ok(())
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
