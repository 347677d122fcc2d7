//! Alerts, which jobs and the scheduler raise alike.

use crate::labels::{ALERTS, known};
use metrics::counter;
use policy::decision::Alert;

/// Counts alerts that were committed.
pub fn count_alerts(alerts: &[Alert]) {
    for alert in alerts {
        counter!("relink_alerts_total", "code" => known(ALERTS, alert.code)).increment(1);
    }
}
