//! Alerts, which jobs and the scheduler raise alike.

use crate::labels::OTHER;
use metrics::counter;
use policy::alerts::find_alert;
use policy::decision::Alert;

/// Counts alerts that were committed.
pub fn count_alerts(alerts: &[Alert]) {
    for alert in alerts {
        let code = find_alert(alert.code).map_or(OTHER, |it| it.code);
        counter!("relink_alerts_total", "code" => code).increment(1);
    }
}
