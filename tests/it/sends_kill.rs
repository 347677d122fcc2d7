//! R-CAP-5, scenario 1: `kill -9` of a real worker at every point of the effect protocol. Each point is made from
//! outside: by a lock or a trigger of the superuser's, a fault of the simulator's, a proxy. A minute and a half later by
//! the database's clock the dead worker's lease is over, and a new worker goes on.

mod frozen;

use jiff::SignedDuration;
use policy::campaigns::OnSenderLoss;
use policy::jobs::Queue;
use simulator::control::{Action, ActionFault, ActionFaultKind, Cap, Faults, Rate};
use std::time::Duration;
use tests::amqp::AckEater;
use tests::eventually::eventually;
use tests::fleet_run::FleetRun;
use tests::ledger::{Ledger, audit, states};
use tests::process::Process;
use tests::site::Site;
use tests::tcp::{Flow, Gate};
use tokio_postgres::Client;
use tokio_util::sync::{CancellationToken, DropGuard};

const PATIENCE: Duration = Duration::from_mins(3);
/// Longer than a lease of 75 s.
const LEASE_OVER: SignedDuration = SignedDuration::from_secs(90);
/// Invitations of the one account; as many as its cap of any 24 hours.
const INVITATIONS: i64 = 3;
/// Where a trigger makes a statement wait.
const GATE: i64 = 815;

/// A fleet of processes with one sender; its campaign invites three people, two days later it writes to them.
struct Field {
    run: FleetRun,
    watcher: Process,
    _notices: DropGuard,
    scheduling: DropGuard,
}

impl Field {
    /// Everything but the worker that sends, which is about to be killed.
    async fn laid() -> Self {
        let run = FleetRun::without_workers(Site::shared().await, |cast| {
            let ada = cast.connected("ada");
            cast.sends(ada);
            cast.campaign(OnSenderLoss::default(), &[ada]);
            cast.fleet.campaigns[0].enrollments = 3;
        })
        .await;
        run.owner
            .batch_execute(
                "update relink.enrollments set step = 1;
                 insert into relink.send_limits (account_id, action, day, week) select id, 'invite', 3, 10 from relink.accounts;
                 create function public.wait_at_gate() returns trigger language plpgsql as
                    $$ begin perform pg_advisory_xact_lock_shared(815); return new; end $$;",
            )
            .await
            .expect("prepare");
        let cap = Cap {
            session: None,
            action: Action::Invite,
            day: Some(3),
            week: Some(10),
        };
        run.provider.caps(&[cap]).await;
        let watcher = Process::relink(
            "watcher",
            &["worker", "watches", "confirmations"],
            &run.settings(),
        );
        let notices = run.work(&[Queue::Notices], run.provider.unipile());
        let stop = CancellationToken::new();
        // Ends with its token.
        drop(run.schedule(&stop));
        Self {
            run,
            watcher,
            _notices: notices,
            scheduling: stop.drop_guard(),
        }
    }

    /// A worker that sends, with other settings than usual.
    fn worker(&self, name: &str, changed: &[(&str, String)]) -> Process {
        let mut settings = self.run.settings();
        settings.extend(
            changed
                .iter()
                .map(|(key, value)| (format!("RELINK_{key}"), value.clone())),
        );
        Process::relink(name, &["worker", "sends", "sweeps"], &settings)
    }

    /// A statement that changes a send like that waits from now on, until the returned connection says otherwise.
    async fn bar(&mut self, when: &str) -> Client {
        let sql = format!(
            "create trigger wait_at_gate before update on relink.sends for each row when ({when})
             execute function public.wait_at_gate()"
        );
        self.run.owner.batch_execute(&sql).await.expect("a trigger");
        let holder = self.run.site().owner().await;
        let lock = "select pg_advisory_lock($1)";
        holder.execute(lock, &[&GATE]).await.expect("the lock");
        holder
    }

    /// The worker's statement waits for a lock.
    async fn until_it_waits(&self, statement: &str) {
        let sql = "select count(*) from pg_stat_activity
                    where datname = current_database() and usename = 'relink_worker' and wait_event_type = 'Lock'
                      and query like '%' || $1 || '%'";
        eventually(statement, PATIENCE, || async {
            (self.run.number(sql, &[&statement]).await > 0).then_some(())
        })
        .await;
    }

    async fn until_sends_are(&self, wanted: &str) {
        eventually(wanted, PATIENCE, || async {
            (states(&self.run).await == wanted).then_some(())
        })
        .await;
    }

    /// What the rows and the referee say at the moment of the kill.
    async fn standing(&self) -> Standing {
        let job = "select coalesce(string_agg(state::text, ',' order by id), '') from relink.jobs where kind = 'sends.execute'";
        Standing {
            job: self.run.words(job, &[]).await.concat(),
            sends: states(&self.run).await,
            intents: self
                .run
                .number(
                    "select count(*) from relink.send_audit where event = 'intent'",
                    &[],
                )
                .await,
            effects: self.run.provider.effects().await.len(),
        }
    }

