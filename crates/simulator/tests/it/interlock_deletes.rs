//! What tests of the deletion interlock lean on: every request to delete is listed, can fail in every way, and one
//! session can be answered for wrongly.

use crate::rig::{Rig, start_time};
use serde_json::{Value, json};
use simulator::control::{Deletes, NewSession};

async fn deletes(rig: &Rig) -> Deletes {
    serde_json::from_value(rig.get("/control/deletes").await.json()).expect("the list")
}

/// Asks to delete it; the status, if there is an answer.
async fn delete(rig: &Rig, id: &str) -> Option<u16> {
    let path = format!("/api/v1/accounts/{id}");
    let answer = rig.send("DELETE", &path, Some(crate::rig::KEY), None).await;
    answer.ok().map(|answer| answer.status)
}

async fn get(rig: &Rig, id: &str) -> (u16, String) {
    let answer = rig.get(&format!("/api/v1/accounts/{id}")).await;
    (answer.status, answer.text)
}

#[tokio::test]
async fn r_del_1_every_request_to_delete_is_listed_with_its_truth_and_its_answer() {
    let rig = Rig::start().await;
    let id = rig.session().await;
    let path = format!("/api/v1/accounts/{id}");
    let refused = rig.send("DELETE", &path, Some("wrong"), None).await;
    assert_eq!(refused.expect("an answer").status, 401);
    assert_eq!(delete(&rig, &id).await, Some(200));
    assert_eq!(delete(&rig, &id).await, Some(404));
    assert_eq!(delete(&rig, "never%2Fwas").await, Some(404));
    rig.call("DELETE", "/api/v1/webhooks/x", None).await;
    let seen = deletes(&rig).await;
    let told: Vec<_> = seen
        .requests
        .iter()
        .map(|line| {
            let truth = (line.existed, line.key_ok, line.deleted);
            (line.seq, line.session.as_str(), truth, line.status)
        })
        .collect();
    let wanted = [
        (1, id.as_str(), (true, false, false), Some(401)),
        (2, id.as_str(), (true, true, true), Some(200)),
        (3, id.as_str(), (false, true, false), Some(404)),
        (4, "never/was", (false, true, false), Some(404)),
    ];
    assert_eq!(told, wanted);
    assert_eq!((seen.left_out, seen.most_in_24_h), (0, 4));
    assert!(seen.requests.iter().all(|line| line.at >= start_time()));
    let counts = rig.counts().await;
    assert_eq!((counts.delete_requests, counts.deletes), (4, 1));
}

#[tokio::test]
async fn r_del_1_the_fullest_day_is_measured_by_the_simulators_clock() {
    let rig = Rig::start().await;
    for hours in [0, 10, 10, 10] {
        let step = json!({ "ahead_seconds": hours * 3_600 });
        assert_eq!(rig.post("/control/clock", step).await.status, 200);
        delete(&rig, "x").await;
    }
    let seen = deletes(&rig).await;
    assert_eq!(seen.most_in_24_h, 3);
    let last = seen.requests[3].at.duration_since(start_time());
    assert!(last.as_hours() >= 30, "{last:?}");
}

#[tokio::test]
async fn r_del_1_a_delete_fails_before_or_after_it_happens_like_any_route_that_acts() {
    for (kind, status, deleted) in [
        ("error_before", Some(500), false),
        ("error_after", Some(500), true),
        ("reset_before", None, false),
        ("reset_after", None, true),
        ("silence_after", None, true),
        ("latency", Some(200), true),
        ("slow_after", Some(200), true),
        ("undecodable_after", Some(200), true),
    ] {
        let rig = Rig::start().await;
        let id = rig.session().await;
        let fault = json!({ "kind": kind, "route": "DELETE /accounts/{id}", "ms": 20, "times": 1 });
        rig.faults(json!({ "actions": [fault] })).await;
        assert_eq!(get(&rig, &id).await.0, 200, "only deletes are struck");
        assert_eq!(delete(&rig, &id).await, status, "{kind}");
        let line = deletes(&rig).await.requests.remove(0);
        assert_eq!((line.existed, line.deleted), (true, deleted), "{kind}");
        assert_eq!(
            (line.status, line.fault.as_deref()),
            (status, Some(kind)),
            "{kind}"
        );
        let left = if deleted { 404 } else { 200 };
        assert_eq!(get(&rig, &id).await.0, left, "{kind}");
        assert_eq!(delete(&rig, &id).await, Some(left), "{kind}: once was all");
    }
}

