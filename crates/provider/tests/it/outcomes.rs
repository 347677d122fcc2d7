//! What may go wrong with an outward call (R-CAP-5): each fault ends in the right outcome, after one attempt.

use crate::sends::{good, said};
use crate::server::{client, config, raw, serve, whole};
use jiff::SignedDuration;
use policy::class::Class;
use policy::sends::Action;
use policy::sends::call::{Outcome, Receipt, Started};
use provider::{Cause, Provider, ProviderError, Unipile, outcome_of};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn sent(at: SocketAddr, action: Action) -> Result<Receipt, ProviderError> {
    client(at).send(Started::of_row(said(action))).await
}

#[track_caller]
fn untold(result: Result<Receipt, ProviderError>) {
    let error = result.as_ref().unwrap_err();
    assert_eq!(error.class(), Class::Indeterminate, "{error:?}");
    assert!(!error.retryable());
    let outcome = outcome_of(result);
    assert!(matches!(outcome, Outcome::Untold { .. }), "{outcome:?}");
}

/// A server that does `act` to each connection, and the count of its connections.
async fn counted<F>(
    act: impl Fn(TcpStream) -> F + Send + Sync + 'static,
) -> (SocketAddr, Arc<AtomicU64>)
where
    F: Future<Output = ()> + Send + 'static,
{
    let connections = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&connections);
    let at = raw(move |stream| {
        counter.fetch_add(1, Ordering::SeqCst);
        act(stream)
    })
    .await;
    (at, connections)
}

#[tokio::test]
async fn whatever_a_failing_server_says_it_may_have_done_it_r_cap_5() {
    let words = r#"{"status":500,"type":"errors/cannot_resend_yet","title":"T"}"#;
    for status in [500, 501, 502, 503, 504, 599, 408] {
        for body in [words, "", "<html>bad gateway</html>"] {
            for action in Action::ALL {
                let server = serve(status, &[], body).await;
                untold(sent(server.at, action).await);
                assert_eq!(server.seen().len(), 1, "{status} {action:?}");
            }
        }
    }
}

