//! E-mails, by the label that they were sent with.

use super::{SLACK_ENDS, STARTED, TOO_OLD, found, list, trace, unclear};
use crate::sends::SEND;
use crate::server::script;
use policy::sends::Action;
use policy::sends::call::Trace;
use serde_json::{Value, json};

fn email(at: &str, more: &Value) -> Value {
    let mut email =
        json!({"object":"Email","id":"e","account_id":"s-1","date":at,"tracking_id":"t-9"});
    for (key, value) in more.as_object().unwrap() {
        email[key] = value.clone();
    }
    email
}

async fn told(items: Value) -> Trace {
    let server = script(move |line| {
        assert_eq!(line, "GET /api/v1/emails?account_id=s-1&limit=100");
        list("EmailList", &items, None)
    })
    .await;
    trace(&server, Action::Email).await
}

#[tokio::test]
async fn an_email_is_its_label_since_two_minutes_before_the_call() {
    let it = || found(Some("t-9"), None);
    let other = json!({"label": SEND.replace('1', "2")});
    for (at, more, expected) in [
        (STARTED, json!({"label": SEND}), it()),
        (SLACK_ENDS, json!({"tracking_label": SEND}), it()),
        (STARTED, json!({"tracking_options":{"label": SEND}}), it()),
        (TOO_OLD, json!({"label": SEND}), Trace::Absent),
        (STARTED, other, Trace::Absent),
    ] {
        assert_eq!(told(json!([email(at, &more)])).await, expected, "{more}");
    }
    assert_eq!(told(json!([])).await, Trace::Absent);
}

#[tokio::test]
async fn an_email_without_a_label_is_told_by_addressee_and_subject() {
    let mail =
        |to: &str, subject: &str| json!({"subject":subject,"to_attendees":[{"identifier":to}]});
    for (more, expected) in [
        (mail("Jane@X.org", "A subject "), found(Some("t-9"), None)),
        (mail("joe@x.org", "A subject"), Trace::Absent),
        (mail("jane@x.org", "Re: A subject"), Trace::Absent),
    ] {
        assert_eq!(
            told(json!([email(STARTED, &more)])).await,
            expected,
            "{more}"
        );
    }
    for bad in [
        email(STARTED, &json!({})),
        email(STARTED, &json!({"subject":"A subject"})),
        email("soon", &json!({"label": SEND})),
        json!(null),
    ] {
        unclear(told(json!([bad])).await, "cannot be read");
        let beside = json!([bad, email(STARTED, &json!({"label": SEND}))]);
        assert_eq!(told(beside).await, found(Some("t-9"), None));
    }
    let foreign = email(STARTED, &json!({"account_id":"s-2","label":SEND}));
    unclear(told(json!([foreign])).await, "another session");
}

#[tokio::test]
async fn older_pages_are_left_alone() {
    let server = script(|line| {
        let old = json!([email(TOO_OLD, &json!({"label":"x"}))]);
        let new = json!([email(STARTED, &json!({"label":"x"}))]);
        match line.split_once("cursor=").map(|(_, at)| at) {
            None => list("EmailList", &new, Some("2")),
            Some("2") => list("EmailList", &old, Some("3")),
            Some(other) => panic!("{other}"),
        }
    })
    .await;
    assert_eq!(trace(&server, Action::Email).await, Trace::Absent);
    assert_eq!(server.seen().len(), 2);
}
