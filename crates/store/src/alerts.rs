//! Alerts to operators: one open row for each code and subject, counted up when raised again.

use crate::columns::columns;
use crate::error::StoreError;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use policy::decision::Alert;
use serde_json::Value;
use std::collections::BTreeMap;
use uuid::Uuid;

const RAISE: Sql = sql!("alerts/raise");

impl Tx {
    /// Raises alerts in this transaction.
    pub async fn raise(&self, alerts: &[Alert]) -> Result<(), StoreError> {
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
