//! Everything that keeps a send from going is named by `relink why`, with the command that removes it, as it is typed.

use policy::campaigns::OnSenderLoss;
use serde_json::Value;
use store::operators::Scope;
use tests::desk::Desk;
use tests::fleet_run::FleetRun;
use tests::site::Site;
use uuid::Uuid;

struct Stopped {
    run: FleetRun,
    desk: Desk,
    account: Uuid,
    workspace: Uuid,
    campaign: Uuid,
    send: Uuid,
}

/// A sender that may send at any hour, and a send that is planned.
async fn sender() -> Stopped {
    let mut made = None;
    let mut run = FleetRun::without_workers(Site::shared().await, |cast| {
        let ada = cast.connected("ada");
        cast.sends(ada);
        let campaign = cast.campaign(OnSenderLoss::PauseCampaign, &[ada]);
        made = Some((ada.0, cast.fleet.workspaces[0].0.0, campaign.0));
    })
    .await;
    let (account, workspace, campaign) = made.expect("a sender");
    let desk = Desk::of(run.site(), "kim", &[Scope::Operate]).await;
    let sql = "insert into relink.sends (account_id, id, workspace_id, campaign_id, enrollment_id, step, step_key, action, target,
                                         state, due_at, planned_at, slot_at)
               select e.account_id, gen_random_uuid(), c.workspace_id, c.id, e.id, e.step, e.step_key, e.action, e.target, 'planned',
                      e.due_at, e.due_at, e.due_at
                 from relink.enrollments e join relink.campaigns c on c.id = e.campaign_id where e.step = 1
                order by e.id limit 1 returning id";
    let send = run.owner.query_one(sql, &[]).await.expect("a send").get(0);
    Stopped {
        run,
        desk,
        account,
        workspace,
        campaign,
        send,
    }
}

impl Stopped {
    async fn sql(&self, sql: &str) {
        let done = self.run.owner.batch_execute(sql).await;
        done.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }

    async fn why(&self) -> [Value; 2] {
        let (account, campaign) = (self.account.to_string(), self.campaign.to_string());
        [
            self.desk.sees(&["why", "account", &account]).await,
            self.desk.sees(&["why", "campaign", &campaign]).await,
        ]
    }

    /// What the database says of a reservation now; nothing is kept of it.
    async fn verdict(&self) -> String {
        let sql = "select verdict from relink.reserve_sends(
                       p_accounts => array[$1::uuid], p_sends => array[$2::uuid], p_allowances => array[1000],
                       p_gaps_s => array[0::float8],
                       p_rules => array[(select version from relink.send_rules where account_id = $1)], p_actor => 'test',
                       p_jobs => array[null::uuid])";
        self.sql("begin").await;
        let row = self
            .run
            .owner
            .query_one(sql, &[&self.account, &self.send])
            .await;
        let verdict = row.expect("a verdict").get(0);
        self.sql("rollback").await;
        verdict
    }

    /// Whether a pause covers the job of a planned send, as claims ask.
    async fn is_covered(&self, queue: &str, kind: &str) -> bool {
        let sql = "select count(*) from relink.pauses_over(p_queue => $1, p_kind => $2, p_workspace => $3, p_account => $4,
                       p_started => false, p_job => $5, p_at => relink.clock())";
        let (workspace, account) = (&self.workspace, &self.account);
        self.run
            .number(sql, &[&queue, &kind, workspace, account, &self.send])
            .await
            > 0
    }

    /// Types the commands that `why` named, until it names none.
    async fn obeys(&self, remedies: &Value) {
        for remedy in remedies.as_array().expect("remedies") {
            let command = remedy["command"]
                .as_str()
                .unwrap_or_else(|| panic!("{remedy}"));
            let words: Vec<&str> = command.split(' ').skip(1).collect();
            self.desk.does(&words).await;
        }
    }
}

#[tokio::test]
async fn r_q_1_every_pause_that_claims_obey_is_in_why_with_its_command() {
    let of = sender().await;
    let (account, workspace) = (of.account.to_string(), of.workspace.to_string());
    let scopes = [
        vec!["everything"],
        vec!["queue", "sends"],
        vec!["queue", "sweeps"],
        vec!["kind", "sends.execute"],
        vec!["kind", "sends.dispatch"],
        vec!["workspace", &workspace],
        vec!["account", &account],
    ];
    for scope in &scopes {
        for mode in ["hold", "drain"] {
            of.desk
                .does(&[&["pause"][..], scope, &["--mode", mode]].concat())
                .await;
            let planning = of.is_covered("sweeps", "sends.dispatch").await;
            assert!(
                planning || of.is_covered("sends", "sends.execute").await,
                "{scope:?}"
            );
            let [account, campaign] = of.why().await;
            for view in [&account, &campaign] {
                let held = view["work_pauses"][0].as_str().unwrap_or_default();
                let said = format!("{} ({mode}) by kim since ", scope.join(" "));
                assert!(held.starts_with(&said), "{scope:?}: {view:#}");
            }
            assert_eq!(account["remedies"], campaign["remedies"]);
            of.obeys(&account["remedies"]).await;
            let [account, _] = of.why().await;
            assert_eq!(account["work_pauses"], serde_json::json!([]), "{scope:?}");
        }
    }
    of.desk.does(&["pause", "queue", "sends"]).await;
    of.desk
        .does(&["resume", "queue", "sends", "--ramp", "1h"])
        .await;
    let [account, _] = of.why().await;
    let held = account["work_pauses"][0].as_str().unwrap_or_default();
    assert!(
        held.contains("lifted, and starts little by little until"),
        "{account:#}"
    );
    // Other queues' pauses are nobody's obstacle.
    of.desk.does(&["pause", "queue", "removals"]).await;
    let [account, _] = of.why().await;
    assert_eq!(
        account["work_pauses"].as_array().map(Vec::len),
        Some(1),
        "{account:#}"
    );
}

