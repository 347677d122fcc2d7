//! Ends of hosted links, as the provider and others tell them: kept before they are answered, once, and only when signed.

use super::{Answer, Desk, NO_RATE, SOON};
use futures_util::StreamExt as _;
use futures_util::stream;
use jiff::Timestamp;
use linking::{AttemptName, Keys};
use policy::ids::{AccountId, AttemptId, WorkspaceId};
use reqwest::Method;
use secrecy::SecretString;
use serde_json::{Value, json};
use tests::cast::Cast;
use tests::database::{Database, SUPERUSER};
use tests::links::{SECRETS_KEY, keys};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_postgres::Client as Sql;
use uuid::Uuid;

pub(super) const SECRET: &str = "webhook-secret-canary-of-now";
pub(super) const PREVIOUS: &str = "webhook-secret-canary-of-before";
/// In fields that nothing of ours may keep.
pub(super) const CANARY: &str = "owner-canary-3f9b21";

/// A desk whose links listener knows its callers, and accounts that wait for their first link, each with its attempt.
pub(super) struct Scene {
    pub(super) database: Database,
    pub(super) desk: Desk,
    pub(super) owner: Sql,
    waiting: Vec<(AccountId, AttemptId, WorkspaceId)>,
    keys: Keys,
}

impl Scene {
    /// With so many accounts that wait; `s-crowd-000` and `s-crowd-001` are linked.
    pub(super) async fn new(waiting: usize) -> Self {
        let database = Database::fresh().await;
        let at: Timestamp = "2026-01-05T08:00:00Z".parse().expect("an instant");
        let mut cast = Cast::new(at);
        cast.crowd(2);
        let second = cast.second_workspace();
        for number in 0..waiting {
            cast.waiting(&format!("waiting-{number}"), |it| {
                if number == 1 {
                    it.workspace = second;
                }
            });
        }
        let config = database.config(SUPERUSER);
        let planted = store::seed::plant(&config, &cast.fleet, at).await;
        planted.expect("plant it");
        let owner = database.owner().await;
        let begun = "update relink.link_attempts set started_at = relink.clock() - interval '1 minute',
            ends_at = relink.clock() + interval '24 hours', link_ends_at = relink.clock() + interval '29 minutes'";
        owner.execute(begun, &[]).await.expect("attempts of now");
        let waiting = cast.fleet.accounts.iter();
        let waiting = waiting.filter_map(|it| Some((it.id, it.attempt.as_ref()?.0, it.workspace)));
        let settings = [
            ("RELINK_WEBHOOK_SECRET", SECRET),
            ("RELINK_WEBHOOK_SECRET_PREVIOUS", PREVIOUS),
            NO_RATE,
        ];
        Self {
            desk: Desk::over(&database, &settings).await,
            waiting: waiting.collect(),
            keys: keys(),
            owner,
            database,
        }
    }

    pub(super) async fn name(&self, number: usize) -> String {
        self.name_by(&self.keys, number).await
    }

    async fn name_by(&self, keys: &Keys, number: usize) -> String {
        let (account, attempt, workspace) = self.waiting[number];
        let sql = "select ends_at from relink.link_attempts where id = $1";
        let row = self.owner.query_one(sql, &[&attempt.0]).await;
        keys.name(&AttemptName {
            attempt,
            account,
            workspace,
            name_ends_at: row.expect("the attempt").get(0),
        })
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.desk.webhooks)
    }

    pub(super) async fn tell(&self, body: Value) -> Answer {
        let url = self.url("/v1/callbacks/link");
        self.desk.ask(Method::POST, &url, "", Some(body)).await
    }

    pub(super) async fn count(&self, sql: &str) -> i64 {
        let row = self.owner.query_one(sql, &[]).await;
        row.unwrap_or_else(|error| panic!("{sql}: {error:?}"))
            .get(0)
    }

    pub(super) async fn events(&self) -> i64 {
        self.count("select count(*) from relink.provider_events")
            .await
    }

    pub(super) async fn jobs(&self) -> i64 {
        self.count("select count(*) from relink.jobs where kind = 'links.answer'")
            .await
    }
}

pub(super) fn success(name: &str, session: &str) -> Value {
    json!({ "status": "CREATION_SUCCESS", "account_id": session, "name": name,
        "connection_params": { "im": { "proxy": { "password": CANARY } } }, "email": CANARY })
}

