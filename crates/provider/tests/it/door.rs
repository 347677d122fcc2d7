//! Odd answers, over HTTP: one item is one item (R-WAT-4).

use crate::answers::account;
use crate::server::{client, config, id, script, serve};
use axum::http::StatusCode;
use policy::session::Session;
use provider::{Cause, Provider, Unipile};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

fn list(items: &[String], cursor: &str) -> String {
    let items = items.join(",");
    format!(r#"{{"object":"AccountList","items":[{items}],"cursor":{cursor}}}"#)
}

fn named(text: &str) -> String {
    account("odd").replace("Jane Doe", text)
}

#[tokio::test]
async fn r_wat_4_odd_texts_of_one_item_spoil_no_page() {
    let deep = "[".repeat(500) + &"]".repeat(500);
    let plain = |item: String| (item, true, Some("odd"));
    let unreadable = |item: String, id| (item, false, id);
    for (item, is_read, name) in [
        plain(named(r"Ann \u0000 \ud83d \u202e \u0007")),
        plain(named(r"\ude00\ud83d")),
        plain(named(&"x".repeat(3 << 20))),
        plain(account("odd").replace(r#""OK""#, r#""\u0000\ud83d""#)),
        plain(account("odd").replace("ACoAAA", r"a\u0000b")),
        plain(account("odd").replace("LINKEDIN", r"\ud83dLINKEDIN")),
        unreadable(
            account("odd").replace(r#""LINKEDIN""#, "1e999"),
            Some("odd"),
        ),
        unreadable(account("odd").replace(r#""LINKEDIN""#, &deep), Some("odd")),
        unreadable(account("odd").replace(r#""LINKEDIN""#, "null"), Some("odd")),
        unreadable(account("odd").replace("2025-12", "soon"), Some("odd")),
        unreadable(account(r"odd\u0000"), None),
        unreadable(account(r"od\ud83dd"), None),
        unreadable(account(" odd"), None),
        unreadable(account(&"o".repeat(256)), None),
        unreadable("7".to_owned(), None),
        unreadable("[]".to_owned(), None),
    ] {
        let items = [account("a"), item.clone(), account("b")];
        let server = serve(200, &[], list(&items, "null")).await;
        let page = client(server.at).list_sessions(None, 250).await.unwrap();
        let of = |it: &Session| it.id.0.clone();
        let read: Vec<_> = page.sessions.iter().map(of).collect();
        let ids: Vec<_> = page
            .unreadable
            .iter()
            .map(|it| it.id.as_ref().map(|id| id.0.as_str()))
            .collect();
        let shown = &item[..item.len().min(200)];
        if is_read {
            assert_eq!(
                (read, ids),
                (vec!["a".into(), "odd".into(), "b".into()], vec![]),
                "{shown}"
            );
            let clean =
                |text: &str| !text.contains(|it: char| it.is_control()) && text.len() < 1000;
            let odd = &page.sessions[1];
            let texts = odd
                .words
                .iter()
                .chain([&odd.name, &odd.kind])
                .chain(&odd.handle);
            assert!(
                texts
                    .chain(odd.identity.iter().map(|it| &it.0))
                    .all(|it| clean(it))
            );
        } else {
            assert_eq!(
                (read, ids),
                (vec!["a".into(), "b".into()], vec![name]),
                "{shown}"
            );
        }
    }
}

/// Watch A4: too long a page is asked for again with half the limit; one item that is too long alone is one item.
#[tokio::test]
async fn r_wat_4_one_item_too_long_alone_is_named_and_the_list_goes_on() {
    let sources = |count: usize| {
        vec![r#"{"id":"s","status":"OK","more":"xxxxxxxxxxxxxxxx"}"#; count].join(",")
    };
    let long = account("long").replace(r#"{"id":"s","status":"OK"}"#, &sources(2000));
    let server = script(move |line| {
        let limit = line
            .split("limit=")
            .nth(1)
            .and_then(|it| it.split('&').next());
        let items = match limit {
            Some("1") => vec![long.clone()],
            _ => vec![long.clone(), account("b")],
        };
        (200, list(&items, r#""next""#))
    })
    .await;
    let mut config = config(server.at);
    config.body_bytes_max = 20_000;
    let client = Unipile::new(config).unwrap();
    let error = client.list_sessions(None, 2).await.unwrap_err();
    assert!(matches!(error.cause, Cause::TooLong(20_000)), "{error:?}");
    let page = client.list_sessions(None, 1).await.unwrap();
    assert_eq!(
        (page.sessions.len(), page.cursor.as_deref()),
        (0, Some("next"))
    );
    assert_eq!(page.unreadable[0].id, Some(id("long")));
}

#[tokio::test]
async fn r_wat_4_pictures_in_signatures_make_no_page_too_long() {
    let signature = format!(
        r#""signatures":[{{"title":"","content":"{}"}}],"groups""#,
        "x".repeat(1 << 20)
    );
    let items: Vec<_> = (0..20)
        .map(|it| account(&format!("s-{it}")).replace(r#""groups""#, &signature))
        .collect();
    let server = serve(200, &[], list(&items, "null")).await;
    let page = client(server.at).list_sessions(None, 250).await.unwrap();
    assert_eq!((page.sessions.len(), page.unreadable.len()), (20, 0));
}

/// Watch C10: what only reads follows a slash on the same server, once; what acts asks with it and follows nothing.
#[tokio::test]
async fn r_wat_4_a_slash_is_followed_once_and_only_where_nothing_acts() {
    let times = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&times);
    let router = axum::Router::new().fallback(move |request: axum::extract::Request| {
        let counter = Arc::clone(&counter);
        async move {
            let number = counter.fetch_add(1, Ordering::SeqCst);
            let uri = request.uri();
            let key = request.headers().contains_key("x-api-key");
            assert!(key, "our key goes along");
            if uri.path().ends_with('/') && number == 1 {
                return (StatusCode::OK, [("location", String::new())], account("a"));
            }
            let query = uri.query().map(|it| format!("?{it}")).unwrap_or_default();
            let to = format!("{}/{query}", uri.path());
            (
                StatusCode::MOVED_PERMANENTLY,
                [("location", to)],
                String::new(),
            )
        }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let session = client(at).get_session(&id("a")).await.unwrap();
    assert_eq!(session.id, id("a"));
    assert_eq!(times.load(Ordering::SeqCst), 2);
    // Round and round: the second is an answer like others.
    let error = client(at).get_session(&id("a")).await.unwrap_err();
    assert_eq!((error.status, times.load(Ordering::SeqCst)), (Some(301), 4));
    let error = client(at).restart(&id("a")).await.unwrap_err();
    assert_eq!((error.status, times.load(Ordering::SeqCst)), (Some(301), 5));
}
