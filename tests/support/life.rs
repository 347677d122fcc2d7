//! Simulated life: a database, the simulator and the real rosters, without a broker, in time that is stepped and never
//! waited for.
//!
//! Life goes from event to event: the next job that is due, the next enrollment that may go, the next look at an unknown
//! outcome; nothing happens in between, so nothing is stepped through. Ticks are the scheduler's own.

mod asks;
mod cast;
mod crash;

use asks::Asks;
pub use cast::{Campaign, Person, Step};

use crate::checker::{History, JOURNALS};
use crate::database::{Database, SUPERUSER};
use crate::provider::SimulatedProvider;
use fleet::Context;
use fleet::Entry;
use fleet::Pipeline;
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use policy::jobs::{HOLDS_RELEASE, Kind, SENDS_DISPATCH, SENDS_SETTLE};
use provider::Provider;
use simulator::control::Faults;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use store::scheduler::Leadership;
use tokio_postgres::Client;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// The provider's silence is given up after that: each costs as much of the machine's time.
pub const CALL_TIMEOUT: Duration = Duration::from_millis(250);
/// Nothing is looked at more often, unless a life says so.
pub const STEP_MIN: SignedDuration = SignedDuration::from_mins(6);
/// Between two looks at everything else that the scheduler asks for: sessions, orphans, campaigns.
const ROUND: SignedDuration = SignedDuration::from_hours(2);
/// Longer than any life: the lease must not end because the clock was stepped.
const LEASE: Duration = Duration::from_hours(24 * 1_000);
const RESCUED_MAX: i64 = 100;
/// Of the fleet: each compiles every function of the database that it meets, which is much of what a short life costs.
const CONNECTIONS_MAX: usize = 4;

/// A fleet whose time is stepped.
pub struct Life {
    /// The provider.
    pub provider: SimulatedProvider,
    /// A superuser's connection.
    pub owner: Client,
    /// What it shows now.
    pub now: Timestamp,
    /// Steps so far.
    pub steps: u64,
    /// The least time from step to step.
    pub pace: SignedDuration,
    /// Runs that died at the provider.
    pub crashes: u64,
    faults: Faults,
    asks: Asks,
    pipeline: Pipeline,
    scheduler: Store,
    leadership: Leadership,
    round_at: Timestamp,
    database: Database,
}

impl Life {
    /// Nobody yet, at that instant, which must not be before the machine's. `through` stands between fleet and provider.
    pub async fn begin(
        at: Timestamp,
        through: impl Fn(Arc<dyn Provider>) -> Arc<dyn Provider>,
    ) -> Self {
        let database = Database::fresh().await;
        let asks = Asks::of(&database, at).await;
        let owner = database.owner().await;
        owner
            .execute("select relink.ensure_audit_partitions(3)", &[])
            .await
            .expect("make partitions");
        owner.batch_execute(JOURNALS).await.expect("keep journals");
        let provider = SimulatedProvider::start(at).await;
        let pipeline = pipeline(
            database.narrow_store("relink_worker", CONNECTIONS_MAX),
            through(provider.unipile_within(CALL_TIMEOUT)),
        );
        let scheduler = database.store("relink_scheduler");
        let leadership = lead(&scheduler).await;
        Self {
            provider,
            owner,
            now: at,
            steps: 0,
            pace: STEP_MIN,
            crashes: 0,
            faults: Faults::default(),
            asks,
            pipeline,
            scheduler,
            leadership,
            round_at: Timestamp::MIN,
            database,
        }
    }

    /// Lives until then.
    pub async fn until(&mut self, end: Timestamp) {
        while self.now < end {
            self.work().await;
            self.wait(end).await;
        }
    }

    /// To when the next thing happens, but not beyond `end`.
    async fn wait(&mut self, end: Timestamp) {
        let next = self.asks.next().await.unwrap_or(Timestamp::MAX);
        let next = next.clamp(plus(self.now, self.pace), plus(self.now, ROUND * 3));
        self.step(next.min(end)).await;
    }

    /// So much later, and until then.
    pub async fn live(&mut self, by: SignedDuration) {
        self.until(plus(self.now, by)).await;
    }

    /// To that instant, and nothing is done meanwhile: everybody slept.
    pub async fn step(&mut self, to: Timestamp) {
        self.asks.set(to).await;
        self.provider.clock(to).await;
        self.now = to;
        self.steps += 1;
    }

