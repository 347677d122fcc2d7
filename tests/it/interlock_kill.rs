//! R-DEL-1, scenario 58: `kill -9` of a real worker at every point of a removal, each made from outside: by a trigger of
//! the superuser's, a fault of the simulator's, a proxy. However it dies, the provider sees at most one `DELETE`, nothing
//! is called deleted before a `GET` said so, and the intent is spent. The removal is of a live duplicate, so that one that
//! never arrived is told from one that did.

use policy::ids::RemovalId;
use scheduler::{Scheduler, SchedulerOptions};
use secrecy::SecretString;
use simulator::control::{ActionFault, ActionFaultKind, Faults, Rate};
use std::time::Duration;
use tests::amqp::AckEater;
use tests::eventually::eventually;
use tests::interlock::Ground;
use tests::process::Process;
use tests::provider::KEY;
use tests::site::Site;
use tests::tcp::{Flow, Gate};
use tokio::task::JoinHandle;
use tokio_postgres::Client;
use tokio_util::sync::{CancellationToken, DropGuard};

const PATIENCE: Duration = Duration::from_mins(3);
/// Longer than a lease.
const LEASE_OVER: i64 = 90;
/// Where a trigger makes a statement wait.
const GATE: i64 = 815;

/// A removal that its looks have confirmed, a scheduler that rings, and no worker yet.
struct Field {
    ground: Ground,
    removal: RemovalId,
    /// Whose broker it is.
    site: Site,
    scheduling: Option<(DropGuard, JoinHandle<()>)>,
}

impl Field {
    async fn laid() -> Self {
        let mut ground = Ground::of(20).await;
        let flag = Duration::from_hours(4);
        ground.flag(flag).await.expect("a flag");
        let (removal, _, _) = ground.warranted(0).await;
        ground.confirm().await;
        ground
            .sql(
                "create function public.wait_at_gate() returns trigger language plpgsql as
                    $$ begin perform pg_advisory_xact_lock_shared(815); return new; end $$;",
            )
            .await;
        let mut field = Self {
            ground,
            removal,
            site: Site::shared().await,
            scheduling: None,
        };
        field.schedule().await;
        field
    }

    /// A scheduler that starts now: it has no memory of an earlier clock.
    async fn schedule(&mut self) {
        self.unschedule().await;
        let broker = broker::Config {
            url: SecretString::from(self.site.amqp_url()),
            ca_file: None,
            connect_timeout: Duration::from_secs(5),
            heartbeat: Duration::from_secs(10),
            prefix: String::new(),
        };
        let store = self.ground.store("relink_scheduler");
        let scheduler =
            Scheduler::new(store, broker, duties::roster(), SchedulerOptions::default());
        let stop = CancellationToken::new();
        let running = scheduler.run(stop.clone());
        let task = tokio::spawn(async move { running.await.expect("the scheduler runs") });
        self.scheduling = Some((stop.drop_guard(), task));
    }

    async fn unschedule(&mut self) {
        if let Some((stop, task)) = self.scheduling.take() {
            drop(stop);
            task.await.expect("the scheduler stops");
        }
    }

    /// A real worker of the queue, with other settings than usual.
    fn worker(&self, name: &str, changed: &[(&str, String)]) -> Process {
        let usual = [
            ("DATABASE_URL", self.ground.database.url("relink_worker")),
            ("AMQP_URL", self.site.amqp_url()),
            ("PROVIDER_URL", self.ground.provider.base().to_owned()),
            ("PROVIDER_API_KEY", KEY.to_owned()),
            ("HTTP_ADDRESS", "127.0.0.1:0".to_owned()),
            ("LOG_FORMAT", "text".to_owned()),
            ("REMOVALS_ENABLED", "true".to_owned()),
            ("STAND_IN_CLOCK", "true".to_owned()),
        ];
        let settings: Vec<(String, String)> = usual
            .iter()
            .chain(changed)
            .map(|(key, value)| (format!("RELINK_{key}"), value.clone()))
            .collect();
        Process::relink(name, &["worker", "removals"], &settings)
    }

    /// A statement that raises an alert like that, as each step of a removal does, waits from now on until the returned
    /// connection says otherwise. A trigger on the removals themselves would be found by the self-test.
    async fn bar(&self, when: &str) -> Client {
        self.ground
            .sql(&format!(
                "create trigger wait_at_gate before insert on relink.admin_alerts for each row when ({when})
                 execute function public.wait_at_gate()"
            ))
            .await;
        let holder = self.ground.database.owner().await;
        let lock = "select pg_advisory_lock($1)";
        holder.execute(lock, &[&GATE]).await.expect("the lock");
        holder
    }

