//! A TCP proxy before PostgreSQL that can swallow the answer to a COMMIT and cut the connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// CommandComplete with the tag `COMMIT`.
const COMMITTED: &[u8] = b"C\0\0\0\x0bCOMMIT\0";

/// The proxy; it ends with the test's runtime.
pub(crate) struct Proxy {
    url: String,
    armed: Arc<AtomicBool>,
    swallowed: Arc<AtomicBool>,
}

impl Proxy {
    /// Stands before the server of `url`.
    pub(crate) async fn start(url: &str) -> Self {
        let (before, rest) = url.split_once('@').expect("user@host");
        let (server, database) = rest.split_once('/').expect("host/database");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let own = listener.local_addr().expect("its address");
        let proxy = Self {
            url: format!("{before}@{own}/{database}?sslmode=disable"),
            armed: Arc::new(AtomicBool::new(false)),
            swallowed: Arc::new(AtomicBool::new(false)),
        };
        let (server, armed, swallowed) = (
            server.to_owned(),
            Arc::clone(&proxy.armed),
            Arc::clone(&proxy.swallowed),
        );
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let upstream = TcpStream::connect(&server).await.expect("the server");
                tokio::spawn(pass(
                    client,
                    upstream,
                    Arc::clone(&armed),
                    Arc::clone(&swallowed),
                ));
            }
        });
        proxy
    }

    pub(crate) fn url(&self) -> String {
        self.url.clone()
    }

    pub(crate) fn swallow_the_next_commit(&self) {
        self.armed.store(true, Ordering::SeqCst);
    }

    pub(crate) fn has_swallowed(&self) -> bool {
        self.swallowed.load(Ordering::SeqCst)
    }
}

async fn pass(
    client: TcpStream,
    server: TcpStream,
    armed: Arc<AtomicBool>,
    swallowed: Arc<AtomicBool>,
) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let up = tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut to_server).await });
    let mut bytes = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = from_server.read(&mut bytes).await {
        let answer = &bytes[..count];
        let commits = answer
            .windows(COMMITTED.len())
            .position(|window| window == COMMITTED);
        if let Some(start) = commits
            && armed.swap(false, Ordering::SeqCst)
        {
            // What came before the commit's answer arrives; it and everything after it does not.
            swallowed.store(true, Ordering::SeqCst);
            to_client.write_all(&answer[..start]).await.ok();
            break;
        }
        if to_client.write_all(answer).await.is_err() {
            break;
        }
    }
    up.abort();
}
