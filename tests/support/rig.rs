//! A fleet of fixture processes around one database and one broker, and what became of its jobs.

use crate::eventually::eventually;
use crate::process::Process;
use crate::roster::{Act, Build, EFFECT};
use crate::site::{Site, secure};
use jiff::Timestamp;
use policy::decision::NewJob;
use policy::ids::WorkspaceId;
use policy::jobs::Kind;
use std::path::PathBuf;
use std::time::Duration;
use store::Store;
use tokio_postgres::Client;
use uuid::Uuid;

/// Every wait of these tests ends here, unless it says otherwise.
pub const PATIENCE: Duration = Duration::from_mins(3);

/// Notes when each job was claimed, by the start of the claiming statement, which precedes its snapshot: a claim that
/// began after a pause's commit could see the pause.
const INSTRUMENTS: &str = "
    alter table relink.jobs add column claimed_at timestamptz, add column claims integer not null default 0;
    create function relink.note_claim() returns trigger language plpgsql as $$ begin
        new.claimed_at := statement_timestamp();
        new.claims := new.claims + 1;
        return new;
    end $$;
    create trigger note_claim before update on relink.jobs for each row
        when (old.state = 'waiting' and new.state in ('leased', 'done')) execute function relink.note_claim();";

/// A test's fleet.
pub struct Rig {
    // Dropped first, and with it the processes' connections.
    processes: Vec<Process>,
    /// The database, for planting and counting.
    pub owner: Client,
    /// As the scheduler's role sees it.
    pub store: Store,
    /// Where it works.
    pub site: Site,
    fixture: PathBuf,
    settings: Vec<(String, String)>,
    asked: usize,
}

/// Names a process of a rig.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pid(usize);

/// What became of a rig's jobs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows waiting.
    pub waiting: i64,
    /// Rows leased.
    pub leased: i64,
    /// Rows done.
    pub done: i64,
    /// Rows dead.
    pub dead: i64,
    /// Jobs with a committed effect.
    pub effects: i64,
    /// Jobs whose effect was committed more than once.
    pub twice: i64,
}

impl Rig {
    /// A rig on the suite's servers. `fixture` is the fixture program's path.
    pub async fn shared(fixture: &str) -> Self {
        Self::at(Site::shared().await, fixture).await
    }

    /// A rig on servers of its own.
    pub async fn private(fixture: &str) -> Self {
        Self::at(Site::private().await, fixture).await
    }

    /// A rig whose PostgreSQL may be killed.
    pub async fn durable(fixture: &str) -> Self {
        Self::at(Site::durable().await, fixture).await
    }

    /// A rig whose PostgreSQL has a standby that may take over.
    pub async fn paired(fixture: &str) -> Self {
        Self::at(Site::paired().await, fixture).await
    }

    async fn at(site: Site, fixture: &str) -> Self {
        secure();
        let owner = site.owner().await;
        owner
            .batch_execute(INSTRUMENTS)
            .await
            .expect("add the instruments");
        let store = Store::new(site.database("relink_scheduler")).expect("a store");
        Self {
            processes: vec![],
            owner,
            store,
            site,
            fixture: PathBuf::from(fixture),
            settings: vec![],
            asked: 0,
        }
    }

    /// Sets `RELINK_<name>` for the processes started from now on.
    pub fn set(&mut self, name: &str, value: &impl ToString) {
        self.settings
            .push((format!("RELINK_{name}"), value.to_string()));
    }

    /// Sets a variable that is not ours for the processes started from now on.
    pub fn set_other(&mut self, name: &str, value: &str) {
        self.settings.push((name.to_owned(), value.to_owned()));
    }

    /// Which build the processes started from now on are.
    pub fn build(&mut self, build: Build) {
        self.set("TEST_BUILD", &build.as_str());
    }

    /// The owner's connection again, after the database was away.
    pub async fn reconnect(&mut self) {
        self.owner = self.site.owner().await;
    }

    /// Starts a scheduler.
    pub fn scheduler(&mut self) -> Pid {
        self.start("scheduler", "relink_scheduler", &["scheduler"])
    }

    /// Starts a worker.
    pub fn worker(&mut self, queues: &[&str]) -> Pid {
        self.start("worker", "relink_worker", &[&["worker"], queues].concat())
    }

    fn start(&mut self, name: &str, role: &str, arguments: &[&str]) -> Pid {
        let own = [
            ("DATABASE_URL", self.site.database_url(role)),
            ("AMQP_URL", self.site.amqp_url()),
            // Nothing listens there, and no test's job asks.
            ("PROVIDER_URL", "http://127.0.0.1:9".to_owned()),
            ("PROVIDER_API_KEY", "no-key".to_owned()),
            ("LOG_FORMAT", "text".to_owned()),
        ];
        let mut settings: Vec<_> = own
            .into_iter()
            .map(|(name, value)| (format!("RELINK_{name}"), value))
            .collect();
        settings.extend(self.settings.iter().cloned());
        let name = format!("{name} {}", self.processes.len());
        let process = Process::start(&name, &self.fixture, arguments, &settings);
        self.processes.push(process);
        Pid(self.processes.len() - 1)
    }

