//! The seven outward calls: what each says, and what its good answer tells.

use crate::server::{KEY, Seen, client, id, serve};
use policy::class::Class;
use policy::ids::{AccountId, SendId};
use policy::sends::Action;
use policy::sends::call::{Outcome, Receipt, Request, Started};
use provider::{Cause, Provider, outcome_of};
use serde_json::{Value, json};

/// The send of every test here.
pub(crate) const SEND: &str = "0197e1f0-0000-7000-8000-000000000001";

/// A text that no log may hold.
pub(crate) const TEXT: &str = "Hello J\u{e4}ne,\r\n--boundary\r\n\"quoted\" & more";

pub(crate) fn said(action: Action) -> Request {
    let text = |wanted: bool, text: &str| wanted.then(|| text.to_owned());
    Request {
        send: SendId(SEND.parse().unwrap()),
        account: AccountId(SEND.parse().unwrap()),
        session: id("s-1"),
        action,
        target: match action {
            Action::Email => "jane@x.org".into(),
            _ => "ACoAA/1".into(),
        },
        subject: text(
            matches!(action, Action::Email | Action::Inmail),
            "A subject",
        ),
        body: text(
            matches!(
                action,
                Action::Invite | Action::Message | Action::Inmail | Action::Email
            ),
            TEXT,
        ),
        reference: text(action == Action::WithdrawInvite, "inv/7"),
    }
}

/// A good answer to each action.
pub(crate) fn good(action: Action) -> Value {
    match action {
        Action::Invite => {
            json!({"object":"UserInvitationSent","invitation_id":"inv-7","usage":75})
        }
        Action::Message | Action::Inmail => {
            json!({"object":"ChatStarted","chat_id":"chat-7","message_id":"message-7"})
        }
        Action::ProfileView => json!({"object":"UserProfile","provider_id":"ACoAA/1"}),
        Action::WithdrawInvite => json!({"object":"InvitationCanceled"}),
        Action::RemoveConnection => json!({"object":"LinkedinRawData","data":{"value":{}}}),
        Action::Email => json!({"object":"EmailSent","tracking_id":"track-7","provider_id":"p"}),
    }
}

/// Makes one call against a good answer; what was asked, and what came of it.
async fn made(request: Request) -> (Seen, Receipt) {
    let server = serve(201, &[], good(request.action).to_string()).await;
    let receipt = client(server.at)
        .send(Started::of_row(request))
        .await
        .unwrap();
    let seen = server.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].key, KEY);
    (seen[0].clone(), receipt)
}

fn pairs(parts: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |&(name, text): &(&str, &str)| (name.to_owned(), text.to_owned());
    parts.iter().map(owned).collect()
}

fn json_of(seen: &Seen) -> Value {
    serde_json::from_str(&seen.body).unwrap()
}

#[tokio::test]
async fn an_invitation_names_its_person_and_its_text_is_left_out_where_there_is_none() {
    let (seen, receipt) = made(said(Action::Invite)).await;
    assert_eq!(seen.line, "POST /api/v1/users/invite");
    let body = json!({"account_id":"s-1","provider_id":"ACoAA/1","message":TEXT});
    assert_eq!(json_of(&seen), body);
    let reference = Some("inv-7".to_owned());
    let (chat, usage) = (None, Some(75));
    assert_eq!(
        receipt,
        Receipt {
            reference,
            chat,
            usage
        }
    );
    for body in [None, Some(" \n".to_owned())] {
        let bare = Request {
            body,
            ..said(Action::Invite)
        };
        let (seen, _) = made(bare).await;
        let body = json!({"account_id":"s-1","provider_id":"ACoAA/1"});
        assert_eq!(json_of(&seen), body);
    }
}

#[tokio::test]
async fn a_message_starts_a_chat_and_an_inmail_says_that_it_is_one() {
    let common = [
        ("account_id", "s-1"),
        ("attendees_ids", "ACoAA/1"),
        ("text", TEXT),
    ];
    let (seen, receipt) = made(said(Action::Message)).await;
    assert_eq!(seen.line, "POST /api/v1/chats");
    assert_eq!(seen.parts(), pairs(&common));
    assert_eq!(receipt.chat.as_deref(), Some("chat-7"));
    assert_eq!(receipt.reference.as_deref(), Some("message-7"));
    let (seen, _) = made(said(Action::Inmail)).await;
    assert_eq!(seen.line, "POST /api/v1/chats");
    let own = [
        ("subject", "A subject"),
        ("linkedin[api]", "classic"),
        ("linkedin[inmail]", "true"),
    ];
    assert_eq!(seen.parts(), pairs(&[&common[..], &own].concat()));
}

#[tokio::test]
async fn a_view_is_a_get_that_tells_the_person() {
    let (seen, receipt) = made(said(Action::ProfileView)).await;
    assert_eq!(
        seen.line,
        "GET /api/v1/users/ACoAA%2F1/?account_id=s-1&notify=true"
    );
    assert_eq!(receipt, Receipt::default());
}

#[tokio::test]
async fn a_withdrawal_deletes_one_invitation_by_its_encoded_id() {
    let (seen, receipt) = made(said(Action::WithdrawInvite)).await;
    assert_eq!(
        seen.line,
        "DELETE /api/v1/users/invite/sent/inv%2F7?account_id=s-1"
    );
    assert_eq!(seen.body, "");
    assert_eq!(receipt, Receipt::default());
}

