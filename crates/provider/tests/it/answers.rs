//! Good answers, over HTTP.

use crate::server::{KEY, client, id, serve};
use policy::confirm::Answer;
use policy::session::Health;
use provider::{Class, LinkRequest, Product, Provider, Purpose, answer_of};

pub(crate) fn account(id: &str) -> String {
    format!(
        r#"{{"object":"Account","type":"LINKEDIN","id":"{id}","name":"Jane Doe",
        "created_at":"2025-12-31T23:59:59.999Z","groups":[],"sources":[{{"id":"s","status":"OK"}}],
        "connection_params":{{"im":{{"id":"ACoAAA","publicIdentifier":"Jane-Doe","username":"Jane Doe",
        "premiumId":null,"premiumContractId":null,"organizations":[],
        "proxy":{{"host":"h","port":1,"protocol":"https","username":"u","password":"pr0xy"}}}}}}}}"#
    )
}

#[tokio::test]
async fn a_session_is_asked_for_by_its_encoded_id_with_the_key_in_its_header() {
    let server = serve(200, &[], account("-a/b")).await;
    let result = client(server.at).get_session(&id("-a/b")).await;
    assert_eq!(answer_of(&result), Answer::Present);
    let session = result.unwrap();
    assert_eq!((session.health, session.id), (Health::Ok, id("-a/b")));
    let seen = server.seen();
    assert_eq!(seen[0].line, "GET /api/v1/accounts/-a%2Fb");
    assert_eq!(seen[0].key, KEY);
}

#[tokio::test]
async fn another_sessions_answer_is_a_mismatch_and_says_nothing_of_this_one() {
    let server = serve(200, &[], account("other")).await;
    let result = client(server.at).get_session(&id("mine")).await;
    assert!(matches!(answer_of(&result), Answer::Inconclusive { .. }));
    let error = result.unwrap_err();
    assert_eq!((error.class(), error.status), (Class::Mismatch, Some(200)));
    let body = r#"{"object":"AccountRestarted","account_id":"other"}"#;
    let server = serve(200, &[], body).await;
    let error = client(server.at).restart(&id("mine")).await.unwrap_err();
    assert_eq!(error.class(), Class::Mismatch);
}

