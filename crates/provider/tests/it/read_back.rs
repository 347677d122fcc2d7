//! Reading back a send whose outcome is unknown (R-CAP-6): found, absent only in a complete answer, else unclear.

mod clock;
mod email;
mod invitation;
mod long;
mod message;

use crate::sends::{SEND, said};
use crate::server::{Server, client, script, serve};
use policy::ids::{AccountId, SendId, WorkspaceId};
use policy::sends::call::{ReadBack, Receipt, Trace};
use policy::sends::resolve::ResolveFacts;
use policy::sends::sight::{Addressee, Likeness, OtherSend, Sight, judge};
use policy::sends::{Action, SendState};
use provider::Provider;
use serde_json::{Value, json};

/// What the provider's clock had shown before the send.
const STARTED: &str = "2026-03-01T10:00:00Z";
/// The margin before it, of a message.
const MARGIN: &str = "2026-03-01T09:45:00.000Z";
/// A millisecond more.
const OLDER: &str = "2026-03-01T09:44:59.999Z";
/// More than a day before that.
const LONG_AGO: &str = "2026-02-28T09:44:59.999Z";

fn asked(action: Action) -> ReadBack {
    ReadBack {
        request: said(action),
        shown_at: Some(STARTED.parse().unwrap()),
    }
}

fn facts(action: Action) -> ResolveFacts {
    let id = SEND.parse().unwrap();
    ResolveFacts {
        send: SendId(id),
        account: AccountId(id),
        workspace: WorkspaceId(id),
        campaign: None,
        action,
        sending_at: STARTED.parse().unwrap(),
        looks: 0,
        absences: 0,
        last_look: None,
        cooldown_streak: 0,
    }
}

/// Another send of ours to the same person, or an e-mail to somebody else, an hour before.
fn other(reference: &str, addressee: Addressee) -> OtherSend {
    OtherSend {
        send: SendId(SEND.replace('1', "2").parse().unwrap()),
        state: SendState::Sent,
        addressee,
        reference: Some(reference.to_owned()),
        text: Likeness::Unreadable,
        called_at: "2026-03-01T09:00:00Z".parse().unwrap(),
    }
}

/// What it proves where our other sends are these.
fn proved(action: Action, sight: &Sight, others: &[OtherSend]) -> Trace {
    let now = "2026-03-01T11:00:00Z".parse().unwrap();
    judge(&facts(action), sight, others, now)
}

async fn sight(server: &Server, action: Action) -> Sight {
    let sight = client(server.at).read_back(&asked(action)).await.unwrap();
    // Whatever was asked, nothing acted.
    for seen in server.seen() {
        let line = seen.line;
        assert!(
            line.starts_with("GET ") && !line.contains("notify=true"),
            "{line}"
        );
        assert!(line.contains("account_id=s-1"), "{line}");
    }
    sight
}

/// What it proves where there is no other send of ours.
async fn trace(server: &Server, action: Action) -> Trace {
    proved(action, &sight(server, action).await, &[])
}

fn found(reference: Option<&str>, chat: Option<&str>) -> Trace {
    Trace::Found(Receipt {
        reference: reference.map(Into::into),
        chat: chat.map(Into::into),
        usage: None,
    })
}

#[track_caller]
fn unclear(trace: Trace, words: &str) {
    match trace {
        Trace::Unclear { why } => assert!(why.contains(words), "{why}"),
        other => panic!("{other:?}"),
    }
}

fn list(object: &str, items: &Value, cursor: Option<&str>) -> (u16, String) {
    let list = json!({"object": object, "items": items, "cursor": cursor});
    (200, list.to_string())
}

fn profile(distance: &str, invitation: &Value) -> (u16, String) {
    let profile = json!({"object":"UserProfile","provider_id":"ACoAA/1","public_identifier":"jane",
        "network_distance":distance,"invitation":invitation});
    (200, profile.to_string())
}

fn is_profile(line: &str) -> bool {
    line.starts_with("GET /api/v1/users/ACoAA%2F1/?")
}

#[tokio::test]
async fn a_view_leaves_no_trace_and_is_not_looked_for() {
    let server = serve(200, &[], "{}").await;
    let trace = trace(&server, Action::ProfileView).await;
    unclear(trace, "a view leaves no trace that we can read");
    assert_eq!(server.seen().len(), 0);
}

#[tokio::test]
async fn no_error_and_no_odd_answer_ever_shows_that_a_send_is_absent() {
    let refused = |status: u16, kind: &str| (status, json!({"type": kind}).to_string());
    let gone =
        json!({"status":404,"type":"errors/resource_not_found","detail":"x\nAccount not found"});
    let answers = [
        (
            refused(401, "errors/missing_credentials"),
            "401 errors/missing_credentials",
        ),
        (
            refused(401, "errors/disconnected_account"),
            "401 errors/disconnected_account",
        ),
        (
            refused(404, "errors/resource_not_found"),
            "404 errors/resource_not_found",
        ),
        ((404, gone.to_string()), "404 errors/resource_not_found"),
        (refused(429, "errors/too_many_requests"), "429"),
        (refused(500, "errors/provider_error"), "500"),
        ((301, String::new()), "301"),
        ((200, String::new()), "readable JSON"),
        ((200, "<html>ok</html>".into()), "readable JSON"),
        ((200, "{}".into()), "readable object"),
        (list("AccountList", &json!([]), None), "readable object"),
    ];
    for action in Action::ALL {
        if action == Action::ProfileView {
            continue;
        }
        for (answer, words) in answers.clone() {
            let server = script(move |_| answer.clone()).await;
            unclear(trace(&server, action).await, words);
        }
    }
}

#[tokio::test]
async fn a_connection_that_is_none_any_more_was_removed() {
    let action = Action::RemoveConnection;
    for (distance, expected) in [
        ("FIRST_DEGREE", Trace::Absent),
        ("SECOND_DEGREE", found(None, None)),
        ("THIRD_DEGREE", found(None, None)),
        ("OUT_OF_NETWORK", found(None, None)),
    ] {
        let server = script(move |_| profile(distance, &Value::Null)).await;
        assert_eq!(trace(&server, action).await, expected, "{distance}");
        let line = "GET /api/v1/users/ACoAA%2F1/?account_id=s-1&notify=false";
        assert_eq!(server.seen()[0].line, line);
    }
    let server = script(|_| profile("DISTANCE_9", &Value::Null)).await;
    unclear(trace(&server, action).await, "network_distance");
    let other = |_: &str| {
        let (status, body) = profile("SECOND_DEGREE", &Value::Null);
        (status, body.replace("ACoAA/1", "ACoBB"))
    };
    unclear(
        trace(&script(other).await, action).await,
        "the one asked for",
    );
    let torn = |_: &str| {
        let (status, body) = profile("SECOND_DEGREE", &Value::Null);
        (status, body.replace('{', r#"{"is_relationship":true,"#))
    };
    unclear(trace(&script(torn).await, action).await, "is_relationship");
}
