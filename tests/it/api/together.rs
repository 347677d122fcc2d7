//! What comes at the same moment, and what is not committed: told by locks and rows, not by luck.

use super::callbacks::{SECRET, Scene, success};
use super::{Answer, SOON};
use futures_util::future::{BoxFuture, join_all};
use reqwest::Method;
use serde_json::{Value, json};
use tests::eventually::eventually;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_postgres::Client;

/// Backends of this database that wait for a lock.
const WAITING: &str = "select count(*) from pg_stat_activity
                        where datname = current_database() and wait_event_type = 'Lock'";

/// Asks all of them while nobody can write into that table, and lets go once every one of them waits: what they look at before
/// they write, they have looked at by then, unless they take turns.
pub(super) async fn at_once(
    (holder, owner): (&Client, &Client),
    table: &str,
    asked: Vec<BoxFuture<'_, Answer>>,
) -> Vec<Answer> {
    let count = i64::try_from(asked.len()).expect("a few");
    let hold = format!("begin; lock table relink.{table} in share mode");
    holder.batch_execute(&hold).await.expect("hold it");
    let released = async {
        eventually("each of them waits", SOON, || async {
            let row = owner.query_one(WAITING, &[]).await.expect("look");
            (row.get::<_, i64>(0) >= count).then_some(())
        })
        .await;
        holder.batch_execute("commit").await.expect("let go");
    };
    let (answers, ()) = tokio::join!(join_all(asked), released);
    answers
}

impl Scene {
    fn told(&self, body: Value) -> BoxFuture<'_, Answer> {
        Box::pin(self.tell(body))
    }

    fn hooked(&self, body: &Value) -> BoxFuture<'_, Answer> {
        let url = self.url("/v1/webhooks/provider");
        let request = self.desk.client.post(&url).header("unipile-auth", SECRET);
        Box::pin(self.desk.sent(request.body(body.to_string())))
    }
}

fn statuses(answers: &[Answer]) -> Vec<u16> {
    let mut all: Vec<u16> = answers.iter().map(|it| it.status.as_u16()).collect();
    all.sort_unstable();
    all
}

/// One name is good for one session, whoever is faster; twins are one event.
#[tokio::test]
async fn r_lnk_2_one_of_two_sessions_that_come_at_once_uses_the_name() {
    let scene = Scene::new(2).await;
    let holder = scene.database.owner().await;
    let by = (&holder, &scene.owner);
    let name = scene.name(0).await;
    let two = ["s-one", "s-other"].map(|session| scene.told(success(&name, session)));
    let answers = at_once(by, "provider_events", two.into()).await;
    assert_eq!(statuses(&answers), [200, 409]);
    let verdicts = "select string_agg(verdict, ' ' order by verdict) from relink.provider_events";
    let row = scene.owner.query_one(verdicts, &[]).await.expect("them");
    assert_eq!(row.get::<_, &str>(0), "replayed stored");
    assert_eq!(scene.jobs().await, 1);

    let (events, jobs) = (scene.events().await, scene.jobs().await);
    let name = scene.name(1).await;
    let twins = (0..2).map(|_| scene.told(success(&name, "s-twin")));
    let answers = at_once(by, "provider_events", twins.collect()).await;
    assert_eq!(statuses(&answers), [200, 200]);
    let lost =
        json!({ "AccountStatus": { "account_id": "s-crowd-000", "message": "CREDENTIALS" } });
    let twins = (0..2).map(|_| scene.hooked(&lost));
    let answers = at_once(by, "provider_events", twins.collect()).await;
    assert_eq!(statuses(&answers), [200, 200]);
    assert_eq!(
        (scene.events().await, scene.jobs().await),
        (events + 2, jobs + 2)
    );
}

/// Whoever sends too much hears that, also where all of it is under way before anybody reads: not that the connection broke.
#[tokio::test]
async fn r_lnk_2_a_body_that_is_too_long_is_refused_in_words() {
    let scene = Scene::new(0).await;
    for (listener, path, more) in [
        (&scene.desk.webhooks, "/v1/callbacks/link", String::new()),
        (
            &scene.desk.webhooks,
            "/v1/webhooks/provider",
            format!("unipile-auth: {SECRET}\r\n"),
        ),
    ] {
        let address = listener.strip_prefix("http://").expect("http");
        let body = "x".repeat(600_000);
        let length = body.len();
        let asked = format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\n{more}content-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        );
        let mut sender = TcpStream::connect(address).await.expect("connect");
        sender.write_all(asked.as_bytes()).await.expect("all of it");
        let mut said = vec![];
        let read = tokio::time::timeout(SOON, sender.read_to_end(&mut said)).await;
        read.expect("an end").expect("an answer");
        assert!(said.starts_with(b"HTTP/1.1 413"), "{path}");
    }
}

/// 200 is said of what is kept, and the commit may yet fail.
#[tokio::test]
async fn r_lnk_2_an_event_whose_commit_fails_is_sent_again() {
    let scene = Scene::new(1).await;
    let refusing = "create function public.refuse() returns trigger language plpgsql
            as $$ begin raise exception 'no commit today' using errcode = '40001'; end $$;
        create constraint trigger refuse after insert on relink.provider_events deferrable initially deferred
            for each row execute function public.refuse()";
    scene.owner.batch_execute(refusing).await.expect("refuse");
    let name = scene.name(0).await;
    let lost =
        json!({ "AccountStatus": { "account_id": "s-crowd-000", "message": "CREDENTIALS" } });
    let told = [scene.told(success(&name, "s-new")), scene.hooked(&lost)];
    for answer in join_all(told).await {
        answer.problem(503);
        assert_ne!(answer.header("retry-after"), "");
    }
    assert_eq!((scene.events().await, scene.jobs().await), (0, 0));
    let again = "drop trigger refuse on relink.provider_events";
    scene.owner.batch_execute(again).await.expect("again");
    let told = [scene.told(success(&name, "s-new")), scene.hooked(&lost)];
    for answer in join_all(told).await {
        answer.is(200);
    }
    assert_eq!((scene.events().await, scene.jobs().await), (2, 2));
    // The listener has no method but the provider's.
    let url = scene.url("/v1/webhooks/provider");
    for method in [Method::GET, Method::HEAD, Method::PUT] {
        scene.desk.ask(method, &url, "", None).await.is(405);
    }
}
