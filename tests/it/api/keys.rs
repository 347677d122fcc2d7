//! `Idempotency-Key`: whatever becomes of a request, its act is done once (R-API-2).

mod races;
mod versions;

use super::{Answer, Desk, operator};
use reqwest::Method;
use serde_json::{Value, json};
use store::operators::Scope;
use tests::database::Database;
use tokio_postgres::Client;
use uuid::Uuid;

const ALL: [Scope; 3] = [Scope::Read, Scope::Operate, Scope::Remove];
const PAUSES: &str = "/v1/pauses";
const LATCH: &str = "/v1/latch";
const REPLAYED: &str = "idempotent-replayed";

/// An API over a database without a fleet, and an operator.
struct Scene {
    database: Database,
    desk: Desk,
    owner: Client,
    ada: String,
}

impl Scene {
    async fn new() -> Self {
        let database = Database::fresh().await;
        Self {
            desk: Desk::over(&database, &[]).await,
            owner: database.owner().await,
            ada: operator(&database, "ada", &ALL).await,
            database,
        }
    }

    /// Asks operators' listener as `ada`, with this key.
    async fn asks(&self, (method, path): (&Method, &str), key: &str, body: &Value) -> Answer {
        self.asks_as(&self.ada, (method, path), key, body).await
    }

    async fn asks_as(
        &self,
        token: &str,
        (method, path): (&Method, &str),
        key: &str,
        body: &Value,
    ) -> Answer {
        let request = self
            .desk
            .client
            .request(method.clone(), self.desk.ops(path));
        let request = request.bearer_auth(token).header("idempotency-key", key);
        self.desk.sent(request.json(body)).await
    }

    async fn count(&self, table: &str) -> i64 {
        let sql = format!("select count(*) from relink.{table}");
        self.owner.query_one(&sql, &[]).await.expect("count").get(0)
    }
}

/// Makes a workspace of this name; its id.
pub(super) async fn workspace(desk: &Desk, token: &str, name: &str) -> Uuid {
    let asked = json!({ "settings": { "name": name }, "reason": "a test" });
    let url = desk.ops("/v1/workspaces");
    let made = desk.ask(Method::POST, &url, token, Some(asked)).await;
    made.is(200).text("workspace").parse().expect("an id")
}

fn pause(reason: &str) -> Value {
    json!({ "scope": "everything", "for": "2h", "reason": reason })
}

#[tokio::test]
async fn r_api_2_a_key_answers_alike_and_its_act_is_done_once() {
    let scene = Scene::new().await;
    let (post, key) = ((&Method::POST, PAUSES), Uuid::now_v7().to_string());
    let first = scene.asks(post, &key, &pause("a test")).await;
    assert_eq!(first.is(200).header(REPLAYED), "");
    assert_eq!(first.text("audit"), key, "the key is the audit row's id");
    let eve = operator(&scene.database, "ada", &ALL).await;
    for token in [&scene.ada, &eve] {
        let again = scene.asks_as(token, post, &key, &pause("a test")).await;
        assert_eq!(again.is(200).body, first.body, "from each of her tokens");
        assert_eq!(again.header(REPLAYED), "true");
    }
    // Another body, another route, another person.
    let bob = operator(&scene.database, "bob", &ALL).await;
    let lifted = (&Method::DELETE, LATCH);
    let reason = json!({ "reason": "a test" });
    for other in [
        scene.asks(post, &key, &pause("another")).await,
        scene.asks(lifted, &key, &reason).await,
        scene.asks_as(&bob, post, &key, &pause("a test")).await,
    ] {
        let why = other.problem(422);
        assert_eq!(
            why,
            "this key was used for another request: POST /v1/pauses"
        );
    }
    assert_eq!(scene.count("pauses").await, 1);
    // The audit row names key and token, for good.
    let sql = "select actor, detail ->> 'key', detail ->> 'token' from relink.operator_audit where id = $1::text::uuid";
    let row = scene.owner.query_one(sql, &[&key]).await.expect("its row");
    let found: [String; 3] = [0, 1, 2].map(|nth| row.get(nth));
    let token = scene.ada.split('_').nth(1).expect("its id");
    assert_eq!(found, ["ada", &key, token], "R-AUD-4");
    // A text that is no UUID gets one of version 8, always the same for it.
    let plain = scene.asks(post, "order-7", &pause("seven")).await;
    let audit: Uuid = plain.is(200).text("audit").parse().expect("an id");
    assert_eq!(audit.get_version_num(), 8);
    assert_eq!(scene.count("pauses").await, 2);
}

