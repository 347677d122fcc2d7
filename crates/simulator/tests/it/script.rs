//! Life scripts and rotation, in the simulator's time.

use crate::rig::{Ear, Rig};
use serde_json::json;
use simulator::control::{Act, Script, ScriptView, Step, Tally};

fn step(at_seconds: f64, session: &str, act: Act) -> Step {
    Step {
        at_seconds,
        session: session.to_owned(),
        act,
        ..Step::default()
    }
}

async fn view(rig: &Rig) -> ScriptView {
    serde_json::from_value(rig.get("/control/script").await.json()).expect("a script view")
}

#[tokio::test]
async fn a_script_plays_in_order_and_the_referee_counts_losses_and_reconnects() {
    let (rig, mut ear) = (
        Rig::start_with(|config| config.speed = 1_000.0).await,
        Ear::open(0).await,
    );
    rig.post(
        "/api/v1/webhooks",
        json!({ "source": "account_status", "request_url": ear.url }),
    )
    .await;
    let script = Script {
        // Not in order on purpose.
        steps: vec![
            step(400.0, "one", Act::Ok),
            step(100.0, "one", Act::Appear),
            step(300.0, "one", Act::Credentials),
            step(500.0, "one", Act::Gone),
            step(600.0, "nobody", Act::Gone),
            step(700.0, "one", Act::Ok),
        ],
        ..Script::default()
    };
    let answer = rig.post("/control/script", json!(script)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(
        ear.messages(4).await,
        ["CREATION_SUCCESS", "OK", "CREDENTIALS", "OK"]
    );
    let counts = rig.counted(|counts| counts.script.reconnects == 2).await;
    assert_eq!(
        counts.script,
        Tally {
            losses: 2,
            reconnects: 2,
            appeared: 1,
            gone: 1
        }
    );
    let view = view(&rig).await;
    assert_eq!(
        (
            view.steps_done,
            view.steps_without_effect,
            view.steps_waiting
        ),
        (6, 1, 0)
    );
    assert_eq!(rig.get("/api/v1/accounts/one").await.status, 200);
}

#[tokio::test]
async fn nothing_happens_before_its_time_and_a_new_script_replaces_the_old() {
    let rig = Rig::start().await;
    let late = Script {
        steps: vec![step(86_400.0, "never", Act::Appear)],
        ..Script::default()
    };
    rig.post("/control/script", json!(late)).await;
    assert_eq!(view(&rig).await.steps_waiting, 1);
    let soon = Script {
        steps: vec![step(0.0, "now", Act::Appear)],
        ..Script::default()
    };
    rig.post("/control/script", json!(soon)).await;
    rig.counted(|counts| counts.script.appeared == 1).await;
    assert_eq!(view(&rig).await.steps_waiting, 0);
    assert_eq!(rig.get("/api/v1/accounts/never").await.status, 404);
}

#[tokio::test]
async fn rotation_loses_sessions_and_their_owners_bring_them_back() {
    let rig = Rig::start_with(|config| config.speed = 10_000.0).await;
    rig.post("/control/sessions", json!({ "count": 50 })).await;
    let rotation =
        json!({ "rotate_per_hour": 120.0, "recover_after_seconds": { "min": 60, "max": 600 } });
    rig.post("/control/script", json!({ "rotation": rotation }))
        .await;
    rig.counted(|counts| counts.script.losses >= 20 && counts.script.reconnects >= 10)
        .await;
    // Rotation ends with its script; owners who are on their way still come.
    rig.post("/control/script", json!({})).await;
    let counts = rig
        .counted(|counts| counts.script.losses == counts.script.reconnects)
        .await;
    assert_eq!(counts.sessions_live, 50);
    let list = rig.get("/api/v1/accounts").await.json();
    let items = list["items"].as_array().expect("items");
    assert!(
        items
            .iter()
            .all(|item| item["sources"][0]["status"] == "OK")
    );
}

#[tokio::test]
async fn the_same_seed_rotates_the_same_sessions() {
    async fn victims(seed: u64) -> Vec<String> {
        let rig = Rig::start_with(|config| (config.seed, config.speed) = (seed, 1_000.0)).await;
        let mut ear = Ear::open(0).await;
        let hook = json!({ "source": "account_status", "request_url": ear.url, "events": ["credentials"] });
        rig.post("/api/v1/webhooks", hook).await;
        rig.post("/control/sessions", json!({ "count": 200 })).await;
        let rotation = json!({
            "rotate_per_hour": 60.0, "recover_after_seconds": { "min": 1, "max": 1 }, "never": "all",
        });
        rig.post("/control/script", json!({ "rotation": rotation }))
            .await;
        let mut ids = Vec::new();
        for _ in 0..16 {
            ids.push(ear.next().await.body["AccountStatus"]["account_id"].to_string());
        }
        ids
    }
    let (first, again, other) = (victims(5).await, victims(5).await, victims(6).await);
    // Lanes run side by side, so neighbours may arrive swapped, also about the last that is heard.
    let are_among = |heard: &[String]| first[..8].iter().all(|it| heard.contains(it));
    assert!(are_among(&again), "{first:?} {again:?}");
    assert!(!are_among(&other), "{first:?} {other:?}");
}

#[tokio::test]
async fn a_script_that_makes_no_sense_is_refused() {
    let rig = Rig::start().await;
    for (script, status) in [
        (
            json!({ "steps": [{ "at_seconds": -1.0, "session": "x", "do": "ok" }] }),
            400,
        ),
        (
            json!({ "rotation": { "rotate_per_hour": 0.0, "recover_after_seconds": { "min": 1, "max": 2 } } }),
            400,
        ),
        (
            json!({ "steps": [{ "at_seconds": 1.0, "session": "x", "do": "explode" }] }),
            422,
        ),
        (json!({ "step": [] }), 422),
    ] {
        assert_eq!(
            rig.post("/control/script", script.clone()).await.status,
            status,
            "{script}"
        );
    }
}
