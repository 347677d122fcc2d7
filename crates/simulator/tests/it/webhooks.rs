//! Webhooks, with someone who really listens.

use crate::rig::{Ear, Rig};
use serde_json::{Value, json};
use simulator::control::Deliveries;

async fn register(rig: &Rig, url: &str, more: Value) -> String {
    let mut body = json!({ "source": "account_status", "request_url": url });
    for (key, value) in more.as_object().expect("an object") {
        body[key] = value.clone();
    }
    let answer = rig.post("/api/v1/webhooks", body).await;
    assert_eq!(
        (answer.status, &answer.json()["object"]),
        (201, &json!("WebhookCreated"))
    );
    answer.json()["webhook_id"]
        .as_str()
        .expect("an id")
        .to_owned()
}

async fn fast() -> Rig {
    Rig::start_with(|config| config.speed = 1_000.0).await
}

#[tokio::test]
async fn a_change_is_told_with_the_registered_headers_and_the_documented_body() {
    let (rig, mut ear) = (fast().await, Ear::open(0).await);
    let secret = json!({ "headers": [{ "key": "Unipile-Auth", "value": "secret" }] });
    register(&rig, &ear.url, secret).await;
    let id = rig.session().await;
    rig.change(&id, json!({ "health": "CREDENTIALS" })).await;
    let heard = ear.next().await;
    let wanted = json!({ "AccountStatus": { "account_id": id, "account_type": "LINKEDIN", "message": "CREDENTIALS" } });
    assert_eq!(heard.body, wanted);
    assert_eq!(heard.headers["unipile-auth"], "secret");
    assert!(
        !heard.headers.contains_key("content-type"),
        "it is sent only where it was registered"
    );
}

#[tokio::test]
async fn only_what_was_asked_for_is_told() {
    let (rig, mut ear) = (fast().await, Ear::open(0).await);
    let (one, other) = (rig.session().await, rig.session().await);
    let hook = register(
        &rig,
        &ear.url,
        json!({ "account_ids": [one], "events": ["credentials", "ok"] }),
    )
    .await;
    rig.change(&other, json!({ "health": "CREDENTIALS" })).await;
    rig.change(&one, json!({ "health": "ERROR" })).await;
    rig.change(&one, json!({ "health": "CREDENTIALS", "quiet": true }))
        .await;
    rig.change(&one, json!({ "health": "OK" })).await;
    assert_eq!(ear.messages(1).await, ["OK"]);
    let removed = rig
        .call("DELETE", &format!("/api/v1/webhooks/{hook}"), None)
        .await;
    assert_eq!(removed.json(), json!({ "object": "WebhookDeleted" }));
    rig.change(&one, json!({ "health": "CREDENTIALS" })).await;
    assert_eq!(rig.counts().await.webhooks.raised, 1);
    let again = rig
        .call("DELETE", &format!("/api/v1/webhooks/{hook}"), None)
        .await;
    assert_eq!(again.status, 404);
}

#[tokio::test]
async fn a_message_is_repeated_until_it_is_answered_with_exactly_200() {
    let (rig, mut ear) = (fast().await, Ear::open(2).await);
    register(&rig, &ear.url, json!({})).await;
    let id = rig.session().await;
    rig.change(&id, json!({ "health": "STOPPED" })).await;
    assert_eq!(ear.messages(3).await, ["STOPPED"; 3]);
    let counts = rig.counted(|counts| counts.webhooks.delivered == 1).await;
    assert_eq!(
        counts.webhooks,
        Deliveries {
            raised: 1,
            attempts: 3,
            delivered: 1,
            ..Deliveries::default()
        }
    );
}

#[tokio::test]
async fn after_five_retries_a_message_is_lost() {
    let (rig, mut ear) = (fast().await, Ear::open(usize::MAX).await);
    register(&rig, &ear.url, json!({})).await;
    let id = rig.session().await;
    rig.change(&id, json!({ "health": "STOPPED" })).await;
    let counts = rig.counted(|counts| counts.webhooks.given_up == 1).await;
    assert_eq!(
        (counts.webhooks.attempts, counts.webhooks.delivered),
        (6, 0)
    );
    assert_eq!(ear.messages(6).await, ["STOPPED"; 6]);
}

#[tokio::test]
async fn dropped_messages_never_come_and_duplicated_ones_come_twice() {
    let (rig, mut ear) = (fast().await, Ear::open(0).await);
    register(&rig, &ear.url, json!({})).await;
    let id = rig.session().await;
    rig.faults(json!({ "webhook_drop": "all" })).await;
    rig.change(&id, json!({ "health": "ERROR" })).await;
    rig.faults(json!({ "webhook_duplicate": "all" })).await;
    rig.change(&id, json!({ "health": "OK" })).await;
    assert_eq!(ear.messages(2).await, ["OK", "OK"]);
    let counts = rig.counted(|counts| counts.webhooks.delivered == 2).await;
    assert_eq!(
        (
            counts.webhooks.raised,
            counts.webhooks.dropped,
            counts.webhooks.duplicated
        ),
        (2, 1, 1)
    );
    assert!(ear.heard_nothing_more());
}

#[tokio::test]
async fn a_reordered_message_is_overtaken_by_the_next_of_its_session() {
    // Time as the machine's: the minute after which it would come all the same is far away.
    let (rig, mut ear) = (Rig::start().await, Ear::open(0).await);
    register(&rig, &ear.url, json!({})).await;
    let id = rig.session().await;
    rig.faults(json!({ "webhook_reorder": "all" })).await;
    rig.change(&id, json!({ "health": "CREDENTIALS" })).await;
    rig.faults(json!({})).await;
    rig.change(&id, json!({ "health": "OK" })).await;
    assert_eq!(
        ear.messages(2).await,
        ["OK", "CREDENTIALS"],
        "R-ST-2: late news is told, and must not count"
    );
    assert_eq!(rig.counts().await.webhooks.reordered, 1);
}

#[tokio::test]
async fn a_delayed_message_comes_late_and_without_faults_order_is_kept() {
    let (rig, mut ear) = (fast().await, Ear::open(0).await);
    register(&rig, &ear.url, json!({})).await;
    let id = rig.session().await;
    rig.faults(
        json!({ "webhook_delay": "all", "webhook_delay_seconds": { "min": 300, "max": 300 } }),
    )
    .await;
    let started = std::time::Instant::now();
    rig.change(&id, json!({ "health": "ERROR" })).await;
    ear.next().await;
    assert!(
        started.elapsed().as_millis() >= 300,
        "300 simulator seconds at 1000 times the machine's speed"
    );
    rig.faults(json!({})).await;
    let words = ["OK", "STOPPED", "OK", "CREDENTIALS", "OK", "ERROR"];
    for word in words {
        rig.change(&id, json!({ "health": word })).await;
    }
    assert_eq!(ear.messages(6).await, words);
}
