//! Few accounts and campaigns, each of them everybody's; and dice that fall the same way each time.

use jiff::Timestamp;
use policy::campaigns::OnSenderLoss;
use policy::ids::{AccountId, CampaignId, EnrollmentId, SendId, WorkspaceId};
use secrecy::SecretString;
use std::time::Duration;
use store::Store;
use store::operators::{Act, NewToken, Scope};
use store::seed::{Account, Campaign, Fleet};
use tests::database::{Database, SUPERUSER};
use tests::eventually::eventually;
use tokio_postgres::Client;
use uuid::Uuid;

/// SQLSTATEs of what came too late: the row is in another state by now, or others were before it for longer than a statement
/// waits. Who waits in a circle is told so (40P01) long before that.
pub(super) const REFUSALS: [&str; 4] = ["55000", "P0002", "23514", "55P03"];
/// Sends of no campaign, planned and unknown, beside those that the storm plans.
const SENDS: &str = "
    insert into relink.sends (account_id, id, workspace_id, action, target, body, due_at, planned_at, slot_at)
    select a.id, gen_random_uuid(), a.workspace_id, 'message', 'person-' || n, 'Hello', t, t, t
      from relink.accounts a cross join generate_series(1, 30) n cross join relink.clock() t;
    insert into relink.sends (account_id, id, workspace_id, action, target, body, due_at, planned_at, slot_at, state, counted_at,
                              sending_at, was_unknown, intent_id)
    select a.id, gen_random_uuid(), a.workspace_id, 'message', 'person-' || n, 'Hello', t, t, t, 'unknown', t, t, true,
           nextval('relink.send_audit_ids')
      from relink.accounts a cross join generate_series(31, 50) n cross join (select relink.clock() - interval '1 hour' as t) c;";
const LIMIT: Duration = Duration::from_secs(20);
const ACCOUNTS: usize = 8;
const CAMPAIGNS: usize = 4;

pub(super) struct Scene {
    pub(super) database: Database,
    pub(super) owner: Client,
    pub(super) worker: Store,
    pub(super) operator: Store,
    pub(super) token: SecretString,
    pub(super) workspace: WorkspaceId,
    pub(super) accounts: Vec<AccountId>,
    pub(super) campaigns: Vec<CampaignId>,
}

impl Scene {
    pub(super) async fn plant() -> Self {
        let database = Database::fresh().await;
        let owner = database.owner().await;
        // A deadlock is one after a moment too; the longer the server waits before it looks, the fewer it sees.
        let quick = format!(
            "alter database \"{}\" set deadlock_timeout = '30ms'",
            database.name()
        );
        owner.batch_execute(&quick).await.expect("look at once");
        let workspace = WorkspaceId(Uuid::now_v7());
        let accounts: Vec<_> = (0..ACCOUNTS).map(|_| AccountId(Uuid::now_v7())).collect();
        let campaigns: Vec<_> = (0..CAMPAIGNS).map(|_| CampaignId(Uuid::now_v7())).collect();
        let fleet = Fleet {
            workspaces: vec![(workspace, "Tenant".to_owned())],
            accounts: accounts.iter().map(|id| account(*id, workspace)).collect(),
            campaigns: campaigns
                .iter()
                .enumerate()
                .map(|(nth, id)| campaign(*id, workspace, nth, &accounts))
                .collect(),
        };
        let at: Timestamp = "2026-01-01T00:00:00Z".parse().expect("an instant");
        let planted = store::seed::plant(&database.config(SUPERUSER), &fleet, at).await;
        planted.expect("plant the fleet");
        let due = "update relink.enrollments set due_at = relink.clock() - interval '90 days';
                   update relink.campaigns set max_lateness = interval '7 days'";
        owner.batch_execute(due).await.expect("all are due");
        owner.batch_execute(SENDS).await.expect("plan sends");
        Self {
            worker: database.store("relink_worker"),
            operator: database.store("relink_operator"),
            token: token(&database).await,
            database,
            owner,
            workspace,
            accounts,
            campaigns,
        }
    }

