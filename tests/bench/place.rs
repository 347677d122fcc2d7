//! One database with one set of queues, as the product's processes see them.

use crate::Failure;
use crate::child::Where;
use crate::ground::connect;
use crate::process::Process;
use std::time::{Duration, Instant};
use store::Store;
use tokio_postgres::Client;

/// How often the bench looks whether a run has ended.
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// No run lasts longer.
const WAIT_MAX: Duration = Duration::from_mins(15);

/// One database with one set of queues.
pub(crate) struct Place {
    /// Of the database and the vhost.
    pub(crate) name: String,
    /// The producer's own pool, as a worker: whoever enqueues in real life is one.
    pub(crate) store: Store,
    /// As the superuser, for what the bench looks at.
    pub(crate) admin: Client,
    /// As the superuser, for seeding.
    pub(crate) owner: store::Config,
    at: Where,
    superuser: String,
}

impl Place {
    pub(crate) async fn new(
        name: &str,
        url: impl Fn(&str) -> String,
        amqp: String,
    ) -> Result<Self, Failure> {
        let config = store::Config::new(url("relink_worker").into(), "bench producer");
        Ok(Self {
            name: name.to_owned(),
            store: Store::new(config)?,
            admin: connect(&url("postgres")).await?,
            owner: store::Config::new(url("postgres").into(), "bench seed"),
            at: Where {
                worker: url("relink_worker"),
                scheduler: url("relink_scheduler"),
                amqp,
            },
            superuser: url("postgres"),
        })
    }

    /// Starts a scheduler and one worker, each a process of its own.
    pub(crate) fn start(&self, options: &[String]) -> Result<(Process, Process), Failure> {
        Ok((
            self.child("scheduler", options)?,
            self.child("worker", options)?,
        ))
    }

    /// Starts one process in that role, and tells it where the servers are.
    pub(crate) fn child(&self, role: &str, options: &[String]) -> Result<Process, Failure> {
        let at = [
            "--worker",
            &self.at.worker,
            "--scheduler",
            &self.at.scheduler,
            "--amqp",
            &self.at.amqp,
        ];
        let mut all = vec![role.to_owned()];
        all.extend(at.map(str::to_owned));
        all.extend(options.iter().cloned());
        Process::start(&all)
    }

    /// Where the database is, as a worker.
    pub(crate) fn worker(&self) -> &str {
        &self.at.worker
    }

    /// Where the database is, as the superuser.
    pub(crate) fn superuser(&self) -> &str {
        &self.superuser
    }

    /// Waits until no job is left to do, and says when that was.
    pub(crate) async fn finished(&self) -> Result<Instant, Failure> {
        self.until(
            "select not exists (select from relink.jobs where state in ('waiting', 'leased'))",
        )
        .await
    }

    /// Waits until a query answers true.
    pub(crate) async fn until(&self, query: &str) -> Result<Instant, Failure> {
        let statement = self.admin.prepare(query).await?;
        let deadline = Instant::now() + WAIT_MAX;
        let mut looks = tokio::time::interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while Instant::now() < deadline {
            looks.tick().await;
            if self.admin.query_one(&statement, &[]).await?.try_get(0)? {
                return Ok(Instant::now());
            }
        }
        Err(format!("still false after {WAIT_MAX:?}: {query}").into())
    }

    /// One number.
    pub(crate) async fn number(&self, query: &str) -> Result<f64, Failure> {
        Ok(self.admin.query_one(query, &[]).await?.try_get(0)?)
    }

    pub(crate) fn close(self) {
        self.store.close();
    }
}
