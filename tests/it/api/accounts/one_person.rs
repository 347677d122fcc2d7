//! One person, one account: who says so first, and what an account that went on as another one answers (R-LNK-5).

use super::{Site, ada, id_of};
use futures_util::future::join;
use reqwest::Method;
use serde_json::{Value, json};

/// A change and a create that say the same person at the same instant: one of them is told of the other.
#[tokio::test]
async fn r_lnk_5_a_change_and_a_create_of_one_person_make_one() {
    let site = Site::new().await;
    let body = |handle: &str| -> Value {
        let mut body = ada(handle);
        body["link"] = json!(false);
        body
    };
    let mut first = [0, 0];
    for round in 0..8 {
        let made = site
            .posts(0, "/v1/accounts", body(&format!("before-{round}")))
            .await;
        let (had, person) = (id_of(made.is(201)), format!("Person-{round}"));
        let path = format!("/v1/accounts/{had}");
        let change = json!({ "reason": "it is another", "handle": person });
        let changing = site.asks_with(
            0,
            (Method::PATCH, &path),
            Some(change),
            &[("if-match", "\"v1\"")],
        );
        let making = site.posts(0, "/v1/accounts", body(&person));
        // Polled first in turn: neither always comes first.
        let (changed, made) = if round % 2 == 0 {
            join(changing, making).await
        } else {
            let (made, changed) = join(making, changing).await;
            (changed, made)
        };
        let refused = if changed.status.as_u16() == 200 {
            first[0] += 1;
            assert_eq!(made.text("account"), had);
            made
        } else {
            first[1] += 1;
            assert_eq!(changed.text("account"), id_of(made.is(201)));
            changed
        };
        refused.problem(409);
        assert_eq!(refused.text("code"), "identity_known");
    }
    let owner = site.database.owner().await;
    let sql =
        "select count(*) from (select handle from relink.accounts where handle like 'person-%'
                 group by handle having count(*) > 1) t";
    let twins: i64 = owner.query_one(sql, &[]).await.expect("accounts").get(0);
    assert_eq!((twins, first.iter().sum::<i32>()), (0, 8), "{first:?}");
}

#[tokio::test]
async fn r_lnk_5_a_merged_account_names_the_one_it_went_on_as() {
    let site = Site::new().await;
    let mut body = ada("ada-bauer");
    body["link"] = json!(false);
    let made = site.posts(0, "/v1/accounts", body).await;
    let id = id_of(made.is(201));
    assert!(made.body["merged_into"].is_null());
    let owner = site.database.owner().await;
    let sql = "update relink.accounts set merged_into = $2 where id = $1::text::uuid";
    let merged = owner.execute(sql, &[&id, &site.connected.0]).await;
    assert_eq!(merged.expect("merged"), 1);
    let living = site.connected.0.to_string();
    let path = format!("/v1/accounts/{id}");
    let shown = site.gets(0, &path).await;
    assert_eq!(shown.is(200).text("merged_into"), living);
    let path = format!("{path}/reconnect");
    for dry_run in [false, true] {
        let body = json!({ "reason": "back again", "dry_run": dry_run });
        let refused = site.posts(0, &path, body).await;
        refused.problem(409);
        assert_eq!(refused.text("code"), "merged");
        assert_eq!(refused.text("account"), living);
    }
    assert_eq!(site.provider.counts().await.links_minted, 0);
}