#[tokio::test]
async fn a_removal_goes_through_linkedins_own_interface() {
    let (seen, receipt) = made(said(Action::RemoveConnection)).await;
    assert_eq!(seen.line, "POST /api/v1/linkedin");
    let body = json!({
        "account_id":"s-1","method":"POST",
        "request_url":"https://www.linkedin.com/voyager/api/relationships/dash/memberRelationships",
        "query_params":{"action":"removeFromMyConnections",
            "decorationId":"com.linkedin.voyager.dash.deco.relationships.MemberRelationship-34"},
        "body":{"connectionUrn":"urn:li:fsd_connection:ACoAA/1"},"encoding":false,
    });
    assert_eq!(json_of(&seen), body);
    assert_eq!(receipt, Receipt::default());
}

#[tokio::test]
async fn an_email_carries_its_send_as_a_label() {
    let (seen, receipt) = made(said(Action::Email)).await;
    assert_eq!(seen.line, "POST /api/v1/emails");
    let label = format!(r#"{{"label":"{SEND}"}}"#);
    let parts = [
        ("account_id", "s-1"),
        ("to", r#"[{"identifier":"jane@x.org"}]"#),
        ("subject", "A subject"),
        ("body", TEXT),
        ("tracking_options", &label),
    ];
    assert_eq!(seen.parts(), pairs(&parts));
    assert_eq!(receipt.reference.as_deref(), Some("track-7"));
}

#[tokio::test]
async fn what_cannot_be_right_is_refused_before_a_byte_leaves() {
    let of = |action, change: fn(&mut Request)| {
        let mut request = said(action);
        change(&mut request);
        request
    };
    let wrong = [
        of(Action::Invite, |it| it.body = Some("é".repeat(301))),
        of(Action::Message, |it| it.body = None),
        of(Action::Inmail, |it| it.body = Some(" ".into())),
        of(Action::Email, |it| it.body = None),
        of(Action::Email, |it| it.subject = None),
        of(Action::Email, |it| it.target = " ".into()),
        of(Action::WithdrawInvite, |it| {
            it.reference = Some("..".into());
        }),
        of(Action::ProfileView, |it| it.target = "me".into()),
        of(Action::ProfileView, |it| it.target = ".".into()),
        of(Action::ProfileView, |it| it.target = "a\nb".into()),
        of(Action::RemoveConnection, |it| it.session = id("")),
    ];
    let server = serve(200, &[], "{}").await;
    let client = client(server.at);
    for request in wrong {
        let shown = format!("{request:?}");
        let result = client.send(Started::of_row(request)).await;
        let error = result.as_ref().unwrap_err();
        assert!(matches!(error.cause, Cause::NotSent(_)), "{shown}");
        let refused = Outcome::Refused {
            class: Class::Unsayable,
            code: "invalid_request".into(),
            retry_after: None,
        };
        assert_eq!(outcome_of(result), refused, "{shown}");
    }
    assert_eq!(server.seen().len(), 0);
    // The boundary itself is sent.
    made(of(Action::Invite, |it| it.body = Some("é".repeat(300)))).await;
}

#[tokio::test]
async fn r_cap_7_an_invitation_that_is_not_ours_is_not_withdrawn_and_harms_nobody() {
    let server = serve(200, &[], "{}").await;
    let client = client(server.at);
    for reference in [None, Some(String::new()), Some(" ".into())] {
        let mut request = said(Action::WithdrawInvite);
        request.reference = reference;
        let outcome = outcome_of(client.send(Started::of_row(request)).await);
        let reached = Outcome::Refused {
            class: Class::AimReached,
            code: "action_already_performed".into(),
            retry_after: None,
        };
        assert_eq!(outcome, reached);
    }
    assert_eq!(server.seen().len(), 0);
}

#[tokio::test]
async fn a_good_answer_may_leave_out_names_but_not_say_something_else() {
    for (action, bare) in [
        (Action::Invite, json!({"object":"UserInvitationSent"})),
        (
            Action::Message,
            json!({"object":"ChatStarted","chat_id":null,"message_id":null}),
        ),
        (Action::Email, json!({"object":"EmailSent"})),
    ] {
        let server = serve(200, &[], bare.to_string()).await;
        let result = client(server.at).send(Started::of_row(said(action))).await;
        assert_eq!(outcome_of(result), Outcome::Sent(Receipt::default()));
    }
    for action in Action::ALL {
        let mut other = good(action);
        other["account_id"] = "s-2".into();
        let failed = json!({"object":"LinkedinRawData","data":{"status":403}});
        let nested = json!({"object":"LinkedinRawData","data":{"data":{"status":403}}});
        for body in [other, json!({"object":"Account"}), failed, nested] {
            let server = serve(200, &[], body.to_string()).await;
            let result = client(server.at).send(Started::of_row(said(action))).await;
            assert_eq!(result.as_ref().unwrap_err().class(), Class::Indeterminate);
            assert!(!result.as_ref().unwrap_err().retryable());
            let outcome = outcome_of(result);
            assert!(
                matches!(outcome, Outcome::Untold { .. }),
                "{body}: {outcome:?}"
            );
        }
    }
}
