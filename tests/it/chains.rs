//! R-WAT-1: long work in steps. A step's effects are had once whatever dies, and how far a chain came is written.

use fleet::Chain;
use fleet::Context;
use fleet::JobError;
use fleet::Look;
use fleet::Pipeline;
use fleet::Spec;
use fleet::chaining;
use jiff::Timestamp;
use policy::chain::Step;
use policy::decision::Alert;
use policy::decision::Decision;
use policy::decision::NewJob;
use policy::jobs::Kind;
use policy::jobs::Queue;
use policy::jobs::WatchPages;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use store::clock::TestClock;
use store::clock::install;
use tests::database::Database;
use tests::database::SUPERUSER;
use tests::eventually::eventually;
use tests::roster::EFFECT;
use tokio_postgres::Client;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const STEPS: Kind = Kind {
    name: "test.steps",
    queue: Queue::Watches,
    version: 1,
};
const LAST: u32 = 3;
const FAILURES_MAX: i16 = 3;
const PATIENCE: Duration = Duration::from_mins(1);

/// Three steps of ten rows each.
struct Steps;

#[derive(Clone, Copy, Serialize, Deserialize)]
struct Checkpoint {
    step: u32,
    /// Step whose first attempt never ends.
    hangs_at: Option<u32>,
    /// Step that forgets to go on.
    circles_at: Option<u32>,
}

impl Chain for Steps {
    const SPEC: Spec = Spec::new(STEPS, "A test's chain.").failures(FAILURES_MAX);
    type Checkpoint = Checkpoint;
    type Facts = Checkpoint;

    async fn gather(look: &Look, checkpoint: Checkpoint) -> Result<Checkpoint, JobError> {
        if checkpoint.hangs_at == Some(checkpoint.step) && look.job.failures == 0 {
            std::future::pending::<()>().await;
        }
        Ok(checkpoint)
    }

    fn step(at: Checkpoint, now: Timestamp) -> Step<Checkpoint> {
        let effect = Alert {
            code: EFFECT,
            subject: format!("step {}", at.step),
            detail: json!({}),
        };
        let step = match at.circles_at {
            Some(step) if step == at.step => step,
            _ => at.step + 1,
        };
        Step {
            decision: Decision {
                alerts: vec![effect],
                ..Decision::nothing(now)
            },
            next: (at.step < LAST).then_some(Checkpoint { step, ..at }),
            seen: 10,
        }
    }

    fn cause(checkpoint: &Checkpoint) -> String {
        format!("test.steps@1/{}", checkpoint.step)
    }
}

/// A database, and a worker without a broker.
struct Ground {
    database: Database,
    owner: Client,
}

impl Ground {
    async fn start(first: Checkpoint) -> Self {
        let database = Database::fresh().await;
        let owner = database.owner().await;
        let tx = database.store("relink_worker").begin().await;
        let tx = tx.expect("begin");
        let job = NewJob {
            kind: STEPS,
            cause: Steps::cause(&first),
            workspace: None,
            account: None,
            run_at: tx.now().at,
            payload: json!(first),
        };
        tx.enqueue(&[job], None, None).await.expect("enqueue");
        tx.finish().await.expect("commit");
        Self { database, owner }
    }

    fn worker(&self) -> Pipeline {
        let provider = provider::Config::new("http://127.0.0.1:9", "no key".into());
        let provider = provider::Unipile::new(provider).expect("a client");
        let context = Context::new(
            self.database.store("relink_worker"),
            Arc::new(provider),
            "worker:chains".to_owned(),
            CancellationToken::new(),
        );
        Pipeline::new(Arc::new(context), vec![chaining::<Steps>()])
    }

