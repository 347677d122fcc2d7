//! The referee's verdict, the provider's own limits, and refusals on order.

use crate::outward::{error, refusal};
use crate::rig::Rig;
use serde_json::json;
use simulator::control::{Action, Window};

#[tokio::test]
async fn r_cap_2_the_verdict_finds_a_planted_excess_and_tells_how_bad_it_was() {
    let rig = Rig::start().await;
    let (good, bad) = (rig.session().await, rig.session().await);
    let caps = json!([
        { "action": "invite", "day": 3, "week": 5 },
        { "session": bad, "action": "invite", "day": 2 },
    ]);
    assert_eq!(rig.steer("POST", "caps", caps).await, json!({ "set": 2 }));
    for number in 0..3 {
        rig.invite(&good, &format!("ACo{number}")).await;
        rig.invite(&bad, &format!("ACo{number}")).await;
    }
    let verdict = rig.verdict().await;
    assert_eq!(
        (verdict.effects, verdict.duplicated, verdict.full),
        (6, 0, false)
    );
    assert_eq!((verdict.violated, verdict.violations.len()), (1, 1));
    let worst = &verdict.violations[0];
    assert_eq!((&worst.session, worst.window), (&bad, Window::Day));
    assert_eq!((worst.cap, worst.count), (2, 3));
    // The good one too, and by the week: calendars do not matter.
    rig.ahead(86_400).await;
    for number in 3..6 {
        rig.invite(&good, &format!("ACo{number}")).await;
    }
    let verdict = rig.verdict().await;
    assert_eq!(verdict.violated, 2);
    let invites = &verdict.actions[&Action::Invite];
    let (day, week) = (
        invites.day.as_ref().expect("a day"),
        invites.week.as_ref().expect("a week"),
    );
    assert_eq!(
        (invites.total, day.count, week.count, &week.session),
        (9, 3, 6, &good)
    );
    assert_eq!(verdict.actions.len(), 7);
    assert_eq!(verdict.actions[&Action::Email].day, None);
    let nobody = json!({ "session": "nobody", "action": "invite", "day": 1 });
    assert_eq!(rig.post("/control/caps", nobody).await.status, 404);
}

#[tokio::test]
async fn r_cap_5_the_verdict_finds_a_planted_duplicate_and_no_other() {
    let rig = Rig::start().await;
    let (one, other) = (rig.session().await, rig.session().await);
    for (session, target, text) in [
        (&one, "ACo1", "Hello"),
        (&one, "ACo1", "And another thing"),
        (&one, "ACo2", "Hello"),
        (&other, "ACo1", "Hello"),
    ] {
        assert_eq!(rig.message(session, target, text).await.status, 201);
    }
    assert_eq!(rig.verdict().await.duplicated, 0);
    rig.message(&one, "ACo1", "Hello").await;
    let verdict = rig.verdict().await;
    assert_eq!((verdict.duplicated, verdict.duplicates.len()), (1, 1));
    let planted = &verdict.duplicates[0];
    assert_eq!(
        (&planted.session, planted.action, planted.target.as_str()),
        (&one, Action::Message, "ACo1")
    );
    assert_eq!(planted.seqs, [1, 5]);
    assert_eq!(verdict.actions[&Action::Message].duplicated, 1);
}

#[tokio::test]
async fn a_second_invitation_is_a_duplicate_whatever_it_says() {
    let rig = Rig::start().await;
    let id = rig.session().await;
    rig.steer("PUT", "manners", json!({ "repeated_invites": true }))
        .await;
    for message in ["Hello", "Hello again"] {
        let body = json!({ "account_id": id, "provider_id": "ACo1", "message": message });
        assert_eq!(rig.post("/api/v1/users/invite", body).await.status, 201);
    }
    let verdict = rig.verdict().await;
    assert_eq!(
        (verdict.duplicated, verdict.duplicates[0].while_pending),
        (1, true)
    );
}

