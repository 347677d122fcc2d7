use super::RunVerdict;
use crate::jobs::ApplyRun;
use jiff::Timestamp;
use serde_json::json;

fn payload(apply_losses: bool, open_cases: bool) -> serde_json::Value {
    json!({
        "slot": Timestamp::UNIX_EPOCH, "chunk": 3,
        "apply_losses": apply_losses, "open_cases": open_cases,
    })
}

#[test]
fn r_job_5_a_verdict_is_written_in_the_fields_of_version_1() {
    for (verdict, fields) in [
        (RunVerdict::Apply, payload(true, true)),
        (RunVerdict::Abort, payload(false, false)),
    ] {
        let run = ApplyRun {
            slot: Timestamp::UNIX_EPOCH,
            chunk: 3,
            verdict,
        };
        assert_eq!(json!(run), fields);
        assert_eq!(serde_json::from_value(fields).ok(), Some(run));
    }
}

#[test]
fn r_wat_3_a_verdict_that_is_not_wholly_yes_applies_nothing() {
    let absent = json!({ "slot": Timestamp::UNIX_EPOCH, "chunk": 3 });
    for fields in [payload(true, false), payload(false, true), absent] {
        let run: ApplyRun = serde_json::from_value(fields).expect("a payload of version 1");
        assert_eq!(run.verdict, RunVerdict::Abort);
    }
}