    pub(super) fn act(&self) -> Act<'_> {
        Act {
            token: &self.token,
            reason: "a storm",
            audit: Uuid::now_v7(),
        }
    }

    pub(super) async fn ids(&self, sql: &str) -> Vec<Uuid> {
        let rows = self.owner.query(sql, &[]).await;
        let rows = rows.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// Sends in a state, with their accounts.
    pub(super) async fn sends(&self, state: &str) -> Vec<(AccountId, SendId)> {
        let sql = "select account_id, id from relink.sends where state = $1 order by id";
        let rows = self.owner.query(sql, &[&state]).await.expect("sends");
        let pair = |row: &tokio_postgres::Row| (AccountId(row.get(0)), SendId(row.get(1)));
        rows.iter().map(pair).collect()
    }

    /// Enrollments of which a condition is true.
    pub(super) async fn enrollments(&self, which: &str) -> Vec<EnrollmentId> {
        let sql = format!("select id from relink.enrollments e where {which} order by id");
        self.ids(&sql).await.into_iter().map(EnrollmentId).collect()
    }

    /// Deadlocks that the server counted here. A connection tells of its own when it ends or rests.
    pub(super) async fn deadlocks(&self) -> i64 {
        let sql = "select deadlocks from pg_stat_database where datname = current_database()";
        self.owner.query_one(sql, &[]).await.expect("count").get(0)
    }

    /// Waits until some transaction waits for another's lock.
    pub(super) async fn waiting(&self) {
        let sql = "select count(*) from pg_stat_activity
                    where datname = current_database() and wait_event_type = 'Lock'";
        let wait = eventually("somebody waits", LIMIT, async || {
            let found = self.owner.query_one(sql, &[]).await.expect("count");
            (found.get::<_, i64>(0) > 0).then_some(())
        });
        wait.await;
    }

    /// Sends that say one step twice, after the storm.
    pub(super) async fn doubled(&self) -> i64 {
        let sql = "select count(*) from (
                       select from relink.sends
                        where enrollment_id is not null and state not in ('cancelled', 'failed', 'refused')
                        group by enrollment_id, step_key having count(*) > 1) t";
        self.owner.query_one(sql, &[]).await.expect("count").get(0)
    }
}

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

fn campaign(
    id: CampaignId,
    workspace: WorkspaceId,
    nth: usize,
    accounts: &[AccountId],
) -> Campaign {
    Campaign {
        id,
        workspace,
        name: format!("Campaign {nth}"),
        on_sender_loss: OnSenderLoss::PauseCampaign,
        senders: accounts
            .iter()
            .copied()
            .cycle()
            .skip(nth * 2)
            .take(5)
            .collect(),
        enrollments: 60,
    }
}

async fn token(database: &Database) -> SecretString {
    let (id, secret) = ("0123456789ab", "s".repeat(64));
    let new = NewToken {
        id,
        secret: &secret,
        operator: "kim",
        scopes: &[Scope::Operate],
        workspace: None,
        life: Duration::from_hours(24),
    };
    let added = store::operators::add(&database.config(SUPERUSER), &new, ("test", "a test")).await;
    added.expect("an operator");
    SecretString::from(format!("rlo_{id}_{secret}"))
}

/// Marsaglia's xorshift.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn of(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `end`, or 0.
    pub(super) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or(0) % end.max(1)
    }

    /// At most so many of these, in any order.
    pub(super) fn some<T: Clone>(&mut self, of: &[T], max: usize) -> Vec<T> {
        let mut all = of.to_vec();
        for at in (1..all.len()).rev() {
            all.swap(at, self.below(at + 1));
        }
        all.truncate(1 + self.below(max));
        all
    }

    pub(super) fn one<T: Clone>(&mut self, of: &[T]) -> Option<T> {
        of.get(self.below(of.len())).cloned()
    }
}
