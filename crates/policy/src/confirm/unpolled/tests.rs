use super::*;
use crate::samples::{account, at, session_id, workspace};
use uuid::Uuid;

fn stalled(asked: u32) -> UnpolledCase {
    UnpolledCase {
        case: CaseId(Uuid::from_u128(9)),
        account: account(1),
        workspace: workspace(1),
        session: session_id(1),
        opened_at: at(0),
        number: 2,
        asked,
        is_stopped: false,
    }
}

#[test]
fn r_del_2_a_poll_that_died_is_asked_for_under_a_name_of_its_own() {
    let case = stalled(0).case;
    for (asked, name) in [(0, ""), (1, "~1"), (7, "~7")] {
        let decision = rescue(vec![stalled(asked)], at(600));
        let job = &decision.jobs[0];
        assert_eq!(job.cause, format!("confirm.poll@{case}/2{name}"));
        assert_eq!((job.run_at, decision.cases.verdicts.len()), (at(600), 0));
    }
}

#[test]
fn r_del_2_a_case_that_cannot_be_polled_for_a_day_ends_and_is_told() {
    let day = 24 * 60 * 60;
    for (now, expired) in [(day, 0), (day + 1, 1)] {
        let decision = rescue(vec![stalled(3)], at(now));
        let told: Vec<_> = decision.alerts.iter().map(|it| it.code).collect();
        assert_eq!(told, ["case_expired"][..expired].to_vec());
        let verdicts = decision.cases.verdicts.len();
        assert_eq!((verdicts, decision.jobs.len()), (expired, 1 - expired));
    }
}
