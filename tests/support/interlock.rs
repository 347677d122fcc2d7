//! A fleet whose sessions may be removed: real PostgreSQL, the simulator, real jobs rung without a broker, and a clock
//! that passes when the test says so.

mod faults;
mod token;
mod worker;

pub use worker::KINDS;

use crate::cast::Cast;
use crate::database::{Database, SUPERUSER};
use crate::provider::SimulatedProvider;
use fleet::Pipeline;
use jiff::{SignedDuration, Timestamp};
use policy::account::{Cause, Flip, Status};
use policy::decision::{Decision, NewJob};
use policy::ids::{AccountId, CaseId, RemovalId, SessionId, WarrantId};
use policy::jobs::{NameRemoval, REMOVALS_EXECUTE};
use secrecy::SecretString;
use serde_json::json;
use simulator::control::{Change, NewSession};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use store::operators::{Act, NewToken, Scope};
use store::{Author, Store, StoreError};
use tokio_postgres::Client;
use uuid::Uuid;

/// Why every act of these tests is done.
pub const REASON: &str = "a test";
/// Between two looks: more than the least that counts.
pub const BETWEEN_LOOKS: i64 = 91;

/// The ground of these tests.
pub struct Ground {
    /// The database.
    pub database: Database,
    /// A superuser's connection.
    pub owner: Client,
    /// The provider, and the referee.
    pub provider: SimulatedProvider,
    /// The accounts and their sessions, all connected at first.
    pub accounts: Vec<(AccountId, String)>,
    /// Tokens of two operators, `ada` and `bob`.
    pub tokens: [SecretString; 2],
    // Kept, for a new connection of each act would compile the interlock's functions anew.
    operator: Store,
    hand: Store,
    ahead_s: i64,
    /// Whether its clock is one that is stepped; before the first step it is the real one.
    is_laid: AtomicBool,
}

impl Ground {
    /// So many connected accounts; nothing is wrong with any.
    pub async fn of(accounts: usize) -> Self {
        crate::site::secure();
        let database = Database::fresh().await;
        let owner = database.owner().await;
        let at = now(&database).await;
        let hour_ago = at
            .checked_sub(SignedDuration::from_hours(1))
            .expect("an hour ago");
        let mut cast = Cast::new(hour_ago);
        let accounts = cast.crowd(accounts);
        let superuser = database.config(SUPERUSER);
        store::seed::plant(&superuser, &cast.fleet, hour_ago)
            .await
            .expect("plant the accounts");
        let provider = SimulatedProvider::start(at).await;
        provider.create(cast.sessions).await;
        let mut ground = Self {
            tokens: [token::fresh(), token::fresh()].map(|(_, _, token)| token),
            operator: database.store("relink_operator"),
            hand: database.store("relink_worker"),
            database,
            owner,
            provider,
            accounts,
            ahead_s: 0,
            is_laid: AtomicBool::new(false),
        };
        for (nth, name) in ["ada", "bob"].into_iter().enumerate() {
            let (id, secret, whole) = token::fresh();
            let life = Duration::from_hours(24 * 365);
            let token = NewToken {
                id: &id,
                secret: &secret,
                operator: name,
                scopes: &[Scope::Read, Scope::Operate, Scope::Remove],
                workspace: None,
                life,
            };
            store::operators::add(&superuser, &token, ("test", REASON))
                .await
                .expect("an operator");
            ground.tokens[nth] = whole;
        }
        ground.seen().await;
        ground
    }

    /// The same fleet in a database of its own, as it stands in this one, which can be used for nothing else from now on. The
    /// provider is one and the same.
    pub async fn again(&self) -> Self {
        let database = self.database.copy().await;
        Self {
            owner: database.owner().await,
            operator: database.store("relink_operator"),
            hand: database.store("relink_worker"),
            database,
            provider: self.provider.clone(),
            accounts: self.accounts.clone(),
            tokens: self.tokens.clone(),
            ahead_s: self.ahead_s,
            is_laid: AtomicBool::new(self.is_laid.load(Ordering::Relaxed)),
        }
    }

    /// The worker's store that acts of these tests use.
    pub fn hand(&self) -> Store {
        self.hand.clone()
    }

    /// A store as this role.
    pub fn store(&self, role: &str) -> Store {
        self.database.store(role)
    }

    /// The newest listing holds every linked session, well.
    async fn seen(&self) {
        let sql = "insert into relink.sessions_seen (session_id, slot, seen_at, first_seen, kind, name, health, words, identity, created_at)
                   select session_id, relink.clock(), relink.clock(), relink.clock(), kind, name, 'ok', '{OK}', identity, created_at
                     from relink.accounts where session_id is not null on conflict do nothing";
        self.sql(sql).await;
    }

