//! A database that takes its time to roll back, behind a proxy: what a refused claim had locked stays locked for a while.

use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What a client says that wants its transaction undone.
const UNDO: &[u8] = b"ROLLBACK\0";
/// Far longer than a claim takes.
const HELD: Duration = Duration::from_millis(300);

/// Stands before the server of `url`, as long as the test's runtime lasts, and passes each rollback on late; its own URL.
pub(super) async fn rolling_back_late(url: &str) -> String {
    let (before, rest) = url.split_once('@').expect("user@host");
    let (server, database) = rest.split_once('/').expect("host/database");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let own = listener.local_addr().expect("its address");
    let server = server.to_owned();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let upstream = TcpStream::connect(&server).await.expect("the server");
            tokio::spawn(pass(client, upstream));
        }
    });
    format!("{before}@{own}/{database}?sslmode=disable")
}

async fn pass(client: TcpStream, server: TcpStream) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let down = tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
    let mut bytes = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = from_client.read(&mut bytes).await {
        let said = &bytes[..count];
        if said.windows(UNDO.len()).any(|words| words == UNDO) {
            tokio::time::sleep(HELD).await;
        }
        if to_server.write_all(said).await.is_err() {
            break;
        }
    }
    down.abort();
}