#[tokio::test]
async fn only_a_plain_200_with_an_account_object_shows_a_session_present() {
    let cases = [
        (201, account("mine")),
        (200, account("mine").replace(r#""Account""#, r#""Other""#)),
        (200, "{}".into()),
        (200, String::new()),
        (204, String::new()),
        (200, "<html>hello</html>".into()),
    ];
    for (status, body) in cases {
        let server = serve(status, &[], body.clone()).await;
        let result = client(server.at).get_session(&id("mine")).await;
        assert!(
            matches!(answer_of(&result), Answer::Inconclusive { .. }),
            "{status} {body}"
        );
        assert_eq!(
            result.unwrap_err().class(),
            Class::Unreadable,
            "{status} {body}"
        );
    }
}

/// Contract of every call: whoever is waited for at a checkpoint has not answered.
#[tokio::test]
async fn r_st_5_a_checkpoint_is_told_apart_with_its_word() {
    let answered =
        r#"{"object":"Checkpoint","account_id":"mine","checkpoint":{"type":"IN_APP_VALIDATION"}}"#;
    let refused = r#"{"status":401,"type":"errors/checkpoint_error","title":"T","checkpoint":{"type":"2FA"}}"#;
    let odd =
        r#"{"status":401,"type":"errors/checkpoint_error","checkpoint":{"type":"Dear Ms Smith"}}"#;
    for (status, body, word) in [
        (202, answered, Some("IN_APP_VALIDATION")),
        (200, answered, Some("IN_APP_VALIDATION")),
        (401, refused, Some("2FA")),
        (401, odd, None),
    ] {
        let server = serve(status, &[], body).await;
        let client = client(server.at);
        let result = client.get_session(&id("mine")).await;
        assert!(matches!(answer_of(&result), Answer::Inconclusive { .. }));
        for error in [
            result.unwrap_err(),
            client.me(&id("mine")).await.unwrap_err(),
        ] {
            assert_eq!(
                (error.class(), error.checkpoint.as_deref()),
                (Class::Checkpoint, word)
            );
        }
        // Whether what acts has happened is told by its own object alone.
        let restart = client.restart(&id("mine")).await.unwrap_err();
        let class = if status == 401 {
            Class::Checkpoint
        } else {
            Class::Indeterminate
        };
        assert_eq!(restart.class(), class);
    }
}

#[tokio::test]
async fn a_page_is_asked_for_with_a_bounded_limit_and_its_cursor() {
    let body = format!(
        r#"{{"object":"AccountList","items":[{}],"cursor":"n=&2"}}"#,
        account("a")
    );
    let server = serve(200, &[], body).await;
    let client = client(server.at);
    let page = client.list_sessions(None, 9_999).await.unwrap();
    assert_eq!(page.cursor.as_deref(), Some("n=&2"));
    client
        .list_sessions(page.cursor.as_deref(), 0)
        .await
        .unwrap();
    let lines: Vec<_> = server.seen().into_iter().map(|seen| seen.line).collect();
    assert_eq!(
        lines,
        [
            "GET /api/v1/accounts?limit=250",
            "GET /api/v1/accounts?limit=1&cursor=n%3D%262"
        ]
    );
}

#[tokio::test]
async fn a_restart_is_told_by_its_object_whatever_the_2xx() {
    for status in [200, 201, 202] {
        let server = serve(status, &[], r#"{"object":"AccountRestarted"}"#).await;
        client(server.at).restart(&id("a")).await.unwrap();
        assert_eq!(server.seen()[0].line, "POST /api/v1/accounts/a/restart");
    }
    let server = serve(201, &[], r#"{"object":"AccountFailedToRestart"}"#).await;
    let error = client(server.at).restart(&id("a")).await.unwrap_err();
    assert_eq!(error.class(), Class::Transient);
    // Accepted, and nobody said what came of it.
    let server = serve(204, &[], "").await;
    let error = client(server.at).restart(&id("a")).await.unwrap_err();
    assert_eq!(
        (error.class(), error.retryable()),
        (Class::Indeterminate, false)
    );
}

#[tokio::test]
async fn a_hosted_link_is_minted_from_its_request() {
    let server = serve(
        201,
        &[],
        r#"{"object":"HostedAuthUrl","url":"https://a.example/x"}"#,
    )
    .await;
    let request = LinkRequest {
        purpose: Purpose::Reconnect { session: id("a") },
        expires_at: "2026-03-01T10:00:00Z".parse().unwrap(),
        name: "token".into(),
        notify_url: "https://us/notify".into(),
        success_redirect_url: None,
        failure_redirect_url: None,
    };
    let link = client(server.at).hosted_link(&request).await.unwrap();
    assert_eq!(link.url, "https://a.example/x");
    let seen = &server.seen()[0];
    assert_eq!(seen.line, "POST /api/v1/hosted/accounts/link");
    assert!(
        seen.body
            .contains(r#""expiresOn":"2026-03-01T10:00:00.000Z""#),
        "{}",
        seen.body
    );
    assert!(
        seen.body
            .contains(&format!(r#""api_url":"http://{}""#, server.at)),
        "{}",
        seen.body
    );
}

#[tokio::test]
async fn the_owner_and_the_state_of_their_products_are_read() {
    let body = r#"{"object":"AccountOwnerProfile","provider_id":"ACoAAA","public_identifier":"Jane-Doe",
        "premium":true,"recruiter":{"error":"DISCONNECTED"},"sales_navigator":{"plan":"core"}}"#;
    let server = serve(200, &[], body).await;
    let owner = client(server.at).me(&id("a b")).await.unwrap();
    assert_eq!(owner.identity.unwrap().0, "ACoAAA");
    assert_eq!(owner.public_identifier.as_deref(), Some("jane-doe"));
    assert_eq!(
        (owner.premium, owner.sales_navigator),
        (Some(true), Product::Active)
    );
    assert_eq!(
        owner.recruiter,
        Product::Failed {
            word: "DISCONNECTED".into()
        }
    );
    assert_eq!(server.seen()[0].line, "GET /api/v1/users/me?account_id=a+b");
}