#[expect(
    clippy::too_many_lines,
    reason = "one scene, one callback after another"
)]
#[tokio::test]
async fn r_lnk_2_a_callback_is_kept_once_with_one_job_and_then_answered_200() {
    let scene = Scene::new(4).await;
    let first = scene.name(0).await;
    let answer = scene.tell(success(&first, "s-new")).await;
    assert_eq!(answer.is(200).body, json!({}));
    let kept = "select e.kind, e.message, e.session_id, e.attempt_id, e.account_id, e.body, j.payload, j.workspace_id, j.account_id,
            j.queue, j.state::text, e.id
        from relink.provider_events e join relink.jobs j on j.id = e.job_id";
    let row = scene
        .owner
        .query_one(kept, &[])
        .await
        .expect("one event, one job");
    let (account, attempt, workspace) = scene.waiting[0];
    let texts: [String; 3] = [row.get(0), row.get(1), row.get(2)];
    assert_eq!(texts, ["callback", "CREATION_SUCCESS", "s-new"]);
    assert_eq!(
        (row.get::<_, Uuid>(3), row.get::<_, Uuid>(4)),
        (attempt.0, account.0)
    );
    let body = json!({ "status": "CREATION_SUCCESS", "account_id": "s-new" });
    assert_eq!(row.get::<_, Value>(5), body);
    assert_eq!(
        row.get::<_, Value>(6),
        json!({ "event": row.get::<_, Uuid>(11) })
    );
    assert_eq!(
        (row.get::<_, Uuid>(7), row.get::<_, Uuid>(8)),
        (workspace.0, account.0)
    );
    assert_eq!(
        (row.get::<_, &str>(9), row.get::<_, &str>(10)),
        ("watches", "waiting")
    );

    // The same again, and by sixty-four at once: one each.
    scene.tell(success(&first, "s-new")).await.is(200);
    let second = scene.name(1).await;
    let calls = (0..64).map(|_| scene.tell(success(&second, "s-second")));
    let answers: Vec<Answer> = stream::iter(calls).buffer_unordered(32).collect().await;
    for answer in &answers {
        answer.is(200);
    }
    assert_eq!((scene.events().await, scene.jobs().await), (2, 2));
    // Another word of the same session is other news; a failure names no session, and uses no name.
    let again = json!({ "status": "RECONNECTED", "account_id": "s-new", "name": first });
    scene.tell(again).await.is(200);
    let third = scene.name(2).await;
    scene
        .tell(json!({ "status": "CREATION_FAIL", "account_id": null, "name": third }))
        .await
        .is(200);
    scene.tell(success(&third, "s-third")).await.is(200);
    assert_eq!((scene.events().await, scene.jobs().await), (5, 5));

    // A used name with another session: told to people once it happened, and nothing to do.
    for _ in 0..2 {
        scene.tell(success(&first, "s-other")).await.problem(409);
    }
    let replayed =
        "select count(*) from relink.provider_events where verdict = 'replayed' and job_id is null";
    assert_eq!(scene.count(replayed).await, 1);
    let told =
        "select sum(times)::bigint from relink.admin_alerts where code = 'callback_replayed'";
    assert_eq!(scene.count(told).await, 1);
    scene.tell(success(&first, "s-new")).await.is(200);

    // A name past its end binds nothing, and is worth a look.
    let late = scene.name(3).await;
    let past =
        "update relink.link_attempts set ends_at = started_at + interval '1 second' where id = $1";
    let (ended, before) = (scene.waiting[3].1.0, scene.jobs().await);
    scene.owner.execute(past, &[&ended]).await.expect("end it");
    scene.tell(success(&late, "s-late")).await.problem(401);
    let late = scene.name(3).await;
    scene.tell(success(&late, "s-late")).await.problem(410);
    scene.tell(success(&late, "s-late")).await.problem(410);
    let late =
        "select count(*) from relink.provider_events where verdict = 'late' and job_id is not null";
    assert_eq!(
        (scene.count(late).await, scene.jobs().await),
        (1, before + 1)
    );
}

