//! E-mails, by the label that they were sent with; where none is shown, by addressee and subject.

use super::{STARTED, found, list, other, proved, sight, unclear};
use crate::sends::SEND;
use crate::server::script;
use policy::sends::Action;
use policy::sends::call::Trace;
use policy::sends::sight::Addressee;
use serde_json::{Value, json};

/// The margin of an e-mail's own date, before the call.
const MARGIN: &str = "2026-02-27T10:00:00.000Z";
/// A millisecond more.
const OLDER: &str = "2026-02-27T09:59:59.999Z";
/// More than a day before that.
const LONG_AGO: &str = "2026-02-26T09:59:59.999Z";

fn email(at: &str, more: &Value) -> Value {
    let mut email =
        json!({"object":"Email","id":"e","account_id":"s-1","date":at,"tracking_id":"t-9"});
    for (key, value) in more.as_object().unwrap() {
        email[key] = value.clone();
    }
    email
}

/// To an address, with a subject, under no name of ours.
fn mail(to: &str, subject: &str) -> Value {
    json!({"subject":subject,"to_attendees":[{"identifier":to}],"tracking_id":null})
}

/// A copy of what went to somebody else.
fn copy() -> Value {
    let to = json!({"to_attendees":[{"identifier":"bob@x.org"}],"tracking_id":"t-0"});
    email(STARTED, &to)
}

/// What these e-mails, beside a copy of another of ours, prove.
async fn told(items: &[Value]) -> Trace {
    let mut all = items.to_vec();
    all.push(copy());
    told_alone(all.into()).await
}

async fn told_alone(items: Value) -> Trace {
    let server = script(move |line| {
        assert_eq!(line, "GET /api/v1/emails?account_id=s-1&limit=100");
        list("EmailList", &items, None)
    })
    .await;
    let action = Action::Email;
    let others = [other("t-0", Addressee::Other)];
    proved(action, &sight(&server, action).await, &others)
}

#[tokio::test]
async fn r_cap_6_an_email_is_its_label_whatever_its_date_says() {
    for at in [
        STARTED,
        MARGIN,
        OLDER,
        "1970-01-01T00:00:00Z",
        "soon",
        "2036-03-01T10:00:00Z",
    ] {
        for label in [
            json!({"label": SEND}),
            json!({"tracking_label": SEND}),
            json!({"tracking_options":{"label": SEND}}),
        ] {
            let trace = told(&[email(at, &label)]).await;
            assert_eq!(trace, found(Some("t-9"), None), "{at} {label}");
        }
        let mut another = mail("jane@x.org", "A subject");
        another["label"] = SEND.replace('1', "2").into();
        assert_eq!(told(&[email(at, &another)]).await, Trace::Absent, "{at}");
    }
}

#[tokio::test]
async fn r_cap_6_a_mailbox_without_copies_of_other_mails_proves_no_absence() {
    assert_eq!(told(&[]).await, Trace::Absent);
    unclear(told_alone(json!([])).await, "no copy");
    let theirs = email(STARTED, &mail("bob@x.org", "A subject"));
    unclear(told_alone(json!([theirs])).await, "no copy");
}

#[tokio::test]
async fn r_cap_6_an_email_without_a_label_is_known_by_address_and_folded_subject() {
    for (to, subject) in [
        ("Jane@X.org", "A subject "),
        ("jane@x.org ", "A\u{A0}sub\u{AD}ject"),
        ("jane@x.org", "&#65; subject"),
    ] {
        for at in [STARTED, MARGIN, OLDER] {
            let trace = told(&[email(at, &mail(to, subject))]).await;
            assert_eq!(trace, found(None, None), "{to} {subject} {at}");
        }
        // Its date may be wrong by years.
        let long_ago = told(&[email(LONG_AGO, &mail(to, subject))]).await;
        unclear(long_ago, "no other send of ours explains it");
    }
    let mut copied = mail("joe@x.org", "A subject");
    copied["bcc_attendees"] = json!([{"identifier":"jane@x.org"}]);
    assert_eq!(told(&[email(STARTED, &copied)]).await, found(None, None));
    let elsewhere = email(STARTED, &mail("joe@x.org", "A subject"));
    assert_eq!(told(&[elsewhere]).await, Trace::Absent);
}

#[tokio::test]
async fn r_cap_6_an_own_email_to_the_address_that_nothing_explains_is_unclear() {
    for subject in ["Re: A subject", "[ext] A subject", ""] {
        for at in [STARTED, MARGIN, "soon"] {
            let trace = told(&[email(at, &mail("jane@x.org", subject))]).await;
            unclear(trace, "no other send of ours explains it");
        }
        let older = told(&[email(OLDER, &mail("jane@x.org", subject))]).await;
        assert_eq!(older, Trace::Absent);
        // Theirs, and what never left.
        for role in ["inbox", "Drafts"] {
            let mut theirs = email(STARTED, &mail("jane@x.org", subject));
            theirs["role"] = role.into();
            assert_eq!(told(&[theirs]).await, Trace::Absent);
        }
    }
}

#[tokio::test]
async fn an_email_that_cannot_be_read_proves_nothing_and_hides_nothing() {
    for bad in [
        email(STARTED, &json!({})),
        email(STARTED, &json!({"subject":"A subject"})),
        email(STARTED, &json!({"to_attendees":[{}]})),
        json!(null),
    ] {
        unclear(told(std::slice::from_ref(&bad)).await, "cannot be read");
        let beside = [bad, email(STARTED, &json!({"label": SEND}))];
        assert_eq!(told(&beside).await, found(Some("t-9"), None));
    }
    let foreign = email(STARTED, &json!({"account_id":"s-2","label":SEND}));
    unclear(told(&[foreign]).await, "another session");
}

#[tokio::test]
async fn r_cap_6_pages_of_old_dates_are_read_to_a_depth_and_then_left_alone() {
    let server = script(|line| {
        let page = line.split_once("cursor=").map_or("1", |(_, at)| at);
        let next = (page.parse::<usize>().unwrap() + 1).to_string();
        assert!(page < "5", "{line}");
        let old = email(LONG_AGO, &mail("bob@x.org", "x"));
        let mut items = vec![old; 100];
        if page == "1" {
            items[0] = copy();
        }
        list("EmailList", &items.into(), Some(&next))
    })
    .await;
    let others = [other("t-0", Addressee::Other)];
    let sight = sight(&server, Action::Email).await;
    assert_eq!(proved(Action::Email, &sight, &others), Trace::Absent);
    assert_eq!(server.seen().len(), 4);
}
