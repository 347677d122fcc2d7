//! Connecting: hosted links, credentials, checkpoints.

use crate::rig::{Ear, Rig};
use serde_json::{Value, json};
use simulator::control::SessionView;

async fn mint(rig: &Rig, more: Value) -> String {
    let mut body = json!({
        "type": "create", "api_url": "https://api1.example.test:13111", "expiresOn": "2026-03-01T11:00:00.000Z",
        "providers": ["LINKEDIN"], "name": "attempt-1",
    });
    for (key, value) in more.as_object().expect("an object") {
        body[key] = value.clone();
    }
    let answer = rig.post("/api/v1/hosted/accounts/link", body).await;
    assert_eq!(
        (answer.status, &answer.json()["object"]),
        (201, &json!("HostedAuthURL")),
        "{}",
        answer.text
    );
    answer.json()["url"]
        .as_str()
        .expect("a URL")
        .rsplit('/')
        .next()
        .expect("a token")
        .to_owned()
}

#[tokio::test]
async fn a_completed_link_makes_a_session_and_calls_back_with_the_name() {
    let (rig, mut ear) = (Rig::start().await, Ear::open(0).await);
    let token = mint(&rig, json!({ "notify_url": ear.url })).await;
    assert_eq!(
        rig.send("GET", &format!("/hosted/{token}"), None, None)
            .await
            .expect("a page")
            .status,
        200
    );
    let done = rig
        .post(
            &format!("/control/links/{token}"),
            json!({ "session": { "identity": "ACoAA9" } }),
        )
        .await
        .json();
    let id = done["account_id"].as_str().expect("an id");
    let wanted = json!({ "status": "CREATION_SUCCESS", "account_id": id, "name": "attempt-1" });
    assert_eq!(ear.next().await.body, wanted);
    let account = rig.get(&format!("/api/v1/accounts/{id}")).await.json();
    assert_eq!(account["connection_params"]["im"]["id"], "ACoAA9");
    assert_eq!(
        rig.post(&format!("/control/links/{token}"), json!({}))
            .await
            .status,
        409
    );
    assert_eq!(rig.get(&format!("/hosted/{token}")).await.status, 410);
    let counts = rig.counts().await;
    assert_eq!((counts.links_minted, counts.links_completed), (1, 1));
}

#[tokio::test]
async fn a_reconnect_link_keeps_the_id_and_a_failed_one_says_so() {
    let (rig, mut ear) = (Rig::start().await, Ear::open(0).await);
    let id = rig.session().await;
    rig.change(&id, json!({ "health": "CREDENTIALS" })).await;
    let reconnect = json!({ "type": "reconnect", "reconnect_account": id, "notify_url": ear.url });
    let failed = mint(&rig, reconnect.clone()).await;
    rig.post(
        &format!("/control/links/{failed}"),
        json!({ "fails": true }),
    )
    .await;
    assert_eq!(ear.next().await.body["status"], "CREATION_FAIL");
    let token = mint(&rig, reconnect).await;
    rig.post(&format!("/control/links/{token}"), json!({}))
        .await;
    assert_eq!(
        ear.next().await.body,
        json!({ "status": "RECONNECTED", "account_id": id, "name": "attempt-1" })
    );
    let account = rig.get(&format!("/api/v1/accounts/{id}")).await.json();
    assert_eq!(account["sources"][0]["status"], "OK");
    assert_eq!(rig.counts().await.owners.reconnects, 1);
}

