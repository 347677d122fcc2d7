//! Each fault on demand, and none without.

use crate::rig::{KEY, PATIENCE, Rig};
use serde_json::json;
use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[tokio::test]
async fn a_reset_ends_the_connection_before_a_byte_of_the_answer_though_the_call_was_executed() {
    let rig = Rig::start().await;
    let id = rig.session().await;
    rig.faults(json!({ "rate_reset": "all" })).await;
    let mut stream = TcpStream::connect(rig.address).await.expect("a connection");
    let request = format!(
        "DELETE /api/v1/accounts/{id} HTTP/1.1\r\nhost: simulator\r\nx-api-key: {KEY}\r\n\r\n"
    );
    stream
        .write_all(request.as_bytes())
        .await
        .expect("a sent request");
    let mut answer = Vec::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer))
        .await
        .expect("an end in time");
    assert_eq!(
        read.map_err(|error| error.kind()),
        Err(ErrorKind::ConnectionReset)
    );
    assert!(answer.is_empty());
    rig.faults(json!({})).await;
    let counts = rig.counts().await;
    assert_eq!(
        (
            counts.deletes,
            counts.by_route["DELETE /accounts/{id}"]["reset"],
            counts.faults["reset"]
        ),
        (1, 1, 1)
    );
    assert_eq!(rig.log().await[0].status, None);
}

#[tokio::test]
async fn server_errors_come_in_every_kind_and_are_never_executed() {
    let rig = Rig::start().await;
    let id = rig.session().await;
    rig.faults(json!({ "rate_5xx": 1.0 })).await;
    let mut seen = BTreeSet::new();
    for _ in 0..40 {
        let answer = rig
            .call("DELETE", &format!("/api/v1/accounts/{id}"), None)
            .await;
        seen.insert(answer.status);
        assert_eq!(
            answer.status == 502,
            answer.text.starts_with("<html>"),
            "the edge answers in HTML"
        );
    }
    assert_eq!(seen, BTreeSet::from([500, 502, 503, 504]));
    assert_eq!(rig.counts().await.deletes, 0);
}

#[tokio::test]
async fn too_many_requests_say_when_to_come_back_only_if_told_to() {
    let rig = Rig::start().await;
    rig.faults(json!({ "rate_429": "all", "retry_after_seconds": 7 }))
        .await;
    let answer = rig.get("/api/v1/accounts").await;
    assert_eq!(
        (answer.status, &answer.json()["type"]),
        (429, &json!("errors/too_many_requests"))
    );
    assert_eq!(answer.headers["retry-after"], "7");
    rig.faults(json!({ "rate_429": "all" })).await;
    assert!(
        !rig.get("/api/v1/accounts")
            .await
            .headers
            .contains_key("retry-after")
    );
}

#[tokio::test]
async fn an_html_404_a_redirect_and_a_refused_key_hit_every_request() {
    let rig = Rig::start().await;
    let id = rig.session().await;
    let path = format!("/api/v1/accounts/{id}");
    rig.faults(json!({ "html_404": "all" })).await;
    let answer = rig.get(&path).await;
    assert_eq!(
        (answer.status, answer.headers["content-type"].to_str().ok()),
        (404, Some("text/html"))
    );
    rig.faults(json!({ "redirect": true })).await;
    let answer = rig.get(&path).await;
    assert_eq!(
        (answer.status, answer.headers["location"].to_str().ok()),
        (302, Some("/api/v1/elsewhere"))
    );
    rig.faults(json!({ "unauthorized_all": true })).await;
    let answer = rig.get(&path).await;
    assert_eq!(
        (answer.status, &answer.json()["type"]),
        (401, &json!("errors/missing_credentials"))
    );
    rig.faults(json!({})).await;
    assert_eq!(rig.get(&path).await.status, 200);
}

#[tokio::test]
async fn the_list_can_be_empty_half_or_without_an_end() {
    let rig = Rig::start().await;
    rig.post("/control/sessions", json!({ "count": 9 })).await;
    rig.faults(json!({ "list": "empty" })).await;
    let empty = rig.get("/api/v1/accounts").await.json();
    assert_eq!(
        empty,
        json!({ "object": "AccountList", "items": [], "cursor": null })
    );
    rig.faults(json!({ "list": "half" })).await;
    let half = rig.get("/api/v1/accounts?limit=250").await.json();
    assert_eq!(
        (half["items"].as_array().map(Vec::len), &half["cursor"]),
        (Some(4), &json!(null))
    );
    rig.faults(json!({ "list": "cursor_loop" })).await;
    let first = rig.get("/api/v1/accounts?limit=3").await.json();
    let cursor = first["cursor"].as_str().expect("a cursor").to_owned();
    for _ in 0..5 {
        let page = rig
            .get(&format!("/api/v1/accounts?limit=3&cursor={cursor}"))
            .await
            .json();
        assert_eq!(
            page["cursor"].as_str(),
            Some(cursor.as_str()),
            "it leads to the same page for ever"
        );
    }
}

