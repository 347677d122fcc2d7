//! Stands before the broker and does what networks do.

use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{broadcast, mpsc, watch};
use tokio::task::JoinHandle;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Pass,
    /// Passes all but `basic.ack` from the broker.
    EatConfirmations,
    /// Passes all but `basic.cancel` from the broker: nobody is told that a queue is gone, as in some clusters.
    EatCancellations,
    /// As a stopped broker: connections end at once.
    Refuse,
    /// Accepts, and never says a word.
    Hang,
}

pub(crate) struct Proxy {
    pub(crate) port: u16,
    mode: watch::Sender<Mode>,
    cut: broadcast::Sender<()>,
    frames: broadcast::Sender<Vec<u8>>,
    /// Hung connections that the client has closed.
    pub(crate) hung_up: watch::Receiver<u32>,
    /// Methods of class `basic` that clients have sent.
    said: Arc<Mutex<Vec<u16>>>,
    task: JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
        self.cut();
    }
}

impl Proxy {
    pub(crate) async fn before(address: String, mode: Mode) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let (mode, modes) = watch::channel(mode);
        let (cut, _) = broadcast::channel(8);
        let (frames, _) = broadcast::channel(8);
        let (hung, hung_up) = watch::channel(0);
        let (cuts, injected, hung) = (cut.clone(), frames.clone(), Arc::new(hung));
        let said = Arc::<Mutex<Vec<u16>>>::default();
        let noted = Arc::clone(&said);
        let task = tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.expect("accept");
                let mode = *modes.borrow();
                let (mut cut, frames, address) =
                    (cuts.subscribe(), injected.subscribe(), address.clone());
                let (hung, said) = (Arc::clone(&hung), Arc::clone(&noted));
                tokio::spawn(async move {
                    tokio::select! {
                        _ = cut.recv() => {}
                        () = serve(client, mode, address, frames, (hung, said)) => {}
                    }
                });
            }
        });
        Self {
            port,
            mode,
            cut,
            frames,
            hung_up,
            said,
            task,
        }
    }

    /// How often clients have sent this method of class `basic`.
    pub(crate) fn said(&self, method: u8) -> usize {
        let said = self.said.lock().expect("no panic");
        said.iter().filter(|it| **it == u16::from(method)).count()
    }

    pub(crate) fn set(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }

    /// Ends all connections as they are.
    pub(crate) fn cut(&self) {
        self.cut.send(()).ok();
    }

    /// Says something to all clients as if the broker had.
    pub(crate) fn inject(&self, frame: Vec<u8>) {
        self.frames.send(frame).expect("a connection");
    }
}

async fn serve(
    mut client: TcpStream,
    mode: Mode,
    address: String,
    frames: broadcast::Receiver<Vec<u8>>,
    (hung, said): (Arc<watch::Sender<u32>>, Arc<Mutex<Vec<u16>>>),
) {
    match mode {
        Mode::Refuse => {}
        Mode::Hang => {
            let mut heard = Vec::new();
            client.read_to_end(&mut heard).await.ok();
            hung.send_modify(|count| *count += 1);
        }
        Mode::Pass | Mode::EatConfirmations | Mode::EatCancellations => {
            let server = TcpStream::connect(address).await.expect("the broker");
            let (from_client, to_client) = client.into_split();
            let (from_server, to_server) = server.into_split();
            tokio::select! {
                _ = upwards(from_client, to_server, said) => {}
                _ = frame_by_frame(from_server, to_client, frames, mode) => {}
            }
        }
    }
}

/// Frame by frame, to note what is said.
async fn upwards(
    mut client: OwnedReadHalf,
    mut server: OwnedWriteHalf,
    said: Arc<Mutex<Vec<u16>>>,
) -> std::io::Result<()> {
    // The protocol's name, before any frame.
    let mut name = [0; 8];
    client.read_exact(&mut name).await?;
    server.write_all(&name).await?;
    loop {
        let frame = read_frame(&mut client).await?;
        if frame[0] == 1 && frame[7..10] == [0, 60, 0] {
            said.lock().expect("no panic").push(frame[10].into());
        }
        server.write_all(&frame).await?;
    }
}

/// Frame by frame, so that another can be put between two.
async fn frame_by_frame(
    mut server: OwnedReadHalf,
    mut client: OwnedWriteHalf,
    mut frames: broadcast::Receiver<Vec<u8>>,
    mode: Mode,
) -> std::io::Result<()> {
    let (whole, mut read) = mpsc::channel(64);
    let reading = async {
        loop {
            let frame = read_frame(&mut server).await?;
            if whole.send(frame).await.is_err() {
                return Ok(());
            }
        }
    };
    let writing = async {
        loop {
            let frame = tokio::select! {
                Ok(frame) = frames.recv() => frame,
                Some(frame) = read.recv() => frame,
            };
            let is = |method| frame[0] == 1 && frame[7..11] == [0, 60, 0, method];
            let is_eaten = match mode {
                Mode::EatConfirmations => is(80),
                Mode::EatCancellations => is(30),
                _ => false,
            };
            if !is_eaten {
                client.write_all(&frame).await?;
            }
        }
    };
    tokio::select! {
        ended = reading => ended,
        ended = writing => ended,
    }
}

async fn read_frame(from: &mut OwnedReadHalf) -> std::io::Result<Vec<u8>> {
    let mut frame = vec![0; 7];
    from.read_exact(&mut frame).await?;
    let size = u32::from_be_bytes([frame[3], frame[4], frame[5], frame[6]]) as usize;
    frame.resize(7 + size + 1, 0);
    from.read_exact(&mut frame[7..]).await?;
    Ok(frame)
}

/// `connection.blocked`, class 10 method 60.
pub(crate) fn blocked_frame() -> Vec<u8> {
    method_frame(60, b"\x0alow memory")
}

/// `connection.unblocked`, class 10 method 61.
pub(crate) fn unblocked_frame() -> Vec<u8> {
    method_frame(61, b"")
}

fn method_frame(method: u8, arguments: &[u8]) -> Vec<u8> {
    let size = u8::try_from(4 + arguments.len()).expect("short");
    let mut frame = vec![1, 0, 0, 0, 0, 0, size, 0, 10, 0, method];
    frame.extend_from_slice(arguments);
    frame.push(0xce);
    frame
}
