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

/// A withdrawal, with these invitations on the second page, and this person.
async fn withdrawal(second: Value, distance: &'static str, status: Option<&str>) -> Trace {
    let invitation = status.map_or(Value::Null, |it| json!({"type":"SENT","status":it}));
    let server = script(move |line| {
        if is_profile(line) {
            profile(distance, &invitation)
        } else {
            pages(line, &second)
        }
    })
    .await;
    trace(&server, Action::WithdrawInvite).await
}

#[tokio::test]
async fn r_cap_6_an_invitation_that_list_and_profile_know_no_more_was_withdrawn() {
    let away = "SECOND_DEGREE";
    let another = json!([invitation("inv-8", Some("ACoAA/1"))]);
    for (second, distance, status) in [
        (json!([]), away, None),
        (another, away, None),
        (json!([]), away, Some("WITHDRAWN")),
        (json!([]), away, Some("IGNORED")),
        // Accepted: there is nothing to withdraw.
        (json!([]), "FIRST_DEGREE", None),
    ] {
        let trace = withdrawal(second, distance, status).await;
        assert_eq!(trace, found(None, None), "{distance} {status:?}");
    }
    let there = json!([invitation("inv/7", None)]);
    assert_eq!(withdrawal(there, away, None).await, Trace::Absent);
    // A list that is late.
    let late = withdrawal(json!([]), away, Some("PENDING")).await;
    unclear(late, "do not agree");
    unclear(withdrawal(json!([]), "", None).await, "network_distance");
    let nameless = json!([{"object":"InvitationSent","invited_user_id":"ACoAA/1"}]);
    unclear(withdrawal(nameless, away, None).await, "without an id");
}
