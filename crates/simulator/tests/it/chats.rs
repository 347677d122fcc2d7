//! Messages, InMails and e-mails: what they answer, and how they are found again.

use crate::outward::{error, items, refusal};
use crate::rig::Rig;
use serde_json::{Value, json};
use simulator::control::{Action, NewSession, Tier};

#[tokio::test]
async fn messages_to_one_person_stand_in_one_chat_and_are_found_by_the_attendee() {
    let rig = Rig::start().await;
    let id = rig.session().await;
    let chats = format!("/api/v1/chat_attendees/ACo1/chats?account_id={id}");
    let nobody = rig.get(&chats).await;
    assert_eq!(refusal(&nobody), error(404, "resource_not_found"));
    assert!(
        nobody.json()["detail"]
            .as_str()
            .expect("a detail")
            .ends_with("Attendee not found")
    );
    let started = rig.message(&id, "ACo1", "One — Grüße").await;
    assert_eq!(
        (started.status, &started.json()["object"]),
        (201, &json!("ChatStarted"))
    );
    let chat = started.json()["chat_id"]
        .as_str()
        .expect("a chat")
        .to_owned();
    assert_eq!(
        rig.message(&id, "ACo1", "Two").await.json()["chat_id"],
        json!(chat)
    );
    let path = format!("/api/v1/chats/{chat}/messages");
    let written = rig.form(&path, &[("text", "Three")]).await;
    assert_eq!(
        (written.status, &written.json()["object"]),
        (201, &json!("MessageSent"))
    );
    assert_eq!(items(&rig, &chats).await[0]["id"], json!(chat));
    let messages = items(&rig, &format!("{path}?account_id={id}")).await;
    let texts: Vec<_> = messages.iter().map(|message| &message["text"]).collect();
    assert_eq!(texts, ["Three", "Two", "One — Grüße"]);
    assert_eq!(messages[0]["id"], written.json()["message_id"]);
    assert_eq!(
        (&messages[0]["is_sender"], &messages[0]["chat_id"]),
        (&json!(1), &json!(chat))
    );
    let other = rig.session().await;
    let foreign = rig
        .form(&path, &[("text", "Four"), ("account_id", &other)])
        .await;
    assert_eq!(refusal(&foreign), error(403, "account_mismatch"));
    let lost = rig
        .form("/api/v1/chats/none/messages", &[("text", "Five")])
        .await;
    assert_eq!(refusal(&lost), error(404, "resource_not_found"));
    assert_eq!(rig.counts().await.effects[&Action::Message], 3);
}

#[tokio::test]
async fn strangers_are_reached_by_inmail_alone_where_relations_are_strict_and_credits_run_out() {
    let rig = Rig::start().await;
    let premium = NewSession {
        tier: Tier::Premium,
        ..NewSession::default()
    };
    let id = rig.sessions(&[premium]).await.remove(0).id;
    let manners = json!({ "strict_relations": true, "inmail_credits": 1 });
    rig.steer("PUT", "manners", manners).await;
    let refused = error(422, "no_connection_with_recipient");
    assert_eq!(refusal(&rig.message(&id, "ACo1", "Hello").await), refused);
    let inmail = async |target| {
        let fields = [
            ("account_id", id.as_str()),
            ("attendees_ids", target),
            ("text", "Hello"),
            ("linkedin[api]", "classic"),
            ("linkedin[inmail]", "true"),
        ];
        rig.form("/api/v1/chats", &fields).await
    };
    assert_eq!(inmail("ACo1").await.status, 201);
    let balance = rig
        .get(&format!("/api/v1/linkedin/inmail_balance?account_id={id}"))
        .await
        .json();
    let object = "LinkedinInmailBalance";
    assert_eq!(
        balance,
        json!({ "object": object, "premium": 0, "recruiter": 0, "sales_navigator": 0 })
    );
    assert_eq!(
        refusal(&inmail("ACo2").await),
        error(422, "insufficient_credits")
    );
    rig.steer(
        "POST",
        "relations",
        json!({ "session": id, "members": ["ACo3"] }),
    )
    .await;
    assert_eq!(rig.message(&id, "ACo3", "Hello").await.status, 201);
    let actions: Vec<_> = rig.effects().await.iter().map(|line| line.action).collect();
    assert_eq!(actions, [Action::Inmail, Action::Message]);
}

#[tokio::test]
async fn an_email_is_found_again_by_its_label_and_tracking_id() {
    let rig = Rig::start().await;
    let id = rig.mailbox().await;
    let fields = [
        ("account_id", id.as_str()),
        (
            "to",
            r#"[{"display_name":"Ada","identifier":"ada@example.test"}]"#,
        ),
        ("subject", "Hello"),
        ("body", "<p>Hello</p>"),
        ("tracking_options", r#"{"opens":false,"label":"send-7"}"#),
    ];
    let answer = rig.form("/api/v1/emails", &fields).await;
    assert_eq!(
        (answer.status, &answer.json()["object"]),
        (201, &json!("EmailSent"))
    );
    let plain = [
        ("account_id", id.as_str()),
        ("to", "b@example.test"),
        ("body", "x"),
    ];
    assert_eq!(rig.form("/api/v1/emails", &plain).await.status, 201);
    let listed = items(&rig, &format!("/api/v1/emails?account_id={id}")).await;
    let found = &listed[1];
    assert_eq!(found["tracking_id"], answer.json()["tracking_id"]);
    assert_eq!(found["id"], answer.json()["provider_id"]);
    assert_eq!(
        (
            &found["label"],
            &found["role"],
            &found["to_attendees"][0]["identifier"]
        ),
        (&json!("send-7"), &json!("sent"), &json!("ada@example.test"))
    );
    assert_eq!(listed[0]["label"], Value::Null);
    let targets: Vec<_> = rig
        .effects()
        .await
        .into_iter()
        .map(|line| line.target)
        .collect();
    assert_eq!(targets, ["ada@example.test", "b@example.test"]);
    let person = rig.session().await;
    let wrong = [
        ("account_id", person.as_str()),
        ("to", "b@example.test"),
        ("body", "x"),
    ];
    assert_eq!(
        refusal(&rig.form("/api/v1/emails", &wrong).await),
        error(422, "invalid_account")
    );
    assert_eq!(
        refusal(&rig.invite(&id, "ACo1").await),
        error(422, "invalid_account")
    );
}

#[tokio::test]
async fn chats_are_listed_with_the_newest_message_first() {
    let rig = Rig::start().await;
    let id = rig.session().await;
    for (target, text) in [("ACo1", "a"), ("ACo2", "b"), ("ACo3", "c"), ("ACo1", "d")] {
        rig.message(&id, target, text).await;
        rig.ahead(60).await;
    }
    let path = format!("/api/v1/chats?account_id={id}&limit=2");
    let first = rig.get(&path).await.json();
    let cursor = first["cursor"].as_str().expect("a cursor").to_owned();
    let second = rig.get(&format!("{path}&cursor={cursor}")).await.json();
    let mut seen = Vec::new();
    for page in [&first, &second] {
        assert_eq!(page["object"], "ChatList");
        seen.extend(page["items"].as_array().expect("items"));
    }
    let attendees: Vec<_> = seen
        .iter()
        .map(|chat| &chat["attendee_provider_id"])
        .collect();
    assert_eq!(attendees, ["ACo1", "ACo3", "ACo2"]);
    let times: Vec<_> = seen.iter().map(|chat| chat["timestamp"].as_str()).collect();
    assert!(
        times.is_sorted_by(|newer, older| newer > older),
        "{times:?}"
    );
    assert_eq!(second["cursor"], Value::Null);
}
