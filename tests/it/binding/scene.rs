//! Attempts, callbacks and webhooks as their own rooms write them, in an order that a test chooses.

use policy::account::Status;
use policy::events::{Callback, Source, Verdict, Webhook};
use policy::ids::{AccountId, AttemptId, SessionId};
use policy::life::first_looks;
use serde_json::json;
use simulator::control::{Change, Health, Kind, NewSession};
use store::Store;
use tests::fleet_run::FleetRun;
use uuid::Uuid;

/// A fleet, and the API's login to its database.
pub(super) struct Scene {
    pub(super) run: FleetRun,
    api: Store,
}

impl Scene {
    pub(super) fn of(mut run: FleetRun) -> Self {
        let api = Store::new(run.site().database("relink_operator")).expect("a store");
        Self { run, api }
    }

    /// An attempt of the account, which takes the place of the one before; its link is handed out.
    pub(super) async fn begin(&self, account: AccountId, purpose: &str) -> AttemptId {
        let attempt = self.mint(account, purpose).await;
        self.open(account, attempt).await;
        attempt
    }

    /// An attempt whose link is being minted.
    pub(super) async fn mint(&self, account: AccountId, purpose: &str) -> AttemptId {
        let attempt = AttemptId(Uuid::now_v7());
        let sql = "with before as (
                update relink.link_attempts set closed_at = relink.clock(), outcome = 'superseded'
                 where account_id = $1 and closed_at is null returning id)
            insert into relink.link_attempts (account_id, id, purpose, state, mint_no, started_at, link_ends_at, ends_at)
            select $1, $2, $3, 'minting', 1, relink.clock(), relink.clock() + interval '30 minutes',
                   relink.clock() + interval '24 hours'
              from (select count(*) from before) b";
        let asked: [&(dyn tokio_postgres::types::ToSql + Sync); 3] =
            [&account.0, &attempt.0, &purpose];
        let begun = self.run.owner.execute(sql, &asked).await;
        assert_eq!(begun.expect("an attempt"), 1);
        attempt
    }

    /// The mint's second transaction.
    pub(super) async fn open(&self, account: AccountId, attempt: AttemptId) {
        let sql = "update relink.link_attempts set state = 'open', minted_at = relink.clock() where id = $1 and state = 'minting'";
        let opened = self.run.owner.execute(sql, &[&attempt.0]).await;
        assert_eq!(opened.expect("opened"), 1);
        if self.run.status(account).await != "connecting" {
            self.put(account, Status::Connecting).await;
        }
    }

    /// Its product takes it back, as `relink.cancel_attempt` does; whatever had ended it before stands.
    pub(super) async fn cancel(&self, account: AccountId, attempt: AttemptId) {
        let sql = "with locked as (select id from relink.accounts where id = $1 for no key update)
            update relink.link_attempts l set closed_at = relink.clock(), outcome = 'cancelled'
              from locked where l.account_id = locked.id and l.id = $2 and l.closed_at is null";
        let asked: [&(dyn tokio_postgres::types::ToSql + Sync); 2] = [&account.0, &attempt.0];
        let cancelled = self.run.owner.execute(sql, &asked).await;
        assert!(cancelled.expect("taken back") <= 1);
    }

    /// Its name has ended a minute ago.
    pub(super) async fn end_name(&self, attempt: AttemptId) {
        let sql = "update relink.link_attempts
                      set started_at = started_at - interval '25 hours', link_ends_at = link_ends_at - interval '25 hours',
                          ends_at = relink.clock() - interval '1 minute' where id = $1";
        self.run
            .owner
            .execute(sql, &[&attempt.0])
            .await
            .expect("its end");
    }

    /// A flip by hand, with its audit row; a disconnect ends what is open.
    pub(super) async fn put(&self, account: AccountId, to: Status) {
        let sql = "with put as (
                update relink.accounts a set status = $2::text::relink.account_status, status_since = relink.clock(),
                       kept_session = case when $2 = 'disconnected' then a.session_id else a.kept_session end,
                       session_id = case when $2 = 'disconnected' then null else a.session_id end
                  from relink.accounts b where a.id = $1 and b.id = a.id
                returning a.id, a.status_version, b.status as before),
              cancelled as (
                update relink.link_attempts set closed_at = relink.clock(), outcome = 'cancelled'
                 where account_id = $1 and closed_at is null and $2 = 'disconnected')
            insert into relink.account_audit (account_id, version, at, from_status, to_status, cause, actor, evidence)
            select id, status_version, relink.clock(), before, $2::text::relink.account_status, 'put', 'test', '{}' from put";
        let word = to.as_str();
        let put = self.run.owner.execute(sql, &[&account.0, &word]).await;
        assert_eq!(put.expect("flip by hand"), 1);
    }

    /// A session turns into that state, and nobody tells.
    pub(super) async fn turn(&self, session: &str, health: Health) {
        let change = Change {
            health: Some(health),
            quiet: true,
            ..Change::default()
        };
        self.run.provider.change(session, change).await;
    }

    /// The account's session asks for credentials, and it was flipped for that.
    pub(super) async fn lose(&self, account: AccountId, session: &str) {
        self.turn(session, Health::Credentials).await;
        self.put(account, Status::ReconnectNeeded).await;
    }

    /// Its owner signs in again.
    pub(super) async fn mend(&self, session: &str) {
        self.turn(session, Health::Ok).await;
    }

    /// Somebody signs in, and the provider has a new session.
    pub(super) async fn sign_in(&self, session: &str, person: &str) {
        let new = NewSession {
            id: Some(session.to_owned()),
            name: Some(person.to_owned()),
            identity: Some(format!("id-{person}")),
            handle: Some(person.to_owned()),
            ..NewSession::default()
        };
        self.run.provider.create(vec![new]).await;
    }

    /// The owner of a mailbox signs in.
    pub(super) async fn open_mailbox(&self, session: &str, address: &str) {
        let new = NewSession {
            id: Some(session.to_owned()),
            kind: Kind::Mail,
            identity: Some(address.to_owned()),
            handle: Some(address.to_owned()),
            ..NewSession::default()
        };
        self.run.provider.create(vec![new]).await;
    }

    /// A callback arrives, as the listener keeps it.
    pub(super) async fn call_back(
        &self,
        attempt: AttemptId,
        status: &str,
        session: Option<&str>,
    ) -> Verdict {
        let session = session.map(|it| SessionId(it.to_owned()));
        let callback = Callback {
            name: String::new(),
            status: status.to_owned(),
            body: json!({ "status": status, "account_id": session }),
            session,
        };
        let tx = self.api.begin().await.expect("a transaction");
        let verdict = tx.take_callback(attempt, &callback).await.expect("kept");
        tx.finish().await.expect("committed");
        verdict
    }

    /// A webhook arrives.
    pub(super) async fn tell(&self, session: &str, message: &str) -> Verdict {
        let webhook = Webhook {
            source: Source::AccountStatus,
            message: message.to_owned(),
            session: SessionId(session.to_owned()),
            body: json!({ "AccountStatus": { "account_id": session, "message": message } }),
        };
        let tx = self.api.begin().await.expect("a transaction");
        let verdict = tx.take_webhook(&webhook).await.expect("kept");
        tx.finish().await.expect("committed");
        verdict
    }

    /// The first look that a mint asks for is due.
    pub(super) async fn look(&self, account: AccountId, attempt: AttemptId) {
        let workspace = "select workspace_id::text from relink.accounts where id = $1";
        let workspace = self.run.words(workspace, &[&account.0]).await.concat();
        let workspace = policy::ids::WorkspaceId(workspace.parse().expect("an id"));
        let looks = first_looks(
            (workspace, account, attempt),
            1,
            jiff::Timestamp::UNIX_EPOCH,
        );
        let look = looks.first().expect("a look");
        let sql = "insert into relink.jobs (id, queue, kind, version, cause, workspace_id, account_id, payload, run_at)
            values ($1, 'watches', 'links.look', 1, $2, $3, $4, $5, relink.clock())";
        let id = Uuid::now_v7();
        let asked = self
            .run
            .owner
            .execute(
                sql,
                &[&id, &look.cause, &workspace.0, &account.0, &look.payload],
            )
            .await;
        assert_eq!(asked.expect("a job"), 1);
    }
}