    async fn waiting(&self) -> Vec<Uuid> {
        let sql = "select id from relink.jobs where state = 'waiting'";
        let rows = self.owner.query(sql, &[]).await.expect("jobs");
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// Rings for what waits until nothing does; returns how often.
    async fn run(&self) -> u32 {
        let worker = self.worker();
        for round in 0..10 {
            let waiting = self.waiting().await;
            if waiting.is_empty() {
                return round;
            }
            worker.ring(STEPS.name, &waiting).await;
        }
        panic!("the chain has no end");
    }

    /// Each job in the order of its creation: state, attempt, progress that it was given.
    async fn jobs(&self) -> Vec<(String, i16, Value)> {
        let sql = "select state::text, attempt, coalesce(payload -> 'chain', 'null') from relink.jobs order by cause";
        let rows = self.owner.query(sql, &[]).await.expect("jobs");
        let read = |row: &tokio_postgres::Row| (row.get(0), row.get(1), row.get(2));
        rows.iter().map(read).collect()
    }

    /// Effects of steps, each with how often it was had.
    async fn effects(&self) -> Vec<(String, i32)> {
        let sql = "select subject, times::int from relink.admin_alerts where code = $1 order by 1";
        let rows = self.owner.query(sql, &[&EFFECT]).await.expect("effects");
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    }
}

fn first() -> Checkpoint {
    Checkpoint {
        step: 1,
        hangs_at: None,
        circles_at: None,
    }
}

fn once(steps: &[u32]) -> Vec<(String, i32)> {
    let effect = |step: &u32| (format!("step {step}"), 1);
    steps.iter().map(effect).collect()
}

fn done(attempt: i16, steps: u32) -> (String, i16, Value) {
    let progress = match steps {
        0 => Value::Null,
        steps => json!({ "steps": steps, "seen": 10 * steps }),
    };
    ("done".to_owned(), attempt, progress)
}

#[tokio::test]
async fn r_wat_1_a_chain_runs_step_by_step_and_writes_its_progress() {
    let ground = Ground::start(first()).await;
    assert_eq!(ground.run().await, LAST, "a job a step");
    assert_eq!(ground.effects().await, once(&[1, 2, 3]));
    let written = ground.jobs().await;
    assert_eq!(written, [done(1, 0), done(1, 1), done(1, 2)]);
}

#[tokio::test]
async fn r_wat_1_a_crash_repeats_one_step_of_a_chain_and_no_other() {
    let dying = Checkpoint {
        hangs_at: Some(2),
        ..first()
    };
    let ground = Ground::start(dying).await;
    let worker = ground.worker();
    worker.ring(STEPS.name, &ground.waiting().await).await;
    assert_eq!(ground.effects().await, once(&[1]));
    // The worker of the second step dies in the middle of it.
    let (second, worker) = (ground.waiting().await, ground.worker());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.spawn(async move { worker.ring(STEPS.name, &second).await });
    eventually("the second step runs", PATIENCE, || async {
        let jobs = ground.jobs().await;
        jobs.iter().any(|job| job.0 == "leased").then_some(())
    })
    .await;
    runtime.shutdown_background();
    let clock = TestClock::Stepped { ahead_s: 600 };
    let superuser = ground.database.config(SUPERUSER);
    install(&superuser, clock).await.expect("step the clock");
    let tx = ground.database.store("relink_scheduler").begin().await;
    let tx = tx.expect("begin");
    let rescued = tx.rescue(&[], &[(STEPS.name, FAILURES_MAX)], 10).await;
    assert_eq!(rescued.expect("rescue").again, 1);
    tx.finish().await.expect("commit");
    assert_eq!(ground.run().await, 2, "the second step and the third");
    assert_eq!(ground.effects().await, once(&[1, 2, 3]));
    let written = ground.jobs().await;
    assert_eq!(written, [done(1, 0), done(2, 1), done(1, 2)]);
}

#[tokio::test]
async fn r_job_2_two_deliveries_do_a_step_of_a_chain_once() {
    let ground = Ground::start(first()).await;
    let (one, other) = (ground.worker(), ground.worker());
    for _ in 0..LAST {
        let step = ground.waiting().await;
        tokio::join!(one.ring(STEPS.name, &step), other.ring(STEPS.name, &step));
        one.ring(STEPS.name, &step).await;
    }
    assert_eq!(ground.waiting().await, [] as [Uuid; 0]);
    assert_eq!(ground.effects().await, once(&[1, 2, 3]));
    let written = ground.jobs().await;
    assert_eq!(written, [done(1, 0), done(1, 1), done(1, 2)]);
}

#[tokio::test]
async fn r_job_3_a_step_that_leads_to_itself_is_a_dead_letter() {
    let circling = Checkpoint {
        circles_at: Some(2),
        ..first()
    };
    let ground = Ground::start(circling).await;
    assert_eq!(ground.run().await, 2);
    assert_eq!(ground.effects().await, once(&[1]), "nothing of it is kept");
    let sql = "select error from relink.job_failures";
    let failure = ground.owner.query_one(sql, &[]).await.expect("a failure");
    let why: String = failure.get(0);
    assert_eq!(why, "the step test.steps@1/2 leads to itself");
}

#[test]
fn r_job_5_steps_of_this_build_and_of_the_one_before_are_read_by_both() {
    let slot = Timestamp::UNIX_EPOCH;
    let older = json!({ "slot": slot, "cursor": "c", "pages": 40 });
    let mut newer = older.clone();
    newer["chain"] = json!({ "steps": 1, "seen": 10_000 });
    for payload in [older, newer] {
        let pages: WatchPages = serde_json::from_value(payload).expect("a step of the watch");
        assert_eq!((pages.cursor.as_deref(), pages.pages), (Some("c"), 40));
    }
}
