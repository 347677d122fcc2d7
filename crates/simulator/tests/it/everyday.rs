//! What an ordinary day brings: people with a history, invitations that are accepted, restricted sessions, and what the
//! owner does by hand.

use crate::outward::{error, items, refusal};
use crate::rig::Rig;
use serde_json::{Value, json};
use simulator::control::{Action, DeskView, NewSession, Tier};

impl Rig {
    async fn desk(&self, id: &str) -> DeskView {
        let path = format!("/control/sessions/{id}/desk");
        serde_json::from_value(self.get(&path).await.json()).expect("a desk")
    }

    async fn profile(&self, id: &str, member: &str) -> Value {
        let path = format!("/api/v1/users/{member}/?account_id={id}");
        self.get(&path).await.json()
    }
}

#[tokio::test]
async fn people_with_a_history_refuse_as_their_history_says_and_nothing_is_an_effect() {
    let rig = Rig::start().await;
    let id = rig.session().await;
    let list = format!("/api/v1/users/invite/sent?account_id={id}");
    for (part, refused, shown) in [
        ("connected", "already_connected", "FIRST_DEGREE"),
        ("invited", "already_invited_recently", "PENDING"),
        ("withdrawn", "already_invited_recently", "WITHDRAWN"),
    ] {
        let everyday = json!({ part: 1.0 });
        rig.steer("PUT", "manners", json!({ "everyday": everyday }))
            .await;
        let person = format!("ACo-{part}");
        for _ in 0..2 {
            let answer = rig.invite(&id, &person).await;
            assert_eq!(refusal(&answer), error(422, refused), "{part}");
        }
        let profile = rig.profile(&id, &person).await;
        let told = match shown {
            "FIRST_DEGREE" => &profile["network_distance"],
            _ => &profile["invitation"]["status"],
        };
        assert_eq!(told, &json!(shown));
    }
    let listed = items(&rig, &list).await;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["invited_user_id"], "ACo-invited");
    assert_eq!(rig.desk(&id).await.by_hand, 1);
    assert!(rig.effects().await.is_empty());
    // Whoever met somebody keeps them, and who has no history is invited.
    rig.steer("PUT", "manners", json!({})).await;
    assert_eq!(rig.invite(&id, "ACo-new").await.status, 201);
    let again = rig.invite(&id, "ACo-connected").await;
    assert_eq!(refusal(&again), error(422, "already_connected"));
    let listed = items(&rig, &list).await;
    assert_eq!(listed[0]["invited_user_id"], "ACo-new", "newest first");
}

#[tokio::test]
async fn whom_nobody_reaches_refuses_in_three_ways_and_always_the_same() {
    let rig = Rig::start().await;
    let id = rig.session().await;
    rig.steer(
        "PUT",
        "manners",
        json!({ "everyday": { "unreachable": "all" } }),
    )
    .await;
    let mut seen = std::collections::BTreeSet::new();
    for number in 0..20 {
        let person = format!("ACo{number}");
        let first = refusal(&rig.invite(&id, &person).await);
        assert_eq!(refusal(&rig.invite(&id, &person).await), first);
        seen.insert(first.1);
    }
    assert_eq!(
        seen.into_iter().collect::<Vec<_>>(),
        [
            "errors/blocked_recipient",
            "errors/invalid_resource_identifier",
            "errors/user_unreachable"
        ]
    );
}

#[tokio::test]
async fn an_accepted_invitation_is_a_relation_and_pending_no_more() {
    let rig = Rig::start().await;
    let id = rig.session().await;
    let acceptance = json!({ "rate": "all", "after_seconds": { "min": 3600, "max": 3600 } });
    rig.steer(
        "PUT",
        "manners",
        json!({ "acceptance": acceptance, "strict_relations": true }),
    )
    .await;
    let sent = rig.invite(&id, "ACo1").await.json();
    rig.ahead(3_599).await;
    assert_eq!(rig.desk(&id).await.invited, ["ACo1"]);
    rig.ahead(1).await;
    let desk = rig.desk(&id).await;
    assert_eq!((desk.invited.len(), desk.relations), (0, 1));
    assert_eq!(rig.profile(&id, "ACo1").await["is_relationship"], true);
    let invitation = sent["invitation_id"].as_str().expect("an id");
    let path = format!("/api/v1/users/invite/sent/{invitation}?account_id={id}");
    let withdrawn = rig.call("DELETE", &path, None).await;
    assert_eq!(refusal(&withdrawn), error(404, "resource_not_found"));
}

