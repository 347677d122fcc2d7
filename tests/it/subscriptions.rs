//! R-SUB-1: an ended subscription pauses and holds, is told on days 0, 3 and 6, deletes nothing, and is undone by a
//! renewal; with the whole fleet. What single statements do stands in `subscriptions_races`.

use jiff::{SignedDuration, Timestamp};
use policy::campaigns::OnSenderLoss;
use policy::ids::{AccountId, CampaignId, WorkspaceId};
use store::{Store, subscriptions};
use tests::cast::Cast;
use tests::database::SUPERUSER;
use tests::fleet_run::FleetRun;

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A workspace with two accounts and two campaigns, one of them paused by hand; and another workspace beside it.
struct Tenants {
    run: FleetRun,
    workspace: WorkspaceId,
    ada: AccountId,
    ben: AccountId,
    campaign: CampaignId,
    by_hand: CampaignId,
    /// The other workspace's.
    eve: AccountId,
    others: CampaignId,
}

impl Tenants {
    async fn start() -> Self {
        let mut all = None;
        let run = FleetRun::start(|cast| {
            let (ada, ben) = (cast.connected("ada"), cast.connected("ben"));
            cast.sends(ada);
            let campaign = cast.campaign(OnSenderLoss::default(), &[ada]);
            let by_hand = cast.campaign(OnSenderLoss::default(), &[ada, ben]);
            let eve = cast.connected("eve");
            let others = cast.campaign(OnSenderLoss::default(), &[eve]);
            let second = cast.second_workspace();
            cast.fleet.accounts.last_mut().expect("eve").workspace = second;
            cast.fleet.campaigns.last_mut().expect("eve's").workspace = second;
            let workspace = cast.fleet.workspaces[0].0;
            all = Some((workspace, ada, ben, campaign, by_hand, eve, others));
        })
        .await;
        let (workspace, ada, ben, campaign, by_hand, eve, others) = all.expect("planted");
        let mut tenants = Self {
            run,
            workspace,
            ada,
            ben,
            campaign,
            by_hand,
            eve,
            others,
        };
        tenants
            .execute(&format!(
                "insert into relink.campaign_pauses (id, campaign_id, reason, paused_at, paused_by, note)
                 values (gen_random_uuid(), '{by_hand}', 'manual', relink.clock(), 'kim', 'a holiday');
                 insert into relink.account_holds (account_id, reason, since, note)
                 values ('{ben}', 'operator', relink.clock(), 'asked for')"
            ))
            .await;
        tenants
    }

    async fn execute(&mut self, sql: &str) {
        let done = self.run.owner.batch_execute(sql).await;
        done.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }

    fn owner(&mut self) -> Store {
        Store::new(self.run.site().database(SUPERUSER)).expect("a store")
    }

    /// The subscription ends now.
    async fn end(&mut self) -> Timestamp {
        let workspace = self.workspace;
        let tx = self.owner().begin().await.expect("begin");
        let now = tx.now().at;
        assert!(subscriptions::end(&tx, workspace, now).await.expect("end"));
        tx.finish().await.expect("commit");
        now
    }

    async fn renew(&mut self) {
        let workspace = self.workspace;
        let tx = self.owner().begin().await.expect("begin");
        assert!(subscriptions::renew(&tx, workspace).await.expect("renew"));
        tx.finish().await.expect("commit");
    }

    /// Holds in force, with whose they are.
    async fn holds(&self, account: AccountId) -> Vec<String> {
        let sql = "select reason from relink.account_holds where account_id = $1 and ended_at is null order by 1";
        self.run.words(sql, &[&account.0]).await
    }

    async fn told(&self) -> Vec<String> {
        let sql = "select w.name || ' ' || n.day from relink.workspace_notices n join relink.workspaces w on w.id = n.workspace_id
                    order by n.created_at, n.day";
        self.run.words(sql, &[]).await
    }

    /// Everything that a lapse holds is held, with what was held before; and only there.
    async fn is_held(&self) {
        assert_eq!(self.run.pauses(self.campaign).await, ["subscription"]);
        assert_eq!(
            self.run.pauses(self.by_hand).await,
            ["manual", "subscription"]
        );
        assert_eq!(self.holds(self.ada).await, ["subscription"]);
        assert_eq!(self.holds(self.ben).await, ["operator", "subscription"]);
        assert_eq!(self.run.pauses(self.others).await, [] as [String; 0]);
        assert_eq!(self.holds(self.eve).await, [] as [String; 0]);
    }

    /// What was before the lapse, is.
    async fn is_as_before(&self) {
        assert_eq!(self.run.pauses(self.campaign).await, [] as [String; 0]);
        assert_eq!(self.run.pauses(self.by_hand).await, ["manual"]);
        assert_eq!(self.holds(self.ada).await, [] as [String; 0]);
        assert_eq!(self.holds(self.ben).await, ["operator"]);
    }

