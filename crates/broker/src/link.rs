//! One connection to the broker, from handshake to closed socket.

use crate::{BrokerError, Config, measure};
use futures_util::Stream;
use lapin::tcp::{AMQPUriTcpExt, AsyncTcpStream, OwnedTLSConfig};
use lapin::uri::{AMQPScheme, AMQPUri};
use lapin::{Channel, Connection, ConnectionProperties, Event};
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::time::timeout;

/// A polite goodbye gets this long; then the socket is shut.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// Bytes of a frame at most, unless the URL says otherwise. lapin keeps room for 32 of them in each direction of each
/// connection: with the broker's 128 KiB that is 8 MiB a queue and role, for doorbells of some KiB.
const FRAME_MAX: u32 = 16 * 1024;

/// A connection, and the handle that ends lapin's I/O thread whatever state that is in.
pub(crate) struct Link {
    connection: Connection,
    step_timeout: Duration,
    _socket: Socket,
}

/// Shuts the socket when dropped. lapin runs each connection on a thread of its own that, during the
/// handshake, ends only when the peer says something; a silent peer would cost a thread an attempt.
#[derive(Default)]
struct Socket(Arc<OnceLock<TcpStream>>);

impl Drop for Socket {
    fn drop(&mut self) {
        if let Some(stream) = self.0.get() {
            // An error here means that it is closed already, which is what is wanted.
            stream.shutdown(Shutdown::Both).ok();
        }
    }
}

impl Link {
    /// One attempt, over within `connect_timeout`. `role` names the connection in the broker's lists.
    pub(crate) async fn open(config: &Config, role: &'static str) -> Result<Self, BrokerError> {
        let mut uri = config.uri()?;
        uri.query.frame_max.get_or_insert(FRAME_MAX);
        let tls = config.tls().await?;
        let socket = Socket::default();
        let within = config.connect_timeout;
        let connection = timeout(within, dial(uri, tls, role, within, &socket))
            .await
            .map_err(|_| BrokerError::Timeout {
                attempted: "connect to the broker",
                within,
            })?
            .map_err(BrokerError::Connect)?;
        metrics::counter!(measure::CONNECTS, "role" => role).increment(1);
        Ok(Self {
            connection,
            step_timeout: within,
            _socket: socket,
        })
    }

    pub(crate) async fn channel(&self) -> Result<Channel, BrokerError> {
        self.step("open a channel", self.connection.create_channel())
            .await
    }

    /// Bounds one request on this connection by the time a connection may take.
    pub(crate) async fn step<T>(
        &self,
        attempted: &'static str,
        request: impl Future<Output = lapin::Result<T>>,
    ) -> Result<T, BrokerError> {
        Self::step_within(self.step_timeout, attempted, request).await
    }

    /// As [`Link::step`], for a request that may take longer than connecting.
    pub(crate) async fn step_within<T>(
        within: Duration,
        attempted: &'static str,
        request: impl Future<Output = lapin::Result<T>>,
    ) -> Result<T, BrokerError> {
        timeout(within, request)
            .await
            .map_err(|_| BrokerError::Timeout { attempted, within })?
            .map_err(|source| BrokerError::Channel { attempted, source })
    }

    pub(crate) fn events(&self) -> impl Stream<Item = Event> + Send + 'static {
        self.connection.events_listener()
    }

    pub(crate) fn connected(&self) -> bool {
        self.connection.status().connected()
    }

    /// Says goodbye when that is still possible; the socket is closed either way.
    pub(crate) async fn close(self) {
        if self.connected() {
            // Timed out or refused: the socket is shut next, and the broker requeues what it must.
            timeout(CLOSE_TIMEOUT, self.connection.close(200, "OK".into()))
                .await
                .ok();
        }
    }
}

async fn dial(
    uri: AMQPUri,
    tls: OwnedTLSConfig,
    role: &str,
    within: Duration,
    socket: &Socket,
) -> lapin::Result<Connection> {
    let runtime = lapin::runtime::default_runtime()?;
    let properties =
        ConnectionProperties::default().with_connection_name(format!("relink {role}").into());
    let seen = Arc::clone(&socket.0);
    Connection::connector(
        uri,
        runtime,
        async move |uri, runtime| {
            let plain = AMQPUri {
                scheme: AMQPScheme::AMQP,
                ..uri.clone()
            };
            let connect = async {
                let stream = plain
                    .connect_with_config_async(OwnedTLSConfig::default().as_ref(), &runtime)
                    .await?;
                if let AsyncTcpStream::Plain(stream) = &stream {
                    let handle = TcpStream::from(stream.get_ref().as_fd().try_clone_to_owned()?);
                    // With no listener on a port of the ephemeral range, a socket on loopback can reach
                    // itself, and would keep the broker from its own port.
                    if handle.local_addr()? == handle.peer_addr()? {
                        return Err(std::io::ErrorKind::ConnectionRefused.into());
                    }
                    seen.set(handle).ok();
                }
                match uri.scheme {
                    AMQPScheme::AMQP => Ok(stream),
                    AMQPScheme::AMQPS => stream.into_tls(&uri.authority.host, tls.as_ref()).await,
                }
            };
            // lapin polls this on its own thread: the caller's time-out does not reach it.
            let stream = timeout(within, connect)
                .await
                .map_err(std::io::Error::from)??;
            Ok(stream)
        },
        properties,
    )
    .await
}
