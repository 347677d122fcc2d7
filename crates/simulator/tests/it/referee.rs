//! The referee: its log comes before the answer, and its counters never forget.

use crate::rig::{PATIENCE, Rig};
use serde_json::json;
use simulator::control::LogLine;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_is_in_the_log_before_it_is_answered() {
    let rig = Rig::start().await;
    let id = rig.session().await;
    rig.faults(json!({ "latency_ms": { "min": 600_000, "max": 600_000 } }))
        .await;
    let path = format!("/api/v1/accounts/{id}");
    let logged = async {
        loop {
            let log = rig.log().await;
            if let [line] = log.as_slice() {
                return line.clone();
            }
        }
    };
    let line = tokio::select! {
        answer = rig.call("DELETE", &path, None) => panic!("answered too early: {answer:?}"),
        line = tokio::time::timeout(PATIENCE, logged) => line.expect("it is logged"),
    };
    let told = (
        line.seq,
        line.method.as_str(),
        line.path.as_str(),
        line.account.as_deref(),
        line.key_ok,
    );
    assert_eq!(told, (1, "DELETE", path.as_str(), Some(id.as_str()), true));
    assert_eq!((line.status, line.answered_at), (None, None));
    let counts = rig.counts().await;
    assert_eq!(
        (counts.requests, counts.delete_requests, counts.deletes),
        (1, 1, 0)
    );
}

#[tokio::test]
async fn a_line_tells_who_asked_for_what_and_how_it_ended() {
    let rig = Rig::start().await;
    rig.post(
        "/api/v1/webhooks",
        json!({ "source": "account_status", "request_url": "http://a.test" }),
    )
    .await;
    rig.send(
        "GET",
        "/api/v1/users/me?account_id=abc",
        Some("wrong"),
        None,
    )
    .await
    .expect("an answer");
    rig.get("/api/v1/some/where").await;
    let log = rig.log().await;
    let told: Vec<_> = log
        .iter()
        .map(|line| (line.seq, line.route.as_str(), line.key_ok, line.status))
        .collect();
    let wanted = [
        (1, "POST /webhooks", true, Some(201)),
        (2, "GET /users/me", false, Some(401)),
        (3, "other", true, Some(404)),
    ];
    assert_eq!(told, wanted);
    assert_eq!(log[0].body_digest.as_deref().map(str::len), Some(64));
    assert_eq!(
        (log[1].account.as_deref(), log[1].query.as_deref()),
        (Some("abc"), Some("account_id=abc"))
    );
    let since = rig.get("/control/log?since=1&limit=1").await.text;
    assert_eq!(
        serde_json::from_str::<LogLine>(since.trim())
            .expect("one line")
            .seq,
        2
    );
}

#[tokio::test]
async fn the_ring_forgets_the_counters_and_the_file_do_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("requests.jsonl");
    let rig = Rig::start_with(|config| {
        config.log_lines = 10;
        config.log_file = Some(file.clone());
    })
    .await;
    for _ in 0..25 {
        rig.get("/api/v1/accounts").await;
    }
    let kept: Vec<u64> = rig.log().await.iter().map(|line| line.seq).collect();
    assert_eq!(kept, (16..=25).collect::<Vec<u64>>());
    let counts = rig.counts().await;
    assert_eq!(
        (counts.requests, counts.by_route["GET /accounts"]["200"]),
        (25, 25)
    );
    rig.stop().await;
    let text = std::fs::read_to_string(file).expect("the file");
    assert_eq!(
        text.lines().count(),
        50,
        "one line when it came, one when it was answered"
    );
}

#[tokio::test]
async fn bulk_changes_are_all_or_none() {
    let rig = Rig::start().await;
    let (one, other) = (rig.session().await, rig.session().await);
    let wrong = json!([{ "id": one, "health": "ERROR" }, { "id": "nobody", "health": "ERROR" }]);
    assert_eq!(rig.post("/control/sessions/bulk", wrong).await.status, 404);
    assert_eq!(rig.counts().await.control.losses, 0);
    let right = json!([{ "id": one, "health": "ERROR" }, { "id": other, "gone": true }]);
    assert_eq!(
        rig.post("/control/sessions/bulk", right).await.json(),
        json!({ "changed": 2 })
    );
    let control = rig.counts().await.control;
    assert_eq!((control.losses, control.gone, control.appeared), (2, 1, 2));
}

#[tokio::test]
async fn it_shows_signs_of_life_and_stops_when_told_to() {
    let rig = Rig::start().await;
    rig.session().await;
    rig.get("/api/v1/accounts").await;
    assert_eq!(
        (
            rig.get("/healthz").await.status,
            rig.get("/readyz").await.status
        ),
        (200, 200)
    );
    let metrics = rig.get("/metrics").await.text;
    for line in [
        "relink_simulator_sessions 1",
        "relink_simulator_requests_total 1",
        r#"relink_simulator_answers_total{route="GET /accounts",status="200"} 1"#,
    ] {
        assert!(
            metrics.lines().any(|known| known == line),
            "{line} in\n{metrics}"
        );
    }
    rig.stop().await;
}

#[tokio::test]
async fn a_speed_that_is_none_is_refused() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let mut config = simulator::Config::new("key", crate::rig::start_time());
    config.speed = 0.0;
    let refused =
        simulator::serve(listener, config, tokio_util::sync::CancellationToken::new()).await;
    assert!(matches!(refused, Err(simulator::ServeError::Speed(_))));
}
