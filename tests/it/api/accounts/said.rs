//! What a product says of accounts and of its workspace, and what it reads.

use super::{Site, ada, id_of};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn r_api_2_an_account_is_changed_at_the_version_that_was_read() {
    let site = Site::new().await;
    let mut body = ada("ada-bauer");
    body["link"] = json!(false);
    let made = site.posts(0, "/v1/accounts", body).await;
    let path = format!("/v1/accounts/{}", id_of(made.is(201)));
    let ask = async |tag: &str, body: &Value| {
        let headers = [("if-match", tag)];
        let headers = if tag.is_empty() {
            &headers[1..]
        } else {
            &headers[..]
        };
        let how = (Method::PATCH, path.as_str());
        site.asks_with(0, how, Some(body.clone()), headers).await
    };
    let change = json!({
        "reason": "married", "name": "Ada Costa", "tier": "premium", "external_id": "u-7",
        "owner": { "email": null, "name": "Ada Costa" },
    });
    let unsaid = ask("", &change).await;
    unsaid.problem(428);
    assert_eq!(unsaid.text("code"), "if_match_required");
    assert_eq!(ask("\"v1\"", &change).await.is(200).body["version"], 2);
    let stale = ask("\"v1\"", &change).await;
    stale.problem(412);
    assert_eq!(
        (stale.text("code"), stale.header("etag")),
        ("changed", "\"v2\"")
    );
    let shown = site.gets(0, &path).await;
    assert_eq!(shown.is(200).header("etag"), "\"v2\"");
    let expected = json!({ "email": null, "name": "Ada Costa", "locale": "de-DE" });
    assert_eq!(shown.body["owner"], expected);
    assert_eq!(
        (&shown.body["tier"], &shown.body["zone"]),
        (&json!("premium"), &json!("Europe/Berlin"))
    );
    // Nobody becomes somebody who is there already.
    let mut second = ada("bob");
    second["link"] = json!(false);
    second["name"] = json!("あ".repeat(200));
    site.posts(0, "/v1/accounts", second).await.is(201);
    for (wrong, status, field) in wrong_changes() {
        let mut body = wrong;
        body["reason"] = json!("x");
        let said = ask("*", &body).await;
        assert!(said.problem(status).starts_with(field), "{}", said.body);
    }
    site.asks_with(
        1,
        (Method::PATCH, &path),
        Some(change),
        &[("if-match", "*")],
    )
    .await
    .problem(404);
}

/// Changes that are refused, with the status and the beginning of the words.
fn wrong_changes() -> Vec<(Value, u16, &'static str)> {
    vec![
        (json!({ "handle": "Bob" }), 409, "handle: "),
        (json!({ "handle": "bob@first.example" }), 422, "handle: "),
        (json!({ "tier": "gold" }), 422, "tier: "),
        (
            json!({ "owner": { "zone": "Mars/Phobos" } }),
            422,
            "owner.zone: ",
        ),
        (json!({ "name": "\u{200b}\u{2060}" }), 422, "name: "),
        (
            json!({ "owner": { "email": "ada@first.example,bob@first.example" } }),
            422,
            "owner.email: ",
        ),
        (
            json!({ "handle": "https://www.linkedin.com/company/first" }),
            422,
            "handle: ",
        ),
        (json!({}), 422, "name something that changes"),
    ]
}

#[tokio::test]
async fn r_wsp_1_a_workspace_says_whether_handles_are_needed_and_how_owners_are_told() {
    let site = Site::new().await;
    let set = async |settings: Value| {
        let body = json!({ "reason": "our rules", "settings": settings });
        let how = (Method::PATCH, "/v1/workspace");
        site.asks_with(0, how, Some(body), &[("if-match", "*")])
            .await
    };
    let rules = json!({
        "require_handle": true, "notices": "both", "success_url": "https://app.first.example/ok", "failure_url": null,
    });
    set(rules).await.is(200);
    let shown = site.gets(0, "/v1/workspace").await;
    assert_eq!(shown.is(200).body["require_handle"], true);
    assert_eq!(shown.body["notices"], "both");
    assert_eq!(shown.body["success_url"], "https://app.first.example/ok");
    for (wrong, field) in [
        (json!({ "notices": "pigeon" }), "notices: "),
        (
            json!({ "success_url": "javascript:alert(1)" }),
            "success_url: ",
        ),
    ] {
        assert!(set(wrong).await.problem(422).starts_with(field));
    }
    let anybody = json!({ "kind": "linkedin", "name": "Somebody", "reason": "x", "link": false });
    let refused = site.posts(0, "/v1/accounts", anybody.clone()).await;
    assert!(
        refused.problem(422).starts_with("handle: "),
        "{}",
        refused.body
    );
    set(json!({ "require_handle": null, "notices": null }))
        .await
        .is(200);
    site.posts(0, "/v1/accounts", anybody).await.is(201);
    let shown = site.gets(0, "/v1/workspace").await;
    assert_eq!(
        (&shown.body["require_handle"], &shown.body["notices"]),
        (&json!(false), &json!("mail"))
    );
}