#[expect(clippy::too_many_lines, reason = "a list, one forgery an entry")]
#[tokio::test]
async fn r_lnk_2_what_is_not_a_signed_callback_is_refused_and_changes_nothing() {
    let scene = Scene::new(2).await;
    let good = scene.name(0).await;
    let (head, mac) = good.rsplit_once('.').expect("a name");
    let other = scene.name(1).await;
    let (_, other_mac) = other.rsplit_once('.').expect("a name");
    let strange =
        Keys::parse(&SecretString::from(SECRETS_KEY.replace('6', "5")), None).expect("a key");
    let nobody = scene.keys.name(&AttemptName {
        attempt: AttemptId(Uuid::now_v7()),
        account: scene.waiting[0].0,
        workspace: scene.waiting[0].2,
        name_ends_at: Timestamp::UNIX_EPOCH,
    });
    // Every letter of the code counts, the last ones, too.
    let bent = |at: usize| {
        let other = if mac[at..].starts_with('A') { "B" } else { "A" };
        format!("{head}.{}{other}{}", &mac[..at], &mac[at + 1..])
    };
    let mut refused = 0;
    for (status, body) in [
        (401, success(&bent(0), "s").to_string()),
        (401, success(&bent(8), "s").to_string()),
        (401, success(&bent(20), "s").to_string()),
        (
            401,
            success("", "s")
                .to_string()
                .replace("\"name\":\"\"", "\"name\":\"x\""),
        ),
        (
            401,
            success(&format!("{head}.{other_mac}"), "s").to_string(),
        ),
        (
            401,
            success(&good.replacen("r1.", "r2.", 1), "s").to_string(),
        ),
        (401, success(&format!("{good}A"), "s").to_string()),
        (
            401,
            success(&format!("{head}.{}", &mac[1..]), "s").to_string(),
        ),
        (
            401,
            success(&scene.name_by(&strange, 0).await, "s").to_string(),
        ),
        (404, success(&nobody, "s").to_string()),
        (400, success("", "s").to_string()),
        (400, success(&good, "a b").to_string()),
        (400, json!({ "name": good, "account_id": "s" }).to_string()),
        (
            400,
            json!({ "name": good, "status": "it went well" }).to_string(),
        ),
        (
            400,
            json!({ "name": [good], "status": "RECONNECTED" }).to_string(),
        ),
        (400, String::new()),
        (400, "null".to_owned()),
        (400, "[".repeat(65_536)),
        (413, " ".repeat(65_537)),
    ] {
        let url = scene.url("/v1/callbacks/link");
        let answer = scene
            .desk
            .sent(scene.desk.client.post(&url).body(body.clone()))
            .await;
        let detail = answer.problem(status);
        assert!(!detail.contains(&good), "{detail}");
        refused += 1;
    }
    for method in [Method::GET, Method::HEAD, Method::PUT, Method::DELETE] {
        let url = scene.url("/v1/callbacks/link");
        scene.desk.ask(method, &url, "", None).await.is(405);
    }
    assert_eq!(
        (refused, scene.events().await, scene.jobs().await),
        (19, 0, 0)
    );
    let untouched =
        "select count(*) from relink.link_attempts where session_id is null and closed_at is null";
    assert_eq!(scene.count(untouched).await, 2);
    // Any content type will do, and none; so will a name in a body that is longer than it need be.
    let url = format!("{}?k=query-canary", scene.url("/v1/callbacks/link"));
    let body = success(&good, "s").to_string();
    let padded = format!("{body}{}", " ".repeat(65_536 - body.len()));
    for (kind, body) in [("text/html", body), ("", padded)] {
        let request = scene
            .desk
            .client
            .post(&url)
            .header("content-type", kind)
            .body(body);
        scene.desk.sent(request).await.is(200);
    }
    assert_eq!(scene.events().await, 1);
    let log = scene.desk.process.log();
    for secret in [CANARY, "query-canary", good.as_str(), SECRETS_KEY] {
        assert!(!log.contains(secret), "the log has {secret}");
    }
    assert!(log.contains("/v1/callbacks/link"));
}

#[tokio::test]
async fn r_lnk_2_without_a_database_an_event_is_sent_again() {
    let settings = [
        ("RELINK_WEBHOOK_SECRET", SECRET),
        ("RELINK_API_READ_SECONDS", "1"),
    ];
    let away = "postgresql://relink_operator@127.0.0.1:1/relink?sslmode=disable";
    let desk = Desk::at(away, &settings).await;
    let name = keys().name(&AttemptName {
        attempt: AttemptId(Uuid::now_v7()),
        account: AccountId(Uuid::now_v7()),
        workspace: WorkspaceId(Uuid::now_v7()),
        name_ends_at: Timestamp::UNIX_EPOCH,
    });
    let url = |path: &str| format!("{}{path}", desk.webhooks);
    let status = json!({ "AccountStatus": { "account_id": "s", "account_type": "LINKEDIN", "message": "OK" } });
    let callback = desk
        .client
        .post(url("/v1/callbacks/link"))
        .json(&success(&name, "s"));
    let webhook = desk
        .client
        .post(url("/v1/webhooks/provider"))
        .header("unipile-auth", SECRET)
        .json(&status);
    for request in [callback, webhook] {
        let answer = desk.sent(request).await;
        answer.problem(503);
        assert_ne!(answer.header("retry-after"), "");
    }
    // A body that does not come holds nobody up.
    let address = desk.webhooks.strip_prefix("http://").expect("http");
    let mut slow = TcpStream::connect(address).await.expect("connect");
    let head = "POST /v1/callbacks/link HTTP/1.1\r\nhost: x\r\ncontent-length: 90\r\nconnection: close\r\n\r\n{";
    slow.write_all(head.as_bytes()).await.expect("write");
    let mut said = vec![];
    let read = tokio::time::timeout(SOON, slow.read_to_end(&mut said)).await;
    read.expect("an end").expect("read");
    let said = String::from_utf8_lossy(&said);
    assert!(said.starts_with("HTTP/1.1 408"), "{said}");
}
