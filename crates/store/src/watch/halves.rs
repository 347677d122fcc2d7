//! Writing rows of which the database may refuse some: those are set aside, not all of them (R-WAT-4).

use crate::error::StoreError;
use crate::tx::Attempted;

/// Rows of one batch that may be refused one by one. More is no odd row but a table that does not take them.
const REFUSED_MAX: usize = 50;

/// Rows to attempt at once, and those that are refused in halves.
pub(super) struct Halves<'a, R> {
    left: Vec<&'a [R]>,
    /// Rows that the database refused alone, each with its SQLSTATE.
    pub(super) refused: Vec<(&'a R, String)>,
}

impl<'a, R> Halves<'a, R> {
    pub(super) fn of(rows: &'a [R]) -> Self {
        Self {
            left: vec![rows],
            refused: vec![],
        }
    }

    /// Rows to attempt next; none once each is written or refused.
    pub(super) fn next(&mut self) -> Option<&'a [R]> {
        self.left.pop()
    }

    /// Notes how the attempt at `some` ended.
    pub(super) fn note(&mut self, some: &'a [R], attempted: Attempted) -> Result<(), StoreError> {
        let Attempted::Refused(error) = attempted else {
            return Ok(());
        };
        match some {
            _ if self.refused.len() == REFUSED_MAX => return Err(error),
            [one] => {
                let code = error.sqlstate().unwrap_or("refused").to_owned();
                self.refused.push((one, code));
            }
            several => {
                let (first, second) = several.split_at(several.len() / 2);
                self.left.extend([second, first]);
            }
        }
        Ok(())
    }
}