#[tokio::test]
async fn an_answer_that_no_provider_gave_tells_nothing() {
    let cut = &good(Action::Invite).to_string()[..20];
    let gateway = r#"{"type":"about:blank","status":400,"title":"Bad Request"}"#;
    let late = r#"{"type":"errors/request_timeout","status":422}"#;
    for (status, body) in [
        (200, ""),
        (200, "{}"),
        (200, cut),
        (200, "<html>ok</html>"),
        (204, ""),
        (400, ""),
        (400, gateway),
        (403, "<html>blocked</html>"),
        (404, "{}"),
        (422, r#"{"type":7}"#),
        (422, late),
        (418, r#"{"type":"errors/Not a Word"}"#),
    ] {
        for action in Action::ALL {
            let server = serve(status, &[], body).await;
            untold(sent(server.at, action).await);
        }
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_tells_nothing() {
    let target = serve(200, &[], good(Action::ProfileView).to_string()).await;
    for status in [301, 302, 303, 307, 308] {
        let to = format!("http://{}/api/v1/users/x/", target.at);
        let server = serve(status, &[("location", &to)], "").await;
        for action in Action::ALL {
            untold(sent(server.at, action).await);
        }
    }
    assert_eq!(target.seen().len(), 0);
}

#[tokio::test]
async fn a_refusal_in_the_providers_own_words_is_told_as_it_came() {
    let body = r#"{"status":422,"type":"errors/cannot_resend_yet","title":"Cannot resend yet"}"#;
    let server = serve(422, &[("retry-after", "3600")], body).await;
    let refused = Outcome::Refused {
        class: Class::AccountCap,
        code: "cannot_resend_yet".into(),
        retry_after: Some(SignedDuration::from_hours(1)),
    };
    let outcome = outcome_of(sent(server.at, Action::Invite).await);
    assert_eq!(outcome, refused);
    let cases = [
        (429, "<html>slow down</html>", Class::AccountCap, "429"),
        (
            401,
            r#"{"type":"errors/disconnected_account"}"#,
            Class::Reconnect,
            "disconnected_account",
        ),
        (
            422,
            r#"{"type":"errors/brand_new"}"#,
            Class::Unknown,
            "brand_new",
        ),
    ];
    for (status, body, class, code) in cases {
        let server = serve(status, &[], body).await;
        let refused = Outcome::Refused {
            class,
            code: code.into(),
            retry_after: None,
        };
        assert_eq!(outcome_of(sent(server.at, Action::Email).await), refused);
    }
}

#[tokio::test]
async fn where_nobody_listens_nothing_left_this_machine() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    drop(listener);
    for action in Action::ALL {
        let result = sent(at, action).await;
        assert!(matches!(
            result.as_ref().unwrap_err().cause,
            Cause::Unreached(_)
        ));
        let why = "no connection was made".to_owned();
        assert_eq!(outcome_of(result), Outcome::NotSent { why });
    }
}

#[tokio::test]
async fn a_reset_is_untold_before_a_byte_was_read_and_after_and_is_tried_once() {
    for action in Action::ALL {
        let (at, connections) = counted(async |stream| {
            stream.set_zero_linger().unwrap();
            drop(stream);
        })
        .await;
        untold(sent(at, action).await);
        assert_eq!(connections.load(Ordering::SeqCst), 1);
        let (at, connections) = counted(async |mut stream| {
            whole(&mut stream).await;
            stream.set_zero_linger().unwrap();
        })
        .await;
        untold(sent(at, action).await);
        assert_eq!(connections.load(Ordering::SeqCst), 1);
        let (at, connections) = counted(async |mut stream| {
            whole(&mut stream).await;
            let cut = b"HTTP/1.1 201 Created\r\ncontent-length: 999\r\n\r\n{\"object\"";
            stream.write_all(cut).await.unwrap();
        })
        .await;
        untold(sent(at, action).await);
        assert_eq!(connections.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn a_time_out_after_the_requests_last_byte_is_untold() {
    for action in Action::ALL {
        let (at, connections) = counted(async |mut stream| {
            whole(&mut stream).await;
            // Until the client gives up.
            assert!(stream.read_u8().await.is_err());
        })
        .await;
        let mut config = config(at);
        config.total_timeout = Duration::from_millis(200);
        let client = Unipile::new(config).unwrap();
        let result = client.send(Started::of_row(said(action))).await;
        assert!(matches!(
            result.as_ref().unwrap_err().cause,
            Cause::TimedOut(_)
        ));
        untold(result);
        assert_eq!(connections.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn an_endless_answer_is_left_at_the_limit_and_tells_nothing() {
    let server = serve(201, &[], "x".repeat(5 << 20)).await;
    let result = sent(server.at, Action::Invite).await;
    assert!(matches!(
        result.as_ref().unwrap_err().cause,
        Cause::TooLong(_)
    ));
    untold(result);
}

/// Answers a first request well and keeps the connection open; at a second one's first byte it resets.
async fn fickle() -> (SocketAddr, Arc<AtomicU64>) {
    counted(async |mut stream| {
        whole(&mut stream).await;
        let body = good(Action::Invite).to_string();
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all((head + &body).as_bytes()).await.unwrap();
        drop(stream.read_u8().await);
        stream.set_zero_linger().unwrap();
    })
    .await
}

#[tokio::test]
async fn no_outward_call_meets_a_connection_that_was_used_before() {
    let (at, connections) = fickle().await;
    let client = client(at);
    for made in 1..=5 {
        let result = client.send(Started::of_row(said(Action::Invite))).await;
        assert!(matches!(outcome_of(result), Outcome::Sent(_)));
        assert_eq!(connections.load(Ordering::SeqCst), made);
    }
}
