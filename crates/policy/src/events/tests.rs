use super::*;

/// A text that must be found nowhere.
const CANARY: &str = "canary-hunter2";

#[track_caller]
fn callback(body: Value, expected: Result<(&str, Option<&str>), Malformed>) {
    let read = read_callback(body.to_string().as_bytes());
    let read = read.as_ref().map_err(|error| *error);
    let read = read.map(|it| {
        (
            it.status.as_str(),
            it.session.as_ref().map(|id| id.0.as_str()),
        )
    });
    assert_eq!(read, expected, "{body}");
}

#[test]
fn r_lnk_2_a_callback_has_a_name_and_a_status_and_maybe_a_session() {
    let of = |account: Value| json!({ "status": "CREATION_SUCCESS", "account_id": account, "name": "r1.x" });
    callback(of(json!("s-1")), Ok(("CREATION_SUCCESS", Some("s-1"))));
    callback(of(json!("")), Ok(("CREATION_SUCCESS", None)));
    callback(of(Value::Null), Ok(("CREATION_SUCCESS", None)));
    callback(
        json!({ "status": "NEW_WORD", "name": "n" }),
        Ok(("NEW_WORD", None)),
    );
    let field = |name| Err(Malformed::Field(name));
    callback(of(json!(7)), field("account_id"));
    callback(of(json!("a b")), field("account_id"));
    callback(of(json!("a\u{0}")), field("account_id"));
    callback(of(json!("s".repeat(201))), field("account_id"));
    callback(json!({ "status": "CREATION_FAIL" }), field("name"));
    callback(
        json!({ "status": "x", "name": "n".repeat(513) }),
        field("name"),
    );
    callback(json!({ "name": "n" }), field("status"));
    callback(
        json!({ "name": "n", "status": "says a sentence" }),
        field("status"),
    );
    callback(json!([1]), Err(Malformed::NotAnObject));
    for bytes in [
        &b""[..],
        b"{",
        b"\xff\xfe",
        b"{\"name\": \"\xff\"}",
        &b"[".repeat(60_000),
    ] {
        assert_eq!(read_callback(bytes), Err(Malformed::NotAnObject));
    }
}

#[test]
fn r_lnk_2_a_webhook_is_of_one_of_three_sources() {
    let status = json!({ "AccountStatus": { "account_id": "s", "account_type": "LINKEDIN", "message": "CREDENTIALS" } });
    let relation =
        json!({ "event": "new_relation", "account_id": "s", "user_provider_id": "ACo1" });
    let message = json!({ "event": "message_received", "account_id": "s", "chat_id": "c" });
    for (body, source, word) in [
        (status, Source::AccountStatus, "CREDENTIALS"),
        (relation, Source::Users, "new_relation"),
        (message, Source::Messaging, "message_received"),
    ] {
        let read = read_webhook(body.to_string().as_bytes()).expect("an event");
        assert_eq!((read.source, read.message.as_str()), (source, word));
        assert_eq!(read.session.0, "s");
    }
    for (body, expected) in [
        (
            json!({ "event": "mail_opened", "account_id": "s" }),
            Malformed::Source,
        ),
        (
            json!({ "event": "new_relation" }),
            Malformed::Field("account_id"),
        ),
        (
            json!({ "AccountStatus": { "account_id": "s" } }),
            Malformed::Field("message"),
        ),
        (json!({ "AccountStatus": "OK" }), Malformed::Field("event")),
        (json!({}), Malformed::Field("event")),
    ] {
        let read = read_webhook(body.to_string().as_bytes());
        assert_eq!(read, Err(expected), "{body}");
    }
}

/// Everything that was ever seen in such a body, each with the canary, and more.
fn loaded(mut body: Value) -> Value {
    let secrets = json!({ "im": { "username": CANARY, "proxy": { "password": CANARY } }, "imap_password": CANARY });
    for name in [
        "connection_params",
        "password",
        "cookie",
        "access_token",
        "li_at",
        "message",
        "user_full_name",
        "user_profile_url",
        "user_picture_url",
        "webhook_name",
        "attachments",
        "subject",
        "sender_name",
    ] {
        if body.get(name).is_none() {
            body[name] = json!(format!("{CANARY} {CANARY}"));
        }
    }
    body["connection_params"] = secrets;
    body["attendees"] = json!([{ "attendee_name": CANARY }]);
    body
}

#[test]
fn r_lnk_11_nothing_that_is_not_on_the_list_is_kept() {
    let sender = json!({ "attendee_provider_id": "ACo2", "attendee_name": CANARY, "attendee_profile_url": CANARY });
    for body in [
        loaded(json!({ "event": "new_relation", "account_id": "s", "user_provider_id": "ACo1" })),
        loaded(
            json!({ "event": "message_received", "account_id": "s", "sender": sender,
            "account_info": { "type": "LINKEDIN", "user_id": "ACo3", "name": CANARY } }),
        ),
        json!({ "connection_params": CANARY, "AccountStatus": loaded(json!({ "account_id": "s", "message": "OK" })) }),
    ] {
        let read = read_webhook(body.to_string().as_bytes()).expect("an event");
        assert!(!format!("{read:?}").contains(CANARY), "{read:?}");
    }
    let body = loaded(json!({ "status": "RECONNECTED", "account_id": "s", "name": CANARY }));
    let read = read_callback(body.to_string().as_bytes()).expect("a callback");
    assert_eq!(read.name, CANARY);
    assert!(!format!("{read:?}").contains(CANARY), "{read:?}");
    assert_eq!(
        read.body,
        json!({ "status": "RECONNECTED", "account_id": "s" })
    );
}
