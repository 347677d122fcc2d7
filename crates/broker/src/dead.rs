//! The queue of rejected messages, looked at and kept from filling up: nothing consumes it, and a full one would keep what is
//! set aside next in its own queue.

use crate::link::Link;
use crate::topology::{DEAD_QUEUE, full_name};
use crate::{BrokerError, Config};
use lapin::Channel;
use lapin::options::{QueueDeclareOptions, QueuePurgeOptions};
use lapin::types::FieldTable;

/// Role of its connection in the broker's lists.
const ROLE: &str = "dead";

/// Watch over the queue of rejected messages, on a connection of its own that lasts from look to look.
pub struct DeadQueue {
    config: Config,
    link: Option<Link>,
}

/// Messages in the queue of rejected messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeadMessages {
    /// Messages that lie there after the look.
    pub ready: u32,
    /// Messages that the look removed.
    pub purged: u32,
}

impl DeadQueue {
    /// Prepares a watch; connects with the first look.
    pub fn new(config: Config) -> Self {
        Self { config, link: None }
    }

    /// Counts the messages, and removes them all if they are more than `kept_max`. After an error the next look connects anew.
    pub async fn look(&mut self, kept_max: u32) -> Result<DeadMessages, BrokerError> {
        let link = match self.link.take() {
            Some(link) => link,
            None => Link::open(&self.config, ROLE).await?,
        };
        let queue = full_name(&self.config.prefix, DEAD_QUEUE);
        match look(&link, &queue, kept_max).await {
            Ok(found) => {
                self.link = Some(link);
                Ok(found)
            }
            Err(error) => {
                link.close().await;
                Err(error)
            }
        }
    }

    /// Disconnects.
    pub async fn close(&mut self) {
        if let Some(link) = self.link.take() {
            link.close().await;
        }
    }
}

async fn look(link: &Link, queue: &str, kept_max: u32) -> Result<DeadMessages, BrokerError> {
    // A channel for each look: a queue that is missing closes it.
    let channel = link.channel().await?;
    let found = count(link, &channel, queue, kept_max).await;
    if found.is_ok() {
        link.step("close a channel", channel.close(200, "OK".into()))
            .await?;
    }
    found
}

async fn count(
    link: &Link,
    channel: &Channel,
    queue: &str,
    kept_max: u32,
) -> Result<DeadMessages, BrokerError> {
    let passive = QueueDeclareOptions {
        passive: true,
        ..QueueDeclareOptions::default()
    };
    let request = channel.queue_declare(queue.into(), passive, FieldTable::default());
    let ready = link.step("look at a queue", request).await?.message_count();
    if ready <= kept_max {
        return Ok(DeadMessages { ready, purged: 0 });
    }
    let request = channel.queue_purge(queue.into(), QueuePurgeOptions::default());
    let purged = link.step("purge a queue", request).await?;
    Ok(DeadMessages { ready: 0, purged })
}