#[tokio::test]
async fn past_the_providers_limit_the_account_is_refused_and_marks_are_told_as_they_are_passed() {
    let rig = Rig::start().await;
    let (id, other) = (rig.session().await, rig.session().await);
    rig.steer("POST", "limits", json!({ "action": "invite", "day": 10 }))
        .await;
    let mut usage = Vec::new();
    for number in 0..10 {
        let answer = rig.invite(&id, &format!("ACo{number}")).await.json();
        usage.push(answer.get("usage").and_then(serde_json::Value::as_u64));
    }
    let told: Vec<_> = usage
        .iter()
        .enumerate()
        .filter_map(|(place, told)| told.map(|told| (place + 1, told)))
        .collect();
    assert_eq!(told, [(5, 50), (8, 75), (9, 90), (10, 95)]);
    let refused = rig.invite(&id, "ACo-more").await;
    assert_eq!(refusal(&refused), error(422, "cannot_resend_yet"));
    let detail = "You have reached a temporary provider limit. Please try again later.";
    assert_eq!(refused.json()["detail"], detail);
    assert_eq!(rig.invite(&other, "ACo-more").await.status, 201);
    assert_eq!(rig.message(&id, "ACo1", "Hello").await.status, 201);
    rig.ahead(86_400).await;
    assert_eq!(rig.invite(&id, "ACo-more").await.status, 201);
    assert_eq!(rig.verdict().await.effects, 13);
}

#[tokio::test]
async fn any_refusal_can_be_ordered_so_many_times_for_whom_it_is_meant() {
    let rig = Rig::start().await;
    let (id, other) = (rig.session().await, rig.session().await);
    let refusals = json!([
        { "session": id, "target": "ACo1", "action": "invite", "status": 403, "type": "account_restricted", "times": 2 },
        { "session": id, "status": 429, "type": "errors/too_many_requests", "retry_after_seconds": 9 },
    ]);
    rig.steer("POST", "refusals", refusals).await;
    assert_eq!(rig.invite(&other, "ACo1").await.status, 201);
    for _ in 0..2 {
        assert_eq!(
            refusal(&rig.invite(&id, "ACo1").await),
            error(403, "account_restricted")
        );
    }
    let answer = rig.invite(&id, "ACo1").await;
    assert_eq!(refusal(&answer), error(429, "too_many_requests"));
    assert_eq!(answer.headers["retry-after"], "9");
    assert_eq!(rig.get("/control/refusals").await.json(), json!([]));
    assert_eq!(rig.invite(&id, "ACo1").await.status, 201);
    assert_eq!(rig.effects().await.len(), 2);
    let log = rig.log().await;
    assert_eq!((log[1].executed, log[1].effect), (true, None));
    for (status, times) in [(200, 1), (422, 0)] {
        let wrong = json!({ "status": status, "type": "x", "times": times });
        assert_eq!(rig.post("/control/refusals", wrong).await.status, 400);
    }
}

#[tokio::test]
async fn the_effects_log_is_paged_and_when_it_is_full_nothing_more_happens() {
    let rig = Rig::start_with(|config| config.effects_max = 3).await;
    let id = rig.session().await;
    for number in 0..3 {
        assert_eq!(rig.invite(&id, &format!("ACo{number}")).await.status, 201);
    }
    let refused = rig.invite(&id, "ACo3").await;
    assert_eq!(refusal(&refused), error(503, "service_unavailable"));
    let verdict = rig.verdict().await;
    assert_eq!((verdict.effects, verdict.full), (3, true));
    let page = rig.get("/control/effects?since=1&limit=1").await.text;
    let line: simulator::control::EffectLine = serde_json::from_str(page.trim()).expect("one line");
    assert_eq!(
        (line.number, line.seq, line.target.as_str()),
        (2, 2, "ACo1")
    );
    assert_eq!(rig.get("/control/effects?since=3").await.text, "");
}

#[tokio::test]
async fn looking_leaves_no_trace() {
    let rig = Rig::start().await;
    let id = rig.session().await;
    for path in [
        "users/ACo1/",
        "users/invite/sent",
        "users/relations",
        "linkedin/inmail_balance",
    ] {
        let answer = rig.get(&format!("/api/v1/{path}?account_id={id}")).await;
        assert_eq!(answer.status, 200, "{path}");
    }
    assert!(rig.effects().await.is_empty());
    assert!(rig.counts().await.effects.is_empty());
    let desk = rig
        .get(&format!("/control/sessions/{id}/desk"))
        .await
        .json();
    let nothing = simulator::control::DeskView::default();
    assert_eq!(desk, json!(nothing));
}
