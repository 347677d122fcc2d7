//! Requests with one key at the same time, and processes that die before they answer.

use super::{LATCH, PAUSES, REPLAYED, Scene, pause};
use crate::api::{Answer, Desk, SOON};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use tests::eventually::eventually;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio_postgres::Client;
use uuid::Uuid;

/// Backends of this database that wait for a lock.
const WAITING: &str = "select pid from pg_stat_activity
                        where datname = current_database() and wait_event_type = 'Lock'";

#[tokio::test]
async fn r_api_2_thirty_two_requests_with_one_key_do_one_act() {
    let scene = Scene::new().await;
    let (post, key) = ((&Method::POST, PAUSES), Uuid::now_v7().to_string());
    let body = pause("a race");
    let mut done: Vec<Answer> = vec![];
    for round in ["at once", "again"] {
        let asked = (0..32).map(|_| scene.asks(post, &key, &body));
        for answer in join_all(asked).await {
            match answer.status.as_u16() {
                200 => done.push(answer),
                409 => {
                    assert_eq!(round, "at once", "nobody runs any more");
                    answer.problem(409);
                    assert_eq!(answer.header("retry-after"), "1");
                }
                other => panic!("{other}: {}", answer.body),
            }
        }
        assert!(!done.is_empty(), "whoever takes the key goes on");
    }
    let first = &done[0].body;
    assert!(done.iter().all(|it| it.body == *first), "all say the same");
    let firsts = done.iter().filter(|it| it.header(REPLAYED).is_empty());
    assert_eq!(firsts.count(), 1);
    assert_eq!(scene.count("pauses").await, 1);
    assert_eq!(scene.count("idempotency_keys").await, 1);
}

/// Who else asks is answered at once, while the first waits for a row; what is rolled back was never asked for.
#[tokio::test]
async fn r_api_2_others_are_told_while_the_first_runs_and_a_rollback_frees_the_key() {
    let scene = Scene::new().await;
    let trip = (&Method::POST, LATCH);
    let (key, body) = (Uuid::now_v7().to_string(), json!({ "reason": "mine" }));
    let holder = scene.database.owner().await;
    let hold = "begin; select only_row from relink.removal_latch for update";
    for end in ["killed", "done"] {
        holder.batch_execute(hold).await.expect("hold the row");
        let others = async {
            let running = waiting(&scene.owner).await;
            let same = scene.asks(trip, &key, &body).await;
            assert!(same.problem(409).contains("under way"), "{}", same.body);
            assert_eq!(same.header("retry-after"), "1");
            let other = json!({ "reason": "another" });
            let other = scene.asks(trip, &key, &other).await;
            assert_eq!(other.problem(422), "this key is another request's");
            let route = scene.asks((&Method::DELETE, LATCH), &key, &body).await;
            route.problem(422);
            if end == "killed" {
                let kill = "select pg_terminate_backend($1)";
                scene.owner.execute(kill, &[&running]).await.expect("kill");
            } else {
                holder.batch_execute("commit").await.expect("let go");
            }
        };
        let (first, ()) = tokio::join!(scene.asks(trip, &key, &body), others);
        if end == "killed" {
            first.problem(503);
            holder.batch_execute("rollback").await.expect("let go");
            assert_eq!(scene.count("idempotency_keys").await, 0);
        } else {
            assert_eq!(first.is(200).header(REPLAYED), "", "a first try");
            let again = scene.asks(trip, &key, &body).await;
            assert_eq!(again.is(200).body, first.body);
            assert_eq!(again.header(REPLAYED), "true");
        }
    }
}

async fn waiting(owner: &Client) -> i32 {
    eventually("the first waits", SOON, || async {
        let rows = owner.query(WAITING, &[]).await.expect("look");
        rows.first().map(|row| row.get(0))
    })
    .await
}

/// The client hears nothing: its connection is gone, and so is the process, killed after the commit.
#[tokio::test]
async fn r_api_2_an_act_whose_answer_was_lost_is_answered_by_another_process() {
    let mut scene = Scene::new().await;
    let (key, body) = (Uuid::now_v7().to_string(), pause("unheard").to_string());
    let address = scene.desk.ops.strip_prefix("http://").expect("http");
    let head = format!(
        "POST {PAUSES} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\nidempotency-key: {key}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        scene.ada,
        body.len()
    );
    let mut deaf = TcpStream::connect(address).await.expect("connect");
    deaf.write_all(head.as_bytes()).await.expect("ask");
    let committed = eventually("it is committed", SOON, || async {
        let is_kept = scene.count("idempotency_keys").await == 1;
        is_kept.then_some(())
    });
    committed.await;
    scene.desk.process.kill9().await;
    drop(deaf);
    scene.desk = Desk::over(&scene.database, &[]).await;
    let post = (&Method::POST, PAUSES);
    let answer = scene.asks(post, &key, &pause("unheard")).await;
    assert_eq!(answer.is(200).header(REPLAYED), "true");
    assert_eq!(answer.text("audit"), key);
    assert_eq!(scene.count("pauses").await, 1);
}
