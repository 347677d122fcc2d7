//! Jobs that do whatever a test asks of them.
//!
//! The effect of a job is an alert `test_effect` whose subject is the job: an open alert is counted up when it is
//! raised again, so an effect that was committed twice shows.

use fleet::{Decide, Entry, Job, JobError, Look, Spec, Sweep, Tools, Turn};
use fleet::{acting, deciding, sweeping};
use jiff::Timestamp;
use policy::decision::{Alert, Decision};
use policy::ids::JobId;
use policy::jobs::{Kind, Queue};
use policy::schedule::Period;
use policy::settled::Settled;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;
use store::{Author, Tx};

/// Code of the alert that is a job's effect.
pub const EFFECT: &str = "test_effect";
/// Code of the alert that a run raises which has outlived its limit, before it tries to commit.
pub const LATE: &str = "test_late";

/// Set-based jobs, up to 50 in one doorbell.
pub const SWEEP: Kind = kind("test.sweep", Queue::Sweeps, 1);
/// Set-based jobs that only the newer build knows.
pub const NEWER: Kind = kind("test.newer", Queue::Sweeps, 1);
/// Set-based jobs whose payload the newer build reads at version 2, the older at version 1.
pub const VERSIONED: Kind = kind("test.versioned", Queue::Sweeps, 2);
/// Deciding jobs, up to 10 in one doorbell.
pub const DECIDE: Kind = kind("test.decide", Queue::Watches, 1);
/// Deciding jobs that may take a minute, each with a doorbell of its own.
pub const LONG: Kind = kind("test.long", Queue::Watches, 1);
/// Outward jobs, up to 10 in one doorbell, which call nobody.
pub const ACT: Kind = kind("test.act", Queue::Sends, 1);
/// Asked for every minute.
pub const TICK: Kind = kind("test.tick", Queue::Confirmations, 1);
/// Asked for every minute, one job for each range of shards.
pub const SCAN: Kind = kind("test.scan", Queue::Confirmations, 1);

const fn kind(name: &'static str, queue: Queue, version: i16) -> Kind {
    Kind {
        name,
        queue,
        version,
    }
}

/// What a job does when it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "act")]
pub enum Act {
    /// Its effect.
    Effect,
    /// Its effect, after a while.
    Slow {
        /// How long.
        for_ms: u64,
    },
    /// Panics, always.
    Panic,
    /// Panics with a message that quotes its payload, always.
    PanicQuoting {
        /// What nobody may print.
        secret: Quoted,
    },
    /// Panics in the first attempt that counts, and has its effect in the second.
    PanicOnce,
    /// Sleeps past its limit in the first attempt, and then still tries to commit; has its effect in the second.
    HangOnce {
        /// How long.
        for_ms: u64,
    },
    /// Takes the process with it, always.
    Abort,
}

/// A number that a test looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quoted(pub u64);

impl Act {
    /// As a job's payload.
    pub fn payload(self) -> Value {
        json!(self)
    }

    async fn play(self, failures: i16) {
        match self {
            Self::Slow { for_ms } => tokio::time::sleep(Duration::from_millis(for_ms)).await,
            Self::Panic => panic!("asked to panic"),
            Self::PanicQuoting { secret } => panic!("it was {}", secret.0),
            Self::PanicOnce => assert!(0 < failures, "asked to panic once"),
            Self::HangOnce { for_ms } if failures == 0 => {
                tokio::time::sleep(Duration::from_millis(for_ms)).await;
            }
            Self::Effect | Self::HangOnce { .. } => {}
            Self::Abort => std::process::abort(),
        }
    }
}

fn effect(job: JobId) -> Alert {
    Alert {
        code: EFFECT,
        subject: job.to_string(),
        detail: json!({}),
    }
}

async fn sweep_all(tx: &Tx, jobs: &[Job<Act>]) -> Result<(), JobError> {
    for job in jobs {
        job.payload.play(job.claimed.failures).await;
    }
    let effects: Vec<Alert> = jobs.iter().map(|job| effect(job.claimed.id)).collect();
    Ok(tx.raise(&effects).await?)
}