    /// Steps both clocks forward.
    pub async fn later(&mut self, seconds: i64) {
        let now = self.step_database(seconds).await;
        self.provider.clock(now).await;
        // The fleet that looks at the clock every ten minutes is not there.
        self.sql("update relink.removal_latch set seen_at = relink.clock() where seen_at < relink.clock()")
            .await;
    }

    /// Steps the database's clock alone, also backwards.
    pub async fn step_database(&mut self, seconds: i64) -> Timestamp {
        self.ahead_s += seconds;
        self.shift(0).await;
        now(&self.database).await
    }

    /// The nth account's session is lost at the provider, three polls said so, and the case is confirmed: the account
    /// is `missing`. The case's own polls are not planted, so that each test counts the suspects that it makes.
    pub async fn gone(&self, nth: usize) -> SessionId {
        let (account, session) = self.accounts[nth].clone();
        let gone = Change {
            gone: true,
            ..Change::default()
        };
        self.provider.change(&session, gone).await;
        let tx = self.hand.begin().await.expect("begin");
        let row = tx
            .account(account)
            .await
            .expect("read")
            .expect("the account");
        let now = tx.now().at;
        let mut decision = Decision::nothing(now);
        decision.status.flips.push(Flip {
            account,
            version: row.version,
            from: row.status,
            to: Status::Missing,
            cause: Cause::ConfirmedMissing,
            observed_at: now,
            evidence: json!({}),
            link: None,
            checkpoint: None,
        });
        let applied = tx.apply(&decision, &BY).await.expect("flip");
        assert_eq!(applied.changed, 1, "{session} goes missing");
        tx.finish().await.expect("commit");
        let case = CaseId(Uuid::now_v7());
        self.owner
            .execute(
                "insert into relink.cases (account_id, id, session_id, account_version, opened_at, evidence, verdict, closed_at)
                 values ($1, $2, $3, $4, relink.clock(), '{}', 'confirmed', relink.clock())",
                &[&account.0, &case.0, &session, &row.version],
            )
            .await
            .expect("a confirmed case");
        SessionId(session)
    }

    /// A live session of the nth account's person that is linked to nobody.
    pub async fn duplicate(&self, nth: usize) -> SessionId {
        let twin = &self.accounts[nth].1;
        let identity = twin.replacen("s-", "id-", 1);
        let id = format!("dup-{nth}-{}", Uuid::now_v7().simple());
        let session = NewSession {
            id: Some(id.clone()),
            name: Some(id.clone()),
            identity: Some(identity.clone()),
            ..NewSession::default()
        };
        self.provider.create(vec![session]).await;
        let sql = "insert into relink.sessions_seen (session_id, slot, seen_at, first_seen, kind, name, health, words, identity, created_at)
                   values ($1, relink.clock(), relink.clock(), relink.clock(), 'LINKEDIN', $1, 'ok', '{OK}', $2, relink.clock())";
        self.owner
            .execute(sql, &[&id, &identity])
            .await
            .expect("the listing saw it");
        SessionId(id)
    }

