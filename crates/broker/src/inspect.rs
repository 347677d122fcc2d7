//! What `relink doctor` asks RabbitMQ over AMQP. Nothing is declared, bound, taken or left behind.
//!
//! A queue that is there is declared again as we would: the broker compares and answers, and changes nothing. A queue
//! that is missing is only asked for. Whether we may publish is seen by a message that no queue takes: it comes back.

use crate::error::chain;
use crate::link::Link;
use crate::{BrokerError, Config, topology};
use futures_util::StreamExt;
use lapin::options::{
    BasicPublishOptions, ConfirmSelectOptions, ExchangeDeclareOptions, QueueDeclareOptions,
};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Confirmation, Event, ExchangeKind};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Nothing is ever bound with it.
const NOWHERE: &str = "relink.doctor.nowhere";
/// A broker under an alarm does not answer a publisher.
const PUBLISH_TIMEOUT: Duration = Duration::from_secs(3);
/// The greeting of a broker is a few hundred bytes.
const GREETING_MAX: usize = 64 * 1024;

/// Something of the topology, as the broker has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// `queue` or `exchange`.
    pub what: &'static str,
    /// With its prefix.
    pub name: String,
    /// How it is.
    pub state: PartState,
}

/// How a part of the topology is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartState {
    /// As we would declare it; of a queue what waits in it and who consumes, 0 for an exchange.
    Good {
        /// Messages that wait.
        ready: u32,
        /// Consumers registered.
        consumers: u32,
    },
    /// It is not there.
    Missing,
    /// It is there with other arguments or another type: in the broker's words.
    Different(String),
    /// The broker did not say.
    Refused(String),
}

/// Whether a message may be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Publishing {
    /// Ours came back, as it should.
    Good,
    /// The broker takes nothing now: it says why, if it does.
    Blocked(String),
    /// Anything else, in the broker's words.
    Refused(String),
}

/// A connection for looking.
pub struct Inspection {
    link: Link,
    prefix: String,
}

impl Inspection {
    /// Connects as publishers and consumers do, once.
    pub async fn start(config: &Config) -> Result<Self, BrokerError> {
        Ok(Self {
            link: Link::open(config, "doctor").await?,
            prefix: config.prefix.clone(),
        })
    }

    /// Both exchanges, the dead queue, and these queues.
    pub async fn topology(&self, queues: &[&str]) -> Result<Vec<Part>, BrokerError> {
        let full = |name: &str| topology::full_name(&self.prefix, name);
        let mut parts = vec![];
        for (name, kind) in [
            (topology::EXCHANGE, ExchangeKind::Direct),
            (topology::DEAD_EXCHANGE, ExchangeKind::Fanout),
        ] {
            let name = full(name);
            let state = self.exchange(&name, kind).await?;
            parts.push(Part {
                what: "exchange",
                name,
                state,
            });
        }
        let dead = (full(topology::DEAD_QUEUE), topology::dead_arguments());
        let work = queues
            .iter()
            .map(|name| (full(name), topology::work_arguments(&self.prefix)));
        for (name, arguments) in work.chain([dead]) {
            let state = self.queue(&name, arguments).await?;
            parts.push(Part {
                what: "queue",
                name,
                state,
            });
        }
        Ok(parts)
    }

    /// Publishes to nobody. The exchange must be there.
    pub async fn publishing(&self) -> Result<Publishing, BrokerError> {
        let mut events = self.link.events();
        let channel = self.link.channel().await?;
        let confirming = channel.confirm_select(ConfirmSelectOptions::default());
        self.link.step("ask for confirms", confirming).await?;
        let exchange = topology::full_name(&self.prefix, topology::EXCHANGE);
        let options = BasicPublishOptions {
            mandatory: true,
            ..BasicPublishOptions::default()
        };
        let publish = async {
            let sent = channel.basic_publish(
                exchange.as_str().into(),
                NOWHERE.into(),
                options,
                b"",
                BasicProperties::default(),
            );
            sent.await?.await
        };
        let blocked = async {
            loop {
                match events.next().await {
                    Some(Event::ConnectionBlocked(why)) => return why,
                    Some(_) => {}
                    None => std::future::pending().await,
                }
            }
        };
        let told = tokio::select! {
            told = timeout(PUBLISH_TIMEOUT, publish) => told,
            why = blocked => return Ok(Publishing::Blocked(why)),
        };
        Ok(match told {
            Ok(Ok(Confirmation::Ack(Some(_)))) => Publishing::Good,
            Ok(Ok(other)) => {
                Publishing::Refused(format!("a message to nobody did not come back: {other:?}"))
            }
            Ok(Err(error)) => Publishing::Refused(error.to_string()),
            Err(_) => Publishing::Blocked("no answer to a publisher, as under an alarm".to_owned()),
        })
    }

