//! What is wrong is said as a problem (RFC 9457) that names the field and nothing of the inside
//! (R-API-2).

use super::{Answer, Desk, operator};
use reqwest::{Client, Method};
use serde_json::json;
use store::operators::Scope;
use tests::database::{Database, SUPERUSER};

const FLAG: &str = "/v1/flags/removals";

async fn desk() -> (Database, Desk, String) {
    let database = Database::fresh().await;
    let desk = Desk::over(&database, &[]).await;
    let token = operator(&database, "ada", &[Scope::Read, Scope::Remove]).await;
    (database, desk, token)
}

#[tokio::test]
async fn what_there_is_not_is_a_problem_too() {
    let (_database, desk, token) = desk().await;
    desk.get(&desk.ops("/v1/nothing"), "").await.problem(404);
    desk.get(&desk.ops("/"), &token).await.problem(404);
    let wrong = desk
        .ask(Method::PUT, &desk.ops("/v1/latch"), &token, None)
        .await;
    wrong.problem(405);
    let mut allowed: Vec<&str> = wrong.header("allow").split(',').collect();
    allowed.sort_unstable();
    assert_eq!(allowed, ["DELETE", "GET", "HEAD", "POST"]);
    // Nothing of the other listeners is where the provider and owners call.
    for path in ["/v1/latch", "/v1/workspace", "/v1/openapi.json", "/"] {
        let url = format!("{}{path}", desk.webhooks);
        desk.ask(Method::POST, &url, "", Some(json!({})))
            .await
            .problem(404);
    }
    // Operators' routes are not where products ask.
    desk.get(&desk.product("/v1/flags"), &token)
        .await
        .problem(404);
}

#[tokio::test]
async fn a_wrong_field_is_named() {
    let (_database, desk, token) = desk().await;
    let url = desk.ops(FLAG);
    for (body, field) in [
        (json!({ "for": "2h" }), "reason"),
        (json!({ "for": "2h", "reason": " " }), "reason"),
        (json!({ "for": "2h", "reason": 7 }), "reason"),
        (
            json!({ "for": "2h", "reason": "x", "dry_run": "yes" }),
            "dry_run",
        ),
        (json!({ "reason": "x" }), "for"),
        (json!({ "for": "2 hours", "reason": "x" }), "for"),
        (json!({ "for": 2, "reason": "x" }), "for"),
        (
            json!({ "for": "2h", "reason": "x", "force": true }),
            "force",
        ),
        (
            json!({ "for": "2h", "reason": "x", "name": "removals" }),
            "name",
        ),
    ] {
        let answer = desk
            .ask(Method::POST, &url, &token, Some(body.clone()))
            .await;
        let detail = answer.problem(422);
        assert_eq!(answer.text("field"), field, "{body}: {detail}");
        assert!(detail.starts_with(&format!("{field}: ")), "{detail}");
    }
    let id = desk.ops("/v1/removals/7/status");
    assert_eq!(desk.get(&id, &token).await.text("field"), "id");
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=x", "limit"),
        ("most=1", "most"),
        ("limit=1&limit=2", "limit"),
    ] {
        let answer = desk
            .get(&desk.ops(&format!("/v1/duplicates?{query}")), &token)
            .await;
        answer.problem(422);
        assert_eq!(answer.text("field"), field, "{query}");
    }
}

#[tokio::test]
async fn a_body_is_json_and_has_at_most_64_kib() {
    let (database, desk, token) = desk().await;
    let url = desk.ops(FLAG);
    let post = || desk.client.post(&url).bearer_auth(&token);
    let sent = async |kind: &str, body: String| -> Answer {
        desk.sent(post().header("content-type", kind).body(body))
            .await
    };
    let good = json!({ "for": "2h", "reason": "x", "dry_run": true }).to_string();
    let json = "application/json; charset=utf-8";
    sent(json, good.clone()).await.is(200);
    sent("text/plain", good.clone()).await.problem(415);
    desk.sent(post()).await.problem(415);
    for wrong in ["", "{", "[]", "null", "{\"for\": }", "\u{feff}{}"] {
        sent(json, wrong.to_owned()).await.problem(400);
    }
    let nul = json!({ "for": "2h", "reason": "a\u{0}b" }).to_string();
    sent(json, nul).await.problem(422);
    desk.get(&desk.ops("/v1/flags?a%00"), &token)
        .await
        .problem(422);
    // 64 KiB pass, a byte more does not: by its length, and without one.
    let reason = |more: usize| {
        let rest = json!({ "for": "2h", "dry_run": true, "reason": "" }).to_string();
        json!({ "for": "2h", "dry_run": true, "reason": "x".repeat(65_536 - rest.len() + more) })
    };
    sent(json, reason(0).to_string()).await.is(200);
    sent(json, reason(1).to_string()).await.problem(413);
    let audits = "select count(*) from relink.operator_audit where actor = 'ada'";
    let written = database
        .owner()
        .await
        .query_one(audits, &[])
        .await
        .expect("count");
    assert_eq!(written.get::<_, i64>(0), 0, "nothing was done");
}