#[tokio::test]
async fn r_del_1_a_session_that_went_by_itself_is_gone_and_a_delete_of_it_is_listed() {
    let rig = Rig::start().await;
    let id = rig.session().await;
    rig.change(&id, json!({ "gone": true })).await;
    assert_eq!(get(&rig, &id).await.0, 404);
    assert_eq!(delete(&rig, &id).await, Some(404));
    let line = deletes(&rig).await.requests.remove(0);
    assert_eq!(
        (line.session, line.existed, line.deleted),
        (id, false, false)
    );
}

#[tokio::test]
async fn r_del_4_two_sessions_may_be_one_person_and_deleting_one_leaves_the_other() {
    let rig = Rig::start().await;
    let twin = || NewSession {
        identity: Some("ACoAAtwin".to_owned()),
        ..NewSession::default()
    };
    let twins = rig.sessions(&[twin(), twin()]).await;
    assert_eq!(twins[0].identity, twins[1].identity);
    delete(&rig, &twins[0].id).await;
    assert_eq!(get(&rig, &twins[0].id).await.0, 404);
    assert_eq!(get(&rig, &twins[1].id).await.0, 200);
}

#[tokio::test]
async fn r_del_2_one_session_is_answered_for_wrongly_and_no_other() {
    let rig = Rig::start().await;
    let (id, other) = (rig.session().await, rig.session().await);
    for (kind, status, holds) in [
        ("gone", 404, "\\nAccount not found"),
        ("other_gone", 404, "\\nAttendee not found"),
        ("html_404", 404, "<html>"),
        ("empty_404", 404, ""),
        ("unauthorized", 401, "errors/missing_credentials"),
        ("server_error", 500, "errors/unexpected_error"),
    ] {
        let fault = json!({ "session": id, "kind": kind });
        rig.faults(json!({ "sessions": [fault] })).await;
        let (told, text) = get(&rig, &id).await;
        assert_eq!(told, status, "{kind}");
        assert!(text.contains(holds), "{kind}: {text}");
        assert_eq!(text.is_empty(), kind == "empty_404", "{kind}: {text}");
        assert_eq!(get(&rig, &other).await.0, 200, "{kind}");
        let listed = rig.get("/api/v1/accounts").await.json();
        assert_eq!(listed["items"].as_array().map(Vec::len), Some(2), "{kind}");
        let mut lines = rig.log().await.into_iter().rev();
        let named = lines.find_map(|line| line.fault);
        assert_eq!(named, Some(format!("told_{kind}")));
    }
    assert_eq!(delete(&rig, &id).await, Some(200), "it was there all along");
    assert!(deletes(&rig).await.requests[0].existed);
}

#[tokio::test]
async fn r_del_2_a_wrong_answer_can_be_given_so_often_and_on_another_route() {
    let rig = Rig::start().await;
    let id = rig.session().await;
    let route = "DELETE /accounts/{id}";
    let faults = json!({ "sessions": [
        { "session": id, "kind": "gone", "times": 2 },
        { "session": id, "kind": "other_gone", "times": 1 },
        { "session": id, "kind": "unauthorized", "route": route },
    ] });
    rig.faults(faults).await;
    let mut told = vec![];
    for _ in 0..4 {
        let (status, text) = get(&rig, &id).await;
        told.push((status, text.contains("Attendee")));
    }
    let wanted = [(404, false), (404, false), (404, true), (200, false)];
    assert_eq!(told, wanted);
    assert_eq!(delete(&rig, &id).await, Some(401));
    let line = deletes(&rig).await.requests.remove(0);
    assert_eq!(
        (line.existed, line.deleted, line.fault.as_deref()),
        (true, false, Some("told_unauthorized"))
    );
    let left: Value = rig.get("/control/faults").await.json();
    assert_eq!(left["sessions"][0]["times"], 0);
    for wrong in [
        json!({ "session": "x", "kind": "gone", "route": "GET /nowhere" }),
        json!({ "session": "x", "kind": "gone", "often": 1 }),
        json!({ "kind": "gone" }),
        json!({ "session": "x", "kind": "odd" }),
    ] {
        let faults = Some(json!({ "sessions": [wrong] }));
        let answer = rig.call("PUT", "/control/faults", faults).await;
        assert_eq!(answer.status, 422, "{wrong}");
    }
}
