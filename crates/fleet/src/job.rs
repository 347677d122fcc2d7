//! Traits of the jobs that a worker crate writes, and the values that pass between a job and the fleet.

use crate::error::JobError;
use crate::look::Look;
use crate::spec::Spec;
use crate::tools::Tools;
use jiff::Timestamp;
use policy::chain::Step;
use policy::decision::Decision;
use policy::settled::Settled;
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::jobs::Claimed;
use store::{Author, Tx};

/// A job that looks at rows and at the provider, and decides. No transaction is open while it looks; the decision is
/// pure, and the fleet commits it together with the job's end.
pub trait Decide: 'static {
    /// Name, queue, period and limits.
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
    /// Name, queue, period and limits.
    const SPEC: Spec;
    /// What the job was asked.
    type Payload: DeserializeOwned + Send + Sync;

    /// Makes the changes of all `jobs` in `tx`, which the fleet commits.
    fn sweep(
        tx: &Tx,
        jobs: &[Job<Self::Payload>],
    ) -> impl Future<Output = Result<RowCounts, JobError>> + Send;
}

/// Rows that a set-based change looked at and changed, for metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowCounts {
    /// Rows that it looked at.
    pub seen: u64,
    /// Rows that it changed or made.
    pub changed: u64,
}

/// A job that acts outward, at most once (R-CAP-5): reserve, start, one call, settle. Each step but the call is a
/// transaction of its own, committed before the next begins, so that wherever a worker dies the rows say how far it came.
pub trait Act: 'static {
    /// Name, queue, period and limits.
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
        tools: &Tools,
    ) -> impl Future<Output = Result<Vec<Turn<Self::Ticket>>, JobError>> + Send;

    /// Wins the right to call. None: the rows moved on, and the job begins again.
    fn start(
        tx: &Tx,
        ticket: &Self::Ticket,
        tools: &Tools,
    ) -> impl Future<Output = Result<Option<Self::Permit>, JobError>> + Send;

    /// The one call. It never fails: whatever happens is an outcome.
    fn call(look: &Look, permit: Self::Permit) -> impl Future<Output = Self::Outcome> + Send;

    /// The outcome of a call that was begun by a run that did not live to tell.
    fn vanished() -> Self::Outcome;

    /// Reads what settling needs, in the transaction that settles; the rows may have been settled by others meanwhile, and a
    /// known outcome counts all the same. None: there is nothing to settle.
    fn facts(
        tx: &Tx,
        ticket: &Self::Ticket,
    ) -> impl Future<Output = Result<Option<Self::Facts>, JobError>> + Send;

    /// Decides what the outcome means, at `now` by the database's clock. Pure: in `policy`.
    fn settle(facts: Self::Facts, outcome: &Self::Outcome, now: Timestamp) -> Settled;
}

/// Long work in steps (R-WAT-1). Each step is a job of its own, leased and fenced like a [`Decide`]'s: it goes on from a
/// checkpoint, and its effects, its end and the job of the next step are one transaction. A step that dies is repeated
/// from its checkpoint; the steps before it are not.
pub trait Chain: 'static {
    /// Name, queue, period and limits of one step.
    const SPEC: Spec;
    /// Payload of a step's job: the place to go on from. Serialized, an object without a field `chain`.
    type Checkpoint: DeserializeOwned + Serialize + Send;
    /// Everything that one step needs to decide.
    type Facts: Send;

    /// Collects the facts of a step: rows and provider answers, for 20 s at most, a watch's within its job's limit (R-WAT-1).
    /// No transaction is open while it asks.
    fn gather(
        look: &Look,
        checkpoint: Self::Checkpoint,
    ) -> impl Future<Output = Result<Self::Facts, JobError>> + Send;

    /// Decides a step and where the next goes on, at `now` by the database's clock. Pure: in `policy`.
    fn step(facts: Self::Facts, now: Timestamp) -> Step<Self::Checkpoint>;

    /// Cause of the job that goes on from `checkpoint`, which names the step: `status.watch@<tick>/page-40`.
    fn cause(checkpoint: &Self::Checkpoint) -> String;
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
