//! The clock is stepped, never waited for.

use crate::rig::{Rig, start_time};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use simulator::control::{Act, ClockView, Script, Step};

async fn shown(rig: &Rig) -> Timestamp {
    let view: ClockView =
        serde_json::from_value(rig.get("/control/clock").await.json()).expect("a clock");
    view.now
}

#[tokio::test]
async fn it_goes_ahead_by_a_span_or_to_an_instant_and_never_back() {
    let rig = Rig::start().await;
    rig.ahead(3_600).await;
    let hour = start_time() + SignedDuration::from_hours(1);
    assert!(shown(&rig).await >= hour);
    let day = start_time() + SignedDuration::from_hours(24);
    rig.steer("POST", "clock", json!({ "to": day })).await;
    let now = shown(&rig).await;
    assert!(now >= day && now < day + SignedDuration::from_mins(5));
    for step in [
        json!({ "to": hour }),
        json!({ "ahead_seconds": -1 }),
        json!({ "ahead_seconds": i64::MAX }),
    ] {
        let answer = rig.post("/control/clock", step.clone()).await;
        assert_eq!(answer.status, 409, "{step}");
        let error = answer.json()["error"]
            .as_str()
            .expect("an error")
            .to_owned();
        assert!(error.contains("never stepped backwards"), "{error}");
    }
    for step in [json!({}), json!({ "to": day, "ahead_seconds": 1 })] {
        assert_eq!(rig.post("/control/clock", step).await.status, 400);
    }
    assert!(shown(&rig).await >= now);
}

#[tokio::test]
async fn what_waits_for_an_instant_is_woken_when_the_clock_is_stepped_over_it() {
    let rig = Rig::start().await;
    let step = |at_seconds, session: &str| Step {
        at_seconds,
        session: session.to_owned(),
        act: Act::Appear,
        ..Step::default()
    };
    let script = Script {
        steps: vec![step(86_400.0, "tomorrow"), step(864_000.0, "in-ten-days")],
        ..Script::default()
    };
    rig.post("/control/script", json!(script)).await;
    rig.ahead(2 * 86_400).await;
    rig.counted(|counts| counts.script.appeared == 1).await;
    assert_eq!(rig.get("/api/v1/accounts/tomorrow").await.status, 200);
    rig.ahead(8 * 86_400).await;
    rig.counted(|counts| counts.script.appeared == 2).await;
}
