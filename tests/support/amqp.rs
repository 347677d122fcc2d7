//! A proxy in front of RabbitMQ that swallows acknowledgements, and knows for which queue they were.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// `basic.ack` and `basic.deliver`: class and method.
const ACK: [u8; 4] = [0, 60, 0, 80];
const DELIVER: [u8; 4] = [0, 60, 0, 60];

/// What the proxy saw.
#[derive(Debug, Default)]
struct Seen {
    /// Queues by connection, channel and delivery tag, of what was delivered.
    delivered: HashMap<(usize, u16, u64), String>,
    redelivered: Vec<String>,
    swallowed: Vec<String>,
}

/// The proxy; it ends with the test's runtime.
pub struct AckEater {
    url: String,
    seen: Arc<Mutex<Seen>>,
}

impl AckEater {
    /// Stands before the broker of `url` and lets no acknowledgement through, if it `eats`.
    pub async fn before(url: &str, eats: bool) -> Self {
        let (before, rest) = url.split_once('@').expect("user@host");
        let (server, vhost) = rest.split_once('/').expect("host/vhost");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let own = listener.local_addr().expect("its address");
        let seen = Arc::<Mutex<Seen>>::default();
        let (server, noted) = (server.to_owned(), Arc::clone(&seen));
        tokio::spawn(async move {
            for connection in 0.. {
                let Ok((client, _)) = listener.accept().await else {
                    return;
                };
                let Ok(upstream) = TcpStream::connect(&server).await else {
                    return;
                };
                tokio::spawn(pass(connection, client, upstream, Arc::clone(&noted), eats));
            }
        });
        Self {
            url: format!("{before}@{own}/{vhost}"),
            seen,
        }
    }

    /// Its own URL.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// Acknowledgements of a queue that never reached the broker.
    pub fn swallowed(&self, queue: &str) -> usize {
        count(&self.seen.lock().expect("no panic").swallowed, queue)
    }

    /// Messages of a queue that came again.
    pub fn redelivered(&self, queue: &str) -> usize {
        count(&self.seen.lock().expect("no panic").redelivered, queue)
    }
}

fn count(queues: &[String], queue: &str) -> usize {
    queues.iter().filter(|one| *one == queue).count()
}

async fn pass(
    connection: usize,
    client: TcpStream,
    server: TcpStream,
    seen: Arc<Mutex<Seen>>,
    eats: bool,
) {
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::select! {
        _ = upwards(connection, from_client, to_server, Arc::clone(&seen), eats) => {}
        _ = downwards(connection, from_server, to_client, seen) => {}
    }
}

async fn upwards(
    connection: usize,
    mut client: OwnedReadHalf,
    mut server: OwnedWriteHalf,
    seen: Arc<Mutex<Seen>>,
    eats: bool,
) -> std::io::Result<()> {
    // The protocol's name, before any frame.
    let mut name = [0; 8];
    client.read_exact(&mut name).await?;
    server.write_all(&name).await?;
    loop {
        let frame = read_frame(&mut client).await?;
        if let Some(arguments) = method(&frame, ACK).filter(|_| eats) {
            let tag = u64::from_be_bytes(arguments[..8].try_into().expect("eight bytes"));
            let mut seen = seen.lock().expect("no panic");
            let queue = seen
                .delivered
                .get(&(connection, channel(&frame), tag))
                .cloned();
            seen.swallowed.push(queue.unwrap_or_default());
            continue;
        }
        server.write_all(&frame).await?;
    }
}

async fn downwards(
    connection: usize,
    mut server: OwnedReadHalf,
    mut client: OwnedWriteHalf,
    seen: Arc<Mutex<Seen>>,
) -> std::io::Result<()> {
    loop {
        let frame = read_frame(&mut server).await?;
        if let Some(arguments) = method(&frame, DELIVER) {
            note(
                &mut seen.lock().expect("no panic"),
                (connection, channel(&frame)),
                arguments,
            );
        }
        client.write_all(&frame).await?;
    }
}

/// Consumer tag, delivery tag, redelivered, exchange, routing key: which is the queue's name.
fn note(seen: &mut Seen, (connection, channel): (usize, u16), arguments: &[u8]) {
    let (_, rest) = short(arguments);
    let (tag, rest) = rest.split_at(8);
    let tag = u64::from_be_bytes(tag.try_into().expect("eight bytes"));
    let again = rest[0] != 0;
    let (_, rest) = short(&rest[1..]);
    let (key, _) = short(rest);
    let queue = String::from_utf8_lossy(key).into_owned();
    if again {
        seen.redelivered.push(queue.clone());
    }
    seen.delivered.insert((connection, channel, tag), queue);
}

fn short(bytes: &[u8]) -> (&[u8], &[u8]) {
    bytes[1..].split_at(usize::from(bytes[0]))
}

fn channel(frame: &[u8]) -> u16 {
    u16::from_be_bytes([frame[1], frame[2]])
}

/// The arguments of a frame that calls that method.
fn method(frame: &[u8], which: [u8; 4]) -> Option<&[u8]> {
    (frame[0] == 1 && frame.get(7..11)? == which).then(|| &frame[11..])
}

async fn read_frame(from: &mut OwnedReadHalf) -> std::io::Result<Vec<u8>> {
    let mut frame = vec![0; 7];
    from.read_exact(&mut frame).await?;
    let size = u32::from_be_bytes([frame[3], frame[4], frame[5], frame[6]]);
    frame.resize(7 + usize::try_from(size).expect("a size") + 1, 0);
    from.read_exact(&mut frame[7..]).await?;
    Ok(frame)
}