macro_rules! sweeping {
    ($($(#[$doc:meta])* $name:ident: $payload:ty = $spec:expr, $run:expr;)+) => {$(
        struct $name;
        impl Sweep for $name {
            const SPEC: Spec = $spec;
            type Payload = $payload;
            async fn sweep(tx: &Tx, jobs: &[Job<Self::Payload>]) -> Result<fleet::RowCounts, JobError> {
                $run(tx, jobs).await?;
                Ok(fleet::RowCounts::default())
            }
        }
    )+};
}

/// Longer than fifty jobs take on a machine that many others load: an overdue set is no finding of tests that count failures.
const SET_MAX: Duration = Duration::from_secs(5);
/// The same of ten decisions. What is to be overdue hangs for longer.
const RUN_MAX: Duration = Duration::from_secs(3);

const fn quick(kind: Kind) -> Spec {
    Spec::new(kind, "A test's job.")
        .batch(50)
        .limit(SET_MAX)
        .failures(3)
}

const OLDER_VERSIONED: Kind = kind("test.versioned", Queue::Sweeps, 1);

sweeping! {
    Swept: Act = quick(SWEEP), sweep_all;
    Newer: Act = quick(NEWER), sweep_all;
    Versioned: Act = quick(VERSIONED), sweep_all;
    OlderVersioned: Act = quick(OLDER_VERSIONED), sweep_all;
    Ticked: Value = quick(TICK).every(Period::minutes(1)), tick_all;
    Scanned: Value = quick(SCAN).every(Period::minutes(1)).sharded(), tick_all;
}

async fn tick_all(tx: &Tx, jobs: &[Job<Value>]) -> Result<(), JobError> {
    let effects: Vec<Alert> = jobs.iter().map(|job| effect(job.claimed.id)).collect();
    Ok(tx.raise(&effects).await?)
}

struct Decided;

impl Decide for Decided {
    const SPEC: Spec = Spec::new(DECIDE, "A test's deciding job.")
        .batch(10)
        .limit(RUN_MAX)
        .failures(3);
    type Payload = Act;
    type Facts = JobId;

    async fn gather(look: &Look, act: Act) -> Result<JobId, JobError> {
        act.play(look.job.failures).await;
        if matches!(act, Act::HangOnce { .. }) && look.job.failures == 0 {
            let tx = look.read().await?;
            tx.raise(&[Alert {
                code: LATE,
                ..effect(look.job.id)
            }])
            .await?;
            tx.finish().await?;
        }
        Ok(look.job.id)
    }

    fn decide(job: JobId, now: Timestamp) -> Decision {
        Decision {
            alerts: vec![effect(job)],
            ..Decision::nothing(now)
        }
    }
}

struct Long;

impl Decide for Long {
    const SPEC: Spec = Spec::new(LONG, "A test's deciding job that takes its time.");
    type Payload = Act;
    type Facts = JobId;

    async fn gather(look: &Look, act: Act) -> Result<JobId, JobError> {
        act.play(look.job.failures).await;
        Ok(look.job.id)
    }

    fn decide(job: JobId, now: Timestamp) -> Decision {
        Decided::decide(job, now)
    }
}

struct Acted;

impl fleet::Act for Acted {
    const SPEC: Spec = Spec::new(ACT, "A test's outward job.")
        .batch(10)
        .limit(Duration::from_secs(1))
        .failures(3);
    type Payload = Act;
    type Ticket = (JobId, Act, i16);
    type Permit = (Act, i16);
    type Outcome = ();
    type Facts = JobId;

    async fn reserve(
        _tx: &Tx,
        jobs: &[Job<Act>],
        _by: &Author<'_>,
        _tools: &Tools,
    ) -> Result<Vec<Turn<Self::Ticket>>, JobError> {
        let ticket = |job: &Job<Act>| (job.claimed.id, job.payload, job.claimed.failures);
        Ok(jobs.iter().map(|job| Turn::Go(ticket(job))).collect())
    }

    async fn start(
        _tx: &Tx,
        ticket: &Self::Ticket,
        _tools: &Tools,
    ) -> Result<Option<Self::Permit>, JobError> {
        Ok(Some((ticket.1, ticket.2)))
    }

    async fn call(_look: &Look, (act, failures): Self::Permit) {
        act.play(failures).await;
    }

    fn vanished() {}

    async fn facts(_tx: &Tx, ticket: &Self::Ticket) -> Result<Option<JobId>, JobError> {
        Ok(Some(ticket.0))
    }

    fn settle(job: JobId, _outcome: &(), now: Timestamp) -> Settled {
        Settled {
            decision: Decision {
                alerts: vec![effect(job)],
                ..Decision::nothing(now)
            },
            dead: None,
        }
    }
}

/// Which build a fixture process pretends to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Build {
    /// Knows neither [`NEWER`] nor version 2 of [`VERSIONED`].
    Older,
    /// Knows every kind.
    Newer,
}

impl std::str::FromStr for Build {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        match word {
            "older" => Ok(Self::Older),
            "newer" => Ok(Self::Newer),
            _ => Err(()),
        }
    }
}

impl Build {
    /// How it is told to a process.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Older => "older",
            Self::Newer => "newer",
        }
    }

    /// The kinds that it knows; the schedules only where a test asks for them.
    pub fn roster(self, with_schedules: bool) -> Vec<Entry> {
        let mut roster = vec![
            sweeping::<Swept>(),
            deciding::<Decided>(),
            deciding::<Long>(),
            acting::<Acted>(),
        ];
        match self {
            Self::Older => roster.push(sweeping::<OlderVersioned>()),
            Self::Newer => roster.extend([sweeping::<Versioned>(), sweeping::<Newer>()]),
        }
        if with_schedules {
            roster.extend([sweeping::<Ticked>(), sweeping::<Scanned>()]);
        }
        roster
    }
}
