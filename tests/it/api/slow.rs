//! Who sends slowly, too much, or nothing, does not hold the process.

use super::{Desk, operator};
use std::time::{Duration, Instant};
use store::operators::Scope;
use tests::database::Database;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const ENOUGH: Duration = Duration::from_secs(8);

/// What a connection that begins so is told until it is closed, and after how long.
async fn told(desk: &Desk, begins: &str) -> (String, Duration) {
    let address = desk.ops.strip_prefix("http://").expect("http");
    let mut connection = TcpStream::connect(address).await.expect("connect");
    let start = Instant::now();
    connection
        .write_all(begins.as_bytes())
        .await
        .expect("write");
    let mut text = vec![];
    let read = connection.read_to_end(&mut text);
    let ended = tokio::time::timeout(ENOUGH, read)
        .await
        .expect("it is closed");
    // A reset is an end, too.
    ended.ok();
    (String::from_utf8_lossy(&text).into_owned(), start.elapsed())
}

#[tokio::test]
async fn a_head_or_body_that_does_not_come_in_time_ends_the_connection() {
    let database = Database::fresh().await;
    let token = operator(&database, "ada", &[Scope::Read, Scope::Remove]).await;
    let settings = [
        ("RELINK_API_READ_SECONDS", "1"),
        ("RELINK_API_CONNECTIONS_MAX", "2"),
    ];
    let desk = Desk::over(&database, &settings).await;
    let head = format!(
        "POST /v1/latch HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n"
    );
    for (what, begins, says) in [
        ("nothing", String::new(), ""),
        (
            "half a head",
            "GET /v1/latch HTTP/1.1\r\nhost: x\r\n".to_owned(),
            "",
        ),
        ("a head without its end", head.clone(), ""),
        (
            "half a body",
            format!("{head}content-length: 90\r\nconnection: close\r\n\r\n{{\"reason\":"),
            "HTTP/1.1 408",
        ),
        (
            "an idle connection",
            "GET /v1/openapi.json HTTP/1.1\r\nhost: x\r\n\r\n".to_owned(),
            "HTTP/1.1 200",
        ),
    ] {
        let (text, took) = told(&desk, &begins).await;
        assert!(
            text.starts_with(says) && text.is_empty() == says.is_empty(),
            "{what}: {text}"
        );
        let range = Duration::from_millis(900)..ENOUGH;
        assert!(range.contains(&took), "{what}: {took:?}");
        println!("{what}: closed after {} ms", took.as_millis());
    }
    // A head that is too long, or has too many lines, is refused at once.
    for begins in [
        format!(
            "GET /v1/latch HTTP/1.1\r\nx: {}\r\n\r\n",
            "y".repeat(20_000)
        ),
        format!("GET /v1/latch HTTP/1.1\r\n{}\r\n", "x: y\r\n".repeat(80)),
    ] {
        let (text, _) = told(&desk, &begins).await;
        assert!(text.starts_with("HTTP/1.1 431"), "{text}");
    }
    // Two silent connections take both seats, and give them back.
    let address = desk.ops.strip_prefix("http://").expect("http");
    let start = Instant::now();
    let first = TcpStream::connect(address).await.expect("connect");
    let second = TcpStream::connect(address).await.expect("connect");
    desk.get(&desk.ops("/v1/latch"), &token).await.is(200);
    let waited = start.elapsed();
    assert!(Duration::from_millis(500) < waited, "{waited:?}");
    drop((first, second));
}