    /// The worker's statement waits for a lock.
    async fn until_it_waits(&self, statement: &str) {
        let sql = format!(
            "select count(*) from pg_stat_activity
              where datname = current_database() and usename = 'relink_worker' and wait_event_type = 'Lock'
                and query like '%{statement}%'"
        );
        eventually(statement, PATIENCE, || async {
            (self.ground.number(&sql).await > 0).then_some(())
        })
        .await;
    }

    async fn until(&self, wanted: &str) {
        eventually(wanted, PATIENCE, || async {
            (self.ground.state(self.removal).await.0 == wanted).then_some(())
        })
        .await;
    }

    /// State, intents, and requests to delete at the provider, at the moment of the kill.
    async fn left(&self) -> (String, i64, u64) {
        let ground = &self.ground;
        let state = ground.state(self.removal).await.0;
        let intents = "select count(*) from relink.removal_audit where event = 'intent'";
        (state, ground.number(intents).await, ground.deletes().await)
    }

    /// The dead worker's lease is over, and a new worker goes on; time passes until the removal has ended.
    async fn go_on(&mut self, changed: &[(&str, String)]) -> Process {
        // Before the new worker starts: one that lives through a step of the clock trips the latch.
        self.ground.later(LEASE_OVER).await;
        let heir = self.worker("heir", changed);
        self.schedule().await;
        for _ in 0..10 {
            self.settled().await;
            let ended = ["deleted", "not_sent", "kept"];
            if ended.contains(&self.ground.state(self.removal).await.0.as_str()) {
                return heir;
            }
            self.ground.next_due().await;
            self.schedule().await;
        }
        panic!("never over: {:?}", self.ground.state(self.removal).await);
    }

    /// Nothing of the queue is due, or under way.
    async fn settled(&self) {
        let busy = "select count(*) from relink.jobs where queue = 'removals'
                       and (state = 'leased' or (state = 'waiting' and run_at <= relink.clock()))";
        eventually("the queue is empty", PATIENCE, || async {
            (self.ground.number(busy).await == 0).then_some(())
        })
        .await;
    }

    /// What every point must come to: these states, this many requests at the provider, one intent, all of it recorded
    /// and told, and no job left behind.
    async fn ended(&mut self, point: &str, trail: &str, deletes: u64) {
        self.settled().await;
        self.unschedule().await;
        let ground = &self.ground;
        assert_eq!(ground.trail(self.removal).await, trail, "{point}");
        let listed = ground.provider.deletes().await.requests;
        assert_eq!(u64::try_from(listed.len()), Ok(deletes), "{point}");
        assert_eq!(ground.intents().await, 1, "{point}: the cap counts it");
        ground.is_recorded().await;
        let dead = "select count(*) from relink.jobs where queue = 'removals' and state in ('dead', 'leased')";
        assert_eq!(ground.number(dead).await, 0, "{point}");
        println!("kill -9 {point:<44} {trail}; DELETEs at the provider: {deletes}");
    }
}

fn left(state: &str, intents: i64, deletes: u64) -> (String, i64, u64) {
    (state.to_owned(), intents, deletes)
}

#[tokio::test]
async fn fault_r_del_1_killed_before_the_intent_commits_the_next_worker_removes_once() {
    let mut field = Field::laid().await;
    let holder = field.bar("new.code = 'removal_permitted'").await;
    let mut victim = field.worker("victim", &[]);
    field.until_it_waits("judge_removal").await;
    victim.kill9().await;
    assert_eq!(field.left().await, left("requested", 0, 0));
    drop(holder);
    let _heir = field.go_on(&[]).await;
    let trail = "requested permitted calling deleted";
    field.ended("before the intent commits:", trail, 1).await;
}

#[tokio::test]
async fn fault_r_del_1_killed_after_the_intent_before_start_an_old_permit_is_not_used() {
    let mut field = Field::laid().await;
    let holder = field.bar("new.code = 'removal_calling'").await;
    let mut victim = field.worker("victim", &[]);
    field.until_it_waits("judge_removal").await;
    victim.kill9().await;
    assert_eq!(field.left().await, left("permitted", 1, 0));
    drop(holder);
    let _heir = field.go_on(&[]).await;
    let trail = "requested permitted not_sent";
    field
        .ended("after the intent, before start:", trail, 0)
        .await;
}