    /// A new worker goes on, over the fleet's next days if need be; then both books are audited.
    async fn go_on(&mut self, worker: &[(&str, String)]) -> (Ledger, Process) {
        drop(std::mem::replace(
            &mut self.scheduling,
            CancellationToken::new().drop_guard(),
        ));
        let worker = self.worker("heir", worker);
        self.run.later(LEASE_OVER).await;
        // Six hours by minutes, for spacing and looks; then by hours, for what waits for its cap.
        let (mut minutes, mut hours) = (0, 0);
        while !self.is_over().await {
            let by = if minutes < 40 {
                minutes += 1;
                SignedDuration::from_mins(2)
            } else {
                hours += 1;
                assert!(hours < 36, "never over: {}", states(&self.run).await);
                SignedDuration::from_hours(1)
            };
            self.run.later(by).await;
        }
        (audit(&self.run).await, worker)
    }

    /// Every enrollment has left its first step, and nothing is open or unknown.
    async fn is_over(&self) -> bool {
        let sql = "select (select count(*) from relink.enrollments where step = 1)
                        + (select count(*) from relink.sends where state in ('planned', 'reserved', 'sending', 'unknown'))";
        self.run.number(sql, &[]).await == 0
    }

    /// The end that every point must come to.
    async fn ended(&mut self, ledger: &Ledger) {
        assert_eq!(i64::try_from(ledger.effects), Ok(INVITATIONS), "{ledger}");
        assert_eq!(ledger.resolved, ledger.unknown, "{ledger}");
        let moved = "select count(*) from relink.enrollments where step = 2 and state = 'active'";
        assert_eq!(self.run.number(moved, &[]).await, INVITATIONS);
        assert_eq!(self.watcher.exited(), None);
        let dead = "select count(*) from relink.jobs where state in ('dead', 'leased')";
        assert_eq!(self.run.number(dead, &[]).await, 0);
    }
}

/// What a killed worker left.
#[derive(Debug, PartialEq, Eq)]
struct Standing {
    job: String,
    sends: String,
    intents: i64,
    effects: usize,
}

fn standing(job: &str, sends: &str, intents: i64, effects: usize) -> Standing {
    Standing {
        job: job.to_owned(),
        sends: sends.to_owned(),
        intents,
        effects,
    }
}

fn say(point: &str, left: &Standing, ledger: &Ledger) {
    println!(
        "kill -9 {point:<46} left: {}, effects {}; in the end: {ledger}",
        left.sends, left.effects
    );
}

#[tokio::test]
async fn fault_r_cap_5_killed_before_reserve_the_send_is_made_once_by_the_next_worker() {
    let mut field = Field::laid().await;
    // Planned before: the dispatch passes by an account that somebody holds.
    let sweeps = ["worker", "sweeps"];
    let mut planner = Process::relink("planner", &sweeps, &field.run.settings());
    field.until_sends_are("planned 1").await;
    planner.kill9().await;
    let holder = field.run.site().owner().await;
    holder
        .batch_execute("begin; select from relink.accounts for no key update")
        .await
        .expect("hold the account's row");
    let mut victim = field.worker("victim", &[]);
    field.until_it_waits("from relink.accounts").await;
    victim.kill9().await;
    let left = field.standing().await;
    assert_eq!(left, standing("leased", "planned 1", 0, 0));
    holder.batch_execute("rollback").await.expect("let go");
    let (ledger, _heir) = field.go_on(&[]).await;
    field.ended(&ledger).await;
    assert_eq!((ledger.states.as_str(), ledger.unknown), ("sent 3", 0));
    say("before reserve:", &left, &ledger);
}

#[tokio::test]
async fn fault_r_cap_5_killed_in_reserve_before_its_commit_nothing_is_taken() {
    let mut field = Field::laid().await;
    let holder = field.bar("new.state = 'reserved'").await;
    let mut victim = field.worker("victim", &[]);
    field.until_it_waits("reserve_sends").await;
    victim.kill9().await;
    let left = field.standing().await;
    assert_eq!(left, standing("leased", "planned 1", 0, 0));
    drop(holder);
    let (ledger, _heir) = field.go_on(&[]).await;
    field.ended(&ledger).await;
    assert_eq!((ledger.states.as_str(), ledger.unknown), ("sent 3", 0));
    say("in reserve, before its commit:", &left, &ledger);
}

#[tokio::test]
async fn fault_r_cap_5_killed_after_reserve_before_the_cas_the_send_is_made_once() {
    let mut field = Field::laid().await;
    let holder = field.bar("new.state = 'sending'").await;
    let mut victim = field.worker("victim", &[]);
    field.until_it_waits("start_send").await;
    victim.kill9().await;
    let left = field.standing().await;
    assert_eq!(left, standing("leased", "reserved 1", 1, 0));
    drop(holder);
    let (ledger, _heir) = field.go_on(&[]).await;
    field.ended(&ledger).await;
    assert_eq!((ledger.states.as_str(), ledger.unknown), ("sent 3", 0));
    say("after reserve, before CAS (reserved anew):", &left, &ledger);
}

