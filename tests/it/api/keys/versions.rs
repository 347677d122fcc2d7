//! `ETag` and `If-Match`: two changes that were made for one version do not overwrite each other.

use super::{ALL, Scene, workspace};
use crate::api::{Answer, operator, product};
use reqwest::{Method, RequestBuilder};
use serde_json::json;

#[tokio::test]
async fn r_api_2_settings_change_only_at_the_version_that_was_read() {
    let scene = Scene::new().await;
    let id = workspace(&scene.desk, &scene.ada, "One").await;
    let token = product(&scene.database, id).await;
    let url = scene.desk.product("/v1/workspace");
    let read = scene.desk.get(&url, &token).await;
    assert_eq!(read.is(200).header("etag"), "\"v1\"");
    let body = json!({ "settings": { "zone": "Asia/Tokyo" }, "reason": "moved" });
    let patch = || {
        let request = scene.desk.client.patch(&url);
        request.bearer_auth(&token).json(&body)
    };
    let send = async |request: RequestBuilder| -> Answer { scene.desk.sent(request).await };
    let unsaid = send(patch()).await;
    assert!(unsaid.problem(428).contains("If-Match"));
    let done = send(patch().header("if-match", "\"v1\"")).await;
    assert_eq!(done.is(200).body["version"], 2);
    for stale in ["\"v1\"", "\"v3\"", "W/\"v2\"", "\"mine\""] {
        let refused = send(patch().header("if-match", stale)).await;
        assert!(refused.problem(412).starts_with("version: "), "{stale}");
        assert_eq!(refused.header("etag"), "\"v2\"", "the one of now");
    }
    send(patch().header("if-match", "\"v1\", \"v2\""))
        .await
        .problem(422);
    send(patch().header("if-match", "*")).await.is(200);
    // A body says no version: the header does.
    let twice = json!({ "version": 3, "settings": { "zone": null }, "reason": "x" });
    let twice = patch().header("if-match", "*").json(&twice);
    assert_eq!(send(twice).await.text("field"), "version");
    // Said again with its key, a change is answered as it was, at whatever version.
    let keyed = || {
        patch()
            .header("if-match", "\"v3\"")
            .header("idempotency-key", "k")
    };
    let first = send(keyed()).await;
    assert_eq!(first.is(200).body["version"], 4);
    assert_eq!(send(keyed()).await.is(200).body, first.body);
    operators_may_say_it(&scene, &format!("/v1/workspaces/{id}")).await;
}

async fn operators_may_say_it(scene: &Scene, place: &str) {
    let bob = operator(&scene.database, "bob", &ALL).await;
    let url = scene.desk.ops(place);
    let read = scene.desk.get(&url, &bob).await;
    assert_eq!(read.is(200).header("etag"), "\"v4\"");
    let body = json!({ "settings": { "name": "Renamed" }, "reason": "x" });
    let patch = || {
        let request = scene.desk.client.patch(&url);
        request.bearer_auth(&bob).json(&body)
    };
    let stale = scene.desk.sent(patch().header("if-match", "\"v1\"")).await;
    stale.problem(412);
    assert_eq!(stale.header("etag"), "\"v4\"");
    let fits = scene.desk.sent(patch().header("if-match", "\"v4\"")).await;
    assert_eq!(fits.is(200).body["version"], 5);
    let whichever = scene
        .desk
        .ask(Method::PATCH, &url, &bob, Some(body.clone()))
        .await;
    assert_eq!(whichever.is(200).body["version"], 6);
}
