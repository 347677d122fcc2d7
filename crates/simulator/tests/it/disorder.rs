//! What a tidy provider would not do: lists in disorder, heavy accounts, answers that contradict each other, bursts.

use crate::rig::Rig;
use serde_json::{Value, json};
use simulator::control::{BurstView, Kind, LifeLine, NewSession};
use std::collections::BTreeSet;

/// Ids of the pages of a walk of at most so many.
async fn pages(rig: &Rig, limit: usize, most: usize) -> (Vec<Vec<String>>, BTreeSet<String>) {
    let (mut pages, mut cursors) = (vec![], BTreeSet::new());
    let mut query = format!("limit={limit}");
    while pages.len() < most {
        let page = rig.get(&format!("/api/v1/accounts?{query}")).await.json();
        let items = page["items"].as_array().expect("items");
        let id = |item: &Value| item["id"].as_str().expect("an id").to_owned();
        pages.push(items.iter().map(id).collect());
        let Some(cursor) = page["cursor"].as_str() else {
            break;
        };
        cursors.insert(cursor.to_owned());
        query = format!("limit={limit}&cursor={}", cursor.replace('=', "%3D"));
    }
    (pages, cursors)
}

#[tokio::test]
async fn r_wat_4_lists_repeat_leave_out_and_never_end_on_demand() {
    let rig = Rig::start().await;
    rig.post("/control/sessions", json!({ "count": 6 })).await;
    let all = pages(&rig, 6, 9).await.0.concat();
    let list = |mode: &'static str| {
        let rig = &rig;
        async move {
            rig.faults(json!({ "list": mode })).await;
            pages(rig, 2, 9).await
        }
    };
    let (shifting, _) = list("shifting").await;
    let again = shifting.concat();
    assert!(again.len() > 6 && BTreeSet::from_iter(&again).len() == 6);
    let (skipping, _) = list("skipping").await;
    assert_eq!(
        skipping.concat(),
        [0, 1, 3, 4].map(|it: usize| all[it].clone()),
        "the third and the sixth are on no page"
    );
    let (endless, cursors) = list("endless").await;
    assert_eq!((endless.concat(), cursors.len()), (all.clone(), 9));
    let (circling, cursors) = list("circling").await;
    assert_eq!(circling.concat(), [all.clone(), all.clone(), all].concat());
    assert_eq!(cursors.len(), 9, "none comes twice");
    let (_, cursors) = list("cursor_loop").await;
    assert_eq!(cursors.len(), 1);
}

#[tokio::test]
async fn r_wat_4_pages_are_as_heavy_as_asked_and_so_is_one_item() {
    let rig = Rig::start().await;
    let made = json!({ "count": 250, "kind": "GOOGLE" });
    rig.post("/control/sessions", made).await;
    let list = "/api/v1/accounts?limit=250";
    let usual = rig.get(list).await;
    assert!(
        (100_000..4 << 20).contains(&usual.text.len()),
        "{}",
        usual.text.len()
    );
    rig.post("/control/oddities", json!([{ "signature_bytes": 20_000 }]))
        .await;
    let heavy = rig.get(list).await.text.len();
    assert!(heavy > 4 << 20, "{heavy}");
    let id = usual.json()["items"][17]["id"].clone();
    let odd = json!([{}, { "session": id, "ballast_bytes": 5 << 20, "organizations": 3 }]);
    rig.post("/control/oddities", odd).await;
    let list = rig.get(list).await.json();
    let size = |number: usize| list["items"][number].to_string().len();
    assert!(size(17) > 5 << 20 && size(16) < 4 << 20);
}

#[tokio::test]
async fn accounts_hold_signatures_and_organisations_in_the_documented_shape() {
    let rig = Rig::start().await;
    for kind in ["LINKEDIN", "MAIL", "OUTLOOK"] {
        rig.post("/control/sessions", json!({ "count": 80, "kind": kind }))
            .await;
    }
    let list = rig.get("/api/v1/accounts?limit=250").await.json();
    let (mut signed, mut administering) = (0, 0);
    for item in list["items"].as_array().expect("items") {
        let signatures = item["signatures"].as_array().expect("signatures");
        for one in signatures {
            assert!(one["title"].is_string());
            assert!(
                one["content"]
                    .as_str()
                    .is_some_and(|it| it.starts_with('<'))
            );
        }
        let is_member = item["type"] == "LINKEDIN";
        assert_eq!(signatures.is_empty(), is_member);
        signed += signatures.len();
        let all = &item["connection_params"]["im"]["organizations"];
        for one in all.as_array().into_iter().flatten() {
            assert!(one["name"].is_string() && one["messaging_enabled"].is_boolean());
            assert!(one["organization_urn"].is_string() && one["mailbox_urn"].is_string());
            administering += 1;
        }
    }
    assert!(
        signed > 200 && administering > 20,
        "{signed} {administering}"
    );
}

#[tokio::test]
async fn r_st_3_the_own_profile_and_the_list_can_contradict_each_other() {
    let rig = Rig::start().await;
    let (refused, answered) = (rig.session().await, rig.session().await);
    rig.change(&answered, json!({ "health": "CREDENTIALS" }))
        .await;
    let odd = json!([
        { "session": refused, "me_health": "CREDENTIALS" }, { "session": answered, "me_health": "OK" },
    ]);
    rig.post("/control/oddities", odd).await;
    for (id, word, status) in [(&refused, "OK", 401), (&answered, "CREDENTIALS", 200)] {
        let account = rig.get(&format!("/api/v1/accounts/{id}")).await.json();
        assert_eq!(account["sources"][0]["status"], word);
        let me = rig.get(&format!("/api/v1/users/me?account_id={id}")).await;
        assert_eq!(me.status, status, "{}", me.text);
    }
}