#[tokio::test]
async fn r_api_1_accounts_are_found_by_what_is_asked_and_nothing_else() {
    let site = Site::new().await;
    let mut ids = vec![];
    for (number, handle) in ["ada", "bob", "cyd"].into_iter().enumerate() {
        let mut body = ada(handle);
        body["link"] = json!(number == 0);
        body["external_id"] = json!(format!("u-{number}"));
        ids.push(id_of(site.posts(0, "/v1/accounts", body).await.is(201)));
    }
    let connected = site.connected.to_string();
    let found = async |query: &str| {
        let page = site.gets(0, &format!("/v1/accounts?{query}")).await;
        let all = page.is(200).body["accounts"]
            .as_array()
            .expect("accounts")
            .clone();
        let mut all: Vec<String> = all
            .iter()
            .map(|it| it["id"].as_str().expect("an id").to_owned())
            .collect();
        all.sort();
        all
    };
    let sorted = |some: &[&String]| {
        let mut some: Vec<String> = some.iter().map(|it| (*it).clone()).collect();
        some.sort();
        some
    };
    for (query, expected) in [
        ("status=connected", sorted(&[&connected])),
        ("status=connecting", sorted(&[&ids[0]])),
        ("action=wait", sorted(&[&ids[0]])),
        ("action=owner_reconnect", sorted(&[&ids[1], &ids[2]])),
        ("action=owner_reconnect&status=connected", vec![]),
        ("external_id=u-2", sorted(&[&ids[2]])),
        (
            "kind=linkedin",
            sorted(&[&ids[0], &ids[1], &ids[2], &connected]),
        ),
        ("kind=imap", vec![]),
        (
            "changed_after=2026-02-01T00:00:00Z",
            sorted(&[&ids[0], &ids[1], &ids[2]]),
        ),
        ("campaign=00000000-0000-0000-0000-000000000000", vec![]),
    ] {
        assert_eq!(found(query).await, expected, "{query}");
    }
    for wrong in [
        "status=asleep",
        "action=dance",
        "kind=fax",
        "changed_after=soon",
        "color=red",
    ] {
        site.gets(0, &format!("/v1/accounts?{wrong}"))
            .await
            .problem(422);
    }
    // Pages of what owners have to do are short, and lose nobody.
    let mut seen = walked(&site, "action=owner_reconnect&limit=1").await;
    seen.sort();
    assert_eq!(seen, sorted(&[&ids[1], &ids[2]]));
}

/// Ids of all pages, in their order.
async fn walked(site: &Site, query: &str) -> Vec<String> {
    let (mut seen, mut cursor) = (vec![], String::new());
    loop {
        let path = format!("/v1/accounts?{query}{cursor}");
        let page = site.gets(0, &path).await.is(200).body.clone();
        let rows = page["accounts"].as_array().expect("accounts").iter();
        seen.extend(rows.map(|it| it["id"].as_str().expect("an id").to_owned()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return seen,
        }
    }
}

#[tokio::test]
async fn r_api_1_what_became_of_an_account_is_told_in_its_owners_words() {
    let site = Site::new().await;
    let made = site.posts(0, "/v1/accounts", ada("ada-bauer")).await;
    let id = id_of(made.is(201));
    let told = site.gets(0, &format!("/v1/accounts/{id}/timeline")).await;
    let changes = told.is(200).body["changes"]
        .as_array()
        .expect("changes")
        .clone();
    let texts: Vec<&str> = changes
        .iter()
        .map(|it| it["text"].as_str().expect("a text"))
        .collect();
    assert_eq!(
        texts,
        [
            "A sign-in at LinkedIn was begun.",
            "Added; nobody has signed in yet."
        ]
    );
    let page = site
        .gets(0, &format!("/v1/accounts/{id}/timeline?limit=1"))
        .await;
    let next = page.is(200).body["next_cursor"]
        .as_i64()
        .expect("a next page");
    let path = format!("/v1/accounts/{id}/timeline?limit=1&cursor={next}");
    let rest = site.gets(0, &path).await;
    assert_eq!(rest.is(200).body["changes"][0]["version"], 1);
    assert!(rest.body["next_cursor"].is_null());
    let owner = site.database.owner().await;
    let lost = format!(
        "insert into relink.episodes (account_id, began_version, began_at, cause)
         values ('{}', 3, relink.clock(), 'credentials')",
        site.connected
    );
    owner.batch_execute(&lost).await.expect("an episode");
    let path = format!("/v1/accounts/{}/episodes", site.connected);
    let told = site.gets(0, &path).await;
    let episode = &told.is(200).body["episodes"][0];
    assert_eq!(
        (&episode["cause"], &episode["ended_at"]),
        (&json!("credentials"), &Value::Null)
    );
    for path in [path, format!("/v1/accounts/{id}/timeline")] {
        site.gets(1, &path).await.problem(404);
    }
}
