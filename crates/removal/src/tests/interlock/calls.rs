//! One permit is one request, and only the question after it proves anything.

use super::rig::{Rig, call_at, config, on, permit};
use crate::{Caller, KillSwitch, Permit};
use policy::confirm::Answer;
use policy::interlock::Outcome;
use provider::Unipile;
use std::time::{Duration, Instant};

#[tokio::test]
async fn r_del_1_one_permit_is_one_request_and_the_get_after_it_says_gone() {
    let rig = Rig::start().await;
    rig.sessions(&["-a_1", "b"]).await;
    let outcome = call_at(&rig, "-a_1").await;
    let said = "200".to_owned();
    let after = Answer::Gone;
    assert_eq!(outcome, Outcome::Called { said, after });
    let seen = rig.removals().await;
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].session, "-a_1");
    assert!(seen[0].existed && seen[0].deleted && seen[0].key_ok);
    let log = rig.log().await;
    let told: Vec<_> = log.iter().map(|line| line.route.as_str()).collect();
    assert_eq!(told, ["DELETE /accounts/{id}", "GET /accounts/{id}"]);
    assert_eq!(log[0].body_bytes, 0);
    assert!(log[0].query.is_none());
}

#[tokio::test]
async fn r_del_1_a_session_that_was_gone_before_is_called_once_and_still_gone() {
    let rig = Rig::start().await;
    let outcome = call_at(&rig, "gone").await;
    let said = "404 errors/resource_not_found".to_owned();
    let after = Answer::Gone;
    assert_eq!(outcome, Outcome::Called { said, after });
    assert_eq!(rig.removals().await.len(), 1);
}

/// Calls with this switch and this permit; nothing may have been asked of the provider.
#[track_caller]
fn nothing_was_sent(outcome: Outcome, requests: usize, why: &str) {
    let Outcome::NotSent { why: told } = outcome else {
        panic!("{outcome:?}");
    };
    assert!(told.contains(why), "{told}");
    assert_eq!(requests, 0, "{told}");
}

async fn call_with(rig: &Rig, switch: &KillSwitch, permit: Permit) -> Outcome {
    let caller = Caller::new(&config(rig.at)).expect("a caller");
    let provider = Unipile::new(config(rig.at)).expect("a client");
    caller.call(switch, permit, &provider).await
}

#[tokio::test]
async fn r_del_1_gate_1_with_the_switch_off_nothing_is_sent() {
    let rig = Rig::start().await;
    rig.sessions(&["a"]).await;
    let off = KillSwitch::at_start(None);
    let outcome = call_with(&rig, &off, permit("a")).await;
    nothing_was_sent(outcome, rig.log().await.len(), "RELINK_REMOVALS_ENABLED");
    // Turned off by another holder, after the permit was given.
    let (on, permit) = (on(), permit("a"));
    on.clone().turn_off("the process stops");
    let outcome = call_with(&rig, &on, permit).await;
    nothing_was_sent(outcome, rig.log().await.len(), "the process stops");
}

#[tokio::test]
async fn r_del_1_a_permit_of_30_seconds_ago_sends_nothing() {
    let rig = Rig::start().await;
    rig.sessions(&["a"]).await;
    let fresh = permit("a");
    let past = Instant::now().checked_sub(Duration::from_millis(30_001));
    let past = past.expect("a machine that runs for half a minute");
    let old = Permit::of_row(fresh.removal(), fresh.session().clone(), past);
    let outcome = call_with(&rig, &on(), old).await;
    nothing_was_sent(outcome, rig.log().await.len(), "ms old");
}

#[tokio::test]
async fn r_del_1_two_calls_at_once_get_a_request_and_an_answer_of_their_own() {
    let rig = Rig::start().await;
    rig.sessions(&["a", "b", "c"]).await;
    let unauthorized = serde_json::json!({
        "session": "b", "kind": "unauthorized", "route": "DELETE /accounts/{id}"
    });
    let slow = serde_json::json!({ "kind": "latency", "route": "DELETE /accounts/{id}", "ms": 50 });
    rig.faults(serde_json::json!({ "sessions": [unauthorized], "actions": [slow] }))
        .await;
    let caller = Caller::new(&config(rig.at)).expect("a caller");
    let provider = Unipile::new(config(rig.at)).expect("a client");
    let switch = on();
    let (a, b) = tokio::join!(
        caller.call(&switch, permit("a"), &provider),
        caller.call(&switch, permit("b"), &provider),
    );
    let told = |said: &str, after| Outcome::Called {
        said: said.to_owned(),
        after,
    };
    assert_eq!(a, told("200", Answer::Gone));
    let refused = "401 errors/missing_credentials";
    assert_eq!(b, told(refused, Answer::Present));
    let mut seen: Vec<_> = rig
        .removals()
        .await
        .into_iter()
        .map(|line| line.session)
        .collect();
    seen.sort();
    assert_eq!(seen, ["a", "b"]);
}
