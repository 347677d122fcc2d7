//! Alerts to operators: one open row for each code and subject, counted up when raised again.

use crate::columns::columns;
use crate::error::StoreError;
use crate::sql::{Sql, sql};
use crate::tx::{Parts, Tx};
use policy::decision::Alert;
use serde_json::Value;
use std::collections::BTreeMap;
use uuid::Uuid;

const RAISE: Sql = sql!("alerts/raise");

impl Tx {
    /// Raises alerts in this transaction. One that the database refuses, for its text, is told of by its code alone, and
    /// undoes nothing of what it tells of.
    pub async fn raise(&self, alerts: &[Alert]) -> Result<(), StoreError> {
        let mut parts = Parts::of("alerts.raise", alerts);
        while let Some(some) = self.next_part(&mut parts).await? {
            let raised = self.raise_all(some).await;
            self.end_part(&mut parts, some, raised).await?;
        }
        self.tell_aside(parts, |alert| alert.code.to_owned())
            .await
            .map(drop)
    }

    pub(crate) async fn raise_all(&self, alerts: &[Alert]) -> Result<(), StoreError> {
        // One statement cannot touch one row twice: the last of a key counts.
        let keyed: BTreeMap<(&str, &str), &Value> = alerts
            .iter()
            .map(|alert| ((alert.code, alert.subject.as_str()), &alert.detail))
            .collect();
        if keyed.is_empty() {
            return Ok(());
        }
        let raised: Vec<_> = keyed.into_iter().collect();
        let raised = columns(RAISE, &raised)
            .with("id", |_| Uuid::now_v7())
            .with("code", |((code, _), _)| *code)
            .with("subject", |((_, subject), _)| *subject)
            .with("detail", |(_, detail)| *detail)
            .value("at", self.now().at);
        self.execute_with(raised).await.map(drop)
    }
}
