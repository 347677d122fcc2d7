//! Being woken by the database instead of asking it again and again.

mod links;

pub use links::{LinkListener, LinkRing, LinkRings};

use crate::bell::{LIFTED, read};
use crate::config::Config;
use crate::error::StoreError;
use crate::lane::Lane;
use crate::said::DriverMessage;
use policy::jobs::Queue;
use std::collections::HashSet;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;
use tokio_postgres::AsyncMessage;

/// Lanes kept between two looks; more are found by a lap.
const LANES_MAX: usize = 10_000;

/// Why jobs are to be rung for; the greater contains the less.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum JobsRing {
    /// Nobody rang.
    #[default]
    Silent,
    /// Jobs were enqueued, in lanes that were named.
    Enqueued,
    /// Jobs were enqueued, and nobody said where: too many lanes to name, or another build rang.
    Unnamed,
    /// A pause was lifted: what a worker found paused has to be rung for again.
    Lifted,
}

/// What has happened since the last look. Several rings of one kind are one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rings {
    /// Jobs came due to be rung for.
    pub jobs: JobsRing,
    /// Lanes that got jobs, each once.
    pub lanes: HashSet<(Queue, Lane)>,
    /// Jobs were closed: there is room for more.
    pub closed: bool,
    /// The connection is gone; rings may have been lost, and a new [`Listener`] is needed.
    pub lost: bool,
}

impl Rings {
    /// Takes in what a notification of jobs says.
    fn heard(&mut self, payload: &str) {
        let ring = match (payload, read(payload)) {
            (LIFTED, _) => JobsRing::Lifted,
            (_, Some(lanes)) if self.lanes.len() + lanes.len() <= LANES_MAX => {
                self.lanes.extend(lanes);
                JobsRing::Enqueued
            }
            _ => JobsRing::Unnamed,
        };
        self.jobs = self.jobs.max(ring);
    }
}

#[derive(Default)]
struct Shared {
    rings: Mutex<Rings>,
    woken: Notify,
}

impl Shared {
    fn ring(&self, change: impl FnOnce(&mut Rings)) {
        change(&mut self.rings.lock().unwrap_or_else(PoisonError::into_inner));
        self.woken.notify_one();
    }
}

/// A connection that hears the notifications of the jobs table.
pub struct Listener {
    shared: Arc<Shared>,
    // Dropping the client ends the connection and with it the task that reads from it.
    _client: tokio_postgres::Client,
}

impl Listener {
    /// Connects and listens. Whatever is committed after this returns is heard.
    pub async fn connect(config: &Config) -> Result<Self, StoreError> {
        let failed = |source| StoreError::Query {
            query: "listen for jobs",
            source: DriverMessage::of(source),
        };
        let (client, mut connection) = config
            .parsed()?
            .connect(config.tls()?)
            .await
            .map_err(failed)?;
        let shared = Arc::new(Shared::default());
        let heard = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await
            {
                if let AsyncMessage::Notification(notification) = message {
                    heard.ring(|rings| match notification.channel() {
                        "relink_jobs" => rings.heard(notification.payload()),
                        _ => rings.closed = true,
                    });
                }
            }
            heard.ring(|rings| rings.lost = true);
        });
        client
            .batch_execute("listen relink_jobs; listen relink_closed")
            .await
            .map_err(failed)?;
        Ok(Self {
            shared,
            _client: client,
        })
    }

    /// Waits until something rings, and takes all that has. Cancel-safe: a ring is taken only when it is returned.
    pub async fn wait(&self) -> Rings {
        loop {
            let woken = self.shared.woken.notified();
            let rings = self.take();
            if rings != Rings::default() {
                return rings;
            }
            woken.await;
        }
    }

    /// Takes what has rung, without waiting.
    pub fn take(&self) -> Rings {
        let mut rings = self
            .shared
            .rings
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // A lost connection stays lost.
        let lost = rings.lost;
        std::mem::replace(
            &mut *rings,
            Rings {
                lost,
                ..Rings::default()
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rang_before_a_look_is_heard_together_and_the_greater_ring_counts() {
        let mut rings = Rings::default();
        let lane = |number: u128| format!("sends/sends.execute/{number:032x}");
        rings.heard(&lane(1));
        rings.heard(&format!("{} {}", lane(1), lane(2)));
        assert_eq!((rings.jobs, rings.lanes.len()), (JobsRing::Enqueued, 2));
        rings.heard("");
        rings.heard(&lane(3));
        assert_eq!((rings.jobs, rings.lanes.len()), (JobsRing::Unnamed, 3));
        rings.heard(LIFTED);
        rings.heard("");
        assert_eq!(rings.jobs, JobsRing::Lifted);
        for number in 0..20_000 {
            rings.heard(&lane(number));
        }
        assert!(
            rings.lanes.len() <= LANES_MAX,
            "nobody listens, and it grows"
        );
    }
}
