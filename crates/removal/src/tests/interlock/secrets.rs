//! Nothing of the key, of the URL, or of the provider's free texts is told.

use super::rig::{KEY, Raw, Rig, call, config};
use crate::Caller;
use policy::interlock::Outcome;

#[test]
fn r_del_1_a_callers_debug_hides_the_key() {
    let at = "127.0.0.1:1".parse().expect("an address");
    let shown = format!("{:?}", Caller::new(&config(at)).expect("a caller"));
    assert_eq!(shown, "Caller { base: \"http://127.0.0.1:1/api/v1\", .. }");
}

/// What is told of an answer with this body.
async fn said(body: &str) -> String {
    let length = body.len();
    let head =
        format!("HTTP/1.1 500 {KEY}\r\nx-api-key: {KEY}\r\ncontent-length: {length}\r\n\r\n");
    let raw = Raw::saying(head + body).await;
    let rig = Rig::start().await;
    let outcome = call(&config(raw.at), rig.at, "s-1").await;
    let Outcome::Called { said, .. } = outcome else {
        panic!("{outcome:?}");
    };
    said
}

#[tokio::test]
async fn r_del_1_only_a_word_of_the_providers_is_repeated_and_never_the_key() {
    let long = format!("errors/{}", "x".repeat(58));
    let longest = &long[..64];
    for (kind, wanted) in [
        ("errors/a_word_2", "500 errors/a_word_2"),
        (longest, &format!("500 {longest}")),
        (&long, "500"),
        (&format!("errors/{KEY}"), "500"),
        (&format!("errors/a{KEY}b"), "500"),
        ("errors/Word", "500"),
        ("errors/a-word", "500"),
        ("errors/a word", "500"),
        ("about:blank", "500"),
        ("a_word", "500"),
    ] {
        let body = format!(r#"{{"type":"{kind}","title":"{KEY}","detail":"/accounts/s-1 {KEY}"}}"#);
        assert_eq!(said(&body).await, wanted);
    }
    for body in ["", KEY, "null", "[]", "{}", r#"{"type":5}"#] {
        assert_eq!(said(body).await, "500", "{body}");
    }
}
