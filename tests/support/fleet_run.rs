//! The real fleet in the test's process: scheduler, worker with the real rosters, RabbitMQ, PostgreSQL; and time that
//! passes when the test says so.

use crate::cast::Cast;
use crate::clock;
use crate::database::SUPERUSER;
use crate::eventually::eventually;
use crate::provider::{KEY, SimulatedProvider};
use crate::site::Site;
use fleet::{Context, Tools, Worker, WorkerOptions};
use jiff::{SignedDuration, Timestamp};
use policy::ids::{AccountId, CampaignId};
use policy::jobs::Queue;
use provider::Provider;
use scheduler::{Scheduler, SchedulerOptions};
use secrecy::SecretString;
use std::sync::Arc;
use std::time::Duration;
use store::{Store, StoreError};
use tokio::task::JoinHandle;
use tokio_postgres::Client;
use tokio_util::sync::{CancellationToken, DropGuard};

/// A beat must be over by then.
const BEAT_MAX: Duration = Duration::from_mins(3);
/// Between two ticks of the status watch.
pub const TICK: SignedDuration = SignedDuration::from_mins(5);
/// Seconds after the full hour at which every test begins: its beats then fall between ticks, never on one.
const FIRST_SECOND: i64 = 30;
/// Ticks that are not asked for yet, and jobs that are due; those that wait to be tried again are due soon.
const BUSY: &str = "
    select greatest($1 - count(*), 0)
           + count(*) filter (where last_slot is null or last_slot <
               to_timestamp(floor(extract(epoch from relink.clock()) / every_s) * every_s))
           + (select count(*) from relink.jobs
               where state = 'leased'
                  or (state = 'waiting' and run_at <= relink.clock() + case when failures > 0
                       then interval '2 minutes' else interval '0' end))
      from relink.schedules";

/// A running fleet.
pub struct FleetRun {
    /// The provider.
    pub provider: SimulatedProvider,
    /// A superuser's connection.
    pub owner: Client,
    /// A store as the worker's role.
    pub store: Store,
    /// Of every scheduler: each is a new one, and finds connections that have planned its statements.
    scheduling: Store,
    ahead_s: i64,
    broker: broker::Config,
    workers: Vec<DropGuard>,
    site: Site,
}

impl FleetRun {
    /// Plants the cast as things were an hour ago, starts everything, and runs the first ticks.
    pub async fn start(cast: impl FnOnce(&mut Cast)) -> Self {
        let mut run = Self::without_workers(Site::shared().await, cast).await;
        let worker = run.work(&Queue::ALL, run.provider.unipile());
        run.workers.push(worker);
        run.settle().await;
        run
    }

    /// Plants the cast as things were an hour ago; nothing runs yet.
    pub async fn without_workers(site: Site, cast: impl FnOnce(&mut Cast)) -> Self {
        let owner = site.owner().await;
        clock::lay(&owner).await;
        let ahead_s = to_full_hour(&owner).await + FIRST_SECOND;
        let at = clock::step(&owner, ahead_s).await;
        let hour_ago = at.checked_sub(SignedDuration::from_hours(1));
        let mut planted = Cast::new(hour_ago.expect("an hour ago"));
        cast(&mut planted);
        store::seed::plant(&site.database(SUPERUSER), &planted.fleet, planted.at)
            .await
            .expect("plant the cast");
        let provider = SimulatedProvider::start(at).await;
        provider.create(planted.sessions).await;
        let broker = broker::Config {
            url: SecretString::from(site.amqp_url()),
            ca_file: None,
            connect_timeout: Duration::from_secs(5),
            heartbeat: Duration::from_secs(10),
            prefix: String::new(),
        };
        Self {
            provider,
            owner,
            store: Store::new(site.database("relink_worker")).expect("a store"),
            scheduling: Store::new(site.database("relink_scheduler")).expect("a store"),
            ahead_s,
            broker,
            workers: vec![],
            site,
        }
    }

    /// A worker of these queues in this process, until what this returns is dropped.
    pub fn work(&self, queues: &[Queue], provider: Arc<dyn Provider>) -> DropGuard {
        self.work_within(queues, provider, None)
    }

    /// A worker of these queues that carries these tools.
    pub fn work_with(
        &self,
        queues: &[Queue],
        provider: Arc<dyn Provider>,
        tools: Tools,
    ) -> DropGuard {
        self.start_worker(queues, provider, None, tools)
    }

