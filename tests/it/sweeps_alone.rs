//! One tenant's row that a sweep cannot write is set aside, and the rest of the set goes on; what is too late waits for a
//! person. Statement by statement, with rows that the database refuses.

use jiff::{SignedDuration, Timestamp};
use policy::campaigns::{CampaignChanges, Heal, OnSenderLoss};
use policy::confirm::{CaseChanges, NewCase};
use policy::decision::Decision;
use policy::ids::{AccountId, CampaignId, PauseId, SessionId, WorkspaceId};
use policy::schedule::{SHARDS, ShardRange};
use policy::subscriptions::notice_cutoffs;
use serde_json::json;
use store::sends::Cursor;
use store::{Store, subscriptions};
use tests::cast::Cast;
use tests::database::{Database, SUPERUSER};
use tests::sends::BY;
use tokio_postgres::Client;
use uuid::Uuid;

const ALL: ShardRange = ShardRange {
    first: 0,
    last: SHARDS - 1,
};

/// Two workspaces with an account and a campaign each.
struct Scene {
    database: Database,
    owner: Client,
    accounts: [AccountId; 2],
    campaigns: [CampaignId; 2],
    workspaces: [WorkspaceId; 2],
}

impl Scene {
    async fn start() -> Self {
        let database = Database::fresh().await;
        let owner = database.owner().await;
        let at: Timestamp = "2026-01-01T00:00:00Z".parse().expect("an instant");
        let mut cast = Cast::new(at);
        let accounts = [cast.connected("ada"), cast.connected("eve")];
        let campaigns = accounts.map(|one| cast.campaign(OnSenderLoss::default(), &[one]));
        let second = cast.second_workspace();
        cast.fleet.accounts.last_mut().expect("eve").workspace = second;
        cast.fleet.campaigns.last_mut().expect("eve's").workspace = second;
        let workspaces = [cast.fleet.workspaces[0].0, second];
        store::seed::plant(&database.config(SUPERUSER), &cast.fleet, at)
            .await
            .expect("plant");
        Self {
            database,
            owner,
            accounts,
            campaigns,
            workspaces,
        }
    }

    fn worker(&self) -> Store {
        self.database.store("relink_worker")
    }

    async fn execute(&self, sql: &str) {
        let done = self.owner.batch_execute(sql).await;
        done.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }

    /// A table refuses rows of which this holds.
    async fn poison(&self, table: &str, holds: &str) {
        self.execute(&format!(
            "alter table relink.{table} drop constraint if exists poisoned;
             alter table relink.{table} add constraint poisoned check (not ({holds})) not valid"
        ))
        .await;
    }

