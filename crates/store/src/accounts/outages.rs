//! The outage that an account's allowance recovers from, once it is back (R-HEAL-4).

use crate::error::StoreError;
use crate::row;
use jiff::Timestamp;
use policy::account::{Flip, Status};
use policy::sends::ramp;
use policy::sends::sender::Outage;
use std::collections::HashMap;
use tokio_postgres::Row;
use uuid::Uuid;

/// What locked accounts know of outages.
pub(super) struct Outages(HashMap<Uuid, (Option<Timestamp>, Option<Outage>)>);

impl Outages {
    /// From the rows that the lock answers.
    pub(super) fn of_locked(rows: &[Row]) -> Result<Self, StoreError> {
        let known = rows.iter().map(|found| {
            let outage = row::get::<Option<Timestamp>>(found, "outage_from")?
                .zip(row::get(found, "outage_until")?)
                .map(|(from, until)| Outage { from, until });
            Ok((
                row::get(found, "id")?,
                (row::get(found, "lost_at")?, outage),
            ))
        });
        known.collect::<Result<_, StoreError>>().map(Self)
    }

    /// Outage to remember after a flip; none where no outage ends with it.
    pub(super) fn after(&self, flip: &Flip, at: Timestamp) -> Option<Outage> {
        let (lost_at, before) = self.0.get(&flip.account.0)?;
        let latest = Outage {
            from: lost_at.filter(|_| flip.to == Status::Connected)?,
            until: at,
        };
        Some(ramp::remembered(*before, latest))
    }
}
