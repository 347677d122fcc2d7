//! Unipile v1's exact JSON.

use crate::rig::Rig;
use serde_json::{Value, json};
use simulator::control::{Health, Kind, NewSession, Tier};

fn linkedin() -> NewSession {
    NewSession {
        id: Some("-abcLR22bA7G5qsAc8w_9Z".to_owned()),
        name: Some("Jane Doe".to_owned()),
        identity: Some("ACoAAA1".to_owned()),
        handle: Some("jane-doe".to_owned()),
        tier: Tier::SalesNavigator,
        created_at: Some("2025-12-31T23:59:59.999Z".parse().expect("a time")),
        ..NewSession::default()
    }
}

#[tokio::test]
async fn a_linkedin_account_has_the_documented_shape() {
    let rig = Rig::start().await;
    let id = rig.sessions(&[linkedin()]).await.remove(0).id;
    let answer = rig.get(&format!("/api/v1/accounts/{id}")).await;
    assert_eq!(answer.status, 200);
    let wanted = json!({
        "object": "Account", "type": "LINKEDIN", "id": id, "name": "Jane Doe",
        "created_at": "2025-12-31T23:59:59.999Z",
        "connection_params": { "im": {
            "id": "ACoAAA1", "publicIdentifier": "jane-doe", "username": "Jane Doe", "premiumId": null,
            "premiumContractId": null, "premiumFeatures": ["premium", "sales_navigator"], "organizations": [],
        } },
        "signatures": [], "groups": [], "sources": [{ "id": format!("{id}_MESSAGING"), "status": "OK" }],
    });
    assert_eq!(answer.json(), wanted);
    let list = rig.get("/api/v1/accounts").await;
    assert_eq!(
        list.json(),
        json!({ "object": "AccountList", "items": [wanted], "cursor": null })
    );
}

#[tokio::test]
async fn mail_accounts_have_a_source_for_each_service_and_each_its_own_words() {
    let rig = Rig::start().await;
    let new = |kind| NewSession {
        kind,
        identity: Some("a@b.test".to_owned()),
        handle: Some("a@b.test".to_owned()),
        ..NewSession::default()
    };
    let views = rig
        .sessions(&[
            new(Kind::Google),
            new(Kind::Outlook),
            new(Kind::Mail),
            new(Kind::Icloud),
        ])
        .await;
    rig.change(&views[0].id, json!({ "words": ["OK", "HIBERNATING"] }))
        .await;
    let list = rig.get("/api/v1/accounts").await.json();
    let of = |index: usize, part: &str| list["items"][index][part].clone();
    let types: Vec<Value> = (0..4).map(|index| of(index, "type")).collect();
    assert_eq!(types, ["GOOGLE_OAUTH", "OUTLOOK", "MAIL", "ICLOUD"]);
    let mailbox = json!({ "id": "a@b.test", "username": "a@b.test" });
    assert_eq!(
        of(0, "connection_params"),
        json!({ "mail": mailbox, "calendar": mailbox })
    );
    assert_eq!(of(1, "connection_params"), json!({ "mail": mailbox }));
    assert_eq!(of(2, "connection_params")["mail"]["imap_user"], "a@b.test");
    let id = &views[0].id;
    let sources = json!([
        { "id": format!("{id}_MAILS"), "status": "OK" }, { "id": format!("{id}_CALENDAR"), "status": "HIBERNATING" },
    ]);
    assert_eq!(
        of(0, "sources"),
        sources,
        "R-ST-3 needs sources of their own, and words that nobody knows"
    );
}

#[tokio::test]
async fn a_session_that_is_gone_answers_with_the_one_body_that_means_gone() {
    let rig = Rig::start().await;
    let id = rig.session().await;
    rig.change(&id, json!({ "gone": true })).await;
    let gone = rig.get(&format!("/api/v1/accounts/{id}")).await;
    let exact = r#"{"status":404,"type":"errors/resource_not_found","title":"Resource not found.","detail":"The requested resource were not found.\nAccount not found"}"#;
    assert_eq!(
        (gone.status, gone.text.as_str()),
        (404, exact),
        "R-DEL gate 3 counts nothing else"
    );
    for (method, path) in [
        ("GET", "/users/me?account_id="),
        ("DELETE", "/accounts/"),
        ("POST", "/accounts/"),
    ] {
        let body = json!({ "provider": "LINKEDIN", "access_token": "cookie" });
        let answer = rig
            .call(
                method,
                &format!("/api/v1{path}{id}"),
                (method == "POST").then_some(body),
            )
            .await;
        assert_eq!(answer.text, exact, "{method} {path}");
    }
    rig.change(&id, json!({ "back": true })).await;
    assert_eq!(rig.get(&format!("/api/v1/accounts/{id}")).await.status, 200);
}

