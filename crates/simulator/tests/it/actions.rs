//! Invitations, profiles and relations, and what all outward actions have in common: what they answer, what they change,
//! and that each stands in the effects log.

use crate::outward::{error, items, refusal};
use crate::rig::Rig;
use serde_json::{Value, json};
use simulator::control::Action;

#[tokio::test]
async fn an_invitation_is_listed_while_it_is_pending_and_can_be_withdrawn() {
    let rig = Rig::start().await;
    let id = rig.session().await;
    let body = json!({ "account_id": id, "provider_id": "ACoAA1", "message": "Hello" });
    let answer = rig.post("/api/v1/users/invite", body).await;
    assert_eq!(answer.status, 201);
    let sent = answer.json();
    let invitation = sent["invitation_id"].as_str().expect("an id");
    assert_eq!(
        sent,
        json!({ "object": "UserInvitationSent", "invitation_id": invitation })
    );
    let list = format!("/api/v1/users/invite/sent?account_id={id}");
    let listed = &items(&rig, &list).await[0];
    assert_eq!(
        [
            &listed["object"],
            &listed["id"],
            &listed["invited_user_id"],
            &listed["invitation_text"]
        ],
        [
            &json!("InvitationSent"),
            &json!(invitation),
            &json!("ACoAA1"),
            &json!("Hello")
        ]
    );
    let path = format!("/api/v1/users/invite/sent/{invitation}?account_id={id}");
    let answer = rig.call("DELETE", &path, None).await;
    assert_eq!(
        (answer.status, answer.json()),
        (200, json!({ "object": "InvitationCanceled" }))
    );
    assert!(items(&rig, &list).await.is_empty());
    let again = rig.call("DELETE", &path, None).await;
    assert_eq!(refusal(&again), error(404, "resource_not_found"));
    let effects = rig.effects().await;
    let told: Vec<_> = effects
        .iter()
        .map(|line| {
            (
                line.number,
                line.seq,
                line.action,
                line.target.as_str(),
                line.reference.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (1, 1, Action::Invite, "ACoAA1", Some(invitation)),
            (2, 3, Action::WithdrawInvite, "ACoAA1", Some(invitation)),
        ]
    );
    assert_eq!(rig.counts().await.effects[&Action::WithdrawInvite], 1);
}

#[tokio::test]
async fn lists_are_paged_newest_first_and_a_cursor_stays_where_it_is() {
    let rig = Rig::start().await;
    let id = rig.session().await;
    for number in 0..5 {
        rig.invite(&id, &format!("ACo{number}")).await;
    }
    let path = format!("/api/v1/users/invite/sent?account_id={id}&limit=2");
    let first = rig.get(&path).await.json();
    rig.invite(&id, "ACo-late").await;
    let cursor = first["cursor"].as_str().expect("a cursor").to_owned();
    let second = rig.get(&format!("{path}&cursor={cursor}")).await.json();
    let cursor = second["cursor"].as_str().expect("a cursor").to_owned();
    let third = rig.get(&format!("{path}&cursor={cursor}")).await.json();
    let mut seen = Vec::new();
    for page in [&first, &second, &third] {
        for item in page["items"].as_array().expect("items") {
            seen.push(item["invited_user_id"].as_str().expect("an id").to_owned());
        }
    }
    assert_eq!(seen, ["ACo4", "ACo3", "ACo2", "ACo1", "ACo0"]);
    assert_eq!(third["cursor"], Value::Null);
    for limit in ["0", "101", "x"] {
        let path = format!("/api/v1/users/invite/sent?account_id={id}&limit={limit}");
        assert_eq!(
            refusal(&rig.get(&path).await),
            error(400, "invalid_parameters")
        );
    }
}

#[tokio::test]
async fn somebody_is_not_invited_twice_unless_a_duplicate_is_wanted() {
    let rig = Rig::start().await;
    let id = rig.session().await;
    let sent = rig.invite(&id, "ACo1").await.json();
    let refused = error(422, "already_invited_recently");
    assert_eq!(refusal(&rig.invite(&id, "ACo1").await), refused);
    let invitation = sent["invitation_id"].as_str().expect("an id");
    let path = format!("/api/v1/users/invite/sent/{invitation}?account_id={id}");
    rig.call("DELETE", &path, None).await;
    rig.ahead(20 * 86_400).await;
    assert_eq!(refusal(&rig.invite(&id, "ACo1").await), refused);
    rig.ahead(2 * 86_400).await;
    assert_eq!(rig.invite(&id, "ACo1").await.status, 201);
    rig.steer("PUT", "manners", json!({ "repeated_invites": true }))
        .await;
    assert_eq!(rig.invite(&id, "ACo1").await.status, 201);
    rig.steer(
        "POST",
        "relations",
        json!({ "session": id, "members": ["ACo1"] }),
    )
    .await;
    assert_eq!(
        refusal(&rig.invite(&id, "ACo1").await),
        error(422, "already_connected")
    );
    let verdict = rig.verdict().await;
    assert_eq!((verdict.duplicated, verdict.repeats_refused), (2, 3));
}

#[tokio::test]
async fn a_profile_tells_of_relation_and_invitation_and_only_a_look_that_notifies_is_an_effect() {
    let rig = Rig::start().await;
    let id = rig.session().await;
    let path = format!("/api/v1/users/ACo1/?account_id={id}");
    let profile = rig.get(&path).await.json();
    assert_eq!(
        [
            &profile["object"],
            &profile["provider_id"],
            &profile["is_relationship"],
            &profile["network_distance"]
        ],
        [
            &json!("UserProfile"),
            &json!("ACo1"),
            &json!(false),
            &json!("SECOND_DEGREE")
        ]
    );
    assert_eq!(profile["invitation"], Value::Null);
    rig.invite(&id, "ACo1").await;
    let profile = rig.get(&path).await.json();
    assert_eq!(
        profile["invitation"],
        json!({ "type": "SENT", "status": "PENDING" })
    );
    rig.steer(
        "POST",
        "relations",
        json!({ "session": id, "members": ["ACo1"] }),
    )
    .await;
    let profile = rig.get(&format!("{path}&notify=true")).await.json();
    assert_eq!(
        (
            &profile["is_relationship"],
            &profile["network_distance"],
            &profile["invitation"]
        ),
        (&json!(true), &json!("FIRST_DEGREE"), &Value::Null)
    );
    let actions: Vec<_> = rig.effects().await.iter().map(|line| line.action).collect();
    assert_eq!(actions, [Action::Invite, Action::ProfileView]);
    let desk = rig
        .get(&format!("/control/sessions/{id}/desk"))
        .await
        .json();
    assert_eq!(desk["profile_views"], json!({ "ACo1": 1 }));
    assert_eq!(
        (&desk["invited"], &desk["relations"]),
        (&json!([]), &json!(1))
    );
}

#[tokio::test]
async fn a_connection_is_removed_by_the_raw_route_which_does_nothing_else() {
    let rig = Rig::start().await;
    let id = rig.session().await;
    rig.steer(
        "POST",
        "relations",
        json!({ "session": id, "members": ["ACo1", "ACo2"] }),
    )
    .await;
    let path = format!("/api/v1/users/relations?account_id={id}");
    let listed = items(&rig, &path).await;
    assert_eq!((&listed[0]["member_id"], listed.len()), (&json!("ACo2"), 2));
    let raw = |action: &str| {
        json!({
            "account_id": id, "method": "POST",
            "request_url": "https://www.linkedin.com/voyager/api/relationships/dash/memberRelationships",
            "query_params": { "action": action, "decorationId": "any" },
            "body": { "connectionUrn": listed[0]["connection_urn"] }, "encoding": false,
        })
    };
    let other = rig.post("/api/v1/linkedin", raw("somethingElse")).await;
    assert_eq!(refusal(&other), error(400, "invalid_request"));
    let answer = rig
        .post("/api/v1/linkedin", raw("removeFromMyConnections"))
        .await;
    assert_eq!(
        (answer.status, &answer.json()["object"]),
        (201, &json!("LinkedinRawData"))
    );
    let filtered = items(&rig, &format!("{path}&filter=aco")).await;
    assert_eq!(
        (&filtered[0]["member_id"], filtered.len()),
        (&json!("ACo1"), 1)
    );
    let effects = rig.effects().await;
    assert_eq!(effects.len(), 1);
    assert_eq!(
        (effects[0].action, effects[0].target.as_str()),
        (Action::RemoveConnection, "ACo2")
    );
}

#[tokio::test]
async fn a_lost_session_is_404_a_disconnected_one_401_and_neither_does_anything() {
    let rig = Rig::start().await;
    let (gone, ill) = (rig.session().await, rig.session().await);
    rig.change(&gone, json!({ "gone": true })).await;
    rig.change(&ill, json!({ "health": "CREDENTIALS" })).await;
    for (id, wanted) in [
        (gone.as_str(), error(404, "resource_not_found")),
        ("nobody", error(404, "resource_not_found")),
        (ill.as_str(), error(401, "disconnected_account")),
    ] {
        assert_eq!(refusal(&rig.invite(id, "ACo1").await), wanted);
        assert_eq!(refusal(&rig.message(id, "ACo1", "Hello").await), wanted);
        for path in [
            "users/ACo1/?notify=true&",
            "users/invite/sent?",
            "users/relations?",
            "chats?",
            "chat_attendees/ACo1/chats?",
            "chats/none/messages?",
            "linkedin/inmail_balance?",
            "emails?",
        ] {
            let answer = rig.get(&format!("/api/v1/{path}account_id={id}")).await;
            assert_eq!(refusal(&answer), wanted, "{path}");
            if answer.status == 404 {
                let detail = answer.json()["detail"]
                    .as_str()
                    .expect("a detail")
                    .to_owned();
                assert!(detail.ends_with("\nAccount not found"), "{path}: {detail}");
            }
        }
    }
    assert!(rig.effects().await.is_empty());
}

#[tokio::test]
async fn what_does_not_fit_is_400_and_nothing_happens() {
    let rig = Rig::start().await;
    let id = rig.session().await;
    let long = "ä".repeat(301);
    let body = json!({ "account_id": id, "provider_id": "ACo1", "message": long });
    let answer = rig.post("/api/v1/users/invite", body).await;
    assert_eq!(refusal(&answer), error(400, "too_many_characters"));
    let answer = rig
        .post("/api/v1/users/invite", json!({ "account_id": id }))
        .await;
    assert_eq!(refusal(&answer), error(400, "invalid_parameters"));
    let answer = rig
        .form("/api/v1/chats", &[("account_id", &id), ("text", "x")])
        .await;
    assert_eq!(refusal(&answer), error(400, "missing_parameters"));
    let answer = rig.post("/api/v1/chats", json!({ "account_id": id })).await;
    assert_eq!(refusal(&answer), error(400, "invalid_parameters"));
    assert!(rig.effects().await.is_empty());
}