    async fn effects(&self) -> usize {
        self.run.provider.effects().await.len()
    }
}

#[tokio::test]
async fn r_sub_1_an_ended_subscription_holds_from_day_zero_on_and_is_told_three_times() {
    let mut it = Tenants::start().await;
    it.run.later(SignedDuration::from_mins(10)).await;
    let ended_at = it.end().await;
    it.run.later(HOUR).await;
    it.is_held().await;
    assert_eq!(it.told().await, ["First 0"]);
    let sent = it.effects().await;
    assert!(sent > 0, "it sent before");
    // Twice a day for nine days: grace, its end, and after it.
    let mut told_on = vec![];
    for half in 1..=18 {
        let before = it.told().await.len();
        it.run.later(SignedDuration::from_hours(12)).await;
        if before < it.told().await.len() {
            told_on.push((half - 1) / 2);
        }
        it.is_held().await;
    }
    assert_eq!(it.told().await, ["First 0", "First 3", "First 6"]);
    assert_eq!(told_on, [2, 5], "half days since the first hour");
    let episodes =
        "select count(distinct episode) from relink.workspace_notices where episode = $1";
    assert_eq!(it.run.number(episodes, &[&ended_at]).await, 1);
    assert_eq!(it.effects().await, sent, "nothing went out meanwhile");
    // R-SUB-1: after the grace nothing is deleted, by us or at the provider.
    let accounts =
        "select name || ' ' || status::text || ' ' || session_id from relink.accounts order by 1";
    assert_eq!(
        it.run.words(accounts, &[]).await,
        [
            "ada connected s-ada",
            "ben connected s-ben",
            "eve connected s-eve"
        ]
    );
    let enrollments = "select count(*) from relink.enrollments where state = 'stopped'";
    assert_eq!(it.run.number(enrollments, &[]).await, 0);
    it.run.is_sound().await;
}

#[tokio::test]
async fn r_sub_1_r_cam_1_renewal_undoes_all_of_it_and_only_its_own_even_after_the_grace() {
    let mut it = Tenants::start().await;
    for lapse in [HOUR, DAY * 10] {
        it.end().await;
        it.run.later(HOUR).await;
        it.run.later(lapse).await;
        it.is_held().await;
        let sent = it.effects().await;
        it.renew().await;
        it.run.later(HOUR).await;
        it.is_as_before().await;
        // And it sends again: new prospects, by the old rules.
        let sql = format!(
            "update relink.enrollments set state = 'active', stopped_at = null, step = 1, due_at = relink.clock()
              where campaign_id = '{}' and state = 'done'",
            it.campaign
        );
        it.execute(&sql).await;
        for _ in 0..10 {
            it.run.later(SignedDuration::from_mins(2)).await;
        }
        assert!(sent < it.effects().await, "it sends again");
    }
    let lifted = "select lifted_by from relink.campaign_pauses where reason = 'subscription' and campaign_id = $1";
    assert_eq!(
        it.run.words(lifted, &[&it.campaign.0]).await,
        ["subscriptions.grace", "subscriptions.grace"],
        "both lapses stay on record"
    );
    // Each end is an episode of its own.
    assert_eq!(it.told().await, ["First 0", "First 0", "First 6"]);
    it.run.is_sound().await;
}

#[tokio::test]
async fn r_sub_1_what_appears_during_a_lapse_is_held_by_the_next_run() {
    let mut it = Tenants::start().await;
    it.end().await;
    it.run.later(HOUR).await;
    let now = it.run.store.now().await.expect("the clock").at;
    let mut late = Cast::new(now);
    late.fleet.workspaces = vec![(it.workspace, "First".to_owned())];
    let mia = late.connected("mia");
    late.sends(mia);
    let campaign = late.campaign(OnSenderLoss::default(), &[mia]);
    late.fleet.workspaces.clear();
    it.run.provider.create(late.sessions).await;
    let superuser = it.run.site().database(SUPERUSER);
    store::seed::plant(&superuser, &late.fleet, now)
        .await
        .expect("plant more");
    assert_eq!(it.run.pauses(campaign).await, [] as [String; 0]);
    it.run.later(HOUR).await;
    assert_eq!(it.run.pauses(campaign).await, ["subscription"]);
    assert_eq!(it.holds(mia).await, ["subscription"]);
    it.is_held().await;
    it.renew().await;
    it.run.later(HOUR).await;
    assert_eq!(it.run.pauses(campaign).await, [] as [String; 0]);
    assert_eq!(it.holds(mia).await, [] as [String; 0]);
    it.is_as_before().await;
    it.run.is_sound().await;
}