    /// Subjects of alerts of rows set aside, with how often they were raised.
    async fn aside(&self) -> Vec<String> {
        let sql = "select subject || ' ' || times from relink.admin_alerts where code = 'row_set_aside' order by 1";
        let rows = self.owner.query(sql, &[]).await.expect("alerts");
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// A whole run of `subscriptions.grace`: held, paused, told, released, lifted.
    async fn grace(&self) -> [u64; 5] {
        let tx = self.worker().begin().await.expect("begin");
        let held = tx.hold_ended(ALL, &BY).await.expect("hold");
        let paused = tx.pause_ended(ALL, &BY).await.expect("pause");
        let cutoffs = notice_cutoffs(tx.now().at);
        let told = tx.note_ended(ALL, &cutoffs).await.expect("note");
        let (released, lifted) = tx.undo_renewed(ALL, &BY).await.expect("undo");
        tx.finish().await.expect("commit");
        [held, paused, told, released, lifted]
    }

    async fn release(&self) -> u64 {
        let tx = self.worker().begin().await.expect("begin");
        let ended = tx.release(ALL).await.expect("release");
        tx.finish().await.expect("commit");
        ended
    }
}

#[tokio::test]
async fn r_job_3_a_refused_row_of_a_sweep_is_set_aside_alone() {
    let it = Scene::start().await;
    let [_, eve] = it.accounts;
    let [_, others] = it.campaigns;
    let [_, second] = it.workspaces;
    let store = it.database.store(SUPERUSER);
    let tx = store.begin().await.expect("begin");
    let now = tx.now().at;
    for workspace in it.workspaces {
        assert!(subscriptions::end(&tx, workspace, now).await.expect("end"));
    }
    tx.finish().await.expect("commit");
    it.poison("account_holds", &format!("account_id = '{eve}'"))
        .await;
    it.poison("campaign_pauses", &format!("campaign_id = '{others}'"))
        .await;
    it.poison("workspace_notices", &format!("workspace_id = '{second}'"))
        .await;
    assert_eq!(it.grace().await, [1, 1, 1, 0, 0], "the other tenant's");
    assert_eq!(it.grace().await, [0; 5]);
    let mut told = [
        format!("subscriptions.grace account {eve} 2"),
        format!("subscriptions.grace campaign {others} 2"),
        format!("subscriptions.grace workspace {second} 2"),
    ];
    told.sort();
    assert_eq!(it.aside().await, told, "counted up by subject");

    // Once the rows can be taken, they are; and what lets go fails alone as well.
    it.poison("account_holds", "false").await;
    it.poison("campaign_pauses", "false").await;
    it.poison("workspace_notices", "false").await;
    assert_eq!(it.grace().await, [1, 1, 1, 0, 0]);
    let tx = store.begin().await.expect("begin");
    for workspace in it.workspaces {
        assert!(subscriptions::renew(&tx, workspace).await.expect("renew"));
    }
    tx.finish().await.expect("commit");
    let ended = format!("account_id = '{eve}' and ended_at is not null");
    it.poison("account_holds", &ended).await;
    let lifted = format!("campaign_id = '{others}' and lifted_at is not null");
    it.poison("campaign_pauses", &lifted).await;
    assert_eq!(it.grace().await, [0, 0, 0, 1, 1]);

    // `holds.release` has the same two.
    let [ada, _] = it.accounts;
    it.execute(&format!(
        "insert into relink.account_holds (account_id, reason, since, ends_at, note)
         select id, 'protective', relink.clock(), relink.clock() - interval '1 second', 'a test'
           from unnest(array['{ada}', '{eve}']::uuid[]) as a(id)"
    ))
    .await;
    assert_eq!(it.release().await, 1);
}

#[tokio::test]
async fn r_job_3_a_campaign_that_cannot_be_healed_keeps_no_other_paused() {
    let it = Scene::start().await;
    let [first, others] = it.campaigns;
    let pauses = [Uuid::now_v7(), Uuid::now_v7()];
    it.execute(&format!(
        "insert into relink.campaign_pauses (id, campaign_id, reason, paused_at, paused_by, note)
         values ('{}', '{first}', 'account_disconnected', relink.clock(), 'test', 'lost'),
                ('{}', '{others}', 'account_disconnected', relink.clock(), 'test', 'lost')",
        pauses[0], pauses[1]
    ))
    .await;
    let lifted = format!("campaign_id = '{others}' and lifted_at is not null");
    it.poison("campaign_pauses", &lifted).await;
    let tx = it.worker().begin().await.expect("begin");
    let heals = it
        .campaigns
        .iter()
        .zip(pauses)
        .map(|(campaign, pause)| Heal {
            campaign: *campaign,
            pause: PauseId(pause),
            version: 1,
            stuck: None,
        });
    let decision = Decision {
        campaigns: CampaignChanges {
            heals: heals.collect(),
            ..CampaignChanges::default()
        },
        ..Decision::nothing(tx.now().at)
    };
    let applied = tx.apply(&decision, &BY).await.expect("apply");
    tx.finish().await.expect("commit");
    assert_eq!(applied.changed, 1);
    assert_eq!(
        it.aside().await,
        [format!("campaigns.heal campaign {others} 1")]
    );
}

#[tokio::test]
async fn r_job_3_a_case_that_cannot_be_opened_keeps_no_other_closed() {
    let it = Scene::start().await;
    let [ada, eve] = it.accounts;
    let open = async || {
        let tx = it.worker().begin().await.expect("begin");
        let now = tx.now().at;
        let opened = [(ada, "s-ada"), (eve, "s-eve")].map(|(account, session)| NewCase {
            account,
            session: SessionId(session.to_owned()),
            evidence: json!({}),
            poll_at: now,
        });
        let decision = Decision {
            cases: CaseChanges {
                opened: opened.to_vec(),
                ..CaseChanges::default()
            },
            ..Decision::nothing(now)
        };
        let applied = tx.apply(&decision, &BY).await.expect("apply");
        tx.finish().await.expect("commit");
        applied.changed
    };
    it.poison("cases", &format!("account_id = '{eve}'")).await;
    assert_eq!(open().await, 1, "the other tenant's");
    assert_eq!(it.aside().await, [format!("cases.apply account {eve} 1")]);
    it.poison("cases", "false").await;
    assert_eq!(open().await, 1, "hers");
}

#[tokio::test]
async fn r_cam_7_later_steps_that_are_too_late_wait_for_a_person() {
    let it = Scene::start().await;
    // The second campaign allows more.
    let sql = format!(
        "update relink.campaigns set max_lateness = '9000 days' where id = '{}'",
        it.campaigns[1]
    );
    it.execute(&sql).await;
    let shards: Vec<i16> = (0..256).collect();
    let tx = it.worker().begin().await.expect("begin");
    // Of six, two stand at the first step, which is late for nobody.
    assert_eq!(
        tx.mark_overdue(&shards, 3).await.expect("mark"),
        [(it.campaigns[0], 3)],
        "bounded"
    );
    assert_eq!(
        tx.mark_overdue(&shards, 100).await.expect("mark"),
        [(it.campaigns[0], 1)]
    );
    assert_eq!(tx.mark_overdue(&shards, 100).await.expect("mark"), []);
    let page = tx.offers(ALL, Cursor::START, SignedDuration::from_mins(1), 100);
    let page = page.await.expect("offers");
    tx.finish().await.expect("commit");
    let offered: Vec<Uuid> = page
        .accounts
        .iter()
        .flat_map(|(_, offers)| offers.iter().map(|one| one.enrollment.0))
        .collect();
    let sql =
        "select count(*) from relink.enrollments where id = any ($1) and overdue_since is not null";
    let row = it.owner.query_one(sql, &[&offered]).await.expect("count");
    assert_eq!(row.get::<_, i64>(0), 0, "none of them is offered");
    assert!(offered.len() >= 3, "the others are");
}