#[tokio::test]
async fn fault_r_del_1_killed_after_the_intent_a_young_permit_serves_the_next_worker() {
    let mut field = Field::laid().await;
    let holder = field.bar("new.code = 'removal_calling'").await;
    let mut victim = field.worker("victim", &[]);
    field.until_it_waits("judge_removal").await;
    victim.kill9().await;
    assert_eq!(field.left().await, left("permitted", 1, 0));
    drop(holder);
    // The superuser ends the dead worker's lease at once.
    let over = "update relink.jobs set leased_until = relink.clock() where state = 'leased'";
    field.ground.sql(over).await;
    let _heir = field.worker("heir", &[]);
    field.until("deleted").await;
    let trail = "requested permitted calling deleted";
    field
        .ended("after the intent, permit still young:", trail, 1)
        .await;
}

#[tokio::test]
async fn fault_r_del_1_killed_after_start_before_the_first_byte_it_is_unknown_then_kept() {
    let mut field = Field::laid().await;
    let gate = Gate::before(field.ground.provider.base()).await;
    gate.set(Flow::HoldRequests);
    let mut victim = field.worker("victim", &[("PROVIDER_URL", gate.base().to_owned())]);
    gate.connected(1, PATIENCE).await;
    field.until("calling").await;
    victim.kill9().await;
    gate.cut();
    assert_eq!(field.left().await, left("calling", 1, 0));
    let _heir = field.go_on(&[]).await;
    let trail = "requested permitted calling unknown kept";
    field
        .ended("after start, before the first byte:", trail, 0)
        .await;
}

#[tokio::test]
async fn fault_r_del_1_killed_after_the_call_arrived_it_is_unknown_then_deleted() {
    let mut field = Field::laid().await;
    let silence = Faults {
        actions: vec![ActionFault {
            kind: ActionFaultKind::SilenceAfter,
            route: Some("DELETE /accounts/{id}".to_owned()),
            action: None,
            rate: Rate(1.0),
            times: None,
            ms: None,
        }],
        ..Faults::default()
    };
    field.ground.provider.faults(&silence).await;
    let mut victim = field.worker("victim", &[]);
    eventually("the provider has done it", PATIENCE, || async {
        (field.ground.provider.counts().await.deletes == 1).then_some(())
    })
    .await;
    victim.kill9().await;
    assert_eq!(field.left().await, left("calling", 1, 1));
    let _heir = field.go_on(&[]).await;
    let trail = "requested permitted calling unknown deleted";
    field.ended("after the call arrived:", trail, 1).await;
}

#[tokio::test]
async fn fault_r_del_1_killed_before_settle_commits_it_is_unknown_then_deleted() {
    let mut field = Field::laid().await;
    let holder = field.bar("new.code in ('removal_deleted', 'removal_unknown', 'removal_not_sent', 'removal_kept')").await;
    let mut victim = field.worker("victim", &[]);
    field.until_it_waits("settle_removal").await;
    victim.kill9().await;
    assert_eq!(field.left().await, left("calling", 1, 1));
    drop(holder);
    let _heir = field.go_on(&[]).await;
    let trail = "requested permitted calling unknown deleted";
    field.ended("before settle commits:", trail, 1).await;
}

#[tokio::test]
async fn fault_r_del_1_killed_after_settle_before_the_ack_the_doorbell_comes_again_and_does_nothing()
 {
    let mut field = Field::laid().await;
    let eater = AckEater::before(&field.site.amqp_url(), true).await;
    let mut victim = field.worker("victim", &[("AMQP_URL", eater.url())]);
    field.until("deleted").await;
    eventually("the ack is swallowed", PATIENCE, || async {
        (eater.swallowed("removals") >= 1).then_some(())
    })
    .await;
    victim.kill9().await;
    assert_eq!(field.left().await, left("deleted", 1, 1));
    let second = AckEater::before(&field.site.amqp_url(), false).await;
    let _heir = field.worker("heir", &[("AMQP_URL", second.url())]);
    eventually("the broker rings again", PATIENCE, || async {
        (second.redelivered("removals") >= 1).then_some(())
    })
    .await;
    let trail = "requested permitted calling deleted";
    field.ended("after settle, before the ack:", trail, 1).await;
}