    /// One of its processes.
    pub fn process(&mut self, pid: Pid) -> &mut Process {
        &mut self.processes[pid.0]
    }

    /// Stops all of its processes, each in good order.
    pub async fn stop(&mut self) {
        for process in &mut self.processes {
            process.terminate();
        }
        for mut process in self.processes.drain(..) {
            process.ended(PATIENCE).await;
        }
    }

    /// Restarts, as a supervisor would, each worker that has ended by itself. Returns how many had.
    pub fn supervise(&mut self, workers: &mut [Pid], queues: &[&str]) -> usize {
        let mut ended = 0;
        for worker in workers {
            if self.process(*worker).exited().is_some() {
                *worker = self.worker(queues);
                ended += 1;
            }
        }
        ended
    }

    /// The database's clock.
    pub async fn now(&self) -> Timestamp {
        self.store.now().await.expect("read the clock").at
    }

    /// A job that nobody has asked for before.
    pub fn job(&mut self, kind: Kind, act: Act, run_at: Timestamp) -> NewJob {
        self.asked += 1;
        NewJob {
            kind,
            cause: format!("{}@test-{}", kind.name, self.asked),
            workspace: None,
            account: None,
            run_at,
            payload: act.payload(),
        }
    }

    /// Enqueues `count` jobs in one transaction for each 5,000.
    pub async fn ask(&mut self, kind: Kind, act: Act, count: usize) {
        let run_at = self.now().await;
        let jobs: Vec<NewJob> = (0..count).map(|_| self.job(kind, act, run_at)).collect();
        self.enqueue(&jobs).await;
    }

    /// As [`Rig::ask`], for a workspace.
    pub async fn ask_for(&mut self, workspace: Uuid, kind: Kind, act: Act, count: usize) {
        let run_at = self.now().await;
        let jobs: Vec<NewJob> = (0..count)
            .map(|_| NewJob {
                workspace: Some(WorkspaceId(workspace)),
                ..self.job(kind, act, run_at)
            })
            .collect();
        self.enqueue(&jobs).await;
    }

    /// Enqueues.
    pub async fn enqueue(&self, jobs: &[NewJob]) {
        for part in jobs.chunks(5_000) {
            let tx = self.store.begin().await.expect("begin");
            let new = tx.enqueue(part, None, None).await.expect("enqueue");
            assert_eq!(new, part.len() as u64, "every cause is new");
            tx.finish().await.expect("commit");
        }
    }

    /// What became of the jobs.
    pub async fn tally(&self) -> Tally {
        let row = self
            .owner
            .query_one(
                "select count(*) filter (where state = 'waiting') as waiting,
                        count(*) filter (where state = 'leased') as leased,
                        count(*) filter (where state = 'done') as done,
                        count(*) filter (where state = 'dead') as dead,
                        (select count(*) from relink.admin_alerts where code = $1) as effects,
                        (select count(*) from relink.admin_alerts where code = $1 and times > 1) as twice
                   from relink.jobs",
                &[&EFFECT],
            )
            .await
            .expect("count the jobs");
        Tally {
            waiting: row.get("waiting"),
            leased: row.get("leased"),
            done: row.get("done"),
            dead: row.get("dead"),
            effects: row.get("effects"),
            twice: row.get("twice"),
        }
    }

    /// Waits until a count of the jobs is as wanted; a failure shows what it was.
    pub async fn until(
        &self,
        what: &str,
        within: Duration,
        wanted: impl Fn(Tally) -> bool,
    ) -> Tally {
        let start = std::time::Instant::now();
        eventually(what, within * 2, || async {
            let tally = self.tally().await;
            assert!(
                wanted(tally) || start.elapsed() < within,
                "never within {within:?}: {what}; at last {tally:?}"
            );
            wanted(tally).then_some(tally)
        })
        .await
    }

    /// Waits until `count` jobs are done, and checks that each has had its effect once.
    pub async fn done(&self, count: i64, within: Duration) -> Tally {
        let tally = self
            .until(&format!("{count} jobs done"), within, |it| it.done >= count)
            .await;
        assert_eq!(
            (tally.done, tally.effects, tally.twice),
            (count, count, 0),
            "{tally:?}"
        );
        tally
    }

    /// One number of the database's; 0 if it finds no row.
    pub async fn count(&self, sql: &str) -> i64 {
        let row = self.owner.query_opt(sql, &[]).await;
        row.expect("ask the database").map_or(0, |row| row.get(0))
    }

    /// Waits until a number of the database's is as wanted.
    pub async fn until_count(
        &self,
        sql: &str,
        within: Duration,
        wanted: impl Fn(i64) -> bool,
    ) -> i64 {
        eventually(sql, within, || async {
            let found = self.count(sql).await;
            wanted(found).then_some(found)
        })
        .await
    }

    /// Runs a statement as the superuser.
    pub async fn sql(&self, sql: &str) {
        self.owner.batch_execute(sql).await.expect(sql);
    }
}
