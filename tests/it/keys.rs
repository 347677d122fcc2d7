//! Keys in the database (R-API-2): acts that call outward hold theirs, and what is old goes.

use operations::keys::{ActKey, HOLD, KeptAnswer, KeyHold, KeyUse};
use operations::{Code, Refused};
use secrecy::SecretString;
use serde_json::json;
use std::time::Duration;
use store::Store;
use store::operators::{NewToken, Scope};
use tests::database::{Database, SUPERUSER};
use tokio_postgres::Client;
use uuid::Uuid;

const REASON: &str = "a test";

/// A database, an operator's token, and a store as the API has it.
struct Scene {
    store: Store,
    owner: Client,
    token: SecretString,
    _database: Database,
}

impl Scene {
    async fn new() -> Self {
        let database = Database::fresh().await;
        let (id, secret) = ("0123456789ab", "5e".repeat(32));
        let token = NewToken {
            id,
            secret: &secret,
            operator: "ada",
            scopes: &[Scope::Operate],
            workspace: None,
            life: Duration::from_hours(1),
        };
        store::operators::add(&database.config(SUPERUSER), &token, ("test", REASON))
            .await
            .expect("a token");
        Self {
            store: database.store("relink_operator"),
            owner: database.owner().await,
            token: SecretString::from(format!("rlo_{id}_{secret}")),
            _database: database,
        }
    }

    async fn begins(&self, key: &ActKey) -> Result<KeyUse, Refused> {
        KeyHold::begin(&self.store, &self.token, Scope::Operate, key).await
    }

    #[track_caller]
    fn held(begun: Result<KeyUse, Refused>) -> KeyHold {
        match begun.expect("not refused") {
            KeyUse::Held(hold) => hold,
            KeyUse::Answered(kept) => panic!("answered: {kept:?}"),
        }
    }

    /// Answers in a transaction; whether it was committed.
    async fn answers(&self, hold: &KeyHold, answer: &KeptAnswer) -> bool {
        let tx = self.store.begin().await.expect("begin");
        if hold.complete(&tx, answer).await.is_ok() {
            return tx.finish().await.is_ok();
        }
        tx.abandon().await;
        false
    }

    async fn sql(&self, sql: &str) {
        self.owner.batch_execute(sql).await.expect(sql);
    }

    async fn count(&self) -> i64 {
        let sql = "select count(*) from relink.idempotency_keys";
        self.owner.query_one(sql, &[]).await.expect("count").get(0)
    }
}

fn key(text: &str, body: &str) -> ActKey {
    let route = "POST /v1/accounts/{id}/reconnect";
    ActKey::of(text, route, &[body.as_bytes()]).expect("a key")
}

fn code(begun: Result<KeyUse, Refused>) -> Code {
    begun.expect_err("refused").code
}

#[tokio::test]
async fn r_api_2_a_held_key_outlives_a_call_and_is_answered_with_its_effect() {
    let scene = Scene::new().await;
    let (mine, other) = (key("k", "mine"), key("k", "other"));
    let answer = KeptAnswer {
        status: 201,
        body: json!({ "attempt": "a" }),
        subject: Some(Uuid::now_v7()),
    };
    let hold = Scene::held(scene.begins(&mine).await);
    assert_eq!(code(scene.begins(&mine).await), Code::KeyInUse);
    assert_eq!(code(scene.begins(&other).await), Code::KeyReused);
    // Given back: whoever comes next is the first, whatever he asks.
    hold.release(&scene.store).await.expect("release");
    let hold = Scene::held(scene.begins(&other).await);
    hold.release(&scene.store).await.expect("release");
    // Rolled back with its effect: the hold stands.
    let hold = Scene::held(scene.begins(&mine).await);
    let tx = scene.store.begin().await.expect("begin");
    hold.complete(&tx, &answer).await.expect("keep it");
    tx.abandon().await;
    assert_eq!(code(scene.begins(&mine).await), Code::KeyInUse);
    assert!(scene.answers(&hold, &answer).await);
    match scene.begins(&mine).await.expect("not refused") {
        KeyUse::Answered(kept) => assert_eq!(kept, answer),
        KeyUse::Held(_) => panic!("it was done"),
    }
    assert_eq!(code(scene.begins(&other).await), Code::KeyReused);
    assert_eq!(scene.count().await, 1);
}

#[tokio::test]
async fn r_api_2_a_cut_off_act_is_gone_on_with_and_its_late_end_refused() {
    let scene = Scene::new().await;
    let mine = key("k", "mine");
    let answer = |whose: &str| KeptAnswer {
        status: 201,
        body: json!({ "whose": whose }),
        subject: None,
    };
    let made = Uuid::now_v7();
    let tx = scene.store.begin().await.expect("begin");
    let by = (&scene.token, Scope::Operate);
    let late = Scene::held(KeyHold::begin_in(&tx, by, &mine, Some(made)).await);
    tx.finish().await.expect("commit");
    assert_eq!(late.cut_off(), None);
    assert_eq!(code(scene.begins(&mine).await), Code::KeyInUse);
    // Its process is gone, or so it seems.
    let over = format!(
        "update relink.idempotency_keys set held_until = held_until - interval '{} s'",
        HOLD.as_secs() + 1
    );
    scene.sql(&over).await;
    let hold = Scene::held(scene.begins(&mine).await);
    assert_eq!(hold.cut_off(), Some(made), "no second one is made");
    assert!(!scene.answers(&late, &answer("late")).await, "fenced");
    assert!(scene.answers(&hold, &answer("new")).await);
    match scene.begins(&mine).await.expect("not refused") {
        KeyUse::Answered(kept) => assert_eq!(kept, answer("new")),
        KeyUse::Held(_) => panic!("it was done"),
    }
}

#[tokio::test]
async fn r_api_2_keys_are_kept_for_two_days_and_then_go_a_few_at_a_time() {
    let scene = Scene::new().await;
    let text = Uuid::now_v7().to_string();
    let answer = KeptAnswer {
        status: 200,
        body: json!({}),
        subject: None,
    };
    let old = Scene::held(scene.begins(&key(&text, "mine")).await);
    assert_eq!(old.audit().to_string(), text);
    assert!(scene.answers(&old, &answer).await);
    let act =
        format!("select relink.note_operation('{text}', 'ada', 'test', '', 'a test', '{{}}')");
    scene.sql(&act).await;
    // Others as old, of another workspace.
    scene
        .sql(
            "insert into relink.idempotency_keys (workspace_id, key, route, fingerprint, audit, asked_at, status, answer)
             select gen_random_uuid(), 'k-' || n, 'x', sha256('x'), gen_random_uuid(), relink.clock(), 200, '{}'
               from generate_series(1, 24) n",
        )
        .await;
    let age = |hours: i32| {
        format!(
            "update relink.idempotency_keys set asked_at = relink.clock() - make_interval(hours => {hours})"
        )
    };
    scene.sql(&age(47)).await;
    assert!(matches!(
        scene.begins(&key(&text, "mine")).await,
        Ok(KeyUse::Answered(_))
    ));
    assert_eq!(
        code(scene.begins(&key(&text, "other")).await),
        Code::KeyReused
    );
    scene.sql(&age(49)).await;
    let again = Scene::held(scene.begins(&key(&text, "other")).await);
    assert_ne!(again.audit(), old.audit(), "no audit row has two acts");
    assert_eq!(scene.count().await, 15, "one of 25 is new, ten went");
    Scene::held(scene.begins(&key("next", "mine")).await);
    Scene::held(scene.begins(&key("after", "mine")).await);
    assert_eq!(scene.count().await, 3, "only the new ones");
}
