//! The provider's webhooks: known by their secret, kept once, and looked into only where they are of a linked session.

use super::callbacks::{CANARY, PREVIOUS, SECRET, Scene};
use super::{Answer, SOON};
use futures_util::StreamExt as _;
use futures_util::stream;
use policy::events::SECRET_HEADER;
use provider::{LinkRequest, NewWebhook, Provider as _, Purpose, Unipile};
use secrecy::SecretString;
use serde_json::{Value, json};
use simulator::control::{Change, Faults, NewSession, Rate};
use tests::eventually::eventually;
use tests::provider::{KEY, SimulatedProvider};

fn state(session: &str, message: &str) -> Value {
    json!({ "AccountStatus": { "account_id": session, "account_type": "LINKEDIN", "message": message,
        "connection_params": CANARY } })
}

impl Scene {
    async fn hook(&self, secret: &str, body: &Value) -> Answer {
        let url = self.url("/v1/webhooks/provider");
        let request = self.desk.client.post(&url).header("Unipile-Auth", secret);
        self.desk.sent(request.body(body.to_string())).await
    }

    async fn alerts(&self, code: &str) -> i64 {
        let sql = format!(
            "select coalesce(sum(times), 0)::bigint from relink.admin_alerts where code = '{code}'"
        );
        self.count(&sql).await
    }
}

#[tokio::test]
async fn r_lnk_2_webhooks_bear_the_secret_and_count_once() {
    let scene = Scene::new(1).await;
    let (linked, body) = ("s-crowd-000", state("s-crowd-000", "CREDENTIALS"));
    for secret in ["", "webhook-secret", "webhook-secret-canary-of-nobody"] {
        scene.hook(secret, &body).await.problem(401);
    }
    let bare = scene.desk.client.post(scene.url("/v1/webhooks/provider"));
    scene
        .desk
        .sent(bare.body(body.to_string()))
        .await
        .problem(401);
    assert_eq!((scene.events().await, scene.jobs().await), (0, 0));
    // Sixty-four twins, with either secret in force.
    let calls = (0..64).map(|number| {
        let secret = if number % 2 == 0 { SECRET } else { PREVIOUS };
        scene.hook(secret, &body)
    });
    let answers: Vec<Answer> = stream::iter(calls).buffer_unordered(32).collect().await;
    for answer in &answers {
        assert_eq!(answer.is(200).body, json!({}));
    }
    assert_eq!((scene.events().await, scene.jobs().await), (1, 1));
    // Back and forth are three news, although the first and the last say the same.
    for message in ["OK", "OK", "CREDENTIALS", "OK"] {
        scene.hook(SECRET, &state(linked, message)).await.is(200);
    }
    assert_eq!((scene.events().await, scene.jobs().await), (4, 4));
    // A word of tomorrow is kept; a source of tomorrow, and half an event, are not the provider's.
    scene
        .hook(SECRET, &state(linked, "HIBERNATED"))
        .await
        .is(200);
    for wrong in [
        json!({ "event": "mail_opened", "account_id": linked }),
        json!({ "AccountStatus": { "account_id": linked } }),
        json!({ "AccountStatus": { "account_id": "", "message": "OK" } }),
        json!([]),
    ] {
        scene.hook(SECRET, &wrong).await.problem(400);
    }
    // Of relations and messages only ids are kept, and nothing is done yet.
    let (events, jobs) = (scene.events().await, scene.jobs().await);
    let relation = json!({ "event": "new_relation", "account_id": linked, "user_provider_id": "ACo1", "user_full_name": CANARY });
    let message = json!({ "event": "message_received", "account_id": linked, "chat_id": "c", "message_id": "m",
        "message": CANARY, "sender": { "attendee_provider_id": "ACo1", "attendee_name": CANARY } });
    for body in [&relation, &message, &relation, &message] {
        scene.hook(SECRET, body).await.is(200);
    }
    assert_eq!(
        (scene.events().await, scene.jobs().await),
        (events + 2, jobs)
    );
    let sources = "select count(distinct kind) from relink.provider_events where verdict = 'stored' and account_id is not null";
    assert_eq!(scene.count(sources).await, 3);
    // An attempt's session is linked before its account's is.
    let named = "update relink.link_attempts set session_id = 's-of-attempt'";
    scene.owner.execute(named, &[]).await.expect("name it");
    scene
        .hook(SECRET, &state("s-of-attempt", "OK"))
        .await
        .is(200);
    assert_eq!(scene.jobs().await, jobs + 1);
    nothing_of_owners_is_kept(&scene).await;
}

async fn nothing_of_owners_is_kept(scene: &Scene) {
    for table in ["provider_events", "jobs", "admin_alerts"] {
        for canary in [CANARY, SECRET, PREVIOUS] {
            let sql =
                format!("select count(*) from relink.{table} t where t::text like '%{canary}%'");
            assert_eq!(scene.count(&sql).await, 0, "{table} has {canary}");
        }
    }
    let log = scene.desk.process.log();
    for canary in [CANARY, SECRET, PREVIOUS] {
        assert!(!log.contains(canary), "the log has {canary}");
    }
}

