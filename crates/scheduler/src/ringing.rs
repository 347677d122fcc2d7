//! The relay's task: woken by the database, the broker or the clock, never by a poll of its own.

use crate::failure::is_away;
use crate::leader::Standing;
use crate::office::{Failure, Office};
use crate::relay::{Pass, Relay};
use broker::PublisherState;
use fleet::{chain, retry};
use policy::duties::LeaderDuty;
use policy::jobs::Queue;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use store::listen::{JobsRing, Listener, Rings};
use store::scheduler::Leadership;
use tokio_util::sync::CancellationToken;

/// A look at the queues that nothing asked for, in case a notification was lost.
const HEARTBEAT: Duration = Duration::from_secs(1);
/// A pass that takes longer hangs.
const PASS_MAX: Duration = Duration::from_secs(30);
/// A connection to listen on that takes longer has failed.
const LISTEN_MAX: Duration = Duration::from_secs(5);
/// No failing relay waits longer.
const DELAY_MAX: Duration = Duration::from_secs(5);

/// Relay, and what wakes it.
pub(crate) struct Ringing {
    office: Office,
    relay: Relay,
    listener: Option<Listener>,
    /// Failures in a row to listen.
    deaf: u32,
    listen_at: Instant,
    look_at: Instant,
    is_full: bool,
    led: Option<Leadership>,
    /// Why queues could not be looked at, until they can.
    failing: BTreeMap<Queue, String>,
}

impl Ringing {
    pub(crate) fn new(office: Office, relay: Relay) -> Self {
        let now = Instant::now();
        Self {
            office,
            relay,
            listener: None,
            deaf: 0,
            listen_at: now,
            look_at: now,
            is_full: false,
            led: None,
            failing: BTreeMap::new(),
        }
    }

    /// Rings while this process leads, until `stop`.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let mut publisher = self.relay.state();
        let mut standing = self.office.standing.clone();
        while !stop.is_cancelled() {
            let turned = stop.run_until_cancelled(self.turn()).await;
            let Some(wait) = turned else { return };
            let is_heard = self.office.board.health(LeaderDuty::Relay).failures == 0;
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
                rings = heard(self.listener.as_ref()), if is_heard => self.wake(&rings),
                () = self.relay.news() => {}
                Ok(()) = publisher.changed() => {
                    if *publisher.borrow_and_update() == PublisherState::Up {
                        self.relay.revive();
                        self.look_at = Instant::now();
                    }
                }
                Ok(()) = standing.changed() => {}
            }
        }
    }

    fn wake(&mut self, rings: &Rings) {
        if rings.lost {
            self.listener = None;
        }
        self.relay.heard(rings);
        // Closed jobs make room, which matters only to a relay that had none.
        if rings.jobs != JobsRing::Silent || rings.lost || self.is_full {
            self.look_at = Instant::now();
        }
    }

    /// Looks if it is time to. How long until it is again.
    async fn turn(&mut self) -> Duration {
        let led = (*self.office.standing.borrow())
            .filter(Standing::holds)
            .map(|standing| standing.leadership);
        let Some(leadership) = led else {
            // Only the leader is woken by every job.
            self.listener = None;
            return HEARTBEAT;
        };
        if self.led.replace(leadership) != Some(leadership) {
            self.relay.forget_all();
            self.look_at = Instant::now();
        }
        self.listen().await;
        if self.look_at <= Instant::now() {
            self.look_at = Instant::now() + self.pass().await;
        }
        self.look_at.saturating_duration_since(Instant::now())
    }

    /// Listens, if it can: the relay looks each second even if it hears nothing.
    async fn listen(&mut self) {
        if self.listener.is_some() || Instant::now() < self.listen_at {
            return;
        }
        let connecting = Listener::connect(self.office.store.config());
        let error = match tokio::time::timeout(LISTEN_MAX, connecting).await {
            Ok(Ok(listener)) => {
                self.deaf = 0;
                self.listener = Some(listener);
                self.relay.look_around();
                self.look_at = Instant::now();
                return;
            }
            Ok(Err(error)) => chain(&error),
            Err(_) => "no answer in time".to_owned(),
        };
        self.deaf += 1;
        let wait = retry::reconnect(self.deaf);
        self.listen_at = Instant::now() + wait;
        tracing::warn!(
            error,
            retry_in_ms = wait.as_millis(),
            "the relay hears of no new job, and looks once a second"
        );
    }

    /// One pass. How long until the next.
    async fn pass(&mut self) -> Duration {
        match tokio::time::timeout(PASS_MAX, self.relay.pass()).await {
            Ok(Ok(pass)) => self.passed(pass).await,
            Ok(Err(error)) => self.failed(Failure::Store(error)).await,
            Err(_) => self.failed(Failure::Hung(PASS_MAX)).await,
        }
    }

    async fn passed(&mut self, pass: Pass) -> Duration {
        let Pass {
            next_due,
            is_full,
            mut failed,
        } = pass;
        self.is_full = is_full;
        let away = failed.iter().position(|(_, error)| is_away(error));
        if failed.len() == Queue::ALL.len()
            && let Some(away) = away
        {
            let (_, error) = failed.swap_remove(away);
            return self.failed(Failure::Store(error)).await;
        }
        for (queue, error) in &failed {
            let words = format!("queue {queue}: {}", chain(error));
            let failures = self.relay.failures(*queue);
            let office = &self.office;
            office
                .failed_in_part(LeaderDuty::Relay, failures, &words)
                .await;
            self.failing.insert(*queue, words);
        }
        // A pass looks only at queues of which a look is due.
        self.failing
            .retain(|queue, _| self.relay.failures(*queue) > 0);
        let words: Vec<&str> = self.failing.values().map(String::as_str).collect();
        let words = words.join("; ");
        if self.failing.len() == Queue::ALL.len() {
            self.office.board.failed(LeaderDuty::Relay, &words);
        } else {
            self.office.board.succeeded_but(LeaderDuty::Relay, words);
        }
        next_due.unwrap_or(HEARTBEAT).min(HEARTBEAT)
    }

    async fn failed(&self, failure: Failure) -> Duration {
        let office = &self.office;
        office.failed(LeaderDuty::Relay, failure, DELAY_MAX).await
    }
}

async fn heard(listener: Option<&Listener>) -> Rings {
    match listener {
        Some(listener) => listener.wait().await,
        None => std::future::pending().await,
    }
}
