//! Operators' tokens: shown once, in force until revoked, in no row and no other output.

use super::{Desk, instant};
use serde_json::Value;

const WHY: [&str; 2] = ["--reason", "because"];

/// Hands out a token to `kim` and forgets what was said of it: the answer.
async fn handed_out(desk: &Desk) -> Value {
    let add = [
        "operator",
        "add",
        "Kim",
        "--scope",
        "read,remove",
        "--by",
        "root",
        WHY[0],
        WHY[1],
        "--json",
    ];
    let answer = desk.owner(&add).await;
    assert_eq!(answer.code, Some(0), "{}", answer.err);
    assert!(!answer.err.contains("rlo_"), "{}", answer.err);
    desk.heard.lock().expect("the ears").clear();
    serde_json::from_str(&answer.out).expect("JSON")
}

/// `rlo`, the token's id, its secret.
fn parts(done: &Value) -> [&str; 3] {
    let token = done["token"].as_str().expect("a token");
    let parts: Vec<&str> = token.split('_').collect();
    parts.try_into().expect("three parts")
}

#[tokio::test]
async fn r_aud_4_a_token_is_handed_out_for_90_days_with_its_audit_row() {
    let desk = Desk::of(1).await;
    let done = handed_out(&desk).await;
    let [tag, id, secret] = parts(&done);
    assert_eq!((tag, id.len(), secret.len()), ("rlo", 12, 64));
    assert!(
        format!("{id}{secret}")
            .bytes()
            .all(|it| it.is_ascii_hexdigit())
    );
    let row = format!("operator_tokens where id = '{id}'");
    desk.is_audited(&done, "root", "operator.add", id, &row)
        .await;
    let now = desk
        .ground
        .store("relink_reader")
        .now()
        .await
        .expect("the clock")
        .at;
    let life = instant(&done["ends_at"]).duration_since(now);
    assert_eq!(life.as_hours(), 90 * 24 - 1, "90 days, less a moment");
    let other = handed_out(&desk).await;
    assert_ne!(parts(&other)[2], secret, "each is drawn anew");
    let long = [
        "operator", "add", "kim", "--for", "367d", "--by", "root", WHY[0], WHY[1],
    ];
    let answer = desk.owner(&long).await;
    assert_eq!(answer.code, Some(1));
    assert!(
        answer
            .err
            .contains("--for: a token lives at most 366d, not 367d"),
        "{}",
        answer.err
    );
    let nobody = desk
        .owner(&["operator", "revoke", "eve", "--by", "root", WHY[0], WHY[1]])
        .await;
    assert_eq!(nobody.code, Some(1));
    assert!(
        nobody
            .err
            .contains("no token in force has the id or the operator eve"),
        "{}",
        nobody.err
    );
}

#[tokio::test]
async fn r_aud_4_a_token_works_until_it_is_revoked_and_is_in_no_row_and_no_other_output() {
    let desk = Desk::of(20).await;
    let done = handed_out(&desk).await;
    let [_, id, secret] = parts(&done);
    let token = done["token"].as_str().expect("a token");
    let session = desk.ground.gone(0).await.0;
    let enable = ["flag", "enable", "removals", "--for", "2h", WHY[0], WHY[1]];
    for (arguments, code) in [
        (&enable[..], 0),
        (&["removals", "request", &session, WHY[0], WHY[1]], 0),
        (&["removals", "request", &session, WHY[0], WHY[1]], 1),
        (&["removals", "status"], 0),
        (&["removals", "list", "--json"], 0),
        (&["flag", "list", "--json"], 0),
        (&["warrant", "list"], 0),
        (&["operator", "list"], 1),
    ] {
        assert_eq!(
            desk.with(token, arguments).await.code,
            Some(code),
            "{arguments:?}"
        );
    }
    let listed = desk.owner(&["operator", "list"]).await.out;
    assert!(
        listed.contains(&format!("rlo_{id}_…")) && listed.contains("in force"),
        "{listed}"
    );
    let by_row = desk
        .ground
        .number("select count(*) from relink.flags where enabled_by = 'kim'")
        .await;
    assert_eq!(by_row, 1);

    let revoked = desk
        .owner(&[
            "operator", "revoke", "kim", "--by", "root", WHY[0], WHY[1], "--json",
        ])
        .await;
    let done: Value = serde_json::from_str(&revoked.out).expect("JSON");
    desk.is_audited(
        &done,
        "root",
        "operator.revoke",
        "kim",
        &format!("operator_tokens where id = '{id}'"),
    )
    .await;
    desk.refused(
        token,
        &enable,
        "operator token: unknown, expired or revoked",
    )
    .await;

    let heard = desk.heard.lock().expect("the ears").clone();
    let rows = everything(&desk).await;
    for (place, text) in [("an output", heard), ("a row", rows)] {
        assert!(!text.contains(secret), "the secret stands in {place}");
    }
}

/// Every row of every table, as text.
async fn everything(desk: &Desk) -> String {
    let sql = "select c.relname from pg_class c where c.relnamespace = 'relink'::regnamespace and c.relkind in ('r', 'p')";
    let tables = desk.ground.owner.query(sql, &[]).await.expect("the tables");
    assert!(tables.len() > 20);
    let mut all = String::new();
    for table in tables {
        let name: String = table.get(0);
        let sql = format!("select coalesce(string_agg(t::text, '\n'), '') from relink.{name} t");
        let found = desk.ground.owner.query_one(&sql, &[]).await;
        all += &found.expect("the rows").get::<_, String>(0);
    }
    all
}

#[tokio::test]
async fn r_aud_4_a_token_does_what_its_scopes_say_and_its_last_use_is_known() {
    let desk = Desk::of(1).await;
    let add = [
        "operator", "add", "lea", "--by", "root", WHY[0], WHY[1], "--json",
    ];
    let added = desk.owner(&add).await;
    let done: Value = serde_json::from_str(&added.out).expect("JSON");
    let token = done["token"].as_str().expect("a token").to_owned();
    let listed = desk.owner(&["operator", "list"]).await.out;
    assert!(
        listed.contains("read,operate") && listed.contains("never"),
        "{listed}"
    );
    let trip = ["latch", "trip", WHY[0], WHY[1]];
    let why =
        "operator token: lea may not do this: it needs the scope remove, and has read, operate";
    desk.refused(&token, &trip, why).await;
    for wrong in [
        &["--scope", "everything"][..],
        &["--scope", "product"],
        &[
            "--scope",
            "read,product",
            "--workspace",
            "00000000-0000-0000-0000-000000000000",
        ],
        &[
            "--scope",
            "read",
            "--workspace",
            "00000000-0000-0000-0000-000000000000",
        ],
    ] {
        let refused = desk.owner(&[&add[..], wrong].concat()).await;
        assert_ne!(refused.code, Some(0), "{wrong:?}: {}", refused.out);
        assert!(refused.err.contains("scope"), "{}", refused.err);
    }
    desk.with(desk.token(super::ADA), &trip).await;
    let used = "select count(*) from relink.token_uses u join relink.operator_tokens t using (id) where t.operator = 'ada'";
    assert_eq!(desk.ground.number(used).await, 1);
}
