//! What is wrong is said as a problem (RFC 9457) that names the field and nothing of the inside
//! (R-API-2).

mod words;

use super::{Answer, Desk, operator};
use reqwest::{Client, Method};
use serde_json::json;
use std::time::Duration;
use store::operators::Scope;
use tests::database::{Database, SUPERUSER};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const ENOUGH: Duration = Duration::from_secs(8);

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
        (json!({ "for": "2h", "reason": "\u{200b}" }), "reason"),
        (
            json!({ "for": "2h", "reason": "x".repeat(4_001) }),
            "reason",
        ),
        (json!({ "for": "109500000d", "reason": "x" }), "for"),
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
        let refused = sent(json, wrong.to_owned()).await;
        refused.problem(400);
        assert_eq!(refused.text("code"), "bad_json");
    }
    // Of two, any reader may believe either: a meant dry run would be done.
    let doubled = good.replacen('{', "{\"dry_run\":false,", 1);
    let doubled = sent(json, doubled).await;
    doubled.problem(422);
    assert_eq!(doubled.text("field"), "dry_run");
    // An act says nothing in its query.
    let queried = post().query(&[("dry_run", "true")]);
    let queried = queried.header("content-type", json).body(good.clone());
    let queried = desk.sent(queried).await;
    queried.problem(422);
    assert_eq!(queried.text("code"), "unknown_field");
    assert_eq!(queried.text("field"), "dry_run");
    let nul = json!({ "for": "2h", "reason": "a\u{0}b" }).to_string();
    sent(json, nul).await.problem(422);
    desk.get(&desk.ops("/v1/flags?a%00"), &token)
        .await
        .problem(422);
    // 64 KiB pass, a byte more does not: by its length, and without one.
    let padded = |more: usize| format!("{good}{}", " ".repeat(65_536 - good.len() + more));
    sent(json, padded(0)).await.is(200);
    sent(json, padded(1)).await.problem(413);
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

/// What the process says to these bytes. After a cut body nothing comes, and whoever sent it still reads.
async fn told(desk: &Desk, begins: String, is_cut: bool) -> String {
    let address = desk.ops.strip_prefix("http://").expect("http");
    let mut connection = TcpStream::connect(address).await.expect("connect");
    connection
        .write_all(begins.as_bytes())
        .await
        .expect("write");
    if is_cut {
        connection.shutdown().await.expect("half a close");
    }
    let mut text = vec![];
    let read = connection.read_to_end(&mut text);
    let read = tokio::time::timeout(ENOUGH, read).await;
    read.expect("it is closed").ok();
    String::from_utf8_lossy(&text).into_owned()
}

#[tokio::test]
async fn r_api_2_what_breaks_the_rules_of_http_is_refused_with_its_status() {
    let (_database, desk, token) = desk().await;
    let line = "POST /v1/flags/removals HTTP/1.1\r\n";
    let head = format!(
        "{line}host: x\r\nauthorization: Bearer {token}\r\nconnection: close\r\ncontent-type: application/json\r\n"
    );
    for (what, begins, status, code) in [
        (
            "no Host",
            "GET /v1/latch HTTP/1.1\r\nconnection: close\r\n\r\n".to_owned(),
            400,
            "bad_request",
        ),
        (
            "two of them",
            "GET /v1/latch HTTP/1.1\r\nhost: x\r\nhost: y\r\nconnection: close\r\n\r\n".to_owned(),
            400,
            "bad_request",
        ),
        (
            "a coding",
            format!("{head}transfer-encoding: gzip, chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n"),
            501,
            "transfer_coding",
        ),
        (
            "a compressed body",
            format!("{head}content-encoding: gzip\r\ncontent-length: 2\r\n\r\n{{}}"),
            415,
            "media_type",
        ),
        (
            "an expectation",
            format!("{head}expect: 200-maybe\r\ncontent-length: 2\r\n\r\n{{}}"),
            417,
            "expectation",
        ),
        (
            "a chunk that is none",
            format!("{head}transfer-encoding: chunked\r\n\r\nZZ\r\n"),
            400,
            "bad_request",
        ),
        (
            "a body cut off",
            format!("{head}content-length: 100\r\n\r\n{{\"reason\":"),
            400,
            "bad_request",
        ),
    ] {
        let text = told(&desk, begins, what == "a body cut off").await;
        let begins = format!("HTTP/1.1 {status} ");
        let is_said = text.contains(&format!("\"code\":\"{code}\""));
        assert!(text.starts_with(&begins) && is_said, "{what}: {text}");
    }
}