    /// What an operator does; `nth` is whose token.
    async fn act<T>(
        &self,
        nth: usize,
        act: impl AsyncFnOnce(&store::Tx, &Act<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let tx = self.operator.begin().await?;
        match act(&tx, &Act::new(&self.tokens[nth], REASON)).await {
            Ok(done) => tx.finish().await.map(|()| done),
            Err(error) => {
                tx.abandon().await;
                Err(error)
            }
        }
    }

    /// Gate 5: `ada` allows removals for so long.
    pub async fn flag(&self, life: Duration) -> Result<Timestamp, StoreError> {
        self.act(0, async |tx, act| {
            tx.enable_flag(act, "removals", life).await
        })
        .await
    }

    /// `ada` ends the flag.
    pub async fn unflag(&self) {
        self.act(0, async |tx, act| tx.end_flag(act, "removals").await)
            .await
            .expect("end the flag");
    }

    /// `ada` clears the latch; whether it was tripped.
    pub async fn clear(&self) -> bool {
        self.act(0, async |tx, act| tx.clear_latch(act).await)
            .await
            .expect("clear the latch")
    }

    /// `ada` asks to remove a session whose case is confirmed.
    pub async fn request(&self, session: &SessionId) -> Result<RemovalId, StoreError> {
        self.act(0, async |tx, act| tx.request_removal(act, session).await)
            .await
    }

    /// `ada` issues a warrant.
    pub async fn issue(&self, session: &SessionId) -> Result<WarrantId, StoreError> {
        let issued = self.act(0, async |tx, act| tx.issue_warrant(act, session).await);
        Ok(issued.await?.0)
    }

    /// `bob` approves a warrant.
    pub async fn approve(&self, warrant: WarrantId) -> Result<RemovalId, StoreError> {
        self.act(1, async |tx, act| tx.approve_warrant(act, warrant).await)
            .await
    }

    /// A worker of the queue `removals` that starts now, its kill switch as said. Its watchman knows no earlier clock. Over
    /// connections that are open already: a new one would compile the interlock's functions anew.
    pub fn worker(&self, enabled: bool) -> Arc<Pipeline> {
        self.worker_at(enabled, self.provider.base())
    }

    /// The same, for another provider's address.
    pub fn worker_at(&self, enabled: bool, base: &str) -> Arc<Pipeline> {
        worker::of(self.hand(), enabled, base)
    }

    /// The same over connections of its own, for many at once.
    pub fn rival(&self) -> Arc<Pipeline> {
        worker::of(self.store("relink_worker"), true, self.provider.base())
    }

    /// Runs every job of these kinds that is due, and what they ask for at once.
    pub async fn run_due(&self, worker: &Arc<Pipeline>) {
        loop {
            let sql = "select id, kind from relink.jobs where state = 'waiting' and queue = 'removals' and run_at <= relink.clock() order by run_at";
            let due = self.owner.query(sql, &[]).await.expect("jobs");
            if due.is_empty() {
                return;
            }
            for job in due {
                worker.ring(job.get("kind"), &[job.get("id")]).await;
            }
        }
    }

    /// Three looks of everything that is asked for, each as late as it must be. The third brings the attempt with it,
    /// which runs here too.
    pub async fn looks(&mut self, worker: &Arc<Pipeline>) {
        for nth in 0..3 {
            if nth > 0 {
                self.later(BETWEEN_LOOKS).await;
            }
            self.run_due(worker).await;
        }
    }

    /// Enqueues the attempt of a removal, if its third look has not, and runs it.
    pub async fn attempt(&self, worker: &Arc<Pipeline>, removal: RemovalId) {
        let tx = self.hand.begin().await.expect("begin");
        let job = NewJob {
            kind: REMOVALS_EXECUTE,
            cause: format!("{}@{removal}", REMOVALS_EXECUTE.name),
            workspace: None,
            account: None,
            run_at: tx.now().at,
            payload: json!(NameRemoval { removal }),
        };
        tx.enqueue(&[job], None, None).await.expect("enqueue");
        tx.finish().await.expect("commit");
        let sql = "select id from relink.jobs where cause = $1";
        let cause = format!("{}@{removal}", REMOVALS_EXECUTE.name);
        let job = self.owner.query_one(sql, &[&cause]).await.expect("the job");
        worker.ring(REMOVALS_EXECUTE.name, &[job.get(0)]).await;
    }

    /// How far a removal is, and what was said of it last.
    pub async fn state(&self, removal: RemovalId) -> (String, String) {
        let sql = "select state, note from relink.removals where id = $1";
        let found = self.owner.query_one(sql, &[&removal.0]).await;
        let found = found.expect("the removal");
        (found.get(0), found.get(1))
    }

    /// The gates that refused it, as its facts have them.
    pub async fn refused(&self, removal: RemovalId) -> Vec<String> {
        let sql = "select array(select jsonb_array_elements_text(facts -> 'refused')) from relink.removals where id = $1";
        let found = self.owner.query_one(sql, &[&removal.0]).await;
        found.expect("the removal").get(0)
    }

    /// `DELETE`s of sessions that reached the provider.
    pub async fn deletes(&self) -> u64 {
        self.provider.counts().await.delete_requests
    }

    /// One number of the database's.
    pub async fn number(&self, sql: &str) -> i64 {
        let found = self.owner.query_one(sql, &[]).await;
        found
            .unwrap_or_else(|error| panic!("{sql}: {error:?}"))
            .get(0)
    }

    /// Statements as the superuser.
    pub async fn sql(&self, sql: &str) {
        self.owner
            .batch_execute(sql)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }

    /// Every removal's every step has its audit row and its alert, and no job of theirs failed.
    pub async fn is_recorded(&self) {
        let unrecorded = "select count(*) from relink.removals r where not exists (
            select from relink.removal_audit a where a.removal_id = r.id and a.to_state = r.state)";
        assert_eq!(
            self.number(unrecorded).await,
            0,
            "every state has its audit row"
        );
        let silent = "select count(*) from relink.removals r where not exists (
            select from relink.admin_alerts a where a.subject = 'removal ' || r.id and a.code = 'removal_' || r.state)";
        assert_eq!(self.number(silent).await, 0, "every state is told");
    }
}

/// On whose behalf these tests write.
pub const BY: Author<'static> = Author {
    actor: "worker:test",
    job: None,
    schedule: None,
    traceparent: None,
};

async fn now(database: &Database) -> Timestamp {
    let now = database.store(SUPERUSER).now().await;
    now.expect("read the clock").at
}
