//! A TCP proxy in front of a server that holds what goes through it, per direction, or ends connections.

use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{broadcast, watch};
use tokio::task::JoinHandle;

/// What goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Everything.
    Open,
    /// Connections are accepted; nothing that a client says is read.
    HoldRequests,
    /// Requests arrive; nothing that the server says reaches a client.
    HoldAnswers,
}

/// The proxy; its connections end with it.
pub struct Gate {
    base: String,
    flow: watch::Sender<Flow>,
    cut: broadcast::Sender<()>,
    count: watch::Sender<usize>,
    server: watch::Sender<String>,
    task: JoinHandle<()>,
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.task.abort();
        self.cut();
    }
}

impl Gate {
    /// Stands before the server of `base`, an `http` URL.
    pub async fn before(base: &str) -> Self {
        let server = base.strip_prefix("http://").expect("http").to_owned();
        // Where no connection outward takes it while the gate is closed.
        let [port] = servers::free_ports().expect("a port");
        let own = format!("127.0.0.1:{port}");
        let listener = TcpListener::bind(&own).await.expect("its port");
        let mut gate = Self {
            base: format!("http://{own}"),
            flow: watch::channel(Flow::Open).0,
            cut: broadcast::channel(1).0,
            count: watch::channel(0).0,
            server: watch::channel(server).0,
            task: tokio::spawn(async {}),
        };
        gate.listen(listener);
        gate
    }

    fn listen(&mut self, listener: TcpListener) {
        let (count, cuts) = (self.count.clone(), self.cut.clone());
        let server = self.server.subscribe();
        let flow = self.flow.clone();
        self.task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                count.send_modify(|count| *count += 1);
                let server = server.borrow().clone();
                let (flows, mut cut) = (flow.subscribe(), cuts.subscribe());
                tokio::spawn(async move {
                    tokio::select! {
                        _ = cut.recv() => {}
                        () = pass(client, &server, flows) => {}
                    }
                });
            }
        });
    }

    /// Ends all connections, and lets the system refuse new ones.
    pub async fn close(&mut self) {
        self.task.abort();
        // It ended by the abort, or before it.
        (&mut self.task).await.ok();
        self.cut();
    }

    /// Takes connections again, where it took them before.
    pub async fn open(&mut self) {
        let own = self.base.strip_prefix("http://").expect("http");
        let listener = TcpListener::bind(own).await.expect("its port");
        self.listen(listener);
    }

    /// From now on new connections lead to the server of another `http` URL; those that stand stay where they are.
    pub fn lead_to(&self, base: &str) {
        let server = base.strip_prefix("http://").expect("http");
        self.server.send_replace(server.to_owned());
    }

    /// How many clients have connected since the start.
    pub fn connections(&self) -> usize {
        *self.count.borrow()
    }

    /// Its own URL.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// From now on that goes through, also on connections that stand.
    pub fn set(&self, flow: Flow) {
        self.flow.send_replace(flow);
    }

    /// Ends all connections as they are: what is held never arrives.
    pub fn cut(&self) {
        // Nobody is connected: then there is nothing to end.
        self.cut.send(()).ok();
    }

    /// Waits until so many clients have connected since the start.
    pub async fn connected(&self, count: usize, within: Duration) {
        let mut accepted = self.count.subscribe();
        tokio::time::timeout(within, accepted.wait_for(|seen| *seen >= count))
            .await
            .expect("a client connects")
            .expect("the proxy runs");
    }
}

async fn pass(client: TcpStream, server: &str, flows: watch::Receiver<Flow>) {
    let Ok(server) = TcpStream::connect(server).await else {
        return;
    };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::select! {
        () = copy(from_client, to_server, flows.clone(), Flow::HoldRequests) => {}
        () = copy(from_server, to_client, flows, Flow::HoldAnswers) => {}
    }
}

async fn copy(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut flows: watch::Receiver<Flow>,
    held_by: Flow,
) {
    let mut bytes = vec![0; 64 * 1024];
    loop {
        if held_by == Flow::HoldRequests && flows.wait_for(|flow| *flow != held_by).await.is_err() {
            return;
        }
        let Ok(count @ 1..) = from.read(&mut bytes).await else {
            return;
        };
        if flows.wait_for(|flow| *flow != held_by).await.is_err()
            || to.write_all(&bytes[..count]).await.is_err()
        {
            return;
        }
    }
}
