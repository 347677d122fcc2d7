//! Sends planted and looked at without the fleet: for what the database alone must refuse.

use crate::database::{Database, SUPERUSER};
use jiff::Timestamp;
use policy::ids::{AccountId, SendId, WorkspaceId};
use std::collections::HashMap;
use std::time::Duration;
use store::seed::{Account, Fleet};
use store::sends::{Ask, Verdict};
use store::{Author, Store, StoreError};
use tokio_postgres::Client;
use uuid::Uuid;

/// A database with connected premium accounts and planned invitations.
pub struct Ground {
    /// The database.
    pub database: Database,
    /// A superuser's connection.
    pub owner: Client,
    /// The accounts.
    pub accounts: Vec<AccountId>,
    // Kept, for each new connection compiles every function that it meets.
    hand: Store,
}

impl Ground {
    /// So many accounts that have been connected since long ago.
    pub async fn of(accounts: usize) -> Self {
        let database = Database::fresh().await;
        let owner = database.owner().await;
        let workspace = WorkspaceId(Uuid::now_v7());
        let ids: Vec<AccountId> = (0..accounts).map(|_| AccountId(Uuid::now_v7())).collect();
        let fleet = Fleet {
            workspaces: vec![(workspace, "Tenant".to_owned())],
            accounts: ids.iter().map(|id| account(*id, workspace)).collect(),
            campaigns: vec![],
        };
        let at: Timestamp = "2026-01-01T00:00:00Z".parse().expect("an instant");
        store::seed::plant(&database.config(SUPERUSER), &fleet, at)
            .await
            .expect("plant the accounts");
        Self {
            hand: database.store("relink_worker"),
            database,
            owner,
            accounts: ids,
        }
    }

    /// A store as the worker's role, one and the same.
    pub fn worker(&self) -> Store {
        self.hand.clone()
    }

    /// An account's own caps of an action, lifted by an operator.
    pub async fn cap(&self, account: AccountId, action: &str, day: i32, week: i32) {
        let sql = "insert into relink.send_limits (account_id, action, day, week, lifted_by, note)
                   values ($1, $2, $3, $4, 'test', 'a test')
                   on conflict (account_id, action) do update set day = excluded.day, week = excluded.week";
        self.owner
            .execute(sql, &[&account.0, &action, &day, &week])
            .await
            .expect("set the caps");
    }

    /// Planned sends of an action, each to somebody else.
    pub async fn planned(&self, account: AccountId, action: &str, count: usize) -> Vec<SendId> {
        let ids: Vec<Uuid> = (0..count).map(|_| Uuid::now_v7()).collect();
        let sql = "insert into relink.sends (account_id, id, workspace_id, action, target, body, due_at, planned_at, slot_at)
                   select $1, s, a.workspace_id, $2, 'person-' || s, 'Hello', relink.clock(), relink.clock(), relink.clock()
                     from unnest($3::uuid[]) as s, relink.accounts a where a.id = $1";
        self.owner
            .execute(sql, &[&account.0, &action, &ids])
            .await
            .expect("plan sends");
        ids.into_iter().map(SendId).collect()
    }

    /// Steps the clock; `ahead_s` from the machine's.
    pub async fn clock(&self, ahead_s: i64) {
        let clock = store::clock::TestClock::Stepped { ahead_s };
        store::clock::install(&self.database.config(SUPERUSER), clock)
            .await
            .expect("set the clock");
    }

    /// The most rows that any window of so many hours holds, for one account and action, as the table has them.
    pub async fn rolling_max(&self, account: AccountId, action: &str, hours: i32) -> i64 {
        let sql = "select coalesce(max(n), 0) from (
                     select count(*) over (order by counted_at range between $3 * interval '1 hour' - interval '1 microsecond'
                                           preceding and current row) as n
                       from relink.sends where account_id = $1 and action = $2 and counted_at is not null) w";
        let hours = f64::from(hours);
        self.owner
            .query_one(sql, &[&account.0, &action, &hours])
            .await
            .expect("count")
            .get(0)
    }
}

/// On whose behalf these tests write.
pub const BY: Author<'static> = Author {
    actor: "worker:test",
    job: None,
    schedule: None,
    traceparent: None,
};

fn account(id: AccountId, workspace: WorkspaceId) -> Account {
    Account {
        id,
        workspace,
        kind: "LINKEDIN".to_owned(),
        tier: "premium",
        name: format!("Account {id}"),
        handle: None,
        identity: None,
        session: Some(format!("s-{id}")),
        attempt: None,
        rules: None,
    }
}

/// Asks with everything allowed but the caps.
pub fn ask(account: AccountId, send: SendId) -> Ask {
    Ask {
        account,
        send,
        allowance: 1_000,
        gap: Duration::ZERO,
        rules_version: 0,
        closes_at: None,
        job: None,
    }
}

/// One transaction that asks.
pub async fn reserve(store: &Store, asks: &[Ask]) -> Result<HashMap<SendId, Verdict>, StoreError> {
    let tx = store.begin().await?;
    let verdicts = tx.reserve(asks, &BY).await?;
    tx.finish().await?;
    Ok(verdicts)
}
