//! Messages and InMails, in every chat with their addressee.

use super::{LONG_AGO, MARGIN, OLDER, STARTED, found, list, other, proved, sight, trace, unclear};
use crate::sends::TEXT;
use crate::server::script;
use policy::sends::Action;
use policy::sends::call::Trace;
use policy::sends::sight::{Addressee, OtherSend};
use serde_json::{Value, json};

const CHATS: &str = "GET /api/v1/chat_attendees/ACoAA%2F1/chats?account_id=s-1&limit=100";

fn message(at: &str, own: &Value, text: &Value) -> Value {
    json!({"object":"Message","id":"m-9","chat_id":"c/2","timestamp":at,"is_sender":own,"text":text})
}

/// Two chats with the person: one without messages, one with `second`.
async fn told(action: Action, second: Value) -> Trace {
    told_beside(action, second, &[]).await
}

async fn told_beside(action: Action, second: Value, others: &[OtherSend]) -> Trace {
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
    proved(action, &sight(&server, action).await, others)
}

#[tokio::test]
async fn r_cap_6_a_message_is_its_text_from_us_in_whatever_form() {
    let text = json!(TEXT);
    let forms = [
        TEXT.to_owned(),
        format!("\n {}", TEXT.replace("\r\n", "\n")),
        TEXT.replace('\u{e4}', "a\u{308}"),
        TEXT.replace('&', "&amp;").replace('"', "&quot;"),
        TEXT.replace("\"quoted\"", "\u{201C}quoted\u{201D}"),
        TEXT.replace("--", "\u{2013}\u{2013}"),
        TEXT.replace("Hello", "Hello\u{FE0F}"),
    ];
    let it = found(Some("m-9"), Some("c/2"));
    for action in [Action::Message, Action::Inmail] {
        for form in &forms {
            for at in [STARTED, MARGIN, OLDER, "2026-03-02T10:00:00Z", "yesterday"] {
                let second = json!([message(at, &json!(1), &json!(form))]);
                assert_eq!(told(action, second).await, it, "{at} {form}");
            }
        }
        for (at, own) in [
            (STARTED, json!(0)),
            (STARTED, json!(false)),
            (LONG_AGO, json!(1)),
        ] {
            let second = json!([message(at, &own, &text)]);
            assert_eq!(told(action, second).await, Trace::Absent, "{at} {own}");
        }
        let own = json!([message(STARTED, &json!(true), &text)]);
        assert_eq!(told(action, own).await, it);
    }
}

#[tokio::test]
async fn r_cap_6_an_own_message_that_no_other_send_explains_is_unclear() {
    for text in [json!("Hello"), json!(""), Value::Null] {
        for at in [STARTED, MARGIN, "yesterday"] {
            let second = || json!([message(at, &json!(1), &text)]);
            let trace = told(Action::Message, second()).await;
            unclear(trace, "no other send of ours explains it");
            // It is another send of ours.
            let others = [other("m-9", Addressee::Target)];
            let explained = told_beside(Action::Message, second(), &others).await;
            assert_eq!(explained, Trace::Absent, "{at} {text}");
        }
        let older = json!([message(OLDER, &json!(1), &text)]);
        assert_eq!(told(Action::Message, older).await, Trace::Absent, "{text}");
    }
    let mut event = message(STARTED, &json!(1), &Value::Null);
    event["is_event"] = 1.into();
    assert_eq!(told(Action::Message, json!([event])).await, Trace::Absent);
    let mut deleted = message(STARTED, &json!(1), &json!(TEXT));
    deleted["deleted"] = 1.into();
    let deleted = told(Action::Message, json!([deleted])).await;
    unclear(deleted, "no other send of ours explains it");
}

#[tokio::test]
async fn a_message_that_cannot_be_read_proves_nothing_and_hides_nothing() {
    let good = message(STARTED, &json!(1), &json!(TEXT));
    for bad in [
        message(STARTED, &json!(7), &json!(TEXT)),
        message(STARTED, &json!(null), &json!(TEXT)),
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
    let known = json!([chat(STARTED, other, 0), chat(MARGIN, json!("ACoAA/1"), 0)]);
    assert_eq!(no_attendee(known).await, found(Some("m-9"), Some("c-9")));
    // Nameless, or named as another product names people.
    for with in [Value::Null, json!("AEMAA1")] {
        let old = json!([chat(OLDER, with.clone(), 0)]);
        assert_eq!(no_attendee(old).await, Trace::Absent, "{with}");
        for at in [STARTED, "soon"] {
            let nameless = json!([chat(at, with.clone(), 0)]);
            unclear(no_attendee(nameless).await, "cannot be read");
        }
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
    let (trace, asked) = walked(&[&[STARTED, MARGIN], &[MARGIN, LONG_AGO], &[LONG_AGO]]).await;
    assert_eq!((trace, asked), (Trace::Absent, 3));
    // Oldest first: read to its end.
    let (trace, asked) =
        walked(&[&[LONG_AGO, STARTED], &[LONG_AGO], &[LONG_AGO], &[LONG_AGO]]).await;
    assert_eq!((trace, asked), (Trace::Absent, 5));
}
