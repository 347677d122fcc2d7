//! Making accounts, and links of them.

use super::{Site, ada, id_of};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;

/// Also R-LNK-1: the provider is asked once for what is one act.
#[tokio::test]
async fn r_api_2_an_account_is_made_once_for_a_key_with_its_link() {
    let site = Site::new().await;
    let path = (Method::POST, "/v1/accounts");
    let body = ada("https://www.linkedin.com/in/Ada-Bauer/");
    let without = site
        .asks_with(0, path.clone(), Some(body.clone()), &[])
        .await;
    without.problem(400);
    assert_eq!(without.text("code"), "key_required");
    let key = [("idempotency-key", "sign-up-7")];
    let made = site
        .asks_with(0, path.clone(), Some(body.clone()), &key)
        .await;
    made.is(201);
    let (id, link) = (id_of(&made), &made.body["link"]);
    assert_eq!(made.header("location"), format!("/v1/accounts/{id}"));
    assert_eq!(made.header("etag"), "\"v1\"");
    let base = format!("{}/hosted/", site.provider.base());
    let url = link["url"].as_str().expect("a URL");
    assert!(url.starts_with(&base), "{url}");
    assert_eq!(
        (&link["purpose"], &link["reused"]),
        (&json!("first"), &json!(false))
    );
    assert!(made.body["link_problem"].is_null() && made.body["audit"].is_string());
    assert_eq!(made.body["status"], "connecting");
    assert_eq!(made.body["handle"], "ada-bauer");
    assert_eq!(made.body["owner"]["email"], "ada@first.example");
    // Again with the key: the same account and page. With another body: not at all.
    let again = site
        .asks_with(0, path.clone(), Some(body.clone()), &key)
        .await;
    again.is(201);
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(
        (id_of(&again), &again.body["link"]["url"]),
        (id.clone(), &link["url"])
    );
    let mut other = body;
    other["name"] = json!("Somebody else");
    let other = site.asks_with(0, path, Some(other), &key).await;
    other.problem(422);
    assert_eq!(other.text("code"), "key_reused");
    assert_eq!(site.provider.counts().await.links_minted, 1);
    // Nobody finds the page in the log or in a record.
    assert!(!site.desk.process.log().contains("/hosted/"));
    let owner = site.database.owner().await;
    let sql = "select count(*) from relink.operator_audit o where o::text ~* 'hosted|bauer|first.example'";
    let found: i64 = owner.query_one(sql, &[]).await.expect("the record").get(0);
    assert_eq!(found, 0, "R-AUD-5");
}

#[tokio::test]
async fn r_lnk_5_two_creates_of_one_person_make_one_account() {
    let site = Site::new().await;
    let all = (0..12).map(|number| {
        let mut body = ada(if number % 2 == 0 {
            "ada-bauer"
        } else {
            "linkedin.com/in/ADA-bauer?x=1"
        });
        body["link"] = json!(false);
        body["external_id"] = json!(format!("u-{number}"));
        let site = &site;
        async move { site.posts(0, "/v1/accounts", body).await }
    });
    let answers = join_all(all).await;
    let made: Vec<_> = answers.iter().filter(|it| it.status == 201).collect();
    assert_eq!(made.len(), 1, "one of them");
    let id = id_of(made[0]);
    for refused in answers.iter().filter(|it| it.status != 201) {
        refused.problem(409);
        assert_eq!(refused.text("code"), "identity_known");
        assert_eq!(refused.text("account"), id);
    }
    // Its name belongs to one account, and another workspace is another world.
    let name = made[0].text("external_id").to_owned();
    let mut body = ada("somebody-else");
    body["external_id"] = json!(name);
    let taken = site.posts(0, "/v1/accounts", body.clone()).await;
    assert!(taken.problem(409).starts_with("external_id: "));
    assert_eq!(taken.text("account"), id);
    body["handle"] = json!("ada-bauer");
    body["link"] = json!(false);
    site.posts(1, "/v1/accounts", body).await.is(201);
    // Whoever is signed in is known by that, too, and in that workspace alone.
    let mut body = ada("id-connie");
    body["link"] = json!(false);
    let known = site.posts(0, "/v1/accounts", body.clone()).await;
    known.problem(409);
    assert_eq!(known.text("account"), site.connected.to_string());
    site.posts(1, "/v1/accounts", body).await.is(201);
    assert_eq!(site.provider.counts().await.links_minted, 0);
}