#[tokio::test]
async fn fault_r_cap_5_killed_after_reserve_a_young_reservation_serves_the_next_worker() {
    let mut field = Field::laid().await;
    let holder = field.bar("new.state = 'sending'").await;
    let mut victim = field.worker("victim", &[]);
    field.until_it_waits("start_send").await;
    victim.kill9().await;
    let left = field.standing().await;
    assert_eq!(left, standing("leased", "reserved 1", 1, 0));
    drop(holder);
    // The superuser ends the dead worker's lease at once, while its reservation is younger than a minute.
    let over = "update relink.jobs set leased_until = relink.clock() where state = 'leased'";
    field.run.owner.batch_execute(over).await.expect("end it");
    let heir = field.worker("heir", &[]);
    field.until_sends_are("sent 1").await;
    let intents = "select count(*) from relink.send_audit where event = 'intent'";
    assert_eq!(field.run.number(intents, &[]).await, 1, "reserved once");
    let (ledger, _other) = field.go_on(&[]).await;
    field.ended(&ledger).await;
    assert_eq!((ledger.states.as_str(), ledger.unknown), ("sent 3", 0));
    drop(heir);
    say(
        "after reserve, before CAS (same reservation):",
        &left,
        &ledger,
    );
}

#[tokio::test]
async fn fault_r_cap_5_killed_after_the_cas_before_the_first_byte_the_send_is_proved_absent() {
    let mut field = Field::laid().await;
    let gate = Gate::before(field.run.provider.base()).await;
    gate.set(Flow::HoldRequests);
    let mut victim = field.worker("victim", &[("PROVIDER_URL", gate.base().to_owned())]);
    gate.connected(1, PATIENCE).await;
    field.until_sends_are("sending 1").await;
    victim.kill9().await;
    gate.cut();
    let left = field.standing().await;
    assert_eq!(left, standing("leased", "sending 1", 1, 0));
    let (ledger, _heir) = field.go_on(&[]).await;
    field.ended(&ledger).await;
    assert_eq!(
        (ledger.states.as_str(), ledger.unknown, ledger.counted),
        ("failed 1, sent 3", 1, 4),
        "the unknown one keeps its capacity"
    );
    say(
        "after CAS, before the request's first byte:",
        &left,
        &ledger,
    );
}

#[tokio::test]
async fn fault_r_cap_5_killed_after_the_last_byte_the_send_is_found_and_not_made_again() {
    let mut field = Field::laid().await;
    let silence = ActionFault {
        kind: ActionFaultKind::SilenceAfter,
        route: None,
        action: Some(Action::Invite),
        rate: Rate(1.0),
        times: Some(1),
        ms: None,
    };
    let faults = Faults {
        actions: vec![silence],
        ..Faults::default()
    };
    field.run.provider.faults(&faults).await;
    let mut victim = field.worker("victim", &[]);
    eventually("the provider has done it", PATIENCE, || async {
        (field.run.provider.effects().await.len() == 1).then_some(())
    })
    .await;
    victim.kill9().await;
    let left = field.standing().await;
    assert_eq!(left, standing("leased", "sending 1", 1, 1));
    let (ledger, _heir) = field.go_on(&[]).await;
    field.ended(&ledger).await;
    assert_eq!((ledger.states.as_str(), ledger.unknown), ("sent 3", 1));
    say("after the request's last byte:", &left, &ledger);
}

#[tokio::test]
async fn fault_r_cap_5_killed_before_settle_commits_the_send_is_found_and_not_made_again() {
    let mut field = Field::laid().await;
    let holder = field.bar("old.state = 'sending'").await;
    let mut victim = field.worker("victim", &[]);
    field.until_it_waits("settle_sends").await;
    victim.kill9().await;
    let left = field.standing().await;
    assert_eq!(left, standing("leased", "sending 1", 1, 1));
    drop(holder);
    let (ledger, _heir) = field.go_on(&[]).await;
    field.ended(&ledger).await;
    assert_eq!((ledger.states.as_str(), ledger.unknown), ("sent 3", 1));
    say("before settle commits:", &left, &ledger);
}

#[tokio::test]
async fn fault_r_cap_5_killed_after_settle_before_the_ack_the_doorbell_comes_again_and_does_nothing()
 {
    let mut field = Field::laid().await;
    let amqp = field.run.site().amqp_url();
    let eater = AckEater::before(&amqp, true).await;
    let mut victim = field.worker("victim", &[("AMQP_URL", eater.url())]);
    eventually("the ack of the send is swallowed", PATIENCE, || async {
        (eater.swallowed("sends") == 1).then_some(())
    })
    .await;
    victim.kill9().await;
    let left = field.standing().await;
    assert_eq!(left, standing("done", "sent 1", 1, 1));
    let second = AckEater::before(&amqp, false).await;
    let (ledger, _heir) = field.go_on(&[("AMQP_URL", second.url())]).await;
    assert!(second.redelivered("sends") >= 1, "the broker rings again");
    field.ended(&ledger).await;
    assert_eq!((ledger.states.as_str(), ledger.unknown), ("sent 3", 0));
    say("after settle, before ack (rung again):", &left, &ledger);
}
