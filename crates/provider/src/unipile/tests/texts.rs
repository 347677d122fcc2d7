//! The last look at what is said, before the one call.

use crate::unipile::send::wrong;
use policy::ids::{AccountId, SendId, SessionId};
use policy::sends::Action;
use policy::sends::call::Request;

const ID: &str = "00000000-0000-7000-8000-000000000001";

fn said(action: Action, subject: Option<&str>, body: &str) -> Option<&'static str> {
    wrong(&Request {
        send: SendId(ID.parse().expect("an id")),
        account: AccountId(ID.parse().expect("an id")),
        session: SessionId("s".to_owned()),
        action,
        target: "ACoAA1".to_owned(),
        subject: subject.map(str::to_owned),
        body: Some(body.to_owned()),
        reference: None,
    })
}

#[test]
fn r_tpl_1_nothing_unrendered_or_forged_leaves() {
    let email = |subject, body| said(Action::Email, Some(subject), body);
    let left = Some("a placeholder is left in the text");
    assert_eq!(email("Hello", "Dear Ada,\r\n\tgood day"), None);
    assert_eq!(email("{{First_Name}}", "x"), left);
    assert_eq!(email("x", "Dear {{ first_name"), left);
    assert_eq!(email("x }}", "x"), left);
    assert_eq!(said(Action::Invite, None, "{% if %}"), left);
    assert_eq!(
        email("Ada\r\nBcc: eve@evil.example", "x"),
        Some("a line break in the subject")
    );
    assert_eq!(
        email("a\u{2028}b", "x"),
        Some("a line break in the subject")
    );
    assert_eq!(
        said(Action::Message, None, "bell\u{7}"),
        Some("a control character in the text")
    );
}

#[test]
fn r_tpl_1_lengths_are_counted_in_utf_16() {
    let long = Some("the text is too long");
    assert_eq!(said(Action::Invite, None, &"😀".repeat(150)), None);
    assert_eq!(said(Action::Invite, None, &"😀".repeat(151)), long);
    assert_eq!(said(Action::Message, None, &"x".repeat(8_001)), long);
    assert_eq!(
        said(Action::Email, Some(&"x".repeat(999)), "x"),
        Some("the subject is too long")
    );
}
