use crate::error::port_was_taken;
use crate::guard::Guard;
use crate::node::{Node, Ports, USER};
use crate::process::Process;
use crate::room::Room;
use crate::{Identity, ServerError, binaries, http};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::process::Command;
use tokio::time::timeout;

/// One of five ports may be taken between the look and the start.
const PORT_ATTEMPTS: u32 = 3;
/// `rabbitmqctl` costs half a second; on a loaded machine several.
const CTL_WITHIN: Duration = Duration::from_mins(1);

/// How a private RabbitMQ node differs from the usual one.
#[derive(Clone, Debug)]
pub struct RabbitMqOptions {
    /// Whether queues and messages stay when the node is stopped, for the next start in the same directory. Without
    /// it the node is killed instead of being shut down, which saves six seconds.
    pub keep_data: bool,
    /// Lines to add to `rabbitmq.conf`.
    pub configuration: String,
    /// How long the node may take until it serves.
    pub ready_within: Duration,
}

impl Default for RabbitMqOptions {
    fn default() -> Self {
        Self {
            keep_data: false,
            configuration: String::new(),
            ready_within: Duration::from_mins(2),
        }
    }
}

/// A private RabbitMQ node with a name service of its own. Dropping it stops both, blocking.
pub struct RabbitMq {
    // The order is the order of dropping: the node, its name service, their guard, the lock.
    pub(crate) process: Option<Process>,
    pub(crate) epmd: Option<Process>,
    pub(crate) bin: PathBuf,
    pub(crate) log: PathBuf,
    pub(crate) node: Node,
    pub(crate) options: RabbitMqOptions,
    _guard: Guard,
    pub(crate) room: Room,
}

impl RabbitMq {
    /// Starts a node that keeps everything in `dir`, and waits until it serves. Stops what an earlier run left behind
    /// there; refuses a directory that a living process owns.
    pub async fn start(dir: &Path, options: RabbitMqOptions) -> Result<Self, ServerError> {
        let bin = binaries::rabbitmq()?;
        let room = Room::enter(dir)?;
        let node = Node::new(room.path(), Ports::free()?)?;
        let guard = Guard::stand(&room)?;
        let log = room.path().join("log");
        let mut server = Self {
            process: None,
            epmd: None,
            bin,
            log,
            node,
            options,
            _guard: guard,
            room,
        };
        for _ in 1..PORT_ATTEMPTS {
            match server.launch().await {
                Err(ServerError::NotReady { .. }) if port_was_taken(&server.log) => {}
                other => return other.map(|()| server),
            }
            server.node.ports = Ports::free()?;
            drop(server.epmd.take());
        }
        server.launch().await.map(|()| server)
    }

    /// `amqp://user:password@127.0.0.1:port/vhost`; the vhost `/` is there from the start.
    pub fn amqp_url(&self, vhost: &str) -> String {
        let Node {
            password, ports, ..
        } = &self.node;
        format!(
            "amqp://{USER}:{password}@127.0.0.1:{}/{}",
            ports.amqp,
            http::escaped(vhost)
        )
    }

    /// `http://user:password@127.0.0.1:port`.
    pub fn management_url(&self) -> String {
        let Node {
            password, ports, ..
        } = &self.node;
        format!("http://{USER}:{password}@127.0.0.1:{}", ports.management)
    }

    /// `http://127.0.0.1:port/metrics`.
    pub fn metrics_url(&self) -> String {
        format!("http://127.0.0.1:{}/metrics", self.node.ports.prometheus)
    }

    /// The AMQP port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.node.ports.amqp
    }

    /// The node's process; `None` after [`RabbitMq::kill9`].
    pub fn identity(&self) -> Option<Identity> {
        self.process.as_ref().map(Process::identity)
    }

    /// What the node and its name service print.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Makes a vhost with full rights for the user; one that is there already stays as it is.
    pub async fn create_vhost(&self, vhost: &str) -> Result<(), ServerError> {
        self.manage(
            "PUT",
            &format!("/api/vhosts/{}", http::escaped(vhost)),
            &[201, 204],
        )
        .await
    }

    /// Deletes a vhost with its queues and messages. Leftover quorum queues exhaust the node's file handles.
    pub async fn delete_vhost(&self, vhost: &str) -> Result<(), ServerError> {
        self.manage(
            "DELETE",
            &format!("/api/vhosts/{}", http::escaped(vhost)),
            &[204, 404],
        )
        .await
    }

    /// Runs `rabbitmqctl` on this node, and returns what it prints. Half a second; the management interface is faster.
    pub async fn ctl(&self, arguments: &[&str]) -> Result<String, ServerError> {
        let what = || format!("run rabbitmqctl {}", arguments.join(" "));
        let mut command = Command::new(self.bin.join("rabbitmqctl"));
        command
            .args(arguments)
            .env_clear()
            .envs(self.node.environment())
            .current_dir("/")
            .kill_on_drop(true);
        let late = |_| ServerError::Refused {
            what: what(),
            answer: format!("no end within {CTL_WITHIN:?}"),
        };
        let output = timeout(CTL_WITHIN, command.output())
            .await
            .map_err(late)?
            .map_err(ServerError::io(what()))?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        if output.status.success() {
            return Ok(text(&output.stdout));
        }
        Err(ServerError::Refused {
            what: what(),
            answer: text(&output.stderr),
        })
    }

    /// Closes every AMQP connection from the broker's side, as an operator would.
    pub async fn close_all_connections(&self) -> Result<(), ServerError> {
        self.ctl(&["close_all_connections", "--global", "closed by an operator"])
            .await
            .map(drop)
    }

    /// Stops the node and its name service, then removes the data unless they are to be kept.
    pub async fn stop(mut self) {
        self.halt().await;
        if let Some(epmd) = self.epmd.take() {
            epmd.stop().await;
        }
    }

    /// Kills the node with `kill -9`. The data stay; connections break, and new ones are refused.
    pub async fn kill9(&mut self) {
        if let Some(process) = self.process.take() {
            process.kill().await;
        }
    }

    /// Starts the node again on the same ports and data; shuts it down in good order first if it runs.
    pub async fn restart(&mut self) -> Result<(), ServerError> {
        if let Some(process) = self.process.take() {
            process.stop().await;
        }
        self.launch().await
    }

    /// Loses the broker entirely: a new, empty node takes its place on the same ports, with the same user (R-JOB-4).
    pub async fn wipe_and_restart(&mut self) -> Result<(), ServerError> {
        self.kill9().await;
        self.node.wipe();
        self.launch().await
    }

    pub(crate) async fn manage(
        &self,
        method: &str,
        path: &str,
        wanted: &[u16],
    ) -> Result<(), ServerError> {
        let login = format!("{USER}:{}", self.node.password);
        let status = http::ask(self.node.ports.management, &login, method, path).await?;
        if wanted.contains(&status) {
            return Ok(());
        }
        Err(ServerError::Refused {
            what: format!("{method} {path} on the broker"),
            answer: format!("HTTP {status}"),
        })
    }

    async fn halt(&mut self) {
        if let Some(process) = self.process.take() {
            if self.options.keep_data {
                process.stop().await;
            } else {
                process.kill().await;
            }
        }
    }
}

impl Drop for RabbitMq {
    fn drop(&mut self) {
        drop(self.process.take());
        drop(self.epmd.take());
        if !self.options.keep_data {
            self.node.wipe();
            for part in ["home", "generated", "schema"] {
                drop(fs::remove_dir_all(self.room.path().join(part)));
            }
        }
    }
}
