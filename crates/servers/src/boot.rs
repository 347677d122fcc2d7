use crate::process::{Launch, Process, Stop};
use crate::{RabbitMq, ServerError, binaries};
use std::ffi::OsString;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

/// The node tells that it is ready by answering, not by an event.
const LOOK_EVERY: Duration = Duration::from_millis(100);

impl RabbitMq {
    /// Starts the name service, if it does not run, and the node, and waits until it serves.
    pub(crate) async fn launch(&mut self) -> Result<(), ServerError> {
        self.node.configure(&self.options.configuration)?;
        if self.epmd.is_none() {
            let port = self.node.ports.epmd.to_string();
            let arguments = ["-address", "127.0.0.1", "-port", &port]
                .map(Into::into)
                .to_vec();
            // Stopped after the node, which would miss it: hence the names.
            self.epmd = Some(self.spawn("2-epmd", binaries::epmd()?, arguments)?);
            self.epmd_ready().await?;
        }
        let mut process = self.spawn("1-rabbitmq", self.bin.join("rabbitmq-server"), Vec::new())?;
        self.ready(&mut process).await?;
        self.process = Some(process);
        Ok(())
    }

    fn spawn(
        &self,
        name: &'static str,
        program: PathBuf,
        arguments: Vec<OsString>,
    ) -> Result<Process, ServerError> {
        Process::spawn(Launch {
            room: &self.room,
            name,
            stop: Stop::Terminate,
            program,
            arguments,
            environment: self.node.environment(),
            user: None,
            log: &self.log,
        })
    }

    async fn epmd_ready(&mut self) -> Result<(), ServerError> {
        let deadline = Instant::now() + self.options.ready_within;
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.node.ports.epmd))
            .await
            .is_err()
        {
            if let Some(reason) = self.epmd.as_mut().and_then(Process::exited) {
                return Err(ServerError::not_ready("epmd", reason, &self.log));
            }
            self.in_time(deadline, "epmd")?;
            sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    async fn ready(&self, process: &mut Process) -> Result<(), ServerError> {
        let deadline = Instant::now() + self.options.ready_within;
        while !self.serves().await {
            if let Some(reason) = process.exited() {
                return Err(ServerError::not_ready("RabbitMQ", reason, &self.log));
            }
            self.in_time(deadline, "RabbitMQ")?;
            sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    fn in_time(&self, deadline: Instant, server: &'static str) -> Result<(), ServerError> {
        if Instant::now() <= deadline {
            return Ok(());
        }
        Err(ServerError::not_ready(
            server,
            format!("not ready within {:?}", self.options.ready_within),
            &self.log,
        ))
    }

    /// Both doors: the management interface knows the user, and the AMQP listener begins a conversation.
    async fn serves(&self) -> bool {
        self.manage("GET", "/api/whoami", &[200]).await.is_ok()
            && timeout(Duration::from_secs(1), greets(self.node.ports.amqp))
                .await
                .is_ok_and(|it| it.is_ok())
    }
}

async fn greets(port: u16) -> std::io::Result<()> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    stream.write_all(b"AMQP\x00\x00\x09\x01").await?;
    stream.read_u8().await.map(drop)
}
