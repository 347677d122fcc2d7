//! Whatever goes wrong on the way: at most one request, never a second try, and the question after it tells.

use super::rig::{Raw, Rig, call, call_at, config, on, permit};
use crate::Caller;
use policy::confirm::Answer;
use policy::interlock::Outcome;
use provider::Unipile;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

/// What was said of a call that was made, where the question after it found the session gone, or still there.
#[track_caller]
fn called(outcome: Outcome, gone: bool) -> String {
    let Outcome::Called { said, after } = outcome else {
        panic!("{outcome:?}");
    };
    let wanted = if gone { Answer::Gone } else { Answer::Present };
    assert_eq!(after, wanted, "{said}");
    said
}

#[tokio::test]
async fn r_del_1_a_call_that_fails_is_made_once_and_only_the_get_says_what_came_of_it() {
    let told = |kind: &str| json!({ "sessions": [{ "session": "a", "kind": kind, "route": "DELETE /accounts/{id}" }] });
    let struck = |kind: &str| json!({ "actions": [{ "kind": kind, "route": "DELETE /accounts/{id}", "ms": 60_000 }] });
    let unexpected = "500 errors/unexpected_error";
    let rows: [(Value, &str, bool); 11] = [
        (struck("error_before"), unexpected, false),
        (struck("error_after"), unexpected, true),
        (struck("reset_before"), "the connection broke", false),
        (struck("reset_after"), "the connection broke", true),
        (struck("undecodable_after"), "200", true),
        (
            told("unauthorized"),
            "401 errors/missing_credentials",
            false,
        ),
        (told("gone"), "404 errors/resource_not_found", false),
        (told("other_gone"), "404 errors/resource_not_found", false),
        (told("html_404"), "404", false),
        (told("empty_404"), "404", false),
        (told("server_error"), unexpected, false),
    ];
    for (faults, wanted, gone) in rows {
        let rig = Rig::start().await;
        rig.sessions(&["a"]).await;
        rig.faults(faults.clone()).await;
        let said = called(call_at(&rig, "a").await, gone);
        assert_eq!(said, wanted, "{faults}");
        let seen = rig.removals().await;
        assert_eq!((seen.len(), seen[0].deleted), (1, gone), "{faults}");
        assert_eq!(rig.log().await.len(), 2, "{faults}");
    }
}

#[tokio::test]
async fn r_del_1_silence_ends_with_the_limit_of_time_and_the_get_says_that_it_happened() {
    let rig = Rig::start().await;
    rig.sessions(&["a"]).await;
    let silence = json!({ "kind": "silence_after", "route": "DELETE /accounts/{id}" });
    rig.faults(json!({ "actions": [silence] })).await;
    let mut short = config(rig.at);
    short.total_timeout = Duration::from_millis(300);
    let said = called(call(&short, rig.at, "a").await, true);
    assert_eq!(said, "no whole answer came in time");
    assert_eq!(rig.removals().await.len(), 1);
}

#[tokio::test]
async fn r_del_1_a_get_that_says_nothing_certain_is_told_as_such() {
    for (kind, wanted) in [
        ("unauthorized", "401 errors/missing_credentials"),
        ("html_404", "404 in no words of the provider's"),
        ("other_gone", "404 errors/resource_not_found"),
    ] {
        let rig = Rig::start().await;
        rig.sessions(&["a"]).await;
        let fault = json!({ "session": "a", "kind": kind });
        rig.faults(json!({ "sessions": [fault] })).await;
        let outcome = call_at(&rig, "a").await;
        let (said, why) = ("200".to_owned(), wanted.to_owned());
        let after = Answer::Inconclusive { why };
        assert_eq!(outcome, Outcome::Called { said, after });
    }
}

/// Calls this server for a session that the simulator has, or has not.
async fn call_raw(raw: &Raw, there: bool) -> String {
    let rig = Rig::start().await;
    if there {
        rig.sessions(&["a"]).await;
    }
    let mut short = config(raw.at);
    short.total_timeout = Duration::from_millis(500);
    let said = called(call(&short, rig.at, "a").await, !there);
    let wanted = ["DELETE /api/v1/accounts/a HTTP/1.1"];
    assert_eq!(raw.lines(), wanted, "one request on one connection");
    said
}

#[tokio::test]
async fn r_del_1_a_redirect_is_neither_followed_nor_taken_for_a_wish_to_repeat() {
    let target = Raw::saying("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    for status in [301, 302, 303, 307, 308] {
        let to = format!("http://{}/api/v1/accounts/a", target.at);
        let head =
            format!("HTTP/1.1 {status} There\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n");
        let raw = Raw::saying(head).await;
        assert_eq!(call_raw(&raw, true).await, status.to_string());
    }
    assert_eq!(target.lines(), [] as [String; 0]);
}

#[tokio::test]
async fn r_del_1_an_answer_that_breaks_off_says_its_status_and_what_broke() {
    for there in [true, false] {
        let raw = Raw::saying("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{").await;
        let said = call_raw(&raw, there).await;
        assert_eq!(said, "200, no whole answer came in time");
        let raw = Raw::start(|mut stream| async move {
            let head = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{";
            stream.write_all(head).await.expect("a reader");
            String::new()
        })
        .await;
        assert_eq!(call_raw(&raw, there).await, "200, the connection broke");
        // Closed without a word, as an idle connection would be; a library might try again.
        let raw = Raw::start(|stream| async move {
            drop(stream);
            String::new()
        })
        .await;
        assert_eq!(call_raw(&raw, there).await, "the connection broke");
        let raw = Raw::saying("nonsense\r\n\r\n").await;
        assert_eq!(call_raw(&raw, there).await, "the connection broke");
    }
}

#[tokio::test]
async fn r_del_1_every_call_has_a_connection_of_its_own() {
    let rig = Rig::start().await;
    let raw = Raw::saying("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let caller = Caller::new(&config(raw.at)).expect("a caller");
    let provider = Unipile::new(config(rig.at)).expect("a client");
    for session in ["a", "b"] {
        let outcome = caller.call(&on(), permit(session), &provider).await;
        assert_eq!(called(outcome, true), "200");
    }
    let wanted = ["a", "b"].map(|id| format!("DELETE /api/v1/accounts/{id} HTTP/1.1"));
    assert_eq!(raw.lines(), wanted);
}

#[tokio::test]
async fn r_del_1_an_answer_is_read_up_to_64_kib_and_no_further() {
    for (length, wanted) in [
        (65_536, "409 errors/a_word"),
        (65_537, "409, the answer is longer than 65536 bytes"),
        (900_000, "409, the answer is longer than 65536 bytes"),
    ] {
        let word = r#"{"type":"errors/a_word"}"#;
        let body = word.to_owned() + &" ".repeat(length - word.len());
        let head = format!("HTTP/1.1 409 Conflict\r\ncontent-length: {length}\r\n\r\n");
        let raw = Raw::saying(head + &body).await;
        assert_eq!(call_raw(&raw, true).await, wanted);
    }
}

#[tokio::test]
async fn r_del_1_without_a_connection_nothing_was_sent_and_nothing_is_asked() {
    let rig = Rig::start().await;
    rig.sessions(&["a"]).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let nowhere = listener.local_addr().expect("an address");
    drop(listener);
    let outcome = call(&config(nowhere), rig.at, "a").await;
    let why = "no connection was made".to_owned();
    assert_eq!(outcome, Outcome::NotSent { why });
    assert_eq!(rig.log().await.len(), 0);
}