#[tokio::test]
async fn an_owner_signs_in_by_the_pages_form_and_is_sent_back() {
    let (rig, mut ear) = (Rig::start().await, Ear::open(0).await);
    let back = json!({
        "notify_url": ear.url,
        "success_redirect_url": "https://relink.test/well",
        "failure_redirect_url": "https://relink.test/sorry",
    });
    let token = mint(&rig, back.clone()).await;
    let path = format!("/hosted/{token}");
    let page = rig.get(&path).await;
    assert!(
        page.text.contains("<form method=\"post\">"),
        "{}",
        page.text
    );
    assert!(!page.text.contains("password"), "it takes no secret");
    let sent = rig.fill(&path, "deed=sign_in&handle=Ada-Ito").await;
    assert_eq!(
        (sent.status, &sent.headers["location"]),
        (303, &"https://relink.test/well".parse().expect("a header"))
    );
    let first = ear.next().await.body;
    assert_eq!(first["status"], "CREATION_SUCCESS");
    let id = first["account_id"].as_str().expect("an id").to_owned();
    assert_eq!(rig.fill(&path, "deed=sign_in").await.status, 409, "used");
    assert_eq!(rig.fill("/hosted/x", "deed=sign_in").await.status, 404);

    // The same person once more is the same person; a stranger on a reconnect is another one.
    let again = mint(&rig, back.clone()).await;
    rig.fill(&format!("/hosted/{again}"), "deed=sign_in&handle=ada-ito")
        .await;
    ear.next().await;
    let mut reconnect = back;
    reconnect["type"] = json!("reconnect");
    reconnect["reconnect_account"] = json!(id);
    let other = mint(&rig, reconnect.clone()).await;
    let quitter = mint(&rig, reconnect.clone()).await;
    let sent = rig
        .fill(&format!("/hosted/{quitter}"), "deed=give_up")
        .await;
    assert_eq!(sent.headers["location"], "https://relink.test/sorry");
    assert_eq!(ear.next().await.body["status"], "CREATION_FAIL");
    let sessions: Vec<SessionView> =
        serde_json::from_str(&rig.get("/control/sessions").await.text).expect("sessions");
    assert_eq!(sessions[0].identity, sessions[1].identity);
    rig.fill(&format!("/hosted/{other}"), "deed=sign_in_as_another")
        .await;
    let now = rig.get(&format!("/control/sessions/{id}")).await.json();
    assert_eq!(now["handle"], "eve-else");
    assert_ne!(now["identity"], json!(sessions[0].identity));

    // Its owner comes back after the stranger, as often as there is one.
    for _ in 0..2 {
        let theirs = mint(&rig, reconnect.clone()).await;
        rig.fill(&format!("/hosted/{theirs}"), "deed=sign_in").await;
        let now = rig.get(&format!("/control/sessions/{id}")).await.json();
        assert_eq!(now["handle"], "ada-ito");
        assert_eq!(now["identity"], json!(sessions[0].identity));
        let other = mint(&rig, reconnect.clone()).await;
        rig.fill(&format!("/hosted/{other}"), "deed=sign_in_as_another")
            .await;
    }
}

