//! How much lies in the queues, for operators.

use crate::link::Link;
use crate::topology::full_name;
use crate::{BrokerError, Config};
use lapin::Channel;
use lapin::options::QueueDeclareOptions;
use lapin::types::FieldTable;

/// One queue as the broker sees it now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Depth {
    /// Without the prefix.
    pub queue: String,
    /// Messages that wait; those delivered and not yet settled are not among them.
    pub ready: u32,
    /// Consumers registered, on whichever pod.
    pub consumers: u32,
}

/// Asks on a connection of its own; declares nothing, so a queue that is missing is an error that names it.
pub async fn queue_depths(config: &Config, queues: &[&str]) -> Result<Vec<Depth>, BrokerError> {
    let link = Link::open(config, "depths").await?;
    let depths = read(&link, &config.prefix, queues).await;
    link.close().await;
    depths
}

/// As [`queue_depths`], each queue for itself: one that is missing or broken leaves the answers of the others. In their
/// order; the error is that of the connection.
pub async fn queue_depths_apart(
    config: &Config,
    queues: &[&str],
) -> Result<Vec<Result<Depth, BrokerError>>, BrokerError> {
    let link = Link::open(config, "depths").await?;
    let mut depths = Vec::with_capacity(queues.len());
    // The broker closes the channel that asked for a queue which is missing. Each is kept until the connection is closed:
    // one that is dropped says goodbye by itself, and meets that of the connection.
    let mut channels = Vec::with_capacity(queues.len());
    for &name in queues {
        match link.channel().await {
            Ok(channel) => {
                depths.push(read_one(&link, &channel, &config.prefix, name).await);
                channels.push(channel);
            }
            Err(error) => depths.push(Err(error)),
        }
    }
    link.close().await;
    Ok(depths)
}

async fn read(link: &Link, prefix: &str, queues: &[&str]) -> Result<Vec<Depth>, BrokerError> {
    let channel = link.channel().await?;
    let mut depths = Vec::with_capacity(queues.len());
    for &name in queues {
        depths.push(read_one(link, &channel, prefix, name).await?);
    }
    Ok(depths)
}

async fn read_one(
    link: &Link,
    channel: &Channel,
    prefix: &str,
    name: &str,
) -> Result<Depth, BrokerError> {
    let full = full_name(prefix, name);
    let options = QueueDeclareOptions {
        passive: true,
        ..QueueDeclareOptions::default()
    };
    let request = channel.queue_declare(full.as_str().into(), options, FieldTable::default());
    let queue = link
        .step("look at a queue", request)
        .await
        .map_err(|error| match error {
            BrokerError::Channel { source, .. } => BrokerError::Declare {
                what: "queue",
                name: full,
                source,
            },
            other => other,
        })?;
    Ok(Depth {
        queue: name.to_owned(),
        ready: queue.message_count(),
        consumers: queue.consumer_count(),
    })
}