#[tokio::test]
async fn a_request_id_comes_back_if_it_can_stand_in_a_log_and_labels_are_templates() {
    let (_database, desk, token) = desk().await;
    let ask = |id: &str| {
        desk.client
            .get(desk.ops("/v1/latch"))
            .header("x-request-id", id)
    };
    let own = desk.sent(ask("case-7.a_B")).await;
    assert_eq!(own.header("x-request-id"), "case-7.a_B");
    let long = "x".repeat(65);
    for other in ["two words", "{\"a\":1}", &long, ""] {
        let answer = desk.sent(ask(other)).await;
        assert_eq!(answer.header("x-request-id").len(), 36, "{other}");
    }
    assert!(desk.process.log().contains("\"request\":\"case-7.a_B\""));

    let nobody = uuid::Uuid::nil();
    desk.get(&desk.ops(&format!("/v1/accounts/{nobody}/why")), &token)
        .await
        .problem(404);
    desk.get(&desk.ops("/v1/secret-of-ours"), &token)
        .await
        .problem(404);
    let strange = Method::from_bytes(b"BREW").expect("a method");
    desk.ask(strange, &desk.ops("/v1/latch"), &token, None)
        .await
        .problem(405);
    let metrics = Client::new()
        .get(format!("{}/metrics", desk.health))
        .send()
        .await;
    let metrics = metrics.expect("metrics").text().await.expect("text");
    let lines: Vec<&str> = metrics
        .lines()
        .filter(|it| it.starts_with("relink_api_"))
        .collect();
    let line = "relink_api_requests_total{listener=\"ops\",outcome=\"not_found\"} 3";
    assert!(lines.contains(&line), "{line} in {lines:#?}");
    let none = "relink_api_requests_total{listener=\"product\",outcome=\"not_found\"} 0";
    assert!(lines.contains(&none), "{none} in {lines:#?}");
    assert!(!metrics.contains("secret-of-ours") && !metrics.contains(&nobody.to_string()));
}

#[tokio::test]
async fn what_breaks_inside_is_told_without_the_inside() {
    let database = Database::fresh().await;
    let token = operator(&database, "ada", &[Scope::Read]).await;
    // Nobody is there.
    let url = "postgresql://relink_operator:hush@127.0.0.1:1/relink";
    let desk = Desk::at(url, &[]).await;
    let answer = desk.get(&desk.ops("/v1/flags"), &token).await;
    let detail = answer.problem(503);
    assert!(
        !detail.contains("127.0.0.1") && !detail.contains("connect"),
        "{detail}"
    );
    assert_eq!(answer.header("retry-after"), "2");
    let ready = Client::new()
        .get(format!("{}/readyz", desk.health))
        .send()
        .await;
    assert_eq!(ready.expect("an answer").status(), 503);
    let alive = Client::new()
        .get(format!("{}/healthz", desk.health))
        .send()
        .await;
    assert_eq!(
        alive.expect("an answer").status(),
        200,
        "liveness needs no server"
    );
    assert!(!desk.process.log().contains("hush"));
    // Another role: the login may not do what operators do.
    let desk = Desk::at(&database.url("relink_reader"), &[]).await;
    let answer = desk.get(&desk.ops("/v1/flags"), &token).await;
    assert_eq!(
        answer.problem(500),
        "something broke here; the log has it under this X-Request-Id"
    );
    assert!(desk.process.log().contains("permission denied"));
    let desk = Desk::at(&database.url("relink_operator"), &[]).await;
    let ready = Client::new()
        .get(format!("{}/readyz", desk.health))
        .send()
        .await;
    assert_eq!(ready.expect("an answer").status(), 200);
    // A schema that this build does not know.
    let newer = "insert into relink.schema_history (version, name, applied_on, checksum) values (9999, 'later', '', '0');
                 update relink.schema_support set oldest_build = 9999";
    database
        .client(SUPERUSER)
        .await
        .batch_execute(newer)
        .await
        .expect("a later build was here, and took something away");
    let ready = Client::new()
        .get(format!("{}/readyz", desk.health))
        .send()
        .await;
    assert_eq!(ready.expect("an answer").status(), 503);
}