#[tokio::test]
async fn a_silent_completion_leaves_an_orphan_that_only_the_list_tells_of() {
    let (rig, mut ear) = (Rig::start().await, Ear::open(0).await);
    rig.post(
        "/api/v1/webhooks",
        json!({ "source": "account_status", "request_url": ear.url }),
    )
    .await;
    let token = mint(&rig, json!({ "notify_url": ear.url })).await;
    rig.post(
        &format!("/control/links/{token}"),
        json!({ "silent": true }),
    )
    .await;
    assert_eq!(
        rig.get("/api/v1/accounts").await.json()["items"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    let counts = rig.counts().await;
    assert_eq!(
        (counts.webhooks.raised, counts.callbacks.raised),
        (0, 0),
        "R-ORP-1's case"
    );
    assert!(ear.heard_nothing_more());
}

#[tokio::test]
async fn a_link_lives_until_its_expiry_by_the_simulators_clock() {
    let rig = Rig::start_with(|config| config.speed = 100_000.0).await;
    let token = mint(&rig, json!({ "expiresOn": "2026-03-01T10:00:00.001Z" })).await;
    let expired = async { while rig.get(&format!("/hosted/{token}")).await.status != 410 {} };
    tokio::time::timeout(crate::rig::PATIENCE, expired)
        .await
        .expect("it expires");
    assert_eq!(
        rig.post(&format!("/control/links/{token}"), json!({}))
            .await
            .status,
        410
    );
}

#[tokio::test]
async fn a_link_request_that_does_not_fit_is_400_and_one_for_a_lost_session_404() {
    let rig = Rig::start().await;
    let sound = json!({
        "type": "create", "api_url": "https://a.test", "expiresOn": "2026-03-01T11:00:00.000Z", "providers": "*",
    });
    for (key, value) in [
        ("expiresOn", json!("2026-03-01T11:00:00Z")),
        ("expiresOn", json!("2026-03-01T11:00:00.000000Z")),
        ("providers", json!(["ORKUT"])),
        ("providers", json!(null)),
        ("api_url", json!(null)),
        ("type", json!("update")),
        ("notify_url", json!("mailto:a@b.test")),
    ] {
        let mut body = sound.clone();
        body[key] = value;
        let answer = rig.post("/api/v1/hosted/accounts/link", body.clone()).await;
        assert_eq!(
            (answer.status, &answer.json()["type"]),
            (400, &json!("errors/invalid_parameters")),
            "{body}"
        );
    }
    let mut body = sound;
    body["type"] = json!("reconnect");
    body["reconnect_account"] = json!("AAAAAAAAAAAAAAAAAAAAAA");
    assert_eq!(
        rig.post("/api/v1/hosted/accounts/link", body).await.status,
        404
    );
}

#[tokio::test]
async fn a_checkpoint_stands_between_credentials_and_a_session() {
    let rig = Rig::start().await;
    let body = json!({ "provider": "LINKEDIN", "username": "a@b.test", "password": "p" });
    rig.faults(json!({ "checkpoint": "2FA" })).await;
    let answer = rig.post("/api/v1/accounts", body.clone()).await;
    let id = answer.json()["account_id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let wanted =
        json!({ "object": "Checkpoint", "account_id": id, "checkpoint": { "type": "2FA" } });
    assert_eq!((answer.status, answer.json()), (202, wanted));
    assert_eq!(
        rig.get(&format!("/api/v1/accounts/{id}")).await.status,
        404,
        "the id is provisional"
    );
    let solve = |code| json!({ "account_id": id, "provider": "LINKEDIN", "code": code });
    let wrong = rig
        .post("/api/v1/accounts/checkpoint", solve("000000"))
        .await;
    assert_eq!(
        (wrong.status, &wrong.json()["type"]),
        (401, &json!("errors/invalid_checkpoint_solution"))
    );
    let solved = rig
        .post("/api/v1/accounts/checkpoint", solve("123456"))
        .await;
    assert_eq!(
        (solved.status, solved.json()),
        (201, json!({ "object": "AccountCreated", "account_id": id }))
    );
    let first = rig.get(&format!("/api/v1/accounts/{id}")).await.json();
    rig.faults(json!({})).await;
    let second = rig.post("/api/v1/accounts", body).await.json()["account_id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let second = rig.get(&format!("/api/v1/accounts/{second}")).await.json();
    assert_eq!(
        first["connection_params"]["im"]["id"], second["connection_params"]["im"]["id"],
        "R-DUP-1's case"
    );
    assert_ne!(first["id"], second["id"]);
}

#[tokio::test]
async fn a_prompt_in_the_app_is_confirmed_by_the_owner_and_reconnects_the_same_session() {
    let rig = Rig::start().await;
    let id = rig.session().await;
    rig.change(&id, json!({ "health": "CREDENTIALS" })).await;
    rig.faults(json!({ "checkpoint": "IN_APP_VALIDATION" }))
        .await;
    let body = json!({ "provider": "LINKEDIN", "access_token": "cookie" });
    assert_eq!(
        rig.post(&format!("/api/v1/accounts/{id}"), body)
            .await
            .status,
        202
    );
    assert_eq!(
        rig.post(&format!("/control/checkpoints/{id}"), json!({}))
            .await
            .status,
        201
    );
    let account = rig.get(&format!("/api/v1/accounts/{id}")).await.json();
    assert_eq!(account["sources"][0]["status"], "OK");
}
