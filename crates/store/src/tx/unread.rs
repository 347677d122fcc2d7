//! Rows that this build cannot read: left out, and told of once the transaction ends.

use super::Tx;
use super::parts::{Parts, reason, set_aside};
use crate::error::StoreError;
use crate::row;
use policy::decision::Alert;
use std::sync::{Mutex, PoisonError};
use tokio_postgres::Row;
use uuid::Uuid;

/// Rows that a transaction could not read so far, each as its alert.
#[derive(Debug, Default)]
pub(super) struct Unread(Mutex<Vec<Alert>>);

impl Unread {
    fn note(&self, alert: Alert) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.push(alert);
    }
}

impl Tx {
    /// Rows that could not be read so far, each as its alert; from now on they are the caller's to raise.
    pub(crate) fn take_unread(&self) -> Vec<Alert> {
        let noted = self.unread.0.lock();
        std::mem::take(&mut *noted.unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes rows that were set aside by a transaction that only reads: operators are told once it ends.
    pub(crate) fn note_aside<R>(&self, parts: Parts<'_, R>, subject: impl Fn(&R) -> String) {
        let work = parts.work;
        for (row, why) in parts.into_aside() {
            self.unread.note(set_aside(work, &subject(row), &why));
        }
    }

    /// Rows as they are read, without those that this build cannot read: operators are told of each, by `subject`, once the
    /// transaction ends.
    pub(crate) fn readable<T>(
        &self,
        work: &'static str,
        rows: &[Row],
        subject: impl Fn(&Row) -> String,
        read: impl Fn(&Row) -> Result<T, StoreError>,
    ) -> Vec<T> {
        let mut readable = Vec::with_capacity(rows.len());
        for row in rows {
            match read(row) {
                Ok(value) => readable.push(value),
                Err(error) => self
                    .unread
                    .note(set_aside(work, &subject(row), &reason(&error))),
            }
        }
        readable
    }
}

/// Words that name an account of a row in alerts, by its column.
pub(crate) fn account_of(column: &'static str) -> impl Fn(&Row) -> String {
    move |found| match row::get::<Uuid>(found, column) {
        Ok(id) => format!("account {id}"),
        Err(_) => "an account without an id".to_owned(),
    }
}