    /// Says goodbye.
    pub async fn end(self) {
        self.link.close().await;
    }

    async fn exchange(&self, name: &str, kind: ExchangeKind) -> Result<PartState, BrokerError> {
        let declare = async |channel: &Channel, passive| {
            let options = ExchangeDeclareOptions {
                durable: true,
                passive,
                ..ExchangeDeclareOptions::default()
            };
            let request =
                channel.exchange_declare(name.into(), kind.clone(), options, FieldTable::default());
            let answer = self.link.step("look at an exchange", request).await;
            answer.map(|()| (0, 0))
        };
        self.looked(declare).await
    }

    async fn queue(&self, name: &str, arguments: FieldTable) -> Result<PartState, BrokerError> {
        let declare = async |channel: &Channel, passive| {
            let options = QueueDeclareOptions {
                durable: true,
                passive,
                ..QueueDeclareOptions::default()
            };
            let request = channel.queue_declare(name.into(), options, arguments.clone());
            let answer = self.link.step("look at a queue", request).await;
            answer.map(|queue| (queue.message_count(), queue.consumer_count()))
        };
        self.looked(declare).await
    }

    /// First passively, then as we would declare it; each on a channel of its own, which a refusal closes.
    async fn looked(
        &self,
        declare: impl AsyncFn(&Channel, bool) -> Result<(u32, u32), BrokerError>,
    ) -> Result<PartState, BrokerError> {
        let mut seen = (0, 0);
        for passive in [true, false] {
            let channel = self.link.channel().await?;
            match declare(&channel, passive).await {
                // Asked with all arguments, a queue that was just made again by a worker may have others than it had.
                Ok(found) => seen = found,
                Err(error @ BrokerError::Channel { .. }) => return Ok(refused(&error)),
                Err(error) => return Err(error),
            }
            self.link
                .step("close a channel", channel.close(200, "OK".into()))
                .await?;
        }
        let (ready, consumers) = seen;
        Ok(PartState::Good { ready, consumers })
    }
}

fn refused(error: &BrokerError) -> PartState {
    match topology::refusal(error) {
        Some(topology::Refusal::NotFound) => PartState::Missing,
        Some(topology::Refusal::Precondition) => PartState::Different(words(error)),
        None => PartState::Refused(words(error)),
    }
}

/// The broker's own words, which the chain repeats.
fn words(error: &BrokerError) -> String {
    let all = chain(error);
    let last = all.rsplit("AMQP soft error: ").next();
    last.unwrap_or(&all).to_owned()
}

/// Name and version of a broker that greets without TLS, before any login; none if it does not say.
pub async fn version(host: &str, port: u16, within: Duration) -> Option<String> {
    let greeting = timeout(within, async {
        let mut stream = TcpStream::connect((host, port)).await.ok()?;
        stream.write_all(b"AMQP\0\0\x09\x01").await.ok()?;
        let mut head = [0_u8; 7];
        stream.read_exact(&mut head).await.ok()?;
        let length = u32::from_be_bytes([head[3], head[4], head[5], head[6]]) as usize;
        let mut body = vec![0_u8; length.min(GREETING_MAX)];
        stream.read_exact(&mut body).await.ok()?;
        Some(body)
    });
    // Of the server's properties, `version` is a long string: its name's length and name, `S`, and 4 bytes of length.
    let body = greeting.await.ok()??;
    let mark = b"\x07versionS";
    let begin = body.windows(mark.len()).position(|bytes| bytes == mark)? + mark.len();
    let length = u32::from_be_bytes(body.get(begin..begin + 4)?.try_into().ok()?) as usize;
    let text = body.get(begin + 4..begin.checked_add(4)?.checked_add(length)?)?;
    String::from_utf8(text.to_vec()).ok()
}