    /// The same, with another limit for each run.
    pub fn work_within(
        &self,
        queues: &[Queue],
        provider: Arc<dyn Provider>,
        limit: Option<Duration>,
    ) -> DropGuard {
        self.start_worker(queues, provider, limit, Tools::default())
    }

    fn start_worker(
        &self,
        queues: &[Queue],
        provider: Arc<dyn Provider>,
        limit: Option<Duration>,
        tools: Tools,
    ) -> DropGuard {
        let mut roster = duties::roster();
        for entry in &mut roster {
            entry.spec.limit = limit.unwrap_or(entry.spec.limit);
        }
        let stop = CancellationToken::new();
        let context = Context::new(
            self.store.clone(),
            provider,
            "worker:test".to_owned(),
            stop.clone(),
        );
        let options = WorkerOptions {
            queues: queues.to_vec(),
            prefetch: 8,
            calls_max: 64,
            drain: Duration::from_secs(5),
        };
        let context = context.with_tools(tools);
        let worker = Worker::start(Arc::new(context), roster, self.broker.clone(), options);
        // Ends by its stop; one that could not start is found out by what is never done.
        drop(tokio::spawn(worker.run()));
        stop.drop_guard()
    }

    /// Where it works.
    pub fn site(&mut self) -> &mut Site {
        &mut self.site
    }

    /// The settings of a `relink worker` of this run.
    pub fn settings(&self) -> Vec<(String, String)> {
        [
            ("DATABASE_URL", self.site.database_url("relink_worker")),
            ("AMQP_URL", self.site.amqp_url()),
            ("PROVIDER_URL", self.provider.base().to_owned()),
            ("PROVIDER_API_KEY", KEY.to_owned()),
            ("HTTP_ADDRESS", "127.0.0.1:0".to_owned()),
            ("LOG_FORMAT", "text".to_owned()),
        ]
        .map(|(name, value)| (format!("RELINK_{name}"), value))
        .to_vec()
    }

    /// The owner's connection again, after the database was away.
    pub async fn reconnect(&mut self) {
        self.owner = self.site.owner().await;
        self.scheduling = Store::new(self.site.database("relink_scheduler")).expect("a store");
    }

    /// Five minutes later: the next tick of the watch and of the healing, and everything that follows from them.
    pub async fn beat(&mut self) {
        self.later(TICK).await;
    }

    /// So much later, and everything that is due by then.
    pub async fn later(&mut self, by: SignedDuration) {
        self.later_within(by, BEAT_MAX).await;
    }

    /// So much later, where jobs come due one after the other for longer than a beat.
    pub async fn later_within(&mut self, by: SignedDuration, at_most: Duration) {
        let now = self.step_database(by).await;
        self.provider.clock(now).await;
        // Through all that time the fleet looked at the clock every ten minutes (guards.watch).
        let sql = "update relink.removal_latch set seen_at = relink.clock() where seen_at < relink.clock()";
        self.owner.execute(sql, &[]).await.expect("note the clock");
        self.settle_within(at_most).await;
    }

    /// Steps the database's clock alone, also backwards, and waits for nothing.
    pub async fn step_database(&mut self, by: SignedDuration) -> Timestamp {
        self.ahead_s += by.as_secs();
        clock::step(&self.owner, self.ahead_s).await
    }

    /// A scheduler that starts now, until the token is cancelled.
    pub fn schedule(&self, stop: &CancellationToken) -> JoinHandle<Result<(), StoreError>> {
        let scheduler = Scheduler::new(
            self.scheduling.clone(),
            self.broker.clone(),
            duties::roster(),
            SchedulerOptions::default(),
        );
        tokio::spawn(scheduler.run(stop.clone()))
    }

    /// Runs everything that is due now, under a scheduler that starts now: it has no memory of an earlier clock.
    pub async fn settle(&self) {
        self.settle_within(BEAT_MAX).await;
    }