    /// From now on this goes wrong.
    pub async fn faults(&mut self, faults: Faults) {
        self.provider.faults(&faults).await;
        self.faults = faults;
    }

    /// What goes wrong.
    pub fn faults_now(&self) -> &Faults {
        &self.faults
    }

    /// The next look at everything that the scheduler asks for comes at once.
    pub fn wake(&mut self) {
        self.round_at = Timestamp::MIN;
    }

    /// Ticks, and runs all that is due.
    pub async fn work(&mut self) {
        self.tick().await;
        self.run_due().await;
    }

    async fn tick(&mut self) {
        let everything = self.round_at <= self.now;
        if everything {
            self.round_at = plus(self.now, ROUND);
            self.rescue().await;
        }
        let (looks, releases) = self.asks.wanted().await;
        let is_wanted = |entry: &Entry| match entry.spec.kind {
            SENDS_DISPATCH => true,
            SENDS_SETTLE => everything || looks,
            HOLDS_RELEASE => everything || releases,
            _ => everything,
        };
        let wanted: Vec<Entry> = duties::roster().into_iter().filter(is_wanted).collect();
        scheduler::tick(&self.scheduler, &wanted, self.leadership)
            .await
            .expect("tick");
    }

    /// Runs of workers that died are taken up, as the scheduler does.
    async fn rescue(&self) {
        let roster = duties::roster();
        let limits: Vec<(&str, i16)> = roster
            .iter()
            .map(|entry| (entry.spec.kind.name, entry.spec.failures_max))
            .collect();
        let tx = self.scheduler.begin().await.expect("begin");
        tx.rescue(&[], &limits, RESCUED_MAX).await.expect("rescue");
        tx.finish().await.expect("commit");
    }

    /// Runs what is due, and what that asks for, each job once.
    async fn run_due(&self) {
        self.run_due_but(None).await;
    }

    /// The same but for one kind, whose jobs are returned.
    async fn run_due_but(&self, left: Option<Kind>) -> Vec<Uuid> {
        let mut seen = HashSet::new();
        let mut kept = vec![];
        loop {
            let mut due = self.asks.due(&seen).await;
            if due.is_empty() {
                return kept;
            }
            seen.extend(due.values().flatten().copied());
            kept.extend(
                left.and_then(|kind| due.remove(kind.name))
                    .unwrap_or_default(),
            );
            let rings = due.iter().map(|(kind, ids)| self.pipeline.ring(kind, ids));
            join_all(rings).await;
        }
    }

    /// Everything that was written down until now.
    pub async fn history(&self) -> History {
        History::read(&self.owner, self.provider.effects().await).await
    }

    /// Runs a statement as the superuser.
    pub async fn sql(&self, sql: &str) {
        self.owner
            .batch_execute(sql)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }

    /// One number of the database's.
    pub async fn number(&self, sql: &str) -> i64 {
        let row = self.owner.query_one(sql, &[]).await;
        row.unwrap_or_else(|error| panic!("{sql}: {error:?}"))
            .get(0)
    }

    /// A list of the database's.
    pub async fn words(&self, sql: &str) -> Vec<String> {
        let rows = self.owner.query(sql, &[]).await;
        let rows = rows.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// Another worker's store.
    pub fn worker(&self) -> Store {
        self.database.store("relink_worker")
    }

    /// A connection as a role.
    pub async fn client(&self, role: &str) -> Client {
        self.database.client(role).await
    }

    fn superuser(&self) -> store::Config {
        self.database.config(SUPERUSER)
    }
}

fn pipeline(store: Store, provider: Arc<dyn Provider>) -> Pipeline {
    let context = Context::new(
        store,
        provider,
        "worker:life".to_owned(),
        CancellationToken::new(),
    );
    Pipeline::new(Arc::new(context), duties::roster())
}

async fn lead(store: &Store) -> Leadership {
    let roster = duties::roster();
    let every = |entry: &Entry| Some((entry.spec.kind.name, entry.spec.every?.period().as_secs()));
    let schedules: Vec<(&str, i64)> = roster.iter().filter_map(every).collect();
    let tx = store.begin().await.expect("begin");
    tx.declare_schedules(&schedules)
        .await
        .expect("declare the schedules");
    let taken = tx
        .take_lease(Uuid::now_v7(), LEASE, None)
        .await
        .expect("take the lease");
    tx.finish().await.expect("commit");
    taken.leadership().expect("nobody else leads")
}

/// So much later.
pub fn plus(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by)
        .expect("tests stay within the years of a timestamp")
}