#[tokio::test]
async fn a_restricted_session_is_listed_as_healthy_and_does_nothing() {
    let rig = Rig::start().await;
    let id = rig.session().await;
    rig.change(&id, json!({ "restricted": true })).await;
    let account = rig.get(&format!("/api/v1/accounts/{id}")).await.json();
    assert_eq!(account["sources"][0]["status"], "OK");
    let refused = rig.invite(&id, "ACo1").await;
    assert_eq!(refusal(&refused), error(403, "account_restricted"));
    let list = format!("/api/v1/users/invite/sent?account_id={id}");
    assert!(items(&rig, &list).await.is_empty());
    assert!(rig.desk(&id).await.restricted);
    rig.change(&id, json!({ "restricted": false })).await;
    assert_eq!(rig.invite(&id, "ACo1").await.status, 201);
}

#[tokio::test]
async fn invitations_by_hand_are_listed_count_for_the_limit_and_are_no_effect() {
    let rig = Rig::start().await;
    let id = rig.session().await;
    rig.steer("POST", "limits", json!({ "action": "invite", "day": 10 }))
        .await;
    rig.invite(&id, "ACo-ours").await;
    let by_hand = json!({ "session": id, "people": ["ACo-ours", "ACo-hers"], "count": 7 });
    let desk = rig.steer("POST", "invitations", by_hand).await;
    assert_eq!(
        (&desk["by_hand"], desk["invited"].as_array().map(Vec::len)),
        (&json!(8), Some(9))
    );
    let list = format!("/api/v1/users/invite/sent?account_id={id}");
    assert_eq!(items(&rig, &list).await[8]["invited_user_id"], "ACo-ours");
    let answer = rig.invite(&id, "ACo-next").await.json();
    assert_eq!(answer["usage"], 95, "the tenth of ten");
    let refused = rig.invite(&id, "ACo-last").await;
    assert_eq!(refusal(&refused), error(422, "cannot_resend_yet"));
    assert_eq!(rig.verdict().await.actions[&Action::Invite].total, 2);
}

#[tokio::test]
async fn a_note_has_the_length_and_the_number_that_the_tier_allows() {
    let rig = Rig::start().await;
    let session = |tier| NewSession {
        tier,
        ..NewSession::default()
    };
    let views = rig
        .sessions(&[session(Tier::Free), session(Tier::Premium)])
        .await;
    rig.steer("PUT", "manners", json!({ "free_notes": 1 }))
        .await;
    let note = |id: &str, person: &str, length: usize| {
        let note = "ä".repeat(length);
        json!({ "account_id": id, "provider_id": person, "message": note })
    };
    let invite = async |id: &str, person: &str, length: usize| {
        rig.post("/api/v1/users/invite", note(id, person, length))
            .await
    };
    let (free, paid) = (&views[0].id, &views[1].id);
    let long = error(400, "too_many_characters");
    assert_eq!(refusal(&invite(free, "ACo1", 201).await), long);
    assert_eq!(invite(free, "ACo1", 200).await.status, 201);
    let refused = invite(free, "ACo2", 1).await;
    assert_eq!(refusal(&refused), error(422, "cannot_resend_yet"));
    assert_eq!(invite(free, "ACo2", 0).await.status, 201);
    rig.ahead(30 * 86_400).await;
    assert_eq!(invite(free, "ACo3", 1).await.status, 201);
    assert_eq!(refusal(&invite(paid, "ACo1", 301).await), long);
    assert_eq!(invite(paid, "ACo1", 300).await.status, 201);
    assert_eq!(invite(paid, "ACo2", 300).await.status, 201);
}
