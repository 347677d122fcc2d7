//! What a job is: three constants and two functions, in one file, with one line in its worker's roster.

use crate::error::JobError;
use crate::look::Look;
use crate::tool::Tool;
use crate::{act as acting, decide as deciding, sweep as sweeping};
use jiff::Timestamp;
use policy::decision::Decision;
use policy::jobs::Kind;
use policy::schedule::Period;
use policy::sends::settle::Settled;
use serde::de::DeserializeOwned;
use std::time::Duration;
use store::jobs::Claimed;
use store::{Author, Tx};

/// What the fleet must know of a kind of job. All limits have names, and every kind has every limit.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// Name, queue, payload version.
    pub kind: Kind,
    /// One sentence for the catalogue.
    pub doc: &'static str,
    /// How often the scheduler asks for it; none for jobs that only other work asks for.
    pub every: Option<Period>,
    /// A tick asks for one job for each range of shards (R-WAT-1) instead of one job.
    pub is_sharded: bool,
    /// Jobs in one doorbell at most.
    pub batch_max: u16,
    /// A run that lasts longer has failed (machine time).
    pub limit: Duration,
    /// Failures before it is a dead letter.
    pub failures_max: i16,
    /// The longest first delay before trying again; doubles each time (machine time).
    pub retry_base: Duration,
}

impl Spec {
    /// A kind with the usual limits: single jobs, 60 s, 5 failures, 1 s.
    pub const fn new(kind: Kind, doc: &'static str) -> Self {
        Self {
            kind,
            doc,
            every: None,
            is_sharded: false,
            batch_max: 1,
            limit: Duration::from_mins(1),
            failures_max: 5,
            retry_base: Duration::from_secs(1),
        }
    }

    /// Asked for by the scheduler.
    #[must_use]
    pub const fn every(mut self, every: Period) -> Self {
        self.every = Some(every);
        self
    }

    /// A tick asks for one job for each range of shards.
    #[must_use]
    pub const fn sharded(mut self) -> Self {
        self.is_sharded = true;
        self
    }

    /// Up to so many jobs ring together.
    #[must_use]
    pub const fn batch(mut self, jobs_max: u16) -> Self {
        self.batch_max = jobs_max;
        self
    }

    /// A run may last so long.
    #[must_use]
    pub const fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// A dead letter after so many failures.
    #[must_use]
    pub const fn failures(mut self, failures_max: i16) -> Self {
        self.failures_max = failures_max;
        self
    }
}

/// A job that looks at rows and at the provider, and decides. No transaction is open while it looks; the decision is
/// pure, and the fleet commits it together with the job's end.
pub trait Decide: 'static {
    /// What the fleet must know.
    const SPEC: Spec;
    /// What the job was asked.
    type Payload: DeserializeOwned + Send;
    /// Everything that the decision needs.
    type Facts: Send;

    /// Collects the facts: rows and provider answers.
    fn gather(
        look: &Look,
        payload: Self::Payload,
    ) -> impl Future<Output = Result<Self::Facts, JobError>> + Send;

    /// Decides, at `now` by the database's clock. Pure: in `policy`.
    fn decide(facts: Self::Facts, now: Timestamp) -> Decision;
}

/// A job that is one set-based change, in one transaction with its end.
pub trait Sweep: 'static {
    /// What the fleet must know.
    const SPEC: Spec;
    /// What the job was asked.
    type Payload: DeserializeOwned + Send + Sync;

    /// Makes the changes of all `jobs` in `tx`, which the fleet commits.
    fn sweep(
        tx: &Tx,
        jobs: &[Job<Self::Payload>],
    ) -> impl Future<Output = Result<Swept, JobError>> + Send;
}

/// What a set-based change did, for its metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Rows that it looked at.
    pub seen: u64,
    /// Rows that it changed or made.
    pub changed: u64,
}