/// What is planted in the way, and taken away again.
struct Obstacle {
    plant: &'static str,
    /// What the database says of a reservation.
    verdict: &'static str,
    /// How `why` tells it.
    told: &'static str,
    /// Way out that `why` gives.
    remedy: &'static str,
    undo: &'static str,
}

const OBSTACLES: [Obstacle; 8] = [
    Obstacle {
        plant: "insert into relink.account_holds (account_id, reason, since) values ('{account}', 'restricted', relink.clock())",
        verdict: "hold",
        told: "held (restricted)",
        remedy: "relink accounts release {account} --hold restricted",
        undo: "delete from relink.account_holds",
    },
    Obstacle {
        plant: "insert into relink.send_cooldowns (account_id, action, until, code, streak)
                values ('{account}', 'invite', relink.clock() + interval '6 hours', 'limit_exceeded', 1)",
        verdict: "cooldown",
        told: "cooling down after limit_exceeded",
        remedy: "time alone",
        undo: "delete from relink.send_cooldowns",
    },
    Obstacle {
        plant: "insert into relink.send_limits (account_id, action, day, week) values ('{account}', 'invite', 0, 0)",
        verdict: "weekly_cap",
        told: "its caps are 0 a day",
        remedy: "relink accounts cap {account} invite",
        undo: "delete from relink.send_limits",
    },
    Obstacle {
        plant: "insert into relink.campaign_pauses (id, campaign_id, reason, paused_at, paused_by)
                values ('{account}', '{campaign}', 'failure_rate', relink.clock(), 'test')",
        verdict: "campaign",
        told: "failure_rate",
        remedy: "relink campaigns resume {campaign} --pause failure_rate",
        undo: "delete from relink.campaign_pauses",
    },
    Obstacle {
        plant: "update relink.campaigns set active = false",
        verdict: "campaign",
        told: "\"active\": false",
        remedy: "its owner starts it",
        undo: "update relink.campaigns set active = true",
    },
    Obstacle {
        plant: "update relink.enrollments set state = 'stopped', stopped_why = 'a test' where step = 1",
        verdict: "enrollment",
        told: "stopped: a test",
        remedy: "relink enrollments list --campaign {campaign} --state stopped",
        undo: "update relink.enrollments set state = 'active', stopped_why = null where step = 1",
    },
    Obstacle {
        plant: "insert into relink.sends (account_id, id, workspace_id, action, target, state, due_at, planned_at, slot_at, counted_at,
                                          sending_at)
                values ('{account}', '{campaign}', '{workspace}', 'message', 'x', 'sending', relink.clock(), relink.clock(),
                        relink.clock(), relink.clock(), relink.clock())",
        verdict: "busy",
        told: "another send of this account is on its way",
        remedy: "its end",
        undo: "",
    },
    Obstacle {
        plant: "update relink.accounts set status = 'recovering', status_since = relink.clock() where id = '{account}';
                insert into relink.account_audit (account_id, version, at, from_status, to_status, cause, actor)
                select id, status_version, relink.clock(), 'connected', 'recovering', 'provider_error', 'test'
                  from relink.accounts where id = '{account}'",
        verdict: "status",
        told: "status recovering",
        remedy: "relink accounts restart {account}",
        undo: "",
    },
];

#[tokio::test]
async fn r_cap_3_everything_that_a_reservation_obeys_is_in_why() {
    let of = sender().await;
    assert_eq!(of.verdict().await, "reserved", "nothing is in the way");
    let named = |text: &str| {
        let text = text.replace("{account}", &of.account.to_string());
        let text = text.replace("{workspace}", &of.workspace.to_string());
        text.replace("{campaign}", &of.campaign.to_string())
    };
    for one in OBSTACLES {
        of.sql(&named(one.plant)).await;
        assert_eq!(of.verdict().await, one.verdict, "{}", one.plant);
        let why = of.why().await.map(|view| format!("{view:#}")).concat();
        for words in [one.told, &named(one.remedy)] {
            assert!(why.contains(words), "{words}: {why}");
        }
        of.sql(one.undo).await;
    }
}

#[tokio::test]
async fn r_cam_1_names_that_strangers_wrote_stay_on_their_line() {
    let of = sender().await;
    of.sql("update relink.accounts set name = E'ada\\nyes: \\u202Einvite now\\u001b[31m'")
        .await;
    of.sql("update relink.campaigns set name = E'One\\r\\n  state      runs\\u2066'")
        .await;
    for (kind, id) in [("account", of.account), ("campaign", of.campaign)] {
        let text = of.desk.runs(&["why", kind, &id.to_string()]).await.out;
        let odd =
            |it: char| it != '\n' && (it.is_control() || ('\u{202a}'..='\u{2069}').contains(&it));
        assert!(!text.contains(odd), "{text:?}");
        assert!(
            !text
                .lines()
                .any(|line| line.starts_with("yes: \\u{202e}invite")),
            "{text}"
        );
        assert!(
            text.contains("ada\\nyes: \\u{202e}invite now\\u{1b}[31m"),
            "{text}"
        );
    }
}
