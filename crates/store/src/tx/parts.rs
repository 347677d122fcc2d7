//! Set statements of which one row fails alone: halves of what is refused are tried again, down to the row (R-JOB-3).

use super::{Attempted, Tx};
use crate::error::StoreError;
use policy::decision::Alert;
use serde_json::json;

/// Rows of one set that are set aside one by one. More is no odd row but a table that takes none.
const SET_ASIDE_MAX: usize = 200;

/// Rows of a set statement, those of them that are to be tried next, and those that were refused alone.
#[derive(Debug)]
pub struct Parts<'a, R> {
    /// Sweep that works on them, as alerts name it.
    work: &'static str,
    left: Vec<&'a [R]>,
    aside: Vec<(&'a R, String)>,
}

impl<'a, R> Parts<'a, R> {
    /// All rows at once, first.
    pub fn of(work: &'static str, rows: &'a [R]) -> Self {
        let left = if rows.is_empty() { vec![] } else { vec![rows] };
        Self {
            work,
            left,
            aside: vec![],
        }
    }

    /// Rows that were refused alone, each with the server's reason.
    pub fn into_aside(self) -> Vec<(&'a R, String)> {
        self.aside
    }

    fn note(&mut self, some: &'a [R], error: StoreError) -> Result<(), StoreError> {
        match some {
            _ if self.aside.len() == SET_ASIDE_MAX => return Err(error),
            [one] => self.aside.push((one, reason(&error))),
            several => {
                let (first, second) = several.split_at(several.len() / 2);
                self.left.extend([second, first]);
            }
        }
        Ok(())
    }
}

impl Tx {
    /// Rows to try next, behind a savepoint; none once each is written or set aside.
    pub async fn next_part<'a, R: Sync>(
        &self,
        parts: &mut Parts<'a, R>,
    ) -> Result<Option<&'a [R]>, StoreError> {
        let Some(some) = parts.left.pop() else {
            return Ok(None);
        };
        self.mark("SAVEPOINT attempt").await?;
        Ok(Some(some))
    }

    /// Keeps what was done with `some`. Where the database refused it for its rows, nothing of it is kept and null is
    /// returned: its halves are tried next, and a row that is refused alone is set aside.
    pub async fn end_part<'a, R: Sync, T>(
        &self,
        parts: &mut Parts<'a, R>,
        some: &'a [R],
        done: Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let (ran, value) = match done {
            Ok(value) => (Ok(()), Some(value)),
            Err(error) => (Err(error), None),
        };
        match self.settle_attempt(ran).await? {
            Attempted::Done => Ok(value),
            Attempted::Refused(error) => parts.note(some, error).map(|()| None),
        }
    }

    /// Tells of rows that were set aside: one alert for each, counted up as long as it stays so.
    pub async fn tell_aside<R>(
        &self,
        parts: Parts<'_, R>,
        subject: impl Fn(&R) -> String + Send,
    ) -> Result<u64, StoreError> {
        let work = parts.work;
        let alerts: Vec<Alert> = parts
            .into_aside()
            .into_iter()
            .map(|(row, why)| Alert {
                code: "row_set_aside",
                subject: format!("{work} {}", subject(row)),
                detail: json!({ "work": work, "why": why }),
            })
            .collect();
        self.raise(&alerts).await?;
        Ok(alerts.len() as u64)
    }
}

/// SQLSTATE and constraint: no text of the row, which may hold a person's.
fn reason(error: &StoreError) -> String {
    let code = error.sqlstate().unwrap_or("refused");
    match error.constraint() {
        Some(constraint) => format!("{code} {constraint}"),
        None => code.to_owned(),
    }
}
