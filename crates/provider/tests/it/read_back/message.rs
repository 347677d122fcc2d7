//! Messages and InMails, in every chat with their addressee.

use super::{SLACK_ENDS, STARTED, TOO_OLD, found, list, trace, unclear};
use crate::sends::TEXT;
use crate::server::script;
use policy::sends::Action;
use policy::sends::call::Trace;
use serde_json::{Value, json};

const CHATS: &str = "GET /api/v1/chat_attendees/ACoAA%2F1/chats?account_id=s-1&limit=100";

fn message(at: &str, own: &Value, text: &Value) -> Value {
    json!({"object":"Message","id":"m-9","chat_id":"c/2","timestamp":at,"is_sender":own,"text":text})
}

/// Two chats with the person: one without messages, one with `second`.
async fn told(action: Action, second: Value) -> Trace {
    let server = script(move |line| match line {
        CHATS => {
            let chats = json!([{"object":"Chat","id":"c-1","account_id":"s-1"},{"object":"Chat","id":"c/2"}]);
            list("ChatList", &chats, None)
        }
        "GET /api/v1/chats/c-1/messages?account_id=s-1&limit=100" => {
            list("MessageList", &json!([]), None)
        }
        "GET /api/v1/chats/c%2F2/messages?account_id=s-1&limit=100" => {
            list("MessageList", &second, None)
        }
        other => panic!("{other}"),
    })
    .await;
    trace(&server, action).await
}

#[tokio::test]
async fn a_message_is_its_text_from_us_since_two_minutes_before_the_call() {
    let text = json!(TEXT);
    let spaced = json!(format!("\n {}", TEXT.replace("\r\n", "\n")));
    let it = found(Some("m-9"), Some("c/2"));
    for (at, own, text, expected) in [
        (STARTED, json!(1), &text, &it),
        (STARTED, json!(true), &text, &it),
        (STARTED, json!(1), &spaced, &it),
        (SLACK_ENDS, json!(1), &text, &it),
        ("2026-03-02T10:00:00Z", json!(1), &text, &it),
        (TOO_OLD, json!(1), &text, &Trace::Absent),
        (STARTED, json!(0), &text, &Trace::Absent),
        (STARTED, json!(false), &text, &Trace::Absent),
        (STARTED, json!(1), &json!("Hello"), &Trace::Absent),
        // Too old to matter, whatever it said.
        (TOO_OLD, json!(1), &Value::Null, &Trace::Absent),
    ] {
        for action in [Action::Message, Action::Inmail] {
            let second = json!([message(at, &own, text)]);
            assert_eq!(told(action, second).await, *expected, "{at} {own} {text}");
        }
    }
}

#[tokio::test]
async fn a_message_that_cannot_be_read_proves_nothing_and_hides_nothing() {
    let good = message(STARTED, &json!(1), &json!(TEXT));
    for bad in [
        message("yesterday", &json!(1), &json!(TEXT)),
        message(STARTED, &json!(7), &json!(TEXT)),
        message(STARTED, &json!(null), &json!(TEXT)),
        message(STARTED, &json!(1), &Value::Null),
        json!(7),
    ] {
        let alone = told(Action::Message, json!([bad])).await;
        unclear(alone, "cannot be read");
        let beside = told(Action::Message, json!([bad, good])).await;
        assert_eq!(beside, found(Some("m-9"), Some("c/2")));
    }
}

#[tokio::test]
async fn a_person_without_a_chat_was_not_written_to() {
    let server = script(|_| list("ChatList", &json!([]), None)).await;
    assert_eq!(trace(&server, Action::Message).await, Trace::Absent);
    let server = script(|_| list("ChatList", &json!([{"object":"Chat"}]), None)).await;
    unclear(trace(&server, Action::Message).await, "cannot be read");
    let foreign = json!([{"object":"Chat","id":"c-1","account_id":"s-2"}]);
    let server = script(move |_| list("ChatList", &foreign, None)).await;
    unclear(trace(&server, Action::Message).await, "another session");
}

/// Answers that the person is no attendee, and with `chats` for all chats of the session.
async fn no_attendee(chats: Value) -> Trace {
    let words = |line: &str| json!({"status":404,"type":"errors/resource_not_found","title":"T","detail":format!("x\n{line}")});
    let server = script(move |line| match line {
        CHATS => (404, words("Attendee not found").to_string()),
        "GET /api/v1/chats?account_id=s-1&limit=100" => list("ChatList", &chats, None),
        "GET /api/v1/chats/c-9/messages?account_id=s-1&limit=100" => {
            let good = message(STARTED, &json!(1), &json!(TEXT));
            list("MessageList", &json!([good]), None)
        }
        other => panic!("{other}"),
    })
    .await;
    trace(&server, Action::Message).await
}

#[tokio::test]
async fn a_person_who_is_no_attendee_is_looked_for_among_all_recent_chats() {
    let chat = |at: &str, with: Value, kind: u64| json!({"object":"Chat","id":"c-9","timestamp":at,"attendee_provider_id":with,"type":kind});
    let other = json!("ACoBB");
    assert_eq!(no_attendee(json!([])).await, Trace::Absent);
    let others = json!([
        chat(STARTED, other.clone(), 0),
        chat(STARTED, Value::Null, 1)
    ]);
    assert_eq!(no_attendee(others).await, Trace::Absent);
    let known = json!([
        chat(STARTED, other, 0),
        chat(SLACK_ENDS, json!("ACoAA/1"), 0)
    ]);
    assert_eq!(no_attendee(known).await, found(Some("m-9"), Some("c-9")));
    let old = json!([chat(TOO_OLD, Value::Null, 0)]);
    assert_eq!(no_attendee(old).await, Trace::Absent);
    for at in [STARTED, "soon"] {
        let nameless = json!([chat(at, Value::Null, 0)]);
        unclear(no_attendee(nameless).await, "cannot be read");
    }
}

/// One chat in pages of one or two messages each, the last with a cursor that must not be asked for.
async fn walked(pages: &'static [&'static [&'static str]]) -> (Trace, usize) {
    let server = script(move |line| {
        if line == CHATS {
            return list("ChatList", &json!([{"object":"Chat","id":"c-1"}]), None);
        }
        let at = line.split_once("cursor=").map_or("0", |(_, at)| at);
        let at: usize = at.parse().unwrap();
        let items: Vec<_> = pages[at]
            .iter()
            .map(|at| message(at, &json!(0), &json!("Hi")))
            .collect();
        let next = (at + 1 < pages.len()).then(|| (at + 1).to_string());
        list("MessageList", &items.into(), next.as_deref())
    })
    .await;
    (trace(&server, Action::Message).await, server.seen().len())
}

#[tokio::test]
async fn a_walk_ends_at_what_is_too_old_unless_the_list_is_out_of_order() {
    let (trace, asked) =
        walked(&[&[STARTED, SLACK_ENDS], &[SLACK_ENDS, TOO_OLD], &[TOO_OLD]]).await;
    assert_eq!((trace, asked), (Trace::Absent, 3));
    // Oldest first: read to its end.
    let (trace, asked) = walked(&[&[TOO_OLD, STARTED], &[TOO_OLD], &[TOO_OLD], &[TOO_OLD]]).await;
    assert_eq!((trace, asked), (Trace::Absent, 5));
}
