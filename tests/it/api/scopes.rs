//! Who may ask what.

use super::{Desk, operator, product, token, told};
use api::Route;
use reqwest::Method;
use serde_json::json;
use std::time::Duration;
use store::operators::Scope;
use tests::database::SUPERUSER;
use tests::interlock::Ground;
use uuid::Uuid;

/// A path with an id that nobody has, or a run that never was, in the place of each name.
pub(super) fn filled(path: &str) -> String {
    let nobody = Uuid::nil().to_string();
    let parts = path.split('/').map(|part| match part {
        "{run}" => "1970-01-01T00:00:00Z",
        name if name.starts_with('{') => nobody.as_str(),
        part => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

/// Every route with where it is.
pub(super) fn routes(desk: &Desk) -> Vec<(String, Route)> {
    let ops = api::ops_routes().into_iter();
    let ops = ops.map(|route| (desk.ops(&filled(route.path)), route));
    let product = api::product_routes().into_iter();
    let product = product.map(|route| (desk.product(&filled(route.path)), route));
    ops.chain(product).collect()
}

/// One token of each scope; and what is no token, what nobody has, a guess at a secret, one that died, one revoked.
async fn tokens(ground: &mut Ground) -> ([(Scope, String); 5], [String; 6]) {
    let (database, hour) = (&ground.database, Duration::from_hours(1));
    let sql = "select id from relink.workspaces limit 1";
    let workspace = ground.owner.query_one(sql, &[]).await;
    let workspace: Uuid = workspace.expect("a workspace").get(0);
    let one = (Some(workspace), hour);
    let reads = token(database, "product reader", &[Scope::ProductRead], one).await;
    let rea = operator(database, "rea", &[Scope::Read]).await;
    let ope = operator(database, "ope", &[Scope::Operate]).await;
    let rem = operator(database, "rem", &[Scope::Remove]).await;
    let all = [Scope::Read, Scope::Operate, Scope::Remove];
    let short = token(database, "sho", &all, (None, Duration::from_secs(5))).await;
    let revoked = token(database, "rev", &all, (None, hour)).await;
    let owner = database.config(SUPERUSER);
    store::operators::revoke(&owner, "rev", ("test", "a test"))
        .await
        .expect("revoke it");
    let unknown = format!("rlo_{}_{}", "0a".repeat(6), "1f".repeat(32));
    let (head, _) = rea.rsplit_once('_').expect("a token");
    let guessed = format!("{head}_{}", "1f".repeat(32));
    let none = [String::new(), "rlo_x".to_owned()];
    let good = [
        (Scope::Product, product(database, workspace).await),
        (Scope::ProductRead, reads),
        (Scope::Read, rea),
        (Scope::Operate, ope),
        (Scope::Remove, rem),
    ];
    ground.later(10).await;
    let [empty, malformed] = none;
    (good, [empty, malformed, unknown, guessed, short, revoked])
}

#[tokio::test]
async fn r_aud_4_each_route_lets_in_its_scope_alone_and_names_the_one_that_lacks() {
    let mut ground = Ground::of(1).await;
    let (good, bad) = tokens(&mut ground).await;
    let desk = Desk::over(&ground.database, &[]).await;
    let (mut asked, mut let_in, mut refused_acts) = (0, 0, 0);
    for (url, route) in routes(&desk) {
        let is_act = route.method != Method::GET;
        // Without a reason: whoever is let in is told of that, and nothing is done.
        let body = is_act.then(|| json!({}));
        let mut said = vec![];
        for token in &bad {
            let answer = desk
                .ask(route.method.clone(), &url, token, body.clone())
                .await;
            answer.problem(401);
            assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"relink\"");
            let mut body = answer.body.clone();
            body["request_id"].take();
            said.push(body);
            asked += 1;
            // What could be no token is nobody's act.
            refused_acts += i64::from(is_act && token.len() > 10);
        }
        assert!(
            said.iter().all(|it| *it == said[0]),
            "all look the same: {said:?}"
        );
        for (scope, token) in &good {
            let answer = desk
                .ask(route.method.clone(), &url, token, body.clone())
                .await;
            asked += 1;
            if !scope.allows(route.scope) {
                let detail = answer.problem(403);
                assert_eq!(answer.body["scope"], route.scope.as_str());
                assert!(detail.contains(route.scope.as_str()), "{detail}");
                refused_acts += i64::from(is_act);
            } else if is_act {
                answer.problem(422);
                assert_eq!(answer.text("field"), "reason", "{}", route.path);
                let_in += 1;
            } else {
                let status = answer.status.as_u16();
                // A preview that lacks its question was let in, too.
                assert!([200, 404, 422].contains(&status), "{url}: {}", answer.body);
                let_in += 1;
            }
        }
    }
    assert_eq!(
        told(&ground.owner).await,
        refused_acts,
        "R-DEL-5: each refused act is told"
    );
    let acts = "select count(*) from relink.operator_audit where actor not in ('test', 'root')";
    assert_eq!(ground.number(acts).await, 0, "and nothing was done");
    println!("{asked} requests with 11 tokens: {let_in} let in, {refused_acts} refused acts told");

    let log = desk.process.log();
    assert!(log.contains("\"route\":\"/v1/flags/{name}\"") && log.contains("[SENSITIVE-OP]"));
    for token in good
        .iter()
        .map(|it| it.1.as_str())
        .chain(bad.iter().map(String::as_str))
        .filter(|it| it.len() > 10)
    {
        let secret = token.rsplit('_').next().expect("a secret");
        assert!(!log.contains(secret), "a token stands in the log");
    }
}

#[tokio::test]
async fn r_aud_4_a_token_that_is_revoked_is_refused_from_the_next_request_on() {
    let ground = Ground::of(1).await;
    let desk = Desk::over(&ground.database, &[]).await;
    let token = operator(&ground.database, "eva", &[Scope::Read]).await;
    desk.get(&desk.ops("/v1/flags"), &token).await.is(200);
    let tokens = desk.get(&desk.ops("/v1/tokens"), &token).await;
    let eva = tokens.is(200).body.as_array().expect("rows").iter();
    let eva = eva
        .clone()
        .find(|it| it["operator"] == "eva")
        .expect("her row");
    assert!(eva["last_used_at"].is_string(), "{eva}");
    assert!(eva["digest"].is_null() && eva["secret"].is_null(), "{eva}");
    let owner = ground.database.config(SUPERUSER);
    store::operators::revoke(&owner, "eva", ("test", "a test"))
        .await
        .expect("revoke it");
    desk.get(&desk.ops("/v1/flags"), &token).await.problem(401);
}