#[tokio::test]
async fn r_lnk_2_a_flood_of_strangers_makes_no_job_and_one_alert() {
    let scene = Scene::new(0).await;
    let count: i64 = 150;
    let calls = (0..count).map(|number| {
        let body = state(&format!("s-stranger-{number}"), "CREDENTIALS");
        let scene = &scene;
        async move { scene.hook(SECRET, &body).await }
    });
    let answers: Vec<Answer> = stream::iter(calls).buffer_unordered(16).collect().await;
    for answer in &answers {
        answer.is(200);
    }
    assert_eq!((scene.events().await, scene.jobs().await), (count, 0));
    assert_eq!(scene.alerts("webhooks_unlinked").await, 1);
    // Forgeries are told only while nothing with a secret in force comes: then it may be the provider that has another.
    for round in [15, 25, 25] {
        for _ in 0..round {
            scene
                .hook("another", &state("s-crowd-000", "OK"))
                .await
                .problem(401);
        }
        if round == 15 {
            scene
                .hook(SECRET, &state("s-crowd-000", "OK"))
                .await
                .is(200);
        }
    }
    assert_eq!(scene.alerts("webhooks_refused").await, 1);
    // Old events are taken away as new ones come; what they counted for is over.
    let old = "update relink.provider_events set received_at = received_at - interval '8 days' where verdict = 'unlinked'";
    scene.owner.execute(old, &[]).await.expect("age them");
    for number in 0..5 {
        scene
            .hook(SECRET, &state("s-crowd-001", &format!("WORD_{number}")))
            .await
            .is(200);
    }
    let left = "select count(*) from relink.provider_events where verdict = 'unlinked'";
    assert_eq!(scene.count(left).await, count - 20);
    let metrics = scene
        .desk
        .client
        .get(format!("{}/metrics", scene.desk.health))
        .send()
        .await;
    let metrics = metrics.expect("metrics").text().await.expect("text");
    for (route, verdict, seen) in [
        ("webhook", "unlinked", count),
        ("webhook", "unsigned", 65),
        ("webhook", "stored", 6),
        ("callback", "replayed", 0),
    ] {
        let line =
            format!("relink_callbacks_total{{route=\"{route}\",verdict=\"{verdict}\"}} {seen}");
        assert!(
            metrics.lines().any(|it| it == line),
            "{line} is not in\n{metrics}"
        );
    }
}

#[tokio::test]
async fn r_lnk_2_the_providers_own_webhooks_and_callbacks_come_in() {
    let scene = Scene::new(1).await;
    let at = "2026-11-20T08:00:00Z".parse().expect("an instant");
    let provider = SimulatedProvider::start(at).await;
    let session = NewSession {
        id: Some("s-crowd-000".to_owned()),
        ..NewSession::default()
    };
    provider.create(vec![session]).await;
    let doubled = Faults {
        webhook_duplicate: Rate(1.0),
        ..Faults::default()
    };
    provider.faults(&doubled).await;
    let config = provider::Config::new(provider.base().to_owned(), SecretString::from(KEY));
    let client = Unipile::new(config).expect("a client");
    let (url, secret) = (
        scene.url("/v1/webhooks/provider"),
        SecretString::from(SECRET),
    );
    let new = NewWebhook {
        source: "account_status",
        url: &url,
        name: "relink test",
        secret: (SECRET_HEADER, &secret),
    };
    client.register_webhook(&new).await.expect("registered");
    let lost = Change {
        words: Some(vec!["CREDENTIALS".to_owned()]),
        ..Change::default()
    };
    provider.change("s-crowd-000", lost).await;
    let came = "select count(*) from relink.provider_events where message = 'CREDENTIALS' and job_id is not null";
    eventually("the webhook comes in", SOON, async || {
        (scene.count(came).await == 1).then_some(())
    })
    .await;
    // An owner finishes a hosted link: its callback bears the name that it was minted with.
    let request = LinkRequest {
        purpose: Purpose::Create {
            providers: vec!["LINKEDIN".to_owned()],
        },
        expires_at: "2026-11-20T08:30:00Z".parse().expect("an instant"),
        name: scene.name(0).await,
        notify_url: scene.url("/v1/callbacks/link"),
        success_redirect_url: None,
        failure_redirect_url: None,
    };
    let link = client.hosted_link(&request).await.expect("a link");
    let (_, token) = link.url.rsplit_once('/').expect("a token");
    let finish = scene
        .desk
        .client
        .post(format!("{}/control/links/{token}", provider.base()));
    let finished = finish.json(&json!({})).send().await.expect("finish it");
    assert!(finished.status().is_success(), "{}", finished.status());
    let came = "select count(*) from relink.provider_events where kind = 'callback' and message = 'CREATION_SUCCESS'";
    eventually("the callback comes in", SOON, async || {
        (scene.count(came).await == 1).then_some(())
    })
    .await;
    let idle = "select count(*) from relink.provider_events where (verdict = 'stored') <> (job_id is not null)";
    assert_eq!(scene.count(idle).await, 0);
}
