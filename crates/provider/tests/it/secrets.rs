//! Our key and the provider's secrets stay where they are.

use crate::answers::account;
use crate::sends::{TEXT, said};
use crate::server::{KEY, client, config, id, serve};
use policy::sends::Action;
use policy::sends::call::{ReadBack, Started};
use provider::{ConfigError, Provider, Unipile, outcome_of};
use std::error::Error;
use std::fmt::Write;

/// Everything that a log could print of an error.
fn shown(error: &(dyn Error + 'static)) -> String {
    let mut shown = format!("{error:?}");
    let mut next = Some(error);
    while let Some(error) = next {
        write!(shown, " | {error}").unwrap();
        next = error.source();
    }
    shown
}

#[tokio::test]
async fn the_key_is_in_no_debug_and_no_display() {
    let echo = format!(
        r#"{{"status":401,"type":"errors/{KEY}","title":"Bad key {KEY}","detail":"x\n{KEY} is unknown"}}"#
    );
    let server = serve(401, &[], echo).await;
    let client = client(server.at);
    let error = client.get_session(&id("a")).await.unwrap_err();
    assert_eq!(error.kind, None);
    assert_eq!(error.to_string(), "ask the provider: GET /accounts/{id}");
    let shown = format!("{} {client:?} {:?}", shown(&error), config(server.at));
    assert!(!shown.contains(KEY), "{shown}");
}

#[tokio::test]
async fn a_proxys_password_is_neither_kept_nor_told() {
    let server = serve(200, &[], account("a")).await;
    let session = client(server.at).get_session(&id("a")).await.unwrap();
    assert!(!format!("{session:?}").contains("pr0xy"));
    let broken = account("a").replace("created_at", "made_at");
    let server = serve(200, &[], broken).await;
    let error = client(server.at).get_session(&id("a")).await.unwrap_err();
    let shown = shown(&error);
    assert!(!shown.contains("pr0xy"), "{shown}");
    assert!(shown.contains("created_at"), "{shown}");
}

#[tokio::test]
async fn what_was_said_to_a_person_is_in_no_error_and_no_outcome() {
    // A provider that repeats everything it was told, wherever it can.
    let echo = serde_json::json!({"status":422,"type":format!("errors/{TEXT}"),"title":TEXT,"detail":TEXT,
        "object":TEXT,"account_id":TEXT});
    for status in [200, 302, 400, 422, 429, 500] {
        let server = serve(status, &[], echo.to_string()).await;
        let client = client(server.at);
        for action in Action::ALL {
            let request = said(action);
            let target = request.target.clone();
            let result = client.send(Started::of_row(request.clone())).await;
            let mut told = shown(result.as_ref().unwrap_err());
            write!(told, "{:?}", outcome_of(result)).unwrap();
            let asked = ReadBack {
                request,
                shown_at: None,
            };
            write!(told, "{:?}", client.read_back(&asked).await).unwrap();
            for secret in [KEY, "quoted", "A subject", &target] {
                assert!(!told.contains(secret), "{status} {action:?}: {told}");
            }
        }
    }
}

#[test]
fn a_bad_configuration_is_refused_in_words_without_the_key() {
    let at = "127.0.0.1:1".parse().unwrap();
    for url in [
        "",
        "api1.unipile.com",
        "ftp://host",
        "http://u:p@host",
        "http://host?x=1",
        "http://host#x",
    ] {
        let mut config = config(at);
        config.base_url = url.into();
        assert!(
            matches!(Unipile::new(config), Err(ConfigError::BaseUrl)),
            "{url}"
        );
    }
    for key in ["", "two\nlines"] {
        let mut config = config(at);
        config.api_key = key.into();
        assert!(matches!(Unipile::new(config), Err(ConfigError::ApiKey)));
    }
    let mut config = config(at);
    config.body_bytes_max = 0;
    assert!(matches!(Unipile::new(config), Err(ConfigError::Limit)));
}
