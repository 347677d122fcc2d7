//! What goes wrong on the way: each ends in an error that says nothing about an account.

use crate::answers::account;
use crate::server::{client, config, head, id, raw, serve};
use policy::confirm::Answer;
use policy::session::Session;
use provider::{Cause, Class, Provider, ProviderError, Unipile, answer_of};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const GONE: &str = r#"{"status":404,"type":"errors/resource_not_found","title":"Resource not found.",
    "detail":"The requested resource were not found.\nAccount not found"}"#;

#[track_caller]
fn inconclusive(result: Result<Session, ProviderError>, class: Class) -> ProviderError {
    assert!(matches!(answer_of(&result), Answer::Inconclusive { .. }));
    let error = result.unwrap_err();
    assert_eq!(error.class(), class);
    error
}

#[tokio::test]
async fn only_the_exact_words_on_the_exact_route_mean_gone() {
    let server = serve(404, &[], GONE).await;
    let client = client(server.at);
    let result = client.get_session(&id("a")).await;
    assert_eq!(answer_of(&result), Answer::Gone);
    let error = client.me(&id("a")).await.unwrap_err();
    assert_eq!(error.class(), Class::Gone);
    assert!(matches!(error.answer(), Answer::Inconclusive { .. }));
}

#[tokio::test]
async fn any_other_404_is_inconclusive() {
    let html = "<html><h1>404</h1>Account not found</html>";
    for (body, class) in [
        (html.to_owned(), Class::Unreadable),
        (String::new(), Class::Unreadable),
        ("Account not found".into(), Class::Unreadable),
        ("{}".into(), Class::Unreadable),
        (GONE.replace("Account", "Chat"), Class::ProspectGone),
        (
            GONE.replace("Account not found", "Account not found\\n"),
            Class::ProspectGone,
        ),
        (
            GONE.replace("resource_not_found", "new_not_found"),
            Class::Unknown,
        ),
        (GONE.replace("404", "403"), Class::ProspectGone),
    ] {
        let server = serve(404, &[("content-type", "text/html")], body).await;
        inconclusive(client(server.at).get_session(&id("a")).await, class);
    }
    // The right words under any other status are not the right words.
    for status in [200, 401, 403, 410, 500, 503] {
        let server = serve(status, &[], GONE).await;
        let result = client(server.at).get_session(&id("a")).await;
        assert!(
            matches!(answer_of(&result), Answer::Inconclusive { .. }),
            "{status}"
        );
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let target = serve(200, &[], account("a")).await;
    for status in [301, 302, 303, 307, 308] {
        let to = format!("http://{}/api/v1/accounts/a", target.at);
        let server = serve(status, &[("location", &to)], "").await;
        let error = inconclusive(
            client(server.at).get_session(&id("a")).await,
            Class::Unreadable,
        );
        assert_eq!(error.status, Some(status));
    }
    assert_eq!(target.seen().len(), 0);
}

#[tokio::test]
async fn nothing_is_retried() {
    for status in [408, 425, 429, 500, 502, 503, 504] {
        let server = serve(status, &[("retry-after", "120")], "").await;
        let error = client(server.at).get_session(&id("a")).await.unwrap_err();
        assert_eq!(error.retry_after, Some(Duration::from_mins(2)));
        assert_eq!(server.seen().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_reset_is_inconclusive_and_after_an_outward_call_unknown_and_tried_once() {
    let connections = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&connections);
    let at = raw(move |mut stream| {
        counter.fetch_add(1, Ordering::SeqCst);
        async move {
            // Dropped with unread bytes, the kernel answers with a reset.
            assert!(stream.read_u8().await.is_ok());
        }
    })
    .await;
    let error = inconclusive(client(at).get_session(&id("a")).await, Class::Transient);
    assert!(matches!(error.cause, Cause::Broken(_)), "{error:?}");
    assert!(error.retryable());
    let error = client(at).restart(&id("a")).await.unwrap_err();
    assert_eq!(
        (error.class(), error.retryable()),
        (Class::Indeterminate, false)
    );
    assert_eq!(connections.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_5xx_leaves_an_outward_call_unknown_and_a_refusal_does_not() {
    let body = r#"{"status":503,"type":"errors/network_down","title":"Network is down"}"#;
    let server = serve(503, &[], body).await;
    let error = client(server.at).restart(&id("a")).await.unwrap_err();
    assert_eq!(error.class(), Class::Indeterminate);
    assert_eq!(error.kind.as_deref(), Some("errors/network_down"));
    let server = serve(404, &[], GONE).await;
    let error = client(server.at).restart(&id("a")).await.unwrap_err();
    assert_eq!(error.class(), Class::Gone);
}

#[tokio::test]
async fn where_nobody_listens_nothing_was_sent() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    drop(listener);
    let error = client(at).restart(&id("a")).await.unwrap_err();
    assert!(matches!(error.cause, Cause::Unreached(_)));
    assert_eq!((error.class(), error.retryable()), (Class::Transient, true));
}

#[tokio::test]
async fn an_id_that_no_path_can_carry_is_not_sent() {
    let server = serve(200, &[], account("..")).await;
    for bad in ["", ".", "..", "a\nb"] {
        inconclusive(
            client(server.at).get_session(&id(bad)).await,
            Class::Unsayable,
        );
    }
    assert_eq!(server.seen().len(), 0);
}

#[tokio::test]
async fn a_slow_body_ends_at_the_total_limit() {
    let at = raw(async |mut stream| {
        head(&mut stream).await;
        let start = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"object\"";
        stream.write_all(start).await.unwrap();
        // Until the client gives up.
        assert!(stream.read_u8().await.is_err());
    })
    .await;
    let mut config = config(at);
    config.total_timeout = Duration::from_millis(300);
    let begun = Instant::now();
    let result = Unipile::new(config).unwrap().get_session(&id("a")).await;
    let error = inconclusive(result, Class::Transient);
    assert!(matches!(error.cause, Cause::TimedOut(_)), "{error:?}");
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_cut_body_is_inconclusive() {
    let at = raw(async |mut stream| {
        head(&mut stream).await;
        let cut = format!("HTTP/1.1 404 Not Found\r\ncontent-length: 999\r\n\r\n{GONE}");
        stream.write_all(cut.as_bytes()).await.unwrap();
    })
    .await;
    inconclusive(client(at).get_session(&id("a")).await, Class::Transient);
}

#[tokio::test]
async fn a_body_of_a_gigabyte_is_left_at_the_limit() {
    for header in ["content-length: 1073741824\r\n", ""] {
        let sent = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&sent);
        let at = raw(move |mut stream| {
            let counter = Arc::clone(&counter);
            async move {
                head(&mut stream).await;
                let start = format!("HTTP/1.1 200 OK\r\n{header}\r\n");
                stream.write_all(start.as_bytes()).await.unwrap();
                let chunk = vec![b' '; 1 << 20];
                for _ in 0..1024 {
                    if stream.write_all(&chunk).await.is_err() {
                        return;
                    }
                    counter.fetch_add(1, Ordering::SeqCst);
                }
            }
        })
        .await;
        let error = inconclusive(client(at).get_session(&id("a")).await, Class::Unreadable);
        assert!(
            matches!(error.cause, Cause::TooLong(4_194_304)),
            "{error:?}"
        );
        let mebibytes = sent.load(Ordering::SeqCst);
        assert!(mebibytes < 64, "{mebibytes} MiB were taken");
    }
}
