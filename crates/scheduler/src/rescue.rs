//! Who is dead (R-JOB-4): workers that gave no sign of life for fifteen seconds of this leader's own stopwatch, over looks
//! that succeeded. A database that was away and a clock that jumped kill nobody: after each of them the stopwatch begins
//! anew. Followers look too, so that whoever comes to lead has a stopwatch of its own that runs already: a worker that dies
//! shortly before its leader is noticed no later.

mod watched;

use fleet::{Context, Entry, chain};
use jiff::SignedDuration;
use metrics::{counter, gauge};
use policy::decision::Alert;
use serde_json::json;
use std::time::{Duration, Instant};
use store::rescue::{OddLease, Rescued};
use store::workers::Pulse;
use store::{ClockReading, Store, StoreError, Tx};
use watched::Watched;

/// Runs rescued at once; what is left over, the next round takes.
const BATCH: i64 = 500;
/// A follower's look that takes longer has failed.
const WATCH_MAX: Duration = Duration::from_secs(5);
/// The clock may gain so many of the machine's seconds on this stopwatch between two looks, and has not jumped.
const JUMP_S: f64 = 5.0;

/// What the leader remembers between rounds.
#[derive(Default)]
pub(crate) struct Rescue {
    watched: Watched,
    /// The clock at the last look, and the stopwatch then.
    clock: Option<(ClockReading, Instant)>,
}

impl Rescue {
    /// One round. May be done twice without harm, so no lease is needed.
    pub(crate) async fn round(
        &mut self,
        store: &Store,
        roster: &[Entry],
    ) -> Result<(), StoreError> {
        let began = Instant::now();
        // A round that fails, or is given up half way, has seen nobody silent.
        let mut watched = std::mem::take(&mut self.watched);
        let tx = store.begin().await?;
        let now = Instant::now();
        watched.look(now, &tx.worker_pulses().await?);
        let longest = longest(roster);
        if self.jumped(tx.now(), now) {
            let leases = tx
                .extend_leases(&watched.heard(began), longest, BATCH)
                .await?;
            tracing::error!(
                leases,
                "the clock jumped ahead; leases of workers that live go on"
            );
        }
        let alerts = take_up(&tx, &watched.silent(began), longest, roster).await?;
        tx.forget_workers(&watched.gone(began)).await?;
        tx.raise(&alerts).await?;
        let read = (tx.now(), now);
        tx.finish().await?;
        metering::count_alerts(&alerts);
        gauge!("relink_workers").set(watched.count_heard(began));
        watched.tell_silent(began);
        (self.watched, self.clock) = (watched, Some(read));
        Ok(())
    }

    /// A follower's look: who gave a sign of life, and nothing else. May be dropped at any time.
    pub(crate) async fn watch(&mut self, store: &Store) {
        match tokio::time::timeout(WATCH_MAX, pulses(store)).await {
            Ok(Ok((at, pulses))) => self.watched.look(at, &pulses),
            // Whoever asks for the lease says loudly what is wrong with the database.
            Ok(Err(error)) => {
                tracing::debug!(error = chain(&error), "workers could not be looked at");
                self.watched = Watched::default();
            }
            Err(_) => self.watched = Watched::default(),
        }
    }

    /// Whether the clock has gained on the stopwatch since the last look as no clock does that runs on.
    fn jumped(&self, read: ClockReading, now: Instant) -> bool {
        self.clock.is_some_and(|(before, then)| {
            let passed = now.saturating_duration_since(then).as_secs_f64() + JUMP_S;
            let latest = SignedDuration::try_from_secs_f64(passed * read.rate);
            latest.is_ok_and(|latest| read.at.duration_since(before.at) > latest)
        })
    }
}

/// Every worker's signs of life, and when they were asked for.
async fn pulses(store: &Store) -> Result<(Instant, Vec<Pulse>), StoreError> {
    let tx = store.begin().await?;
    let asked = Instant::now();
    let pulses = tx.worker_pulses().await?;
    tx.finish().await?;
    Ok((asked, pulses))
}

/// The longest that any run may be leased, machine time.
fn longest(roster: &[Entry]) -> Duration {
    let limits = roster.iter().map(|entry| entry.spec.limit);
    Context::lease(limits.max().unwrap_or_default())
}

/// Gives to others what silent workers hold and what is over.
async fn take_up(
    tx: &Tx,
    silent: &[(&str, i64)],
    longest: Duration,
    roster: &[Entry],
) -> Result<Vec<Alert>, StoreError> {
    let odd = tx.odd_leases(longest).await?;
    let mut alerts = vec![];
    if odd.contains(&OddLease::Ahead) {
        alerts.extend(shorten(tx, longest).await?);
    }
    if !silent.is_empty() || odd.contains(&OddLease::Over) {
        alerts.extend(rescue(tx, silent, roster).await?);
    }
    Ok(alerts)
}

async fn rescue(
    tx: &Tx,
    silent: &[(&str, i64)],
    roster: &[Entry],
) -> Result<Option<Alert>, StoreError> {
    let limits: Vec<(&str, i16)> = roster
        .iter()
        .map(|entry| (entry.spec.kind.name, entry.spec.failures_max))
        .collect();
    let Rescued { again, dead } = tx.rescue(silent, &limits, BATCH).await?;
    if again + dead > 0 {
        tracing::warn!(again, dead, "rescued jobs whose worker vanished");
        counter!("relink_job_rescues_total", "reason" => "vanished").increment(again);
        counter!("relink_job_rescues_total", "reason" => "exhausted").increment(dead);
        counter!("relink_dead_letters_total", "reason" => "vanished").increment(dead);
    }
    Ok((dead > 0).then(|| Alert {
        code: "dead_letter",
        subject: "vanished".to_owned(),
        detail: json!({ "jobs": dead, "why": "their workers vanished again and again" }),
    }))
}

/// Leases that a clock that was ahead wrote hold up their jobs no longer than the longest does.
async fn shorten(tx: &Tx, longest: Duration) -> Result<Option<Alert>, StoreError> {
    let leases = tx.shorten_leases(longest, BATCH).await?;
    if leases == 0 {
        return Ok(None);
    }
    tracing::error!(leases, "leases were written by a clock that was ahead");
    Ok(Some(Alert {
        code: "clock_ahead",
        subject: "leases".to_owned(),
        detail: json!({ "leases": leases, "why": "they ended later than any lease of now can" }),
    }))
}
