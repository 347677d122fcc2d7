//! The relay: rings the doorbell for due jobs (R-JOB-1), fairly (R-JOB-6), never for paused ones (R-Q-1), and never
//! more than a window of them, so that what waits lies in PostgreSQL and not in the broker's memory.

use crate::outstanding::Outstanding;
use broker::{Doorbell, NotPublished, Publisher, PublisherState, QueueHealth, Verdict};
use fleet::{Entry, chain, trace};
use jiff::Timestamp;
use metrics::{counter, gauge, histogram};
use policy::jobs::Queue;
use policy::trace::TraceParent;
use std::collections::HashMap;
use std::time::{Duration, Instant};
use store::relay::DueJob;
use store::{Store, StoreError};
use telemetry::Span;
use uuid::Uuid;

/// Doorbells of full batches that may be on their way for each queue.
const WINDOW_BATCHES: usize = 24;
/// The smallest window, for queues whose jobs ring one by one.
const WINDOW_MIN: usize = 512;
/// The smallest share of a workspace in one look.
const SHARE_MIN: usize = 32;

/// What one look at the queues found.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pass {
    /// How long until the next job comes due, machine time.
    pub(crate) next_due: Option<Duration>,
    /// Due jobs were left for want of room: look again when some are closed.
    pub(crate) is_full: bool,
}

/// Rings for the queues of a roster.
pub(crate) struct Relay {
    store: Store,
    publisher: Publisher,
    lines: Vec<Line>,
    /// Doorbells on their way, by message id.
    in_flight: HashMap<Uuid, Ringing>,
}

/// A doorbell on its way.
struct Ringing {
    line: usize,
    jobs: Vec<Uuid>,
    span: Span,
}

/// One doorbell's kind and jobs.
struct Batch {
    kind: String,
    jobs: Vec<Uuid>,
    created: Vec<Option<TraceParent>>,
}

/// One queue.
struct Line {
    queue: Queue,
    window: usize,
    batches: HashMap<&'static str, usize>,
    outstanding: Outstanding,
    /// Workspaces that had due jobs at the last look.
    tenants: usize,
}

impl Relay {
    pub(crate) fn new(
        store: Store,
        publisher: Publisher,
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
            line.outstanding.forget_all();
        }
    }

    /// Queues came within reach again: what was rung for on their connections before may be gone (R-JOB-4).
    pub(crate) fn revive(&mut self) {
        for queue in self.publisher.revived() {
            let line = self
                .lines
                .iter_mut()
                .find(|it| it.queue.as_str() == &*queue);
            if let Some(line) = line {
                line.outstanding.forget_all();
            }
        }
    }

    /// Waits for the next news of a doorbell and takes it in. Cancel-safe.
    pub(crate) async fn news(&mut self) {
        match self.publisher.outcome().await {
            Some(outcome) => {
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
                    self.lines[ringing.line].outstanding.forget(&ringing.jobs);
                }
            }
            // The publisher ended; the scheduler is about to.
            None => std::future::pending().await,
        }
    }

    /// Looks at every queue once and rings for what is due.
    pub(crate) async fn pass(&mut self) -> Result<Pass, StoreError> {
        let mut pass = Pass::default();
        if *self.publisher.state().borrow() != PublisherState::Up {
            // Backpressure (R-Q-2): what is due waits where it is; coming up wakes the relay.
            return Ok(pass);
        }
        let tx = self.store.begin().await?;
        let looked = async {
            for line in 0..self.lines.len() {
                self.look(&tx, line, &mut pass).await?;
            }
            Ok(())
        }
        .await;
        tx.abandon().await;
        looked.map(|()| pass)
    }

    async fn look(
        &mut self,
        tx: &store::Tx,
        index: usize,
        pass: &mut Pass,
    ) -> Result<(), StoreError> {
        let line = &mut self.lines[index];
        let share = (line.window / line.tenants.max(1)).max(SHARE_MIN);
        let due = tx
            .due(line.queue, i64::try_from(share).unwrap_or(i64::MAX))
            .await?;
        let (found, now) = (due.len(), Instant::now());
        if found == 0 {
            // Nothing is due, so nothing is on its way: all is taken, or paused.
            line.outstanding.forget_all();
        }
        line.tenants = found.div_ceil(share).max(1);
        let mut silent = line.outstanding.sift(due, now);
        silent.truncate(line.window.saturating_sub(line.outstanding.len()));
        pass.is_full |= found >= share;
        let queue = line.queue.as_str();
        gauge!("relink_relay_outstanding_jobs", "queue" => queue)
            .set(u32::try_from(line.outstanding.len() + silent.len()).map_or(f64::MAX, f64::from));
        let since: HashMap<Uuid, Timestamp> =
            silent.iter().map(|job| (job.id, job.run_at)).collect();
        for batch in batches(silent, &line.batches) {
            let rung = batch.jobs.clone();
            if !self.ring(index, batch, now) {
                pass.is_full = true;
                break;
            }
            count(&self.lines[index], &rung, &since, tx.now().at);
        }
        if !pass.is_full {
            let next = tx.next_due(self.lines[index].queue).await?;
            let wait = next.map(|then| tx.now().machine_wait(then));
            pass.next_due = pass.next_due.into_iter().chain(wait).min();
        }
        Ok(())
    }

    fn ring(&mut self, line: usize, batch: Batch, now: Instant) -> bool {
        let (message_id, queue) = (Uuid::now_v7(), self.lines[line].queue.as_str());
        let mut span = trace::ringing(queue, &batch.created, message_id);
        let bell = Doorbell {
            kind: batch.kind,
            jobs: batch.jobs,
            traceparent: Some(span.place().to_string()),
        };
        let published = self.publisher.publish(queue, message_id, &bell);
        if published.is_err() {
            span.fail("not_published");
        }
        match published {
            Ok(()) => {
                self.lines[line].outstanding.rang(&bell.jobs, now);
                let jobs = bell.jobs;
                self.in_flight
                    .insert(message_id, Ringing { line, jobs, span });
                true
            }
            Err(refused @ NotPublished::Full) => {
                tracing::debug!(error = chain(&refused), "the relay waits for confirms");
                false
            }
            Err(refused) => {
                tracing::info!(error = chain(&refused), "the relay waits for the broker");
                false
            }
        }
    }
}

