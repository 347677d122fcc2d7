//! Very many notices at once.

use super::*;
use std::collections::BTreeMap;

#[test]
fn r_lnk_7_very_many_first_notices_of_one_cause_wait_for_an_operator() {
    let look = |count: i64, was_held: bool| {
        let mut notice = first(1);
        notice.was_held = was_held;
        let mut other = first(2);
        other.cause = Some("permissions".to_owned());
        let firsts = BTreeMap::from([("credentials".to_owned(), count)]);
        let due = vec![notice, other];
        let facts = PlanFacts {
            due,
            firsts,
            ..PlanFacts::default()
        };
        let decided = plan(&facts, noon() + MINUTE);
        let held = decided
            .notices
            .changes
            .iter()
            .filter(|it| it.is_held)
            .count();
        let alerts: Vec<&str> = decided.alerts.iter().map(|it| it.code).collect();
        (mails(&decided).len(), held, alerts.concat())
    };
    assert_eq!(look(FIRSTS_MAX, false), (2, 0, String::new()));
    assert_eq!(
        look(FIRSTS_MAX + 1, false),
        (1, 1, "notices_held".to_owned())
    );
    assert_eq!(
        look(FIRSTS_MAX + 1, true),
        (2, 0, String::new()),
        "held once"
    );
}
