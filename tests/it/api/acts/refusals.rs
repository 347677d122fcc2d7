//! Acts that are refused, and who hears of them.

use super::{ADA, Acts};
use crate::api::told;
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

#[tokio::test]
async fn r_del_5_a_refused_act_over_http_alerts_and_a_refused_dry_run_does_not() {
    let acts = Acts::of(1).await;
    let nobody = Uuid::nil();
    for (path, status, field, why) in [
        (
            "/v1/flags/nonsense",
            422,
            "flag",
            "there is no such flag: \"nonsense\" is none of removals",
        ),
        (
            "/v1/flags/removals",
            422,
            "for",
            "a flag lives at most 4h, not 5h",
        ),
    ] {
        let before = (acts.rows().await, told(&acts.ground.owner).await);
        let dry = json!({ "for": "5h", "reason": "x", "dry_run": true });
        acts.asks(ADA, &Method::POST, path, dry.clone())
            .await
            .problem(status);
        assert_eq!(acts.rows().await, before.0, "a dry run is told to nobody");
        let mut meant = dry;
        meant["dry_run"] = json!(false);
        if field == "flag" {
            meant["for"] = json!("1h");
        }
        let answer = acts.asks(ADA, &Method::POST, path, meant).await;
        assert!(answer.problem(status).contains(why), "{}", answer.body);
        assert_eq!(answer.text("field"), field);
        assert_eq!(told(&acts.ground.owner).await, before.1 + 1);
    }
    let path = format!("/v1/removals/{nobody}");
    let missing = acts
        .asks(ADA, &Method::DELETE, &path, json!({ "reason": "x" }))
        .await;
    assert!(
        missing.problem(404).contains("there is no removal"),
        "{}",
        missing.body
    );
    let who = "select count(*) from relink.admin_alerts where code = 'removal_act_refused' and detail ->> 'who' = 'ada'";
    assert_eq!(acts.ground.number(who).await, 3);
    let log = acts.desk.process.log();
    let lines = log.lines().filter(|it| it.contains("[SENSITIVE-OP]"));
    assert_eq!(lines.count(), 5, "each attempt has its line");
}