#[tokio::test]
async fn r_api_1_an_account_stays_when_the_provider_makes_no_link() {
    let site = Site::new().await;
    site.is_down(true).await;
    let made = site.posts(0, "/v1/accounts", ada("ada-bauer")).await;
    made.is(201);
    assert!(made.body["link"].is_null());
    assert_eq!(made.body["link_problem"]["code"], "provider_down");
    assert_eq!(made.body["status"], "reconnect_needed");
    assert_eq!(made.body["action"], "owner_reconnect");
    let page = made.text("action_url").to_owned();
    assert!(page.contains("/r/p1."), "{page}");
    let path = format!("/v1/accounts/{}/reconnect", id_of(&made));
    let body = json!({ "reason": "again" });
    let down = site.posts(0, &path, body.clone()).await;
    down.problem(502);
    assert_eq!(down.text("code"), "provider_down");
    site.is_down(false).await;
    let linked = site.posts(0, &path, body.clone()).await;
    linked.is(201);
    assert_eq!(linked.body["purpose"], "first");
    let again = site.posts(0, &path, body).await;
    again.is(200);
    assert_eq!(
        (&again.body["url"], &again.body["reused"]),
        (&linked.body["url"], &json!(true))
    );
    assert_eq!(site.provider.counts().await.links_minted, 1);
}

/// With a held key the URL is kept nowhere in the clear, and is given again all the same.
#[tokio::test]
async fn r_api_2_a_reconnect_asked_again_with_its_key_gives_the_same_link() {
    let site = Site::new().await;
    let path = format!("/v1/accounts/{}/reconnect", site.connected);
    let ask = (Method::POST, path.as_str());
    let plain = Some(json!({ "reason": "x" }));
    let connected = site.asks_with(0, ask.clone(), plain.clone(), &[]).await;
    connected.problem(409);
    assert_eq!(connected.text("code"), "already_connected");
    let renew = Some(json!({ "reason": "before it breaks", "renew": true }));
    let key = [("idempotency-key", "renew-1")];
    let first = site.asks_with(0, ask.clone(), renew.clone(), &key).await;
    first.is(201);
    assert_eq!(first.body["purpose"], "renew");
    let again = site.asks_with(0, ask.clone(), renew, &key).await;
    assert_eq!(again.is(200).header("idempotent-replayed"), "true");
    assert_eq!(again.body["url"], first.body["url"]);
    let reused = site.asks_with(0, ask.clone(), plain, &key).await;
    assert_eq!(reused.text("code"), "key_reused");
    // R-LNK-10: a renewal never flips.
    let shown = site
        .gets(0, &format!("/v1/accounts/{}", site.connected))
        .await;
    assert_eq!(shown.is(200).body["status"], "connected");
    let theirs = site
        .asks_with(1, ask, Some(json!({ "reason": "x" })), &[])
        .await;
    theirs.problem(404);
    let owner = site.database.owner().await;
    let sql = "select count(*) from relink.idempotency_keys k where k::text like '%hosted%'";
    let found: i64 = owner.query_one(sql, &[]).await.expect("the keys").get(0);
    assert_eq!(found, 0, "no URL is kept with a key");
    assert_eq!(site.provider.counts().await.links_minted, 1);
}

#[tokio::test]
async fn r_lnk_1_an_open_attempt_is_listed_shown_and_cancelled() {
    let site = Site::new().await;
    let made = site.posts(0, "/v1/accounts", ada("ada-bauer")).await;
    let (id, attempt) = (id_of(made.is(201)), made.body["link"]["attempt"].clone());
    let all = format!("/v1/accounts/{id}/attempts");
    let one = format!("{all}/{}", attempt.as_str().expect("an id"));
    let listed = site.gets(0, &all).await;
    assert_eq!(listed.is(200).body["rows"][0]["id"], attempt);
    let shown = site.gets(0, &one).await;
    assert_eq!(
        (&shown.is(200).body["state"], &shown.body["purpose"]),
        (&json!("open"), &json!("first"))
    );
    assert!(shown.text("asked_by").starts_with("token "));
    assert!(!shown.body.to_string().contains("hosted"));
    for path in [&all, &one] {
        site.gets(1, path).await.problem(404);
    }
    let back = Some(json!({ "reason": "the wrong person" }));
    let theirs = site.asks(1, Method::DELETE, &one, back.clone()).await;
    theirs.problem(404);
    site.asks(0, Method::DELETE, &one, back.clone())
        .await
        .is(200);
    let shown = site.gets(0, &one).await;
    assert_eq!(shown.is(200).body["state"], "cancelled");
    let twice = site.asks(0, Method::DELETE, &one, back).await;
    twice.problem(409);
    assert_eq!(twice.text("code"), "finished");
}
