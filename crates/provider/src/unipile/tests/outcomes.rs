//! What every row of the table means for a send (R-CAP-5, R-CAP-7).

use crate::unipile::reply::Reply;
use crate::unipile::routes::Route;
use crate::unipile::routes::outward::{CHAT, EMAIL, INVITE, RAW, VIEW};
use crate::unipile::routes::withdraw::WITHDRAW;
use crate::{Class, ProviderError, TABLE, outcome_of};
use jiff::SignedDuration;
use policy::sends::call::Outcome;
use proptest::prelude::*;
use serde_json::json;
use std::time::Duration;

const ROUTES: [Route; 6] = [INVITE, CHAT, VIEW, RAW, EMAIL, WITHDRAW];

fn answered(route: &Route, status: u16, body: &[u8]) -> ProviderError {
    let reply = Reply {
        date: None,
        status,
        retry_after: Some(Duration::from_secs(90)),
        body: Ok(body),
        body_bytes_max: 4 << 20,
        secret: "the-key",
    };
    reply.json(route).expect_err("a refusal")
}

fn refused(status: u16, kind: &str) -> Vec<u8> {
    let body = json!({"status": status, "type": kind, "title": "T", "detail": "D"});
    body.to_string().into_bytes()
}

#[test]
fn every_4xx_row_is_a_refusal_and_every_5xx_row_is_untold_r_cap_5() {
    for &(status, short, class) in TABLE {
        for route in &ROUTES {
            let error = answered(route, status, &refused(status, &format!("errors/{short}")));
            let outcome = outcome_of(Err(error));
            if status < 500 && short != "request_timeout" {
                let refused = Outcome::Refused {
                    class,
                    code: short.to_owned(),
                    retry_after: Some(SignedDuration::from_secs(90)),
                };
                assert_eq!(outcome, refused, "{} {status} {short}", route.name);
            } else {
                let why = format!("{status} errors/{short}");
                assert_eq!(outcome, Outcome::Untold { why }, "{}", route.name);
            }
        }
    }
}

#[test]
fn a_session_that_is_gone_did_nothing() {
    let body =
        json!({"status":404,"type":"errors/resource_not_found","detail":"x\nAccount not found"});
    let error = answered(&INVITE, 404, body.to_string().as_bytes());
    let Outcome::Refused { class, code, .. } = outcome_of(Err(error)) else {
        panic!("not a refusal");
    };
    assert_eq!((class, code.as_str()), (Class::Gone, "resource_not_found"));
}

#[test]
fn a_429_is_a_refusal_in_whoever_s_words() {
    for (body, code) in [
        (
            refused(429, "errors/too_many_requests"),
            "too_many_requests",
        ),
        (refused(429, "about:blank"), "429"),
        (b"<html>slow down</html>".to_vec(), "429"),
        (Vec::new(), "429"),
    ] {
        let outcome = outcome_of(Err(answered(&CHAT, 429, &body)));
        let refused = Outcome::Refused {
            class: Class::AccountCap,
            code: code.to_owned(),
            retry_after: Some(SignedDuration::from_secs(90)),
        };
        assert_eq!(outcome, refused);
    }
}

#[test]
fn only_a_word_after_the_prefix_is_the_providers_type() {
    for kind in [
        "about:blank",
        "cannot_resend_yet",
        "errors/",
        "errors/Cannot Resend",
        "errors/a/b",
        "https://host/errors/x",
        &format!("errors/{}", "a".repeat(65)),
    ] {
        let outcome = outcome_of(Err(answered(&EMAIL, 422, &refused(422, kind))));
        assert!(matches!(outcome, Outcome::Untold { .. }), "{kind}");
    }
}

proptest! {
    /// Whatever comes, a call is "sent" by no error and "not sent" by no answer; a refusal takes a 4xx with words.
    #[test]
    fn no_answer_means_that_nothing_left_and_few_mean_refusal(status in 100_u16..1000, body: Vec<u8>) {
        prop_assume!(!(200..300).contains(&status));
        for route in &ROUTES {
            let outcome = outcome_of(Err(answered(route, status, &body)));
            if status == 429 {
                let refused = matches!(outcome, Outcome::Refused { .. });
                prop_assert!(refused);
            } else {
                let untold = matches!(outcome, Outcome::Untold { .. });
                prop_assert!(untold);
            }
        }
    }
}
