//! Words, times and lengths that are none.

use super::desk;
use crate::api::{Desk, operator};
use reqwest::Method;
use serde_json::json;
use store::operators::Scope;

#[tokio::test]
async fn r_api_2_words_times_and_lengths_that_are_none_are_named_and_nothing_is_down() {
    let (database, desk, _) = desk().await;
    let token = operator(&database, "kim", &[Scope::Read, Scope::Operate]).await;
    questions(&desk, &token).await;
    acts(&desk, &token).await;
    let audits = "select count(*) from relink.operator_audit where actor = 'kim'";
    let owner = database.owner().await;
    let written = owner.query_one(audits, &[]).await.expect("count");
    assert_eq!(written.get::<_, i64>(0), 0, "nothing was done");
}

async fn questions(desk: &Desk, token: &str) {
    for (query, field) in [
        ("cases?verdict=nope", "verdict"),
        ("accounts?hold=nope", "hold"),
        ("accounts?status=nope", "status"),
        ("campaigns?pause=nope", "pause"),
        ("alerts?code=nope", "code"),
        ("dead?queue=nope", "queue"),
        ("dead?kind=nope", "kind"),
        ("dead?error=", "error"),
        ("sends?state=nope", "state"),
        ("audit?since=-004713-01-01T00:00:00Z", "since"),
        ("acts?from=-004713-01-01T00:00:00Z", "from"),
        ("dead?since=-009999-01-01T00:00:00Z", "since"),
        ("losses?since=soon", "since"),
    ] {
        let answer = desk.get(&desk.ops(&format!("/v1/{query}")), token).await;
        answer.problem(422);
        assert_eq!(answer.text("field"), field, "{query}: {}", answer.body);
        assert_eq!(answer.body["errors"][0]["pointer"], format!("/{field}"));
    }
    for query in [
        "alerts?after=x",
        "cases?after=-004713-01-01T00:00:00Z~00000000-0000-0000-0000-000000000000",
        "accounts?after=x",
    ] {
        let answer = desk.get(&desk.ops(&format!("/v1/{query}")), token).await;
        answer.problem(400);
        assert_eq!(answer.text("code"), "bad_cursor", "{query}");
    }
    let long = "x".repeat(9_000);
    let url = desk.ops(&format!("/v1/cases?verdict={long}"));
    assert!(
        desk.get(&url, token).await.problem(422).len() < 1_100,
        "not whole again"
    );
}

async fn acts(desk: &Desk, token: &str) {
    for (act, body, field) in [
        (
            "pauses",
            json!({ "scope": "everything", "for": "2913000d" }),
            "for",
        ),
        ("pauses", json!({ "scope": "nope" }), "scope"),
        (
            "dead/redrive",
            json!({ "filter": { "error": "" } }),
            "filter.error",
        ),
        (
            "dead/discard",
            json!({ "filter": { "queue": "nope" } }),
            "filter.queue",
        ),
        (
            "dead/redrive",
            json!({ "filter": { "since": "-004713-01-01T00:00:00Z" } }),
            "filter.since",
        ),
        ("dead/discard", json!({ "jobs": [] }), "jobs"),
        ("alerts/ack", json!({ "ids": [] }), "ids"),
        ("alerts/ack", json!({ "code": "nope" }), "code"),
        ("cases/confirmations", json!({ "cases": [] }), "cases"),
        ("watch/acceptances", json!({ "accounts": [] }), "run"),
    ] {
        let mut body = body;
        body["reason"] = json!("x");
        let url = desk.ops(&format!("/v1/{act}"));
        let answer = desk.ask(Method::POST, &url, token, Some(body)).await;
        answer.problem(422);
        assert_eq!(answer.text("field"), field, "{act}: {}", answer.body);
    }
}
