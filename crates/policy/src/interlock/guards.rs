//! The alert about guards of the record that do not stand (gate 6).

use crate::decision::Alert;
use serde_json::json;

/// One alert for the fleet, with everything that a self-test found; while it is true, nothing is removed.
pub fn guards_alert(findings: &[String]) -> Alert {
    Alert {
        code: "removal_guards",
        subject: "removals".to_owned(),
        detail: json!({ "findings": findings }),
    }
}

#[cfg(test)]
mod interlock_tests {
    use super::guards_alert;

    #[test]
    fn r_del_5_the_alert_names_every_guard_that_does_not_stand() {
        let findings = ["a", "b"].map(str::to_owned);
        let alert = guards_alert(&findings);
        assert_eq!(
            (alert.code, alert.subject.as_str()),
            ("removal_guards", "removals")
        );
        assert_eq!(alert.detail, serde_json::json!({ "findings": ["a", "b"] }));
    }
}