#[tokio::test]
async fn a_connect_can_leave_a_second_session_of_the_same_person() {
    let rig = Rig::start().await;
    rig.faults(json!({ "second_session": "all" })).await;
    let body = json!({ "provider": "LINKEDIN", "access_token": "cookie" });
    let made = rig.post("/api/v1/accounts", body).await.json();
    let list = rig.get("/api/v1/accounts").await.json();
    let items = list["items"].as_array().expect("items");
    assert_eq!(items.len(), 2);
    assert_eq!(items[0]["id"], made["account_id"]);
    assert_ne!(items[1]["id"], made["account_id"]);
    let person = |item: &Value| item["connection_params"]["im"]["id"].clone();
    assert_eq!(person(&items[0]), person(&items[1]));
}

#[tokio::test]
async fn a_profile_without_its_slash_has_moved_and_nobody_saw_it() {
    let rig = Rig::start().await;
    let id = rig.session().await;
    let path = format!("/api/v1/users/ACo1?account_id={id}&notify=true");
    let moved = rig.get(&path).await;
    let to = format!("/api/v1/users/ACo1/?account_id={id}&notify=true");
    assert_eq!(moved.status, 301);
    assert_eq!(moved.headers["location"], to);
    assert!(rig.counts().await.effects.is_empty());
    assert_eq!(rig.get(&to).await.status, 200);
    assert_eq!(rig.counts().await.effects.len(), 1);
}

#[tokio::test]
async fn a_burst_takes_the_sessions_that_it_names_at_once() {
    let rig = Rig::start().await;
    let new = |workspace: &str| NewSession {
        kind: Kind::Outlook,
        workspace: Some(workspace.to_owned()),
        ..NewSession::default()
    };
    let all: Vec<NewSession> = (0..20).map(|it| new(["a", "b"][it % 2])).collect();
    let views = rig.sessions(&all).await;
    let burst = json!({ "cause": "admin", "share": 0.26, "kind": "OUTLOOK", "workspace": "a" });
    let answer = rig.post("/control/burst", burst.clone()).await;
    let burst_view: BurstView = serde_json::from_str(&answer.text).expect("a view");
    assert_eq!(
        (burst_view.cause.as_str(), burst_view.sessions.len()),
        ("admin", 3)
    );
    let lost = |id: &String| {
        views
            .iter()
            .any(|it| it.id == *id && it.workspace.as_deref() == Some("a"))
    };
    assert!(burst_view.sessions.iter().all(lost));
    assert_eq!(rig.counts().await.script.losses, 3);
    let nobody = json!({ "cause": "admin", "share": 1.0, "kind": "ICLOUD" });
    assert_eq!(rig.post("/control/burst", nobody).await.status, 409);
    let planned = json!({ "bursts": [{ "at_seconds": 0.0, "burst": burst }] });
    rig.post("/control/script", planned).await;
    rig.counted(|counts| counts.script.losses == 5).await;
}

#[tokio::test]
async fn r_ana_1_the_truth_about_lives_is_in_its_file_and_at_hand() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let path = file.path().to_owned();
    let rig = Rig::start_with(|config| {
        config.speed = 10_000.0;
        config.lives_file = Some(path);
    })
    .await;
    rig.post("/control/sessions", json!({ "count": 50 })).await;
    let lives = json!({
        "curves": [{ "kind": "LINKEDIN", "shape": 1.2, "scale_hours": 1.0 }],
        "recover_after_seconds": { "min": 60, "max": 600 },
    });
    rig.post("/control/script", json!({ "lives": lives })).await;
    rig.counted(|counts| counts.script.losses >= 20 && counts.script.reconnects >= 10)
        .await;
    let read = |text: &str| -> Vec<LifeLine> {
        text.lines()
            .map(|it| serde_json::from_str(it).expect("a life"))
            .collect()
    };
    let at_hand = read(&rig.get("/control/lives").await.text);
    let over = at_hand.iter().filter(|it| it.died.is_some()).count();
    assert!(over >= 20 && at_hand.len() >= 50, "{over}");
    rig.stop().await;
    let written = read(&std::fs::read_to_string(file.path()).expect("the file"));
    for life in at_hand.iter().filter(|it| it.died.is_some()) {
        assert!(written.contains(life), "{life:?}");
        let born = LifeLine {
            died: None,
            cause: None,
            ..life.clone()
        };
        assert!(written.contains(&born), "{life:?}");
    }
    for script in [
        json!({ "lives": { "curves": [{ "shape": 0.0, "scale_hours": 1.0 }] } }),
        json!({ "lives": { "aged_hours": -1.0 } }),
        json!({ "lives": { "clusters": { "per_day": 0.0 } } }),
        json!({ "bursts": [{ "at_seconds": -1.0 }] }),
    ] {
        let rig = Rig::start().await;
        let answer = rig.post("/control/script", script.clone()).await;
        assert_eq!(answer.status, 400, "{script}");
    }
}
