//! The act of registering webhooks with the provider.

use super::Act;
use crate::columns::values;
use crate::error::StoreError;
use crate::sql::{Sql, sql};
use crate::tx::Tx;

const NOTE_WEBHOOKS: Sql = sql!("operators/note_webhooks");

impl Tx {
    /// Notes that webhooks of these sources are about to be registered; how many.
    pub async fn note_webhooks(&self, act: &Act<'_>, sources: &[&str]) -> Result<i64, StoreError> {
        let asked = values(NOTE_WEBHOOKS)
            .value("token", act.secret())
            .value("audit", act.audit)
            .value("sources", sources)
            .value("reason", act.reason);
        self.acted(asked, "noted").await
    }
}