#[tokio::test]
async fn latency_and_slow_bodies_take_their_time() {
    let rig = Rig::start().await;
    rig.faults(json!({ "latency_ms": { "min": 120, "max": 150 } }))
        .await;
    let started = Instant::now();
    rig.get("/api/v1/accounts").await;
    assert!(started.elapsed().as_millis() >= 120);
    rig.faults(json!({ "slow_body": "all", "slow_body_ms": 5 }))
        .await;
    let started = Instant::now();
    let answer = rig.get("/api/v1/accounts").await;
    assert_eq!(answer.json()["object"], "AccountList");
    let bytes = u128::try_from(answer.text.len()).expect("it fits");
    assert!(
        started.elapsed().as_millis() >= 5 * bytes,
        "{bytes} bytes, one by one"
    );
}

#[tokio::test]
async fn a_huge_body_is_as_long_as_asked_for_and_still_json() {
    let rig = Rig::start().await;
    rig.faults(json!({ "huge_body": "all", "huge_body_bytes": 3_000_000 }))
        .await;
    let answer = rig.get("/api/v1/accounts").await;
    assert!(answer.text.len() >= 3_000_000);
    assert_eq!(answer.json()["object"], "AccountList");
}

#[tokio::test]
async fn restarts_can_fail_or_do_nothing() {
    let rig = Rig::start().await;
    let id = rig.session().await;
    rig.change(&id, json!({ "health": "STOPPED" })).await;
    let path = format!("/api/v1/accounts/{id}/restart");
    rig.faults(json!({ "restart": "fails" })).await;
    let answer = rig.call("POST", &path, None).await;
    assert_eq!(
        (answer.status, answer.json()),
        (500, json!({ "object": "AccountFailedToRestart" }))
    );
    rig.faults(json!({ "restart": "ignored" })).await;
    assert_eq!(rig.call("POST", &path, None).await.status, 200);
    let account = rig.get(&format!("/api/v1/accounts/{id}")).await.json();
    assert_eq!(account["sources"][0]["status"], "STOPPED");
}

#[tokio::test]
async fn the_same_seed_meets_the_same_faults_and_another_seed_others() {
    async fn run(seed: u64) -> (Vec<u16>, Vec<String>) {
        let rig = Rig::start_with(|config| config.seed = seed).await;
        rig.post("/control/sessions", json!({ "count": 5 })).await;
        let list = rig.get("/api/v1/accounts").await.json();
        let ids = list["items"]
            .as_array()
            .expect("items")
            .iter()
            .map(|item| item["id"].to_string())
            .collect();
        rig.faults(json!({ "rate_5xx": 0.3, "rate_429": 0.2 }))
            .await;
        let mut statuses = Vec::new();
        for _ in 0..60 {
            statuses.push(rig.get("/api/v1/accounts").await.status);
        }
        (statuses, ids)
    }
    let (first, again, other) = (run(7).await, run(7).await, run(8).await);
    assert_eq!(first, again);
    assert_ne!(first.0, other.0);
    assert_ne!(first.1, other.1);
    assert!(
        first.0.contains(&200)
            && first.0.contains(&429)
            && first.0.iter().any(|&status| status >= 500)
    );
}

#[tokio::test]
async fn a_setting_that_makes_no_sense_is_refused_and_changes_nothing() {
    let rig = Rig::start().await;
    for faults in [
        json!({ "rate_5xx": 1.5 }),
        json!({ "rate_5xx": "often" }),
        json!({ "rate_5x": 1 }),
        json!({ "list": "odd" }),
    ] {
        assert_eq!(
            rig.call("PUT", "/control/faults", Some(faults.clone()))
                .await
                .status,
            422,
            "{faults}"
        );
    }
    assert_eq!(rig.get("/api/v1/accounts").await.status, 200);
}