/// Counts how late jobs were rung for, and those that nobody took the last time.
fn count(line: &Line, jobs: &[Uuid], since: &HashMap<Uuid, Timestamp>, now: Timestamp) {
    let lag = histogram!("relink_relay_lag_seconds", "queue" => line.queue.as_str());
    for job in jobs {
        if line.outstanding.is_unanswered(*job) {
            counter!("relink_job_rescues_total", "reason" => "silent").increment(1);
        } else if let Some(since) = since.get(job) {
            lag.record(now.duration_since(*since).as_secs_f64().max(0.0));
        }
    }
}

impl Line {
    fn of(queue: Queue, roster: &[Entry], patience: Duration) -> Option<Self> {
        let batches: HashMap<&'static str, usize> = roster
            .iter()
            .filter(|entry| entry.spec.kind.queue == queue)
            .map(|entry| (entry.spec.kind.name, usize::from(entry.spec.batch_max)))
            .collect();
        let widest: usize = batches.values().sum();
        let window = (widest * WINDOW_BATCHES).max(WINDOW_MIN);
        (!batches.is_empty()).then(|| Self {
            queue,
            window,
            batches,
            outstanding: Outstanding::new(patience),
            tenants: 1,
        })
    }
}

/// Cuts due jobs into doorbells of one kind each, in order. What failed before rings alone; so does a kind that this
/// scheduler does not know: some worker may (R-JOB-5).
fn batches(due: Vec<DueJob>, sizes: &HashMap<&'static str, usize>) -> Vec<Batch> {
    let mut bells: Vec<Batch> = Vec::new();
    let mut open: HashMap<String, usize> = HashMap::new();
    for job in due {
        let created = job.traceparent.as_deref().and_then(TraceParent::parse);
        let size = if job.careful {
            1
        } else {
            sizes.get(job.kind.as_str()).copied().unwrap_or(1)
        };
        if size > 1
            && let Some(&at) = open.get(&job.kind)
            && bells[at].jobs.len() < size
        {
            bells[at].jobs.push(job.id);
            bells[at].created.push(created);
            continue;
        }
        if size > 1 {
            open.insert(job.kind.clone(), bells.len());
        }
        bells.push(Batch {
            kind: job.kind,
            jobs: vec![job.id],
            created: vec![created],
        });
    }
    bells
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(number: u128, kind: &str, careful: bool) -> DueJob {
        DueJob {
            id: Uuid::from_u128(number),
            kind: kind.to_owned(),
            run_at: jiff::Timestamp::UNIX_EPOCH,
            attempt: i16::from(careful),
            careful,
            traceparent: None,
        }
    }

    #[test]
    fn doorbells_hold_one_kind_up_to_its_batch_and_what_failed_rings_alone() {
        let sizes = HashMap::from([("many", 2), ("single", 1)]);
        let due = vec![
            job(1, "many", false),
            job(2, "single", false),
            job(3, "many", false),
            job(4, "many", true),
            job(5, "many", false),
            job(6, "single", false),
            job(7, "unknown", false),
        ];
        let bells: Vec<(String, Vec<u128>)> = batches(due, &sizes)
            .into_iter()
            .map(|bell| (bell.kind, bell.jobs.iter().map(Uuid::as_u128).collect()))
            .collect();
        let expected = [
            ("many", vec![1, 3]),
            ("single", vec![2]),
            ("many", vec![4]),
            ("many", vec![5]),
            ("single", vec![6]),
            ("unknown", vec![7]),
        ];
        assert_eq!(bells, expected.map(|(kind, jobs)| (kind.to_owned(), jobs)));
    }
}
