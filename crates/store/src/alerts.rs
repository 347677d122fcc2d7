//! Alerts to operators: one open row for each code and subject, counted up when raised again.

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
        let ids: Vec<Uuid> = keyed.iter().map(|_| Uuid::now_v7()).collect();
        let (codes, subjects): (Vec<&str>, Vec<&str>) = keyed.keys().copied().unzip();
        let details: Vec<&Value> = keyed.values().copied().collect();
        self.execute(RAISE, &[&ids, &codes, &subjects, &details, &self.now().at])
            .await
            .map(|_| ())
    }
}
