//! Listing accounts.

use crate::rig::Rig;
use serde_json::json;
use std::collections::HashSet;

/// Resident memory of this process, in bytes.
fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: u64 = text
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse().ok())
        .unwrap_or(0);
    pages * 4096
}

async fn walk(rig: &Rig, limit: usize) -> Vec<String> {
    let mut ids = Vec::new();
    let mut query = format!("limit={limit}");
    loop {
        let page = rig.get(&format!("/api/v1/accounts?{query}")).await.json();
        let items = page["items"].as_array().expect("items");
        assert!(items.len() <= limit);
        ids.extend(
            items
                .iter()
                .map(|item| item["id"].as_str().expect("an id").to_owned()),
        );
        let Some(cursor) = page["cursor"].as_str() else {
            return ids;
        };
        query = format!("limit={limit}&cursor={}", cursor.replace('=', "%3D"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_thousand_sessions_are_each_listed_exactly_once() {
    let rig = Rig::start().await;
    let before = resident();
    for _ in 0..100 {
        assert_eq!(
            rig.post("/control/sessions", json!({ "count": 1_000 }))
                .await
                .status,
            201
        );
    }
    let held = resident().saturating_sub(before) >> 20;
    let ids = walk(&rig, 250).await;
    assert_eq!(ids.len(), 100_000);
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), 100_000);
    println!(
        "100,000 sessions: about {held} MiB of resident memory, with everything else that ran meanwhile"
    );
    assert!(held < 400, "{held} MiB");
    assert_eq!(rig.counts().await.by_route["GET /accounts"]["200"], 400);
}

#[tokio::test]
async fn a_walk_is_not_disturbed_by_sessions_that_go_or_come_meanwhile() {
    let rig = Rig::start().await;
    rig.post("/control/sessions", json!({ "count": 6 })).await;
    let first = rig.get("/api/v1/accounts?limit=2").await.json();
    let last_seen = first["items"][1]["id"].as_str().expect("an id");
    // The very session that the cursor names goes.
    rig.change(last_seen, json!({ "gone": true })).await;
    rig.session().await;
    let cursor = first["cursor"].as_str().expect("a cursor");
    let rest = rig
        .get(&format!("/api/v1/accounts?limit=250&cursor={cursor}"))
        .await
        .json();
    assert_eq!(rest["items"].as_array().map(Vec::len), Some(5));
    assert_eq!(rest["cursor"], json!(null));
}

#[tokio::test]
async fn a_limit_or_cursor_that_does_not_fit_is_400_invalid_parameters() {
    let rig = Rig::start().await;
    for query in [
        "limit=0",
        "limit=251",
        "limit=ten",
        "limit=1.5",
        "cursor=",
        "cursor=nonsense",
        "cursor=e30%3D",
    ] {
        let answer = rig.get(&format!("/api/v1/accounts?{query}")).await;
        assert_eq!(
            (answer.status, &answer.json()["type"]),
            (400, &json!("errors/invalid_parameters")),
            "{query}"
        );
    }
    for query in ["limit=1", "limit=250", "provider=LINKEDIN"] {
        assert_eq!(
            rig.get(&format!("/api/v1/accounts?{query}")).await.status,
            200,
            "{query}"
        );
    }
}