#[tokio::test]
async fn r_api_2_what_was_refused_or_rehearsed_used_no_key() {
    let scene = Scene::new().await;
    let (trip, key) = ((&Method::POST, LATCH), "k-1");
    let kept = async || scene.count("idempotency_keys").await;
    // Rehearsed, mistyped, refused: the first try is yet to come.
    let rehearsed = json!({ "reason": "x", "dry_run": true });
    scene.asks(trip, key, &rehearsed).await.is(200);
    let mistyped = json!({ "reason": "x", "why": "y" });
    scene.asks(trip, key, &mistyped).await.problem(422);
    let missing = format!("{PAUSES}/{}", Uuid::nil());
    let gone = (&Method::DELETE, missing.as_str());
    let reason = json!({ "reason": "x" });
    scene.asks(gone, key, &reason).await.problem(404);
    assert_eq!(kept().await, 0);
    let done = scene.asks(trip, key, &reason).await;
    assert!(done.is(200).text("says").starts_with("tripped"));
    assert_eq!(done.header(REPLAYED), "");
    assert_eq!(kept().await, 1);
    // A rehearsal of what was done says what would be done now.
    let rehearsal = scene.asks(trip, key, &rehearsed).await;
    assert_eq!(rehearsal.is(200).body["done"], false);
    assert!(
        rehearsal
            .text("says")
            .starts_with("found the latch tripped")
    );
    for wrong in ["two words", "", &"k".repeat(256)] {
        let refused = scene.asks(trip, wrong, &reason).await;
        refused.problem(422);
        assert_eq!(refused.text("field"), "idempotency-key", "{wrong:?}");
    }
    assert_eq!(kept().await, 1);
}

/// Keys of two workspaces have nothing to do with each other, and tokens of one share theirs.
#[tokio::test]
async fn r_api_2_a_workspaces_tokens_share_its_keys_and_no_others() {
    let scene = Scene::new().await;
    let (desk, database) = (&scene.desk, &scene.database);
    let one = workspace(desk, &scene.ada, "One").await;
    let two = workspace(desk, &scene.ada, "Two").await;
    let key = Uuid::now_v7().to_string();
    let body = json!({ "settings": { "zone": "Asia/Tokyo" }, "reason": "moved" });
    let change = async |token: String| {
        let request = desk.client.patch(desk.product("/v1/workspace"));
        let request = request.bearer_auth(token).header("if-match", "*");
        desk.sent(request.header("idempotency-key", &key).json(&body))
            .await
    };
    let first = change(super::product(database, one).await).await;
    assert_eq!(first.is(200).text("audit"), key);
    let again = change(super::product(database, one).await).await;
    assert_eq!(again.is(200).body, first.body);
    assert_eq!(again.header(REPLAYED), "true");
    let other = change(super::product(database, two).await).await;
    assert_eq!(other.is(200).header(REPLAYED), "", "its own act");
    assert_eq!(other.body["version"], 2);
    let audit: Uuid = other.text("audit").parse().expect("an id");
    assert_eq!(audit.get_version_num(), 8, "that id is the first one's");
    let operators = scene
        .asks((&Method::POST, LATCH), &key, &json!({ "reason": "x" }))
        .await;
    assert_eq!(operators.is(200).header(REPLAYED), "");
    let sql = "select count(*) from relink.operator_audit where detail ->> 'key' = $1";
    let acts: i64 = scene
        .owner
        .query_one(sql, &[&key])
        .await
        .expect("count")
        .get(0);
    assert_eq!(acts, 3, "each once, and each by its token");
}
