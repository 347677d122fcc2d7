//! Set statements of which one row fails alone: halves of what is refused are tried again, down to the row (R-JOB-3).

use super::{Attempted, Tx};
use crate::error::StoreError;
use policy::decision::Alert;
use serde_json::json;

/// Rows of one set that are set aside one by one. More is no odd row but a table that takes none.
pub(crate) const SET_ASIDE_MAX: usize = 200;

/// Runs statements over the rows of `$parts`, each part behind a savepoint of its own; rows that are refused alone are told
/// of by `$subject`. Gives what came of each part that was done. No function: a closure over a part's rows is not general
/// enough for a future that is spawned.
macro_rules! each_apart {
    ($tx:expr, $parts:expr, $subject:expr, |$some:ident| $run:expr $(,)?) => {{
        let mut parts = $parts;
        let mut done = vec![];
        while let Some($some) = $tx.next_part(&mut parts).await? {
            let ran = $run.await;
            done.extend($tx.end_part(&mut parts, $some, ran).await?);
        }
        $tx.tell_aside(parts, $subject).await?;
        done
    }};
}

pub(crate) use each_apart;

/// Fate of a set of which a row is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnRefused {
    /// Nothing of it is done: its rows are of one account, whose job fails alone.
    Fail,
    /// Row is set aside, and the rest is done.
    SetAside,
}

/// Rows of a set statement, those of them that are to be tried next, and those that were refused alone.
#[derive(Debug)]
pub struct Parts<'a, R> {
    /// Sweep that works on them, as alerts name it.
    pub(super) work: &'static str,
    on_refused: OnRefused,
    left: Vec<&'a [R]>,
    aside: Vec<(&'a R, String)>,
}

impl<'a, R> Parts<'a, R> {
    /// All rows at once, first.
    pub fn of(work: &'static str, rows: &'a [R]) -> Self {
        Self::or(OnRefused::SetAside, work, rows)
    }

    /// All rows at once, and only so where a refused row is to fail all of them.
    pub(crate) fn or(on_refused: OnRefused, work: &'static str, rows: &'a [R]) -> Self {
        let left = if rows.is_empty() { vec![] } else { vec![rows] };
        Self {
            work,
            on_refused,
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
            _ if self.on_refused == OnRefused::Fail => return Err(error),
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
            .map(|(row, why)| set_aside(work, &subject(row), &why))
            .collect();
        self.raise_all(&alerts).await?;
        Ok(alerts.len() as u64)
    }
}

/// Alert of a row that is set aside by a sweep.
pub(crate) fn set_aside(work: &str, subject: &str, why: &str) -> Alert {
    Alert {
        code: "row_set_aside",
        subject: format!("{work} {subject}"),
        detail: json!({ "work": work, "why": why }),
    }
}

/// SQLSTATE and constraint, or the column: no text of the row, which may hold a person's.
pub(crate) fn reason(error: &StoreError) -> String {
    if let StoreError::Row { column, .. } = error {
        return format!("unreadable {column}");
    }
    let code = error.sqlstate().unwrap_or("refused");
    match error.constraint() {
        Some(constraint) => format!("{code} {constraint}"),
        None => code.to_owned(),
    }
}
