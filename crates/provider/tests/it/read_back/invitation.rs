//! Invitations: among those that wait, then by the person's profile; and withdrawn ones.

use super::{found, is_profile, list, profile, trace, unclear};
use crate::server::script;
use policy::sends::Action;
use policy::sends::call::Trace;
use serde_json::{Value, json};

fn invitation(id: &str, invited: Option<&str>) -> Value {
    json!({"object":"InvitationSent","id":id,"invited_user_id":invited,"date":"Sent today"})
}

/// The list in two pages: strangers on the first, `second` on the second.
fn pages(line: &str, second: &Value) -> (u16, String) {
    assert!(line.starts_with("GET /api/v1/users/invite/sent?"), "{line}");
    if line.ends_with("&cursor=2") {
        return list("InvitationList", second, None);
    }
    let first = json!([invitation("inv-1", Some("ACoXX"))]);
    list("InvitationList", &first, Some("2"))
}

#[tokio::test]
async fn an_invitation_is_found_on_any_page_of_those_that_wait() {
    let second = json!([invitation("inv-9", Some("ACoAA/1"))]);
    let server = script(move |line| pages(line, &second)).await;
    let trace = trace(&server, Action::Invite).await;
    assert_eq!(trace, found(Some("inv-9"), None));
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn an_invitation_that_waits_no_more_is_told_by_the_persons_profile() {
    let sent = |status: &str| json!({"type":"SENT","status":status});
    let received = json!({"type":"RECEIVED","status":"PENDING"});
    let away = "SECOND_DEGREE";
    for (distance, invitation, expected) in [
        ("FIRST_DEGREE", Value::Null, Some(found(None, None))),
        (away, sent("PENDING"), Some(found(None, None))),
        (away, Value::Null, Some(Trace::Absent)),
        ("OUT_OF_NETWORK", received, Some(Trace::Absent)),
        // Of this send, or of an older one: nobody knows.
        (away, sent("WITHDRAWN"), None),
        (away, sent("IGNORED"), None),
        (away, json!({"type":"SENT"}), None),
        ("", Value::Null, None),
    ] {
        let server = script(move |line| {
            if is_profile(line) {
                profile(distance, &invitation)
            } else {
                pages(line, &json!([]))
            }
        })
        .await;
        let trace = trace(&server, Action::Invite).await;
        match expected {
            Some(expected) => assert_eq!(trace, expected),
            None => unclear(trace, ""),
        }
    }
}

#[tokio::test]
async fn a_list_that_hides_a_person_or_has_no_end_proves_nothing() {
    let nobody = script(|line| {
        if is_profile(line) {
            profile("SECOND_DEGREE", &Value::Null)
        } else {
            pages(line, &json!([invitation("inv-2", None)]))
        }
    })
    .await;
    unclear(trace(&nobody, Action::Invite).await, "whom it shows");
    for action in [Action::Invite, Action::WithdrawInvite] {
        let circle = script(|_| list("InvitationList", &json!([]), Some("2"))).await;
        unclear(trace(&circle, action).await, "circle");
        assert_eq!(circle.seen().len(), 2);
        let endless = script(|line| {
            let at = line.split_once("cursor=").map_or("", |(_, at)| at);
            list("InvitationList", &json!([]), Some(&format!("{at}1")))
        })
        .await;
        unclear(trace(&endless, action).await, "more than 50 pages");
        assert_eq!(endless.seen().len(), 50);
        let no_end = script(|_| (200, r#"{"object":"InvitationList","items":[]}"#.into())).await;
        unclear(trace(&no_end, action).await, "cursor");
        let broken = script(|line| {
            if line.contains("cursor=") {
                (500, String::new())
            } else {
                pages(line, &Value::Null)
            }
        })
        .await;
        unclear(trace(&broken, action).await, "500");
    }
}

#[tokio::test]
async fn an_invitation_that_is_in_the_whole_list_no_more_was_withdrawn() {
    let action = Action::WithdrawInvite;
    for (second, expected) in [
        (json!([]), found(None, None)),
        (
            json!([invitation("inv-8", Some("ACoAA/1"))]),
            found(None, None),
        ),
        (json!([invitation("inv/7", None)]), Trace::Absent),
    ] {
        let server = script(move |line| pages(line, &second)).await;
        assert_eq!(trace(&server, action).await, expected);
    }
    let nameless = json!([{"object":"InvitationSent","invited_user_id":"ACoAA/1"}]);
    let server = script(move |line| pages(line, &nameless)).await;
    unclear(trace(&server, action).await, "without an id");
}
