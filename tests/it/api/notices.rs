//! What owners were told, as operators list it over HTTP (R-LNK-7).

use super::{Desk, operator, product};
use serde_json::Value;
use store::operators::Scope;
use tests::interlock::Ground;
use tests::told::plant_notices;
use uuid::Uuid;

#[tokio::test]
async fn r_lnk_7_notices_are_listed_by_page_and_filter_without_an_address() {
    let ground = Ground::of(2).await;
    plant_notices(&ground).await;
    let desk = Desk::over(&ground.database, &[]).await;
    let token = operator(&ground.database, "rea", &[Scope::Read]).await;
    let get = async |query: &str| {
        let url = desk.ops(&format!("/v1/notices?{query}"));
        desk.get(&url, &token).await
    };
    let list = async |query: &str| {
        let page = get(query).await;
        let rows = page.is(200).body["rows"].as_array().expect("rows");
        assert!(!page.body.to_string().contains('@'), "{}", page.body);
        let said = rows.iter().map(|row| {
            let parts =
                ["account", "step", "state", "why", "smtp_code", "trouble"].map(|name| &row[name]);
            serde_json::to_string(&parts).expect("text")
        });
        (said.collect::<Vec<_>>(), page.body["next"].clone())
    };
    let waits = r#"["crowd-000","day_1","planned",null,535,"login"]"#;
    let sent = r#"["crowd-000","first","sent",null,250,null]"#;
    let failed = r#"["crowd-001","first","failed","undeliverable",550,null]"#;
    let (mut seen, mut next) = list("limit=2").await;
    assert_eq!(seen, [waits, sent], "the newest first");
    let (rest, end) = list(&format!(
        "limit=2&after={}",
        next.as_str().expect("a place")
    ))
    .await;
    seen.extend(rest);
    next = end;
    assert_eq!(
        (seen, next),
        (vec![waits.into(), sent.into(), failed.into()], Value::Null)
    );
    let (one, nobody) = (ground.accounts[1].0, Uuid::now_v7());
    for (query, wanted) in [
        ("state=failed".to_owned(), vec![failed]),
        ("step=first".to_owned(), vec![sent, failed]),
        ("step=first&state=sent".to_owned(), vec![sent]),
        (format!("account={one}"), vec![failed]),
        (format!("workspace={nobody}"), vec![]),
    ] {
        assert_eq!(list(&query).await.0, wanted, "{query}");
    }
    for wrong in [
        "state=lost",
        "step=9",
        "after=x",
        "limit=0",
        "limit=1001",
        "account=crowd-001",
        "who=x",
    ] {
        let refused = get(wrong).await;
        let status = refused.status.as_u16();
        assert!((400..=422).contains(&status), "{wrong}: {}", refused.body);
        refused.problem(status);
    }
    // Nothing of it is a product's: it would see other tenants.
    let workspace = "select id from relink.workspaces limit 1";
    let workspace = ground.owner.query_one(workspace, &[]).await;
    let product = product(&ground.database, workspace.expect("one").get(0)).await;
    desk.get(&desk.ops("/v1/notices"), &product)
        .await
        .problem(403);
    desk.get(&desk.product("/v1/notices"), &product)
        .await
        .problem(404);
    desk.get(&desk.ops("/v1/notices"), "").await.problem(401);
}
