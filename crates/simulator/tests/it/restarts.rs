//! Restarts of single sessions, in every way that they end.

use crate::rig::Rig;
use serde_json::json;
use simulator::control::{Health, NewSession, RestartLine, RestartMode};

async fn failed(rig: &Rig) -> String {
    let new = NewSession {
        health: Health::Error,
        ..NewSession::default()
    };
    rig.sessions(&[new]).await.remove(0).id
}

async fn restart(rig: &Rig, id: &str) -> (u16, String) {
    let path = format!("/api/v1/accounts/{id}/restart");
    let answer = rig.call("POST", &path, None).await;
    let body = answer.json();
    let word = body["type"].as_str().or(body["object"].as_str());
    (answer.status, word.unwrap_or_default().to_owned())
}

/// Word of its first source; none when it is gone.
async fn word(rig: &Rig, id: &str) -> Option<String> {
    let account = rig.get(&format!("/api/v1/accounts/{id}")).await.json();
    let word = account["sources"][0]["status"].as_str();
    word.map(ToOwned::to_owned)
}

#[tokio::test]
async fn r_lnk_8_each_way_in_which_a_restart_ends() {
    let rig = Rig::start().await;
    let gone = "errors/resource_not_found";
    for (mode, status, told, after) in [
        ("fixes", 200, "AccountRestarted", Some("OK")),
        ("ignored", 200, "AccountRestarted", Some("ERROR")),
        ("fails", 500, "AccountFailedToRestart", Some("ERROR")),
        ("late", 200, "AccountRestarted", Some("CONNECTING")),
        ("relapses", 200, "AccountRestarted", Some("CONNECTING")),
        (
            "disconnected",
            401,
            "errors/disconnected_account",
            Some("CREDENTIALS"),
        ),
        ("gone", 404, gone, None),
        (
            "too_many_requests",
            429,
            "errors/too_many_requests",
            Some("ERROR"),
        ),
        (
            "server_error",
            503,
            "errors/service_unavailable",
            Some("ERROR"),
        ),
    ] {
        let id = failed(&rig).await;
        let told_so = json!({ "session": id, "mode": mode, "times": 1, "late_seconds": 100 });
        let set = rig.post("/control/restarts", told_so).await;
        assert_eq!(set.status, 200, "{}", set.text);
        assert_eq!(
            restart(&rig, &id).await,
            (status, told.to_owned()),
            "{mode}"
        );
        assert_eq!(word(&rig, &id).await.as_deref(), after, "{mode}");
        rig.post("/control/clock", json!({ "ahead_seconds": 90 }))
            .await;
        assert_eq!(word(&rig, &id).await.as_deref(), after, "{mode}: not yet");
        let late = match mode {
            "late" => Some("OK"),
            "relapses" => Some("ERROR"),
            _ => after,
        };
        let waits = || async {
            let view = rig.get("/control/script").await.json();
            view["restarts_waiting"] != json!(0)
        };
        rig.post("/control/clock", json!({ "ahead_seconds": 20 }))
            .await;
        while waits().await {}
        assert_eq!(word(&rig, &id).await.as_deref(), late, "{mode}");
    }
    let lines = rig.get("/control/restarts").await;
    let lines: Vec<RestartLine> = serde_json::from_str(&lines.text).expect("lines");
    assert_eq!(lines.len(), 9);
    assert!(
        lines
            .iter()
            .all(|it| it.attempt == 1 && it.before == "ERROR")
    );
    assert!(lines.is_sorted_by_key(|it| it.seq));
    let counts = rig.counts().await;
    assert_eq!(counts.restarts.len(), 9);
    assert_eq!(counts.restarts[&RestartMode::Late], 1);
}

#[tokio::test]
async fn r_lnk_8_a_session_without_credentials_or_that_runs_is_not_changed_by_a_restart() {
    let rig = Rig::start().await;
    rig.faults(json!({ "restart": "late" })).await;
    for health in ["OK", "CREDENTIALS", "PERMISSIONS"] {
        let id = rig.session().await;
        rig.change(&id, json!({ "health": health })).await;
        assert_eq!(restart(&rig, &id).await.0, 200);
        assert_eq!(word(&rig, &id).await.as_deref(), Some(health));
    }
}

#[tokio::test]
async fn a_restart_of_a_session_that_never_was_can_not_be_told() {
    let rig = Rig::start().await;
    let told = json!([{ "session": "nobody", "mode": "fails" }]);
    assert_eq!(rig.post("/control/restarts", told).await.status, 404);
    let told = json!({ "session": "nobody", "mode": "explodes" });
    assert_eq!(rig.post("/control/restarts", told).await.status, 422);
}
