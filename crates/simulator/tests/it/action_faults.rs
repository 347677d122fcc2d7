//! Faults of single routes and actions: executed or not, the log tells.

use crate::rig::{KEY, PATIENCE, Rig};
use serde_json::{Value, json};
use simulator::control::{Action, LogLine};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Sends an invitation on a connection of its own; what came until it ended, or until it was left.
async fn raw_invite(rig: &Rig, session: &str, leave_after: Duration) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(rig.address).await.expect("a connection");
    let body = json!({ "account_id": session, "provider_id": "ACo1" }).to_string();
    let request = format!(
        "POST /api/v1/users/invite HTTP/1.1\r\nhost: simulator\r\nx-api-key: {KEY}\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream
        .write_all(request.as_bytes())
        .await
        .expect("a sent request");
    let mut answer = Vec::new();
    match tokio::time::timeout(leave_after, stream.read_to_end(&mut answer)).await {
        Ok(read) => read.map(|_| String::from_utf8(answer).expect("a text")),
        Err(_) => Err(std::io::ErrorKind::TimedOut.into()),
    }
}

async fn strike(rig: &Rig, fault: Value) {
    rig.faults(json!({ "actions": [fault] })).await;
}

async fn last(rig: &Rig) -> LogLine {
    rig.log().await.pop().expect("a line")
}

#[tokio::test]
async fn r_cap_5_a_500_after_doing_it_hides_that_it_happened() {
    let rig = Rig::start().await;
    let id = rig.session().await;
    strike(&rig, json!({ "kind": "error_after", "times": 1 })).await;
    let answer = rig.invite(&id, "ACo1").await;
    assert_eq!(
        (answer.status, &answer.json()["type"]),
        (500, &json!("errors/unexpected_error"))
    );
    let line = last(&rig).await;
    assert_eq!(
        (
            line.executed,
            line.effect,
            line.status,
            line.fault.as_deref(),
            line.account.as_ref()
        ),
        (
            true,
            Some(Action::Invite),
            Some(500),
            Some("error_after"),
            Some(&id)
        )
    );
    assert_eq!(rig.effects().await.len(), 1);
    assert_eq!(rig.invite(&id, "ACo2").await.status, 201, "once was all");
    let left = rig.get("/control/faults").await.json();
    assert_eq!(left["actions"][0]["times"], 0);
}

#[tokio::test]
async fn r_cap_5_resets_come_before_or_after_doing_it_and_look_the_same() {
    for (kind, happened) in [("reset_before", false), ("reset_after", true)] {
        let rig = Rig::start().await;
        let id = rig.session().await;
        strike(&rig, json!({ "kind": kind })).await;
        let ended = raw_invite(&rig, &id, PATIENCE).await;
        assert_eq!(
            ended.map_err(|error| error.kind()),
            Err(std::io::ErrorKind::ConnectionReset),
            "{kind}"
        );
        let line = last(&rig).await;
        assert_eq!(
            (line.executed, line.effect.is_some(), line.status),
            (happened, happened, None)
        );
        assert_eq!(line.fault.as_deref(), Some(kind));
        assert_eq!(rig.effects().await.len(), usize::from(happened));
        let counts = rig.counts().await;
        assert_eq!(
            (
                counts.faults[kind],
                counts.by_route["POST /users/invite"]["reset"]
            ),
            (1, 1)
        );
    }
}

#[tokio::test]
async fn r_cap_5_silence_after_doing_it_is_a_time_out_for_the_client() {
    let rig = Rig::start().await;
    let id = rig.session().await;
    strike(&rig, json!({ "kind": "silence_after", "action": "invite" })).await;
    let ended = raw_invite(&rig, &id, Duration::from_millis(200)).await;
    assert_eq!(
        ended.map_err(|error| error.kind()),
        Err(std::io::ErrorKind::TimedOut)
    );
    let line = last(&rig).await;
    assert_eq!(
        (line.executed, line.effect, line.status),
        (true, Some(Action::Invite), None)
    );
    assert_eq!(
        rig.counts().await.by_route["POST /users/invite"]["silence"],
        1
    );
    strike(&rig, json!({ "kind": "silence_after", "ms": 20 })).await;
    let ended = raw_invite(&rig, &id, PATIENCE).await;
    assert_eq!(
        ended.map_err(|error| error.kind()),
        Err(std::io::ErrorKind::ConnectionReset)
    );
}

