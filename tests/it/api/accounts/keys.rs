//! Keys of calls that ask the provider for a link, and what stands under an account's own address.

use super::{Site, ada, id_of};
use crate::api::together::at_once;
use crate::api::{Answer, operator};
use futures_util::future::BoxFuture;
use reqwest::Method;
use serde_json::{Value, json};
use store::operators::Scope;
use uuid::Uuid;

impl Site {
    /// Asks for a link of the first workspace's account with that key.
    async fn links(&self, id: &str, key: &str, body: Value) -> Answer {
        let path = format!("/v1/accounts/{id}/reconnect");
        let how = (Method::POST, path.as_str());
        let headers = [("idempotency-key", key)];
        self.asks_with(0, how, Some(body), &headers).await
    }
}

/// What failed used no key; what was handed out and is spent is over for its key, and never given again.
#[tokio::test]
async fn r_api_2_a_link_s_key_is_free_after_a_failure_and_over_with_the_link() {
    let site = Site::new().await;
    let (path, body) = ((Method::POST, "/v1/accounts"), ada("ada-bauer"));
    site.is_down(true).await;
    let sign_up = [("idempotency-key", "sign-up")];
    let first = site
        .asks_with(0, path.clone(), Some(body.clone()), &sign_up)
        .await;
    assert!(first.is(201).body["link"].is_null());
    let (id, asked) = (id_of(&first), json!({ "reason": "x" }));
    let down = site.links(&id, "one", asked.clone()).await;
    down.problem(502);
    assert_eq!(down.text("code"), "provider_down");
    site.is_down(false).await;
    let linked = site.links(&id, "one", asked.clone()).await;
    assert_eq!(linked.is(201).header("idempotent-replayed"), "");
    // The account's own key gives the link that waits by now.
    let again = site.asks_with(0, path, Some(body), &sign_up).await;
    assert_eq!(again.is(201).header("idempotent-replayed"), "true");
    assert_eq!(
        (id_of(&again), &again.body["link"]["url"]),
        (id.clone(), &linked.body["url"])
    );
    let dead = json!({ "reason": "x", "dead": true });
    let other = site.links(&id, "two", dead.clone()).await;
    assert_ne!(other.is(201).body["url"], linked.body["url"]);
    let spent = site.links(&id, "one", asked.clone()).await;
    spent.problem(410);
    assert_eq!(spent.text("code"), "expired");
    let same = site.links(&id, "two", dead).await;
    assert_eq!(
        same.is(200).body["url"],
        other.body["url"],
        "said dead once"
    );
    // A link that lapsed is over, too, although its attempt may still bind.
    let owner = site.database.owner().await;
    let lapsed = "update relink.link_attempts set link_ends_at = started_at + interval '1 millisecond' where state = 'open'";
    owner.execute(lapsed, &[]).await.expect("its end");
    let lapsed = json!({ "reason": "x", "dead": true });
    site.links(&id, "two", lapsed).await.problem(410);
    assert_eq!(site.provider.counts().await.links_minted, 2);
}

/// An attempt stands at its own account; at another, its own workspace's or not, it is one that nobody has.
#[tokio::test]
async fn r_lnk_5_an_attempt_is_found_at_its_own_account_alone() {
    let site = Site::new().await;
    let made = site.posts(0, "/v1/accounts", ada("ada-bauer")).await;
    let attempt = made.is(201).body["link"]["attempt"].clone();
    let attempt = attempt.as_str().expect("an id");
    let mut theirs = ada("olga");
    theirs["link"] = json!(false);
    let theirs = id_of(site.posts(1, "/v1/accounts", theirs).await.is(201));
    let reason = Some(json!({ "reason": "x" }));
    for (who, account) in [(0, site.connected.to_string()), (1, theirs.clone())] {
        let path = format!("/v1/accounts/{account}/attempts/{attempt}");
        site.gets(who, &path).await.problem(404);
        let taken = site.asks(who, Method::DELETE, &path, reason.clone()).await;
        taken.problem(404);
        let listed = site
            .gets(who, &format!("/v1/accounts/{account}/attempts"))
            .await;
        assert_eq!(listed.is(200).body["rows"], json!([]));
    }
    // Another workspace's account is shown to nobody, whatever is asked of it.
    let whose = id_of(&made);
    for end in ["", "/attempts", "/timeline", "/episodes", "/why"] {
        let path = format!("/v1/accounts/{whose}{end}");
        site.gets(0, &path).await.is(200);
        site.gets(1, &path).await.problem(404);
    }
    for (method, end, body) in [
        (Method::PATCH, "", json!({ "reason": "x", "name": "Mine" })),
        (Method::POST, "/reconnect", json!({ "reason": "x" })),
        (
            Method::POST,
            "/reconnect",
            json!({ "reason": "x", "dry_run": true }),
        ),
    ] {
        let path = format!("/v1/accounts/{whose}{end}");
        let key = Uuid::now_v7().to_string();
        let headers = [("if-match", "*"), ("idempotency-key", &key)];
        let refused = site
            .asks_with(1, (method, &path), Some(body), &headers)
            .await;
        refused.problem(404);
    }
    // Operators see all of them, by what they ask for.
    let rea = operator(&site.database, "rea", &[Scope::Read]).await;
    let owner = site.database.owner().await;
    let of = "select workspace_id::text from relink.accounts where id = $1::text::uuid";
    for (account, query, count) in [
        (&whose, "workspace", 1),
        (&theirs, "workspace", 0),
        (&whose, "account", 1),
        (&theirs, "account", 0),
    ] {
        let workspace = owner.query_one(of, &[account]).await.expect("its own");
        let workspace: String = workspace.get(0);
        let asked = if query == "account" {
            account
        } else {
            &workspace
        };
        let url = site.desk.ops(&format!("/v1/attempts?{query}={asked}"));
        let listed = site.desk.get(&url, &rea).await;
        let rows = listed.is(200).body["rows"].as_array().map(Vec::len);
        assert_eq!(rows, Some(count), "{query} of {account}");
    }
    let state = site
        .gets(0, &format!("/v1/accounts/{whose}/attempts/{attempt}"))
        .await;
    assert_eq!(state.is(200).body["state"], "open");
    assert_eq!(site.provider.counts().await.links_minted, 1);
}

/// Two calls that look before either writes: one account.
#[tokio::test]
async fn r_lnk_5_one_of_two_creates_that_come_at_once_makes_the_account() {
    let site = Site::new().await;
    let (holder, owner) = (site.database.owner().await, site.database.owner().await);
    for (field, values) in [
        ("handle", ["ada-bauer", "linkedin.com/in/Ada-Bauer"]),
        ("external_id", ["u-7", "u-7"]),
    ] {
        let asked = values.map(|value| -> BoxFuture<'_, Answer> {
            let mut body =
                json!({ "kind": "linkedin", "name": "Ada", "reason": "x", "link": false });
            body[field] = json!(value);
            let site = &site;
            Box::pin(async move { site.posts(0, "/v1/accounts", body).await })
        });
        let answers = at_once((&holder, &owner), "accounts", asked.into()).await;
        let mut statuses = answers
            .iter()
            .map(|it| it.status.as_u16())
            .collect::<Vec<_>>();
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409], "{field}");
    }
}
