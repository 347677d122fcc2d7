//! How often each may ask, and how many at once.

use super::{Desk, operator};
use jiff::Timestamp;
use linking::PageTicket;
use policy::ids::AccountId;
use reqwest::Method;
use serde_json::json;
use store::operators::Scope;
use tests::database::Database;
use tests::links::keys;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use uuid::Uuid;

#[tokio::test]
async fn each_token_and_each_address_without_one_has_a_rate_of_its_own() {
    let database = Database::fresh().await;
    // One at once, the next after a minute: longer than this test.
    let desk = Desk::over(&database, &[("RELINK_API_RATE_PER_MINUTE", "1")]).await;
    let ada = operator(&database, "ada", &[Scope::Read]).await;
    let bob = operator(&database, "bob", &[Scope::Read]).await;
    let url = desk.ops("/v1/latch");
    let room = |answer: &super::Answer| {
        ["limit", "remaining", "reset"]
            .map(|it| answer.header(&format!("ratelimit-{it}")).to_owned())
    };
    let first = desk.get(&url, &ada).await;
    assert_eq!(room(first.is(200)), ["1", "0", "60"], "R-API-2");
    let again = desk.get(&url, &ada).await;
    again.problem(429);
    assert_eq!(room(&again), ["1", "0", "60"]);
    let wait: u64 = again.header("retry-after").parse().expect("seconds");
    assert!((1..=60).contains(&wait), "{wait}");
    desk.get(&url, &bob).await.is(200);
    // The address has its one left: it was given back to whoever turned out to be known.
    desk.get(&url, "").await.problem(401);
    desk.get(&url, "").await.problem(429);
    // What is no UTF-8 costs as much.
    desk.get(&desk.ops("/v1/accounts/%ff"), "")
        .await
        .problem(429);
    desk.get(&desk.ops("/v1/openapi.json"), "")
        .await
        .problem(429);
    desk.get(&desk.product("/v1/nothing"), "")
        .await
        .problem(429);
    // Guessing costs the address, not whoever's token is guessed at; and a new token must wait with it.
    let (head, _) = bob.rsplit_once('_').expect("a token");
    desk.get(&url, &format!("{head}_{}", "1f".repeat(32)))
        .await
        .problem(429);
    let eva = operator(&database, "eva", &[Scope::Read]).await;
    desk.get(&url, &eva).await.problem(429);
}

/// On the links listener whoever guesses at pages is held up, and each page by itself; the provider never is, behind whatever
/// address; and nothing of it costs products and operators a request.
#[tokio::test]
async fn r_lnk_2_guesses_at_pages_hold_up_neither_the_provider_nor_the_api() {
    let database = Database::fresh().await;
    let desk = Desk::over(&database, &[("RELINK_API_RATE_PER_MINUTE", "1")]).await;
    let at = |path: &str| format!("{}{path}", desk.webhooks);
    let ticket = |account| {
        keys().page(&PageTicket {
            account,
            episode: 0,
            step: PageTicket::OF_A_LINK,
            ends_at: Timestamp::UNIX_EPOCH,
        })
    };
    let guess = desk.client.get(at("/r/p1.guess"));
    assert_eq!(desk.sent(guess).await.status, 404);
    for (method, path) in [
        (Method::GET, "/r/p1.other"),
        (Method::POST, "/r/p1.other"),
        (Method::GET, "/r/p1.other/state"),
        (Method::GET, "/nothing"),
    ] {
        let again = desk.client.request(method, at(path));
        let again = desk.sent(again).await;
        assert_eq!(again.status, 429, "{path}");
        assert_ne!(again.header("retry-after"), "");
    }
    // A ticket that we signed has a rate of its own, also of an account that is gone.
    let (one, other) = (AccountId(Uuid::now_v7()), AccountId(Uuid::now_v7()));
    for (account, expected) in [(one, 404), (one, 429), (other, 404)] {
        let path = at(&format!("/r/{}", ticket(account)));
        let answer = desk.sent(desk.client.get(path)).await;
        assert_eq!(answer.status, expected, "{account}");
    }
    for _ in 0..5 {
        for path in ["/v1/callbacks/link", "/v1/webhooks/provider"] {
            let told = desk.client.post(at(path)).body("{}");
            let status = desk.sent(told).await.status;
            assert!(status == 400 || status == 401, "{path}: {status}");
        }
    }
    desk.get(&desk.product("/v1/workspace"), "")
        .await
        .problem(401);
}

#[tokio::test]
async fn one_request_too_many_is_told_to_come_back() {
    let database = Database::fresh().await;
    let token = operator(&database, "ada", &[Scope::Read, Scope::Remove]).await;
    let desk = Desk::over(&database, &[("RELINK_API_REQUESTS_MAX", "1")]).await;
    // A request whose body does not come holds the only slot.
    let address = desk.ops.strip_prefix("http://").expect("http");
    let head = format!(
        "POST /v1/latch HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\ncontent-length: 30\r\n\r\n"
    );
    let url = desk.product("/v1/nothing");
    // It may meet one of the other requests, and be refused itself: then the next one tries.
    let refusal = tests::eventually::eventually("the slot is taken", super::SOON, async || {
        let mut slow = TcpStream::connect(address).await.expect("connect");
        slow.write_all(head.as_bytes()).await.expect("write");
        for _ in 0..20 {
            let answer = desk.get(&url, "").await;
            if answer.status == 503 {
                return Some((slow, answer));
            }
        }
        None
    });
    let (mut slow, busy) = refusal.await;
    busy.problem(503);
    assert_eq!(busy.header("retry-after"), "2");
    slow.write_all(br#"{"reason":"x","dry_run": true}"#)
        .await
        .expect("write");
    let mut text = vec![0; 4096];
    let read = slow.read(&mut text).await.expect("an answer");
    assert!(
        text[..read].starts_with(b"HTTP/1.1 200"),
        "{}",
        String::from_utf8_lossy(&text)
    );
    let trip = json!({ "reason": "x", "dry_run": true });
    let answer = desk
        .ask(Method::POST, &desk.ops("/v1/latch"), &token, Some(trip))
        .await;
    answer.is(200);
}
