//! Acknowledging alerts: by a token with the scope `operate`, audited, and raised anew afterwards (R-AUD-4).

use super::{Desk, keys};
use policy::decision::Alert;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use store::operators::{NewToken, Scope};
use tests::database::SUPERUSER;

async fn raise(desk: &Desk, code: &'static str, subject: &str) {
    let store = desk.ground.store("relink_worker");
    let tx = store.begin().await.expect("begin");
    let alert = Alert {
        code,
        subject: subject.to_owned(),
        detail: json!({ "note": "x".repeat(200) }),
    };
    tx.raise(&[alert]).await.expect("raise");
    tx.finish().await.expect("commit");
}

async fn open(desk: &Desk) -> Vec<Value> {
    let page = desk.json(&["alerts", "list", "--open"]).await;
    page["rows"].as_array().expect("rows").clone()
}

#[expect(
    clippy::too_many_lines,
    reason = "one alert, from its raising to the next"
)]
#[tokio::test]
async fn r_aud_4_an_alert_is_acknowledged_once_with_its_audit_row_and_may_be_raised_anew() {
    let desk = Desk::of(1).await;
    for subject in ["a", "b", "c"] {
        raise(&desk, "ghost_sessions", subject).await;
    }
    raise(&desk, "breaker", "run").await;
    raise(&desk, "breaker", "run").await;
    let all = open(&desk).await;
    assert_eq!(all.len(), 4);
    assert_eq!(
        (&all[0]["code"], &all[0]["times"]),
        (&json!("breaker"), &json!(2))
    );
    assert_eq!(
        keys(&all[0]),
        [
            "acked_at",
            "acked_by",
            "class",
            "code",
            "detail",
            "id",
            "last_at",
            "raised_at",
            "subject",
            "times"
        ]
    );
    let id = all[0]["id"].as_str().expect("an id");
    // A dry run says what would be done, and does not do it.
    let ack = ["alerts", "ack", id, "--reason", "seen at night"];
    let dry = desk
        .asked("relink_operator", &[&ack[..], &["--dry-run"]].concat())
        .await;
    assert_eq!(dry.code, Some(0));
    assert_eq!(open(&desk).await.len(), 4);
    let done = desk
        .asked("relink_operator", &[&ack[..], &["--json"]].concat())
        .await;
    assert_eq!(done.code, Some(0), "{}", done.err);
    let done: Value = serde_json::from_str(&done.out).expect("JSON");
    assert_eq!(keys(&done), ["alerts", "audit", "done", "dry_run", "says"]);
    assert_eq!(done["alerts"][0]["code"], "breaker");
    let audit = done["audit"].as_str().expect("an audit row");
    let sql =
        "select actor, action, reason, detail from relink.operator_audit where id = $1::text::uuid";
    let row = desk
        .ground
        .owner
        .query_one(sql, &[&audit])
        .await
        .expect("it");
    assert_eq!(
        (row.get(0), row.get(1), row.get(2)),
        ("ada", "alert.ack", "seen at night")
    );
    assert_eq!(row.get::<_, Value>(3)["alerts"][0]["times"], 2);
    assert_eq!(open(&desk).await.len(), 3);
    // Nothing is acknowledged twice.
    let again = desk.asked("relink_operator", &ack).await;
    assert_eq!(again.code, Some(1));
    assert!(
        again.err.contains("no open alert has the id"),
        "{}",
        again.err
    );
    let of_code = [
        "alerts",
        "ack",
        "--code",
        "ghost_sessions",
        "--reason",
        "known",
    ];
    assert_eq!(desk.asked("relink_operator", &of_code).await.code, Some(0));
    // A person who mistypes reads it, and nobody else is called; a token that is not good is told at once.
    assert_eq!(open(&desk).await, [] as [Value; 0]);
    let typo = ["pause", "queue", "sendz", "--reason", "a typo"];
    assert_eq!(desk.asked("relink_operator", &typo).await.code, Some(1));
    assert_eq!(open(&desk).await, [] as [Value; 0], "22023 and P0002");
    let mut command = desk.command("relink_operator", &typo);
    let stranger = command.env("RELINK_OPERATOR_TOKEN", "rlo_000000000000_x");
    let stranger = stranger.output().await.expect("run it");
    assert_eq!(stranger.status.code(), Some(1));
    let told = open(&desk).await;
    assert_eq!(
        (told.len(), &told[0]["code"], &told[0]["class"]),
        (1, &json!("operator_refused"), &json!("page")),
    );
    // What is raised again is a new alert, beside the one that was seen.
    raise(&desk, "ghost_sessions", "a").await;
    let ghosts = desk
        .json(&["alerts", "list", "--code", "ghost_sessions"])
        .await;
    let rows = ghosts["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 4);
    assert_eq!(
        (&rows[0]["subject"], &rows[0]["acked_at"]),
        (&json!("a"), &Value::Null)
    );
    assert_eq!(rows[1]["acked_by"], "ada");
}

#[tokio::test]
async fn r_aud_4_a_token_that_may_only_read_acknowledges_nothing() {
    let desk = Desk::of(1).await;
    raise(&desk, "ghost_sessions", "a").await;
    let (id, secret) = ("0123456789ab", "s".repeat(64));
    let token = NewToken {
        id,
        secret: &secret,
        operator: "rita",
        scopes: &[Scope::Read],
        workspace: None,
        life: std::time::Duration::from_hours(1),
    };
    let owner = desk.ground.database.config(SUPERUSER);
    store::operators::add(&owner, &token, ("test", "a test"))
        .await
        .expect("a token");
    let arguments = ["alerts", "ack", "--code", "ghost_sessions", "--reason", "x"];
    for (token, why) in [
        (format!("rlo_{id}_{secret}"), "needs the scope operate"),
        (
            "rlo_0123456789ab_wrong".to_owned(),
            "unknown, expired or revoked",
        ),
    ] {
        let mut command = desk.command("relink_operator", &arguments);
        let output = command.env("RELINK_OPERATOR_TOKEN", &token).output().await;
        let output = output.expect("run it");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(why), "{said}");
        assert!(!said.contains(&token));
    }
    // And a login of no operator may not even ask.
    let reader = desk.asked("relink_reader", &arguments).await;
    assert_eq!(reader.code, Some(1));
    assert!(!reader.err.contains(desk.ground.tokens[0].expose_secret()));
    let ghosts = desk
        .json(&["alerts", "list", "--code", "ghost_sessions", "--open"])
        .await;
    assert_eq!(ghosts["rows"].as_array().map(Vec::len), Some(1));
}