/// A job that acts outward, at most once (R-CAP-5): reserve, start, one call, settle. Each step but the call is a
/// transaction of its own, committed before the next begins, so that wherever a worker dies the rows say how far it came.
pub trait Act: 'static {
    /// What the fleet must know.
    const SPEC: Spec;
    /// What the job was asked.
    type Payload: DeserializeOwned + Send + Sync;
    /// What may be started.
    type Ticket: Send + Sync;
    /// The permission for one call; making the call consumes it.
    type Permit: Send;
    /// How a call ended.
    type Outcome: Send + Sync;
    /// What settling needs to know.
    type Facts: Send;

    /// Takes capacity for all `jobs` in `tx`, and says of each, in their order, whether it may be started. What may
    /// not is written in `tx` too, and its job ends with it.
    fn reserve(
        tx: &Tx,
        jobs: &[Job<Self::Payload>],
        by: &Author<'_>,
        tool: &Tool,
    ) -> impl Future<Output = Result<Vec<Turn<Self::Ticket>>, JobError>> + Send;

    /// Wins the right to call. None: the rows moved on, and the job begins again.
    fn start(
        tx: &Tx,
        ticket: &Self::Ticket,
        tool: &Tool,
    ) -> impl Future<Output = Result<Option<Self::Permit>, JobError>> + Send;

    /// The one call. It never fails: whatever happens is an outcome.
    fn call(look: &Look, permit: Self::Permit) -> impl Future<Output = Self::Outcome> + Send;

    /// The outcome of a call that was begun by a run that did not live to tell.
    fn vanished() -> Self::Outcome;

    /// Reads what settling needs, in the transaction that settles. None: there is nothing to settle.
    fn facts(
        tx: &Tx,
        ticket: &Self::Ticket,
    ) -> impl Future<Output = Result<Option<Self::Facts>, JobError>> + Send;

    /// Decides what the outcome means, at `now` by the database's clock. Pure: in `policy`.
    fn settle(facts: Self::Facts, outcome: &Self::Outcome, now: Timestamp) -> Settled;
}

/// Whether a job may be started.
#[derive(Debug)]
pub enum Turn<T> {
    /// It may.
    Go(T),
    /// An earlier run began the call and did not live to tell: its outcome is unknown, and is written so.
    Vanished(T),
    /// It may not, and everything about that is written.
    Over,
}

/// A claimed job with its payload read.
#[derive(Debug)]
pub struct Job<P> {
    /// The row.
    pub claimed: Claimed,
    /// What it was asked.
    pub payload: P,
}

/// A line of a roster.
#[derive(Clone, Copy)]
pub struct Entry {
    /// What the fleet must know.
    pub spec: Spec,
    pub(crate) run: Run,
}

#[derive(Clone, Copy)]
pub(crate) enum Run {
    Decide(deciding::Runner),
    Sweep(sweeping::Runner),
    Act(acting::Runner),
}

impl Entry {
    /// Whether it acts outward.
    pub fn is_act(&self) -> bool {
        matches!(self.run, Run::Act(_))
    }
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry")
            .field("spec", &self.spec)
            .finish_non_exhaustive()
    }
}

/// The roster line of a [`Decide`] job.
pub const fn decide<J: Decide>() -> Entry {
    Entry {
        spec: J::SPEC,
        run: Run::Decide(deciding::run::<J>),
    }
}

/// The roster line of a [`Sweep`] job.
pub const fn sweep<J: Sweep>() -> Entry {
    Entry {
        spec: J::SPEC,
        run: Run::Sweep(sweeping::run::<J>),
    }
}

/// The roster line of an [`Act`] job.
pub const fn act<J: Act>() -> Entry {
    Entry {
        spec: J::SPEC,
        run: Run::Act(acting::run::<J>),
    }
}

/// The entry of a kind, if these rosters know it.
pub fn find<'a>(roster: &'a [Entry], kind: &str) -> Option<&'a Entry> {
    roster.iter().find(|entry| entry.spec.kind.name == kind)
}
