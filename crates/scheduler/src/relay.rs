//! The relay: rings the doorbell for due jobs (R-JOB-1), fairly (R-JOB-6), never for paused ones (R-Q-1), and never
//! more than a window of them, so that what waits lies in PostgreSQL and not in the broker's memory.
//!
//! It looks at lanes, the waiting jobs of one kind of one workspace: those that a ring named, or that came due, or that a
//! lap found. Each queue is looked at for itself: one that cannot be stops no other (R-JOB-8).

mod batches;
mod depths;
mod lanes;
mod lap;
mod line;

use batches::{Batch, Chosen, batches};
use broker::{Doorbell, NotPublished, Outcome, Publisher, PublisherState, QueueHealth, Verdict};
use depths::{Depths, Ready};
use fleet::{Entry, chain, trace};
use jiff::Timestamp;
pub(crate) use lanes::LaneKey;
#[cfg(test)]
pub(crate) use lanes::Lanes;
use line::{Choice, Line};
use metrics::{counter, gauge, histogram};
use policy::jobs::Queue;
use std::collections::HashMap;
use std::time::{Duration, Instant};
use store::listen::{JobsRing, Rings};
use store::{Store, StoreError};
use telemetry::Span;
use uuid::Uuid;

/// A statement of a look that takes longer is given up: a look reads a bounded number of rows.
const LOOK_MAX: Duration = Duration::from_secs(2);

/// What one look at the queues found.
#[derive(Debug, Default)]
pub(crate) struct Pass {
    /// How long until a look is due, machine time.
    pub(crate) next_due: Option<Duration>,
    /// Due jobs were left for want of room: look again when some are closed.
    pub(crate) is_full: bool,
    /// Queues that could not be looked at. Each is tried again after a while of its own.
    pub(crate) failed: Vec<(Queue, StoreError)>,
}

/// Rings for the queues of a roster.
pub(crate) struct Relay {
    store: Store,
    publisher: Publisher,
    lines: Vec<Line>,
    depths: Depths,
    /// Doorbells on their way, by message id.
    in_flight: HashMap<Uuid, Ringing>,
}

/// A doorbell on its way.
struct Ringing {
    line: usize,
    jobs: Vec<Uuid>,
    span: Span,
}

/// What came while nothing was looked at.
enum News {
    Outcome(Option<Outcome>),
    Depths(Vec<Ready>),
}

impl Relay {
    pub(crate) fn new(
        store: Store,
        (publisher, broker): (Publisher, broker::Config),
        roster: &[Entry],
        patience: Duration,
    ) -> Self {
        let lines = Queue::ALL
            .into_iter()
            .filter_map(|queue| Line::of(queue, roster, patience))
            .collect();
        Self {
            store,
            publisher,
            lines,
            depths: Depths::new(broker),
            in_flight: HashMap::new(),
        }
    }

    /// Follows the publisher's connection.
    pub(crate) fn state(&self) -> tokio::sync::watch::Receiver<PublisherState> {
        self.publisher.state()
    }

    /// Follows the way to each queue.
    pub(crate) fn queues(&self) -> tokio::sync::watch::Receiver<Vec<QueueHealth<PublisherState>>> {
        self.publisher.queues()
    }

    /// The broker was away, perhaps emptied (R-JOB-4), or a pause was lifted whose jobs workers put back (R-Q-1):
    /// everything that is due is rung for again.
    pub(crate) fn forget_all(&mut self) {
        self.in_flight.clear();
        for line in &mut self.lines {
            line.forget_all();
        }
    }

    /// Queues came within reach again: what was rung for on their connections before may be gone (R-JOB-4).
    pub(crate) fn revive(&mut self) {
        for queue in self.publisher.revived() {
            let is_it = |line: &&mut Line| line.queue.as_str() == &*queue;
            if let Some(line) = self.lines.iter_mut().find(is_it) {
                line.forget_all();
            }
        }
    }

    /// Looks at a queue that have failed in a row.
    pub(crate) fn failures(&self, queue: Queue) -> u32 {
        let line = self.lines.iter().find(|it| it.queue == queue);
        line.map_or(0, Line::failures)
    }

    /// Rings may have been lost: every lane is looked for.
    pub(crate) fn look_around(&mut self) {
        for line in &mut self.lines {
            line.hurry();
        }
    }

    /// Takes in what rang: the lanes that it names are looked at next.
    pub(crate) fn heard(&mut self, rings: &Rings) {
        let Rings {
            jobs,
            lanes,
            closed,
            lost,
        } = rings;
        if *lost || *jobs == JobsRing::Lifted {
            self.forget_all();
        }
        if *jobs == JobsRing::Unnamed {
            self.look_around();
        }
        if *closed {
            self.lines.iter_mut().for_each(Line::closed);
        }
        for (queue, lane) in lanes {
            if let Some(line) = self.lines.iter_mut().find(|it| it.queue == *queue) {
                line.wake(lane);
            }
        }
    }

    /// Waits for the next news of a doorbell, or of the queues' depths, and takes it in. Cancel-safe.
    pub(crate) async fn news(&mut self) {
        let news = tokio::select! {
            outcome = self.publisher.outcome() => News::Outcome(outcome),
            depths = self.depths.answer() => News::Depths(depths),
        };
        match news {
            News::Outcome(Some(outcome)) => self.ended(&outcome),
            // The publisher ended; the scheduler is about to.
            News::Outcome(None) => std::future::pending().await,
            News::Depths(depths) => {
                let now = Instant::now();
                for Ready { queue, messages } in depths {
                    if let Some(line) = self.lines.iter_mut().find(|it| it.queue == queue) {
                        let lost = line.outstanding.judge(messages, now);
                        line.wake_all(lost);
                    }
                }
            }
        }
    }