#[tokio::test]
async fn an_unknown_route_is_a_404_that_says_nothing_about_an_account() {
    let rig = Rig::start().await;
    for (method, path) in [
        ("GET", "/api/v1/nowhere"),
        ("PATCH", "/api/v1/accounts/x"),
        ("GET", "/api/v2/accounts"),
        ("GET", "/"),
    ] {
        let answer = rig.call(method, path, None).await;
        let last = format!("The requested resource were not found.\nCannot {method} {path}");
        assert_eq!(
            (answer.status, &answer.json()["detail"]),
            (404, &json!(last))
        );
    }
}

#[tokio::test]
async fn a_missing_or_wrong_key_is_401_missing_credentials_on_every_route() {
    let rig = Rig::start().await;
    let wanted = json!({
        "status": 401, "type": "errors/missing_credentials", "title": "Missing credentials",
        "detail": "Some credentials are necessary to perform the request.",
    });
    for key in [None, Some("wrong"), Some("")] {
        for (method, path) in [
            ("GET", "/accounts"),
            ("GET", "/accounts/x"),
            ("DELETE", "/accounts/x"),
            ("POST", "/webhooks"),
            ("GET", "/nowhere"),
        ] {
            let answer = rig
                .send(method, &format!("/api/v1{path}"), key, None)
                .await
                .expect("an answer");
            assert_eq!(
                (answer.status, answer.json()),
                (401, wanted.clone()),
                "{method} {path}"
            );
        }
    }
    assert_eq!(rig.counts().await.wrong_keys, 15);
}

#[tokio::test]
async fn restarting_helps_what_has_stopped_and_not_what_lacks_credentials() {
    let rig = Rig::start().await;
    let new = |health| NewSession {
        health,
        ..NewSession::default()
    };
    let all = [
        Health::Stopped,
        Health::Error,
        Health::Connecting,
        Health::Credentials,
        Health::Permissions,
    ];
    let views = rig.sessions(&all.map(new)).await;
    let mut words = Vec::new();
    for view in views {
        let answer = rig
            .call(
                "POST",
                &format!("/api/v1/accounts/{}/restart", view.id),
                None,
            )
            .await;
        assert_eq!(
            (answer.status, answer.json()),
            (200, json!({ "object": "AccountRestarted" }))
        );
        let account = rig
            .get(&format!("/api/v1/accounts/{}", view.id))
            .await
            .json();
        words.push(account["sources"][0]["status"].clone());
    }
    assert_eq!(words, ["OK", "OK", "OK", "CREDENTIALS", "PERMISSIONS"]);
}

#[tokio::test]
async fn the_own_profile_is_refused_where_the_session_is_disconnected() {
    let rig = Rig::start().await;
    let id = rig.sessions(&[linkedin()]).await.remove(0).id;
    let path = format!("/api/v1/users/me?account_id={id}");
    let profile = rig.get(&path).await.json();
    assert_eq!(
        (&profile["object"], &profile["provider_id"]),
        (&json!("AccountOwnerProfile"), &json!("ACoAAA1"))
    );
    rig.change(&id, json!({ "health": "CREDENTIALS" })).await;
    let answer = rig.get(&path).await;
    assert_eq!(
        (answer.status, &answer.json()["type"]),
        (401, &json!("errors/disconnected_account"))
    );
    assert_eq!(
        rig.get("/api/v1/users/me").await.json()["type"],
        "errors/missing_parameters"
    );
}

#[tokio::test]
async fn deleting_unlinks_for_good_and_the_referee_counts_it() {
    let rig = Rig::start().await;
    let id = rig.session().await;
    let path = format!("/api/v1/accounts/{id}");
    assert_eq!(
        rig.call("DELETE", &path, None).await.json(),
        json!({ "object": "AccountDeleted" })
    );
    assert_eq!(rig.call("DELETE", &path, None).await.status, 404);
    rig.change(&id, json!({ "back": true })).await;
    assert_eq!(rig.get(&path).await.status, 404);
    let counts = rig.counts().await;
    assert_eq!(
        (counts.delete_requests, counts.deletes, counts.sessions_live),
        (2, 1, 0)
    );
}
