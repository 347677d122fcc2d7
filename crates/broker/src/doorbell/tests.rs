use super::*;
use proptest::prelude::*;

fn jobs(count: usize) -> Vec<Uuid> {
    (0..count as u128).map(Uuid::from_u128).collect()
}

fn decode(body: &str) -> Result<Doorbell, Undecodable> {
    Doorbell::decode(body.as_bytes(), &BasicProperties::default())
}

fn doorbell(kind: &str, count: usize) -> Doorbell {
    Doorbell {
        kind: kind.to_owned(),
        jobs: jobs(count),
        traceparent: None,
    }
}

#[test]
fn the_wire_is_this_and_no_other() {
    let body = doorbell("status.watch", 1)
        .encode()
        .expect("a good doorbell");
    let expected =
        r#"{"v":1,"kind":"status.watch","jobs":["00000000-0000-0000-0000-000000000000"]}"#;
    assert_eq!(String::from_utf8(body).expect("text"), expected);
}

#[test]
fn a_bad_message_is_a_value_that_says_why() {
    let id = Uuid::nil();
    let long_kind = "k".repeat(256);
    #[rustfmt::skip]
    let table = [
        ("not json".to_owned(),                              None),
        (String::new(),                                      None),
        (r#"{"kind":"a","jobs":[]}"#.to_owned(),             None),
        (r#"{"v":1,"kind":"a"}"#.to_owned(),                 None),
        (r#"{"v":1,"kind":"a","jobs":["x"]}"#.to_owned(),    None),
        (r#"{"v":2,"rows":{}}"#.to_owned(),                  Some(Undecodable::UnknownVersion(2))),
        (format!(r#"{{"v":0,"kind":"a","jobs":["{id}"]}}"#), Some(Undecodable::UnknownVersion(0))),
        (r#"{"v":1,"kind":"a","jobs":[]}"#.to_owned(),       Some(Undecodable::Empty)),
        (format!(r#"{{"v":1,"kind":"","jobs":["{id}"]}}"#),  Some(Undecodable::Kind)),
        (format!(r#"{{"v":1,"kind":"{long_kind}","jobs":["{id}"]}}"#), Some(Undecodable::Kind)),
        (" ".repeat(BODY_BYTES_MAX + 1),                     Some(Undecodable::TooLong)),
    ];
    for (body, expected) in table {
        match (decode(&body), expected) {
            (Err(Undecodable::Malformed(_)), None) => {}
            (found, Some(expected)) => assert_eq!(found, Err(expected), "{body:.60}"),
            (found, None) => panic!("{body:.60} gave {found:?}"),
        }
    }
}

#[test]
fn ten_thousand_jobs_are_one_message_and_one_more_is_too_many() {
    let body = doorbell("a", IDS_MAX)
        .encode()
        .expect("the boundary itself");
    assert_eq!(
        Doorbell::decode(&body, &BasicProperties::default()).map(|it| it.jobs.len()),
        Ok(IDS_MAX)
    );
    assert_eq!(
        doorbell("a", IDS_MAX + 1).encode(),
        Err(Undecodable::TooLong)
    );
    assert_eq!(doorbell("a", 0).encode(), Err(Undecodable::Empty));
}

#[test]
fn the_error_quotes_nothing_of_the_body() {
    let error = decode(r#"{"v":1,"kind":"a","jobs":["secret-thing"]}"#).expect_err("not a uuid");
    assert!(!error.to_string().contains("secret-thing"), "{error}");
}

proptest! {
    #[test]
    fn what_is_rung_is_what_is_heard(
        kind in "\\PC{1,60}",
        ids in proptest::collection::vec(any::<u128>(), 1..50),
        traceparent in proptest::option::of("[0-9a-f-]{1,55}"),
    ) {
        let sent = Doorbell { kind, jobs: ids.into_iter().map(Uuid::from_u128).collect(), traceparent };
        let body = sent.encode().expect("within the limits");
        prop_assert_eq!(Doorbell::decode(&body, &sent.properties(Uuid::nil())), Ok(sent));
    }

    #[test]
    fn no_bytes_panic(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(Doorbell::decode(&body, &BasicProperties::default()).is_err());
    }
}
