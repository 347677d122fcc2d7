//! Two tenants in a running fleet, and rows of one of them that are refused.

use super::poison::{Poison, Refusal};
use policy::campaigns::OnSenderLoss;
use policy::decision::NewJob;
use policy::ids::{AccountId, CampaignId};
use policy::jobs::{Kind, Queue};
use simulator::control::Change;
use std::collections::BTreeSet;
use tests::cast::Cast;
use tests::fleet_run::FleetRun;
use tests::site::Site;
use tokio_util::sync::DropGuard;

/// Two tenants with the same things in them; `eve`'s rows are refused.
pub(super) struct Scene {
    pub(super) run: FleetRun,
    pub(super) ada: AccountId,
    pub(super) eve: AccountId,
    pub(super) campaigns: [CampaignId; 2],
    pub(super) waiting: [AccountId; 2],
    worker: Option<DropGuard>,
}

impl Scene {
    /// Nothing runs yet.
    pub(super) async fn start() -> Self {
        let mut made = None;
        let site = Site::shared().await;
        let run = FleetRun::without_workers(site, |cast| made = Some(plant(cast))).await;
        let (ada, eve, campaigns, waiting) = made.expect("a cast");
        Self {
            run,
            ada,
            eve,
            campaigns,
            waiting,
            worker: None,
        }
    }

    /// Work begins.
    pub(super) async fn work(&mut self) {
        let worker = self.run.work(&Queue::ALL, self.run.provider.unipile());
        self.worker = Some(worker);
        self.run.settle().await;
    }

    pub(super) async fn poison(&self, table: &'static str, of: &str, by: Refusal) -> Poison {
        Poison::put(&self.run.owner, table, of, by).await
    }

    pub(super) async fn heal(&self, poison: Poison) {
        poison.lift(&self.run.owner).await;
    }

    pub(super) async fn sql(&self, sql: &str) {
        let done = self.run.owner.batch_execute(sql).await;
        done.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }

    /// Both sessions become so, and the fleet's next round.
    pub(super) async fn both(&mut self, change: Change) {
        for session in ["s-ada", "s-eve"] {
            self.run.provider.change(session, change.clone()).await;
        }
        self.run.beat().await;
    }

    pub(super) async fn statuses(&self) -> [String; 2] {
        [
            self.run.status(self.ada).await,
            self.run.status(self.eve).await,
        ]
    }

    /// What healed so far is of long ago: a campaign that heals too often within an hour stops.
    pub(super) async fn forget_heals(&self) {
        self.sql(
            "update relink.campaign_pauses
                set paused_at = paused_at - interval '2 hours', lifted_at = lifted_at - interval '2 hours'
              where lifted_at is not null",
        )
        .await;
    }

    /// Works that have set a row aside so far.
    pub(super) async fn works(&self) -> BTreeSet<String> {
        let sql = "select distinct split_part(subject, ' ', 1) from relink.admin_alerts where code = 'row_set_aside'";
        self.run.words(sql, &[]).await.into_iter().collect()
    }

    /// Times that a subject was told of.
    pub(super) async fn told(&self, subject: &str) -> i64 {
        let sql = "select coalesce(max(times), 0)::bigint from relink.admin_alerts where code = 'row_set_aside' and subject = $1";
        self.run.number(sql, &[&subject]).await
    }

    pub(super) async fn count(&self, sql: &str, of: AccountId) -> i64 {
        self.run.number(sql, &[&of.0]).await
    }

    /// Runs a job of a kind now.
    pub(super) async fn ask(&self, kind: Kind, payload: serde_json::Value) {
        let tx = self.run.store.begin().await.expect("begin");
        let job = NewJob {
            kind,
            cause: format!("asked {} {}", kind.name, uuid::Uuid::now_v7()),
            workspace: None,
            account: None,
            run_at: tx.now().at,
            payload,
        };
        tx.enqueue(&[job], None, None).await.expect("enqueue");
        tx.finish().await.expect("commit");
        self.run.settle().await;
    }
}

type Planted = (AccountId, AccountId, [CampaignId; 2], [AccountId; 2]);

fn plant(cast: &mut Cast) -> Planted {
    // So many that the losses of two are no mass change.
    cast.crowd(60);
    let ada = cast.connected("ada");
    let second = cast.second_workspace();
    let eve = cast.connected("eve");
    cast.fleet.accounts.last_mut().expect("eve").workspace = second;
    let campaigns = [ada, eve].map(|one| cast.campaign(OnSenderLoss::default(), &[one]));
    cast.fleet.campaigns.last_mut().expect("eve's").workspace = second;
    // A second session of the same person, each.
    cast.session_of("ada-2", "ada", "ada");
    cast.session_of("eve-2", "eve", "eve");
    let waiting = ["wanda", "wes"].map(|name| cast.waiting(name, |_| {}));
    cast.fleet.accounts.last_mut().expect("wes").workspace = second;
    (ada, eve, campaigns, waiting)
}

pub(super) const LOST: &str = "reconnect_needed";
pub(super) const WELL: &str = "connected";

/// Condition of a poison: rows of that account.
pub(super) fn mine(column: &str, account: AccountId) -> String {
    format!("new.{column} = '{account}'")
}
