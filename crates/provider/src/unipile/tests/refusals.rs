//! Refusals, by table and by chance.

use crate::unipile::reply::Reply;
use crate::unipile::routes::{self, Route};
use crate::{Class, ProviderError, TABLE};
use proptest::prelude::*;
use serde_json::{Value, json};

const ROUTES: [Route; 5] = [
    routes::LIST,
    routes::GET,
    routes::RESTART,
    routes::LINK,
    routes::ME,
];

fn answer(route: &Route, status: u16, body: &[u8]) -> Result<Value, ProviderError> {
    let reply = Reply {
        date: None,
        status,
        retry_after: None,
        body: Ok(body),
        body_bytes_max: 4 << 20,
        secret: "the-key",
    };
    reply.json(route)
}

fn refused(status: u16, kind: &str, detail: &str) -> ProviderError {
    let body = json!({"status": status, "type": kind, "title": "T", "detail": detail}).to_string();
    answer(&routes::GET, status, body.as_bytes()).expect_err("a refusal")
}

#[test]
fn every_listed_type_means_what_its_row_says() {
    for &(status, short, class) in TABLE {
        let kind = format!("errors/{short}");
        let error = refused(status, &kind, "");
        assert_eq!(
            (error.class(), error.status),
            (class, Some(status)),
            "{status} {kind}"
        );
        assert_eq!(error.kind.as_deref(), Some(&*kind));
    }
}

#[test]
fn the_table_has_one_row_a_pair_and_none_for_what_takes_more_than_a_type() {
    for (index, row) in TABLE.iter().enumerate() {
        let twin = |other: &&(u16, &str, Class)| (other.0, other.1) == (row.0, row.1);
        assert_eq!(TABLE[index + 1..].iter().find(twin), None);
        let derived = [
            Class::Gone,
            Class::Indeterminate,
            Class::Unreadable,
            Class::Mismatch,
            Class::Unknown,
        ];
        assert!(!derived.contains(&row.2), "{row:?}");
    }
}

#[test]
fn what_the_table_does_not_list_is_told_by_its_status() {
    for (status, kind, class) in [
        (401, "errors/brand_new", Class::Unknown),
        (401, "provider/invalid_authorization", Class::Unknown),
        (429, "errors/brand_new", Class::AccountCap),
        (500, "errors/brand_new", Class::Transient),
        (599, "errors/brand_new", Class::Transient),
        // The type counts more than the 4xx beside which it is known, but not over a failing server.
        (403, "errors/disconnected_account", Class::Reconnect),
        (503, "errors/disconnected_account", Class::Transient),
        (302, "errors/disconnected_account", Class::Unknown),
    ] {
        assert_eq!(refused(status, kind, "").class(), class, "{status} {kind}");
    }
}

#[test]
fn of_a_refusal_only_its_type_is_kept_and_only_where_it_is_a_word() {
    for (kind, kept) in [
        ("errors/cannot_resend_yet", Some("errors/cannot_resend_yet")),
        ("errors/Dear Ms Smith", None),
        ("about:blank", None),
    ] {
        let error = refused(422, kind, "what was said to a person");
        assert_eq!(error.kind.as_deref(), kept);
        assert!(!format!("{error:?}").contains("person"), "{error:?}");
    }
    let error = refused(404, "errors/x", "nothing\nAttendee not found");
    assert_eq!(error.not_found, Some("Attendee not found"));
}

/// Bodies near the one that means gone, and the exact one among them.
fn near_gone() -> impl Strategy<Value = Value> {
    let status = prop_oneof![
        Just(json!(404)),
        Just(json!("404")),
        Just(json!(403)),
        Just(Value::Null)
    ];
    let kind = prop_oneof![
        Just("errors/resource_not_found"),
        Just("resource_not_found"),
        Just("errors/gone")
    ];
    let detail = prop_oneof![
        Just("The requested resource were not found.\nAccount not found"),
        Just("Account not found\n"),
        Just("Account not found\nChat not found"),
        Just("x\n Account not found"),
        Just("x\nAccount not found."),
        Just("x\naccount not found"),
        Just("Account not found\r\nx"),
    ];
    (status, kind, detail)
        .prop_map(|(status, kind, detail)| json!({"status":status,"type":kind,"detail":detail}))
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic_and_never_mean_gone(status in 100_u16..1000, body: Vec<u8>) {
        for route in &ROUTES {
            if let Err(error) = answer(route, status, &body) {
                prop_assert_ne!(error.class(), Class::Gone);
            }
        }
    }

    #[test]
    fn whatever_is_near_the_exact_words_never_means_gone(status in prop_oneof![Just(404_u16), 200_u16..600], body in near_gone()) {
        let exact = status == 404 && body == json!({"status":404,"type":"errors/resource_not_found",
            "detail":"The requested resource were not found.\nAccount not found"});
        let answer = answer(&routes::GET, status, body.to_string().as_bytes());
        let gone = answer.is_err_and(|error| error.class() == Class::Gone);
        prop_assert_eq!(gone, exact);
    }
}