    async fn settle_within(&self, at_most: Duration) {
        let stop = CancellationToken::new();
        let running = self.schedule(&stop);
        // Asked some forty times a second: planned once.
        let busy = self.owner.prepare(BUSY).await.expect("prepare a look");
        let scheduled = duties::roster();
        let scheduled = scheduled.iter().filter(|it| it.spec.every.is_some());
        let scheduled = i64::try_from(scheduled.count()).unwrap_or(i64::MAX);
        eventually("everything that is due is done", at_most, || async {
            let found = self.owner.query_one(&busy, &[&scheduled]).await;
            let found: i64 = found.expect("look at the jobs").get(0);
            (found == 0).then_some(())
        })
        .await;
        stop.cancel();
        // One that could not start has been found out above: nothing was ever done.
        running.await.map(drop).expect("the scheduler stops");
    }

    /// One number of the database's.
    pub async fn number(
        &self,
        sql: &str,
        params: &[&(dyn tokio_postgres::types::ToSql + Sync)],
    ) -> i64 {
        let row = self.owner.query_one(sql, params).await;
        row.unwrap_or_else(|error| panic!("{sql}: {error:?}"))
            .get(0)
    }

    /// A list of the database's.
    pub async fn words(
        &self,
        sql: &str,
        params: &[&(dyn tokio_postgres::types::ToSql + Sync)],
    ) -> Vec<String> {
        let rows = self.owner.query(sql, params).await;
        let rows = rows.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// An account's status.
    pub async fn status(&self, account: AccountId) -> String {
        let sql = "select status::text from relink.accounts where id = $1";
        self.words(sql, &[&account.0]).await.concat()
    }

    /// The reasons for which a campaign does not run.
    pub async fn pauses(&self, campaign: CampaignId) -> Vec<String> {
        let sql = "select reason from relink.campaign_pauses where campaign_id = $1 and lifted_at is null order by 1";
        self.words(sql, &[&campaign.0]).await
    }

    /// Why an account has its status, newest last.
    pub async fn causes(&self, account: AccountId) -> Vec<String> {
        let sql = "select cause from relink.account_audit where account_id = $1 order by version";
        self.words(sql, &[&account.0]).await
    }

    /// Codes of the open alerts.
    pub async fn alerts(&self) -> Vec<String> {
        let sql = "select distinct code from relink.admin_alerts where acked_at is null order by 1";
        self.words(sql, &[]).await
    }

    /// Somebody has read them.
    pub async fn acknowledge_alerts(&self) {
        let sql = "update relink.admin_alerts set acked_at = relink.clock(), acked_by = 'test' where acked_at is null";
        self.owner.execute(sql, &[]).await.expect("acknowledge");
    }

    /// Flips so far, those of the planting included.
    pub async fn flips(&self) -> i64 {
        self.number("select count(*) from relink.account_audit", &[])
            .await
    }

    /// At its end every test of a duty asks this: the audit is intact, every job is done, and nothing was deleted.
    pub async fn is_sound(&self) {
        self.is_sound_apart_from("").await;
    }

    /// As [`Self::is_sound`], but for dead letters whose error says so.
    pub async fn is_sound_apart_from(&self, planned: &str) {
        let found = self.store.verify_audit().await.expect("verify the audit");
        assert_eq!(found.findings, []);
        let dead = "select kind || ': ' || coalesce((select error from relink.job_failures f where f.job_id = j.id order by at desc limit 1), '')
                      from relink.jobs j where state = 'dead'";
        let mut dead = self.words(dead, &[]).await;
        dead.retain(|one| planned.is_empty() || !one.contains(planned));
        assert_eq!(dead, [] as [String; 0]);
        // A run that found its rows moved on looked again at once, and has failed nobody.
        let failed = "select kind || ': ' || f.fault || ': ' || f.error from relink.job_failures f
                        join relink.jobs j on j.id = f.job_id where f.fault <> 'superseded'";
        let mut failed = self.words(failed, &[]).await;
        failed.retain(|one| planned.is_empty() || !one.contains(planned));
        assert_eq!(failed, [] as [String; 0]);
        let mut codes = self
            .words("select distinct code from relink.admin_alerts", &[])
            .await;
        codes.retain(|code| policy::alerts::find_alert(code).is_none());
        assert_eq!(codes, [] as [String; 0], "alerts that no class calls for");
        let counts = self.provider.counts().await;
        assert_eq!((counts.delete_requests, counts.deletes), (0, 0));
    }
}

async fn to_full_hour(owner: &Client) -> i64 {
    let now = clock::step(owner, 0).await.as_second();
    3_600 - now.rem_euclid(3_600)
}