#[tokio::test]
async fn r_cap_5_a_slow_answer_comes_after_its_effect_and_latency_before_it() {
    let rig = Rig::start().await;
    let id = rig.session().await;
    strike(&rig, json!({ "kind": "slow_after", "ms": 150 })).await;
    let started = Instant::now();
    assert_eq!(rig.invite(&id, "ACo2").await.status, 201);
    assert!(started.elapsed() >= Duration::from_millis(150));
    strike(&rig, json!({ "kind": "slow_after", "ms": 600_000 })).await;
    let left = raw_invite(&rig, &id, Duration::from_millis(100)).await;
    assert!(left.is_err());
    let line = last(&rig).await;
    assert_eq!(
        (line.executed, line.effect, line.status),
        (true, Some(Action::Invite), Some(201))
    );
    strike(&rig, json!({ "kind": "latency", "ms": 600_000 })).await;
    let left = raw_invite(&rig, &id, Duration::from_millis(100)).await;
    assert!(left.is_err());
    let line = last(&rig).await;
    assert_eq!(
        (line.executed, line.effect, line.status),
        (false, None, None)
    );
    assert_eq!(rig.effects().await.len(), 2);
}

#[tokio::test]
async fn r_cap_5_an_answer_that_cannot_be_decoded_still_says_2xx() {
    let rig = Rig::start().await;
    let id = rig.session().await;
    strike(&rig, json!({ "kind": "undecodable_after" })).await;
    let answer = rig.invite(&id, "ACo1").await;
    assert_eq!(answer.status, 201);
    assert!(!answer.text.is_empty() && serde_json::from_str::<Value>(&answer.text).is_err());
    assert_eq!(rig.effects().await.len(), 1);
}

#[tokio::test]
async fn an_error_before_doing_it_is_told_apart_in_the_log() {
    let rig = Rig::start().await;
    let id = rig.session().await;
    strike(&rig, json!({ "kind": "error_before" })).await;
    assert_eq!(rig.invite(&id, "ACo1").await.status, 500);
    let line = last(&rig).await;
    assert_eq!((line.executed, line.effect), (false, None));
    assert!(rig.effects().await.is_empty());
}

#[tokio::test]
async fn a_fault_befalls_only_the_route_or_action_that_it_names() {
    let rig = Rig::start().await;
    let id = rig.session().await;
    strike(&rig, json!({ "kind": "error_before", "action": "inmail" })).await;
    assert_eq!(rig.message(&id, "ACo1", "Hello").await.status, 201);
    let fields = [
        ("account_id", id.as_str()),
        ("attendees_ids", "ACo1"),
        ("text", "Hi"),
        ("linkedin[inmail]", "true"),
    ];
    assert_eq!(rig.form("/api/v1/chats", &fields).await.status, 500);
    let profile = format!("/api/v1/users/ACo1/?account_id={id}");
    strike(
        &rig,
        json!({ "kind": "error_before", "action": "profile_view" }),
    )
    .await;
    assert_eq!(rig.get(&profile).await.status, 200);
    assert_eq!(rig.get(&format!("{profile}&notify=true")).await.status, 500);
    strike(
        &rig,
        json!({ "kind": "error_before", "route": "GET /users/{identifier}" }),
    )
    .await;
    assert_eq!(rig.get(&profile).await.status, 500);
    assert_eq!(rig.invite(&id, "ACo1").await.status, 201);
    strike(&rig, json!({ "kind": "error_before" })).await;
    assert_eq!(rig.get(&profile).await.status, 200, "it only looks");
    for wrong in [
        json!({ "kind": "error_before", "route": "GET /nowhere" }),
        json!({ "kind": "odd" }),
        json!({ "kind": "latency", "rate": 2 }),
    ] {
        let answer = rig
            .call(
                "PUT",
                "/control/faults",
                Some(json!({ "actions": [wrong] })),
            )
            .await;
        assert_eq!(answer.status, 422, "{}", answer.text);
    }
}

#[tokio::test]
async fn rates_of_several_faults_are_each_met() {
    let rig = Rig::start().await;
    let id = rig.session().await;
    let faults = json!({ "actions": [
        { "kind": "error_after", "rate": 0.3 },
        { "kind": "undecodable_after", "rate": 0.3 },
    ] });
    rig.faults(faults).await;
    for number in 0..200 {
        rig.invite(&id, &format!("ACo{number}")).await;
    }
    let counts = rig.counts().await;
    for kind in ["error_after", "undecodable_after"] {
        assert!(
            (35..85).contains(&counts.faults[kind]),
            "{kind}: {}",
            counts.faults[kind]
        );
    }
    assert_eq!(counts.effects[&Action::Invite], 200);
}