    fn ended(&mut self, outcome: &Outcome) {
        let Some(mut ringing) = self.in_flight.remove(&outcome.message_id) else {
            return;
        };
        let verdict = match outcome.verdict {
            Verdict::Confirmed => "confirmed",
            Verdict::Returned => "returned",
            Verdict::Nacked => "nacked",
            Verdict::Lost => "lost",
        };
        counter!("relink_relay_doorbells_total", "verdict" => verdict).increment(1);
        if outcome.verdict != Verdict::Confirmed {
            ringing.span.fail(verdict);
            self.lines[ringing.line].returned(&ringing.jobs);
        }
    }

    /// Looks at every queue that a look is due of, and rings for what is due.
    pub(crate) async fn pass(&mut self) -> Result<Pass, StoreError> {
        let mut pass = Pass::default();
        if *self.publisher.state().borrow() != PublisherState::Up {
            // Backpressure (R-Q-2): what is due waits where it is; coming up wakes the relay.
            return Ok(pass);
        }
        for index in 0..self.lines.len() {
            if self.lines[index].next_look() <= Instant::now() {
                self.look(index, &mut pass).await?;
            }
        }
        let now = Instant::now();
        let overdue = |line: &&Line| line.outstanding.check_at().is_some_and(|at| at <= now);
        let asked: Vec<Queue> = self
            .lines
            .iter()
            .filter(overdue)
            .map(|it| it.queue)
            .collect();
        self.depths.ask(asked, now);
        pass.is_full = self.lines.iter().any(Line::is_full);
        let looks = self.lines.iter().map(Line::next_look);
        pass.next_due = looks.min().map(|at| at.saturating_duration_since(now));
        Ok(pass)
    }

    /// Looks at one queue in a transaction of its own. An error is that no connection could be had; any other is the queue's.
    async fn look(&mut self, index: usize, pass: &mut Pass) -> Result<(), StoreError> {
        let tx = self.store.begin_look(LOOK_MAX).await?;
        let began = Instant::now();
        let line = &mut self.lines[index];
        let queue = line.queue;
        let chosen = line.choose(&tx).await;
        let now = tx.now();
        tx.abandon().await;
        histogram!("relink_relay_look_seconds", "queue" => queue.as_str())
            .record(began.elapsed().as_secs_f64());
        match chosen {
            Ok(chosen) => {
                let (rang, is_refused) = self.ring_all(index, chosen, now.at);
                self.lines[index].looked(began, now, rang, is_refused);
            }
            Err(error) => {
                line.stumbled();
                counter!("relink_relay_look_failures_total", "queue" => queue.as_str())
                    .increment(1);
                tracing::warn!(
                    queue = queue.as_str(),
                    error = chain(&error),
                    "a queue could not be looked at; the others are"
                );
                pass.failed.push((queue, error));
            }
        }
        let rung = self.lines[index].outstanding.len();
        gauge!("relink_relay_outstanding_jobs", "queue" => queue.as_str())
            .set(u32::try_from(rung).map_or(f64::MAX, f64::from));
        Ok(())
    }

    /// Rings for all that was chosen. How many jobs, and whether the publisher took no more.
    fn ring_all(&mut self, index: usize, chosen: Choice, now: Timestamp) -> (usize, bool) {
        let Choice { jobs, suspect } = chosen;
        let mut bells = batches(jobs, &self.lines[index].batches);
        let alone = bells.len();
        bells.extend(batches(suspect.into_iter().collect(), &HashMap::new()));
        let (mut rang, mut is_refused) = (0, false);
        for (nth, batch) in bells.iter().enumerate() {
            is_refused = is_refused || !self.ring(index, batch, nth >= alone, now);
            if is_refused {
                self.lines[index].left(&batch.jobs);
            } else {
                rang += batch.jobs.len();
            }
        }
        (rang, is_refused)
    }

    fn ring(&mut self, index: usize, batch: &Batch, is_suspect: bool, now: Timestamp) -> bool {
        let line = &mut self.lines[index];
        let (message_id, queue) = (Uuid::now_v7(), line.queue.as_str());
        let mut span = trace::ringing(queue, &batch.created(), message_id);
        let bell = Doorbell {
            kind: batch.kind.clone(),
            jobs: batch.ids(),
            traceparent: Some(span.place().to_string()),
        };
        if let Err(refused) = self.publisher.publish(queue, message_id, &bell) {
            span.fail("not_published");
            if refused == NotPublished::Full {
                tracing::debug!(error = chain(&refused), "the relay waits for confirms");
            } else {
                tracing::info!(error = chain(&refused), "the relay waits for the broker");
            }
            return false;
        }
        let machine = Instant::now();
        count(line, &batch.jobs, now, machine);
        line.rang(&batch.jobs, is_suspect, machine);
        let jobs = bell.jobs;
        let ringing = Ringing {
            line: index,
            jobs,
            span,
        };
        self.in_flight.insert(message_id, ringing);
        true
    }
}

/// Counts how late jobs were rung for, and those that nobody took the last time.
fn count(line: &Line, jobs: &[Chosen], now: Timestamp, machine: Instant) {
    let lag = histogram!("relink_relay_lag_seconds", "queue" => line.queue.as_str());
    for it in jobs {
        if line.outstanding.is_unanswered(it.job.id, machine) {
            counter!("relink_job_rescues_total", "reason" => "silent").increment(1);
        } else if !line.outstanding.is_rung(it.job.id) {
            let late = now.duration_since(it.job.run_at).as_secs_f64();
            lag.record(late.max(0.0));
        }
    }
}
