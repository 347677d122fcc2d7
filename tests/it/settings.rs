//! When, how much and whether an account sends, as operators say it at the command line (R-AUD-4): each with a dry run that
//! writes nothing and an audit row, and checked where it is saved.

use policy::campaigns::OnSenderLoss;
use policy::ids::{AccountId, CampaignId, WorkspaceId};
use serde_json::{Value, json};
use store::operators::Scope;
use tests::desk::Desk;
use tests::fleet_run::FleetRun;
use tests::site::Site;

struct Office {
    run: FleetRun,
    desk: Desk,
    workspace: WorkspaceId,
    ada: AccountId,
    eve: AccountId,
    campaign: CampaignId,
}

/// Ada, Ben and Eve, of whom Eve is in another workspace; a campaign of Ada's and Ben's.
async fn office() -> Office {
    let mut all = None;
    let mut run = FleetRun::without_workers(Site::shared().await, |cast| {
        let (ada, ben) = (cast.connected("ada"), cast.connected("ben"));
        let campaign = cast.campaign(OnSenderLoss::PauseCampaign, &[ada, ben]);
        let eve = cast.connected("eve");
        cast.fleet.accounts.last_mut().expect("eve").workspace = cast.second_workspace();
        all = Some((cast.fleet.workspaces[0].0, ada, eve, campaign));
    })
    .await;
    let desk = Desk::of(run.site(), "kim", &[Scope::Operate]).await;
    let (workspace, ada, eve, campaign) = all.expect("planted");
    Office {
        run,
        desk,
        workspace,
        ada,
        eve,
        campaign,
    }
}

impl Office {
    async fn execute(&self, sql: &str) {
        let done = self.run.owner.batch_execute(sql).await;
        done.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }

    /// A send of an account that has its capacity and is not called.
    async fn reserved(&self, account: AccountId) {
        self.execute(&format!(
            "insert into relink.sends (account_id, id, workspace_id, action, target, body, due_at, planned_at, slot_at)
             select id, id, workspace_id, 'invite', 'person-1', 'Hello', relink.clock(), relink.clock(), relink.clock()
               from relink.accounts where id = '{account}';
             select relink.reserve_sends('{{{account}}}', '{{{account}}}', '{{10}}', '{{0}}', '{{1}}', 'worker:test', '{{null}}')"
        ))
        .await;
        assert_eq!(self.send(account).await, ["reserved"]);
    }

    async fn send(&self, account: AccountId) -> Vec<String> {
        let sql = "select state from relink.sends where account_id = $1";
        self.run.words(sql, &[&account.0]).await
    }

    async fn holds(&self, account: AccountId) -> Vec<String> {
        let sql = "select reason from relink.account_holds
                    where account_id = $1 and ended_at is null and (ends_at is null or ends_at > relink.clock())";
        self.run.words(sql, &[&account.0]).await
    }

    /// Closes an action until far away, as the dispatch does; what changes must open it.
    async fn close(&self) {
        self.execute(
            "insert into relink.send_closed (account_id, action, until, rule)
             select id, 'invite', '2099-01-01', 'test' from relink.accounts
                 on conflict (account_id, action) do update set until = excluded.until",
        )
        .await;
    }

    async fn is_looked_at(&self) -> bool {
        let sql =
            "select count(*) from relink.send_closed where account_id = $1 and until = '-infinity'";
        self.run.number(sql, &[&self.ada.0]).await == 7
    }

    /// Each act is done dry first, which leaves no trace; the answer names its audit row.
    async fn does(&self, act: &[&str], action: &str) -> Value {
        let acts = "select count(*) from relink.operator_audit where action = $1 and actor = 'kim'";
        let before = self.run.number(acts, &[&action]).await;
        let dry = self.desk.does(&[act, &["--dry-run"]].concat()).await;
        assert!(dry["audit"].is_null(), "{dry}");
        assert_eq!(self.run.number(acts, &[&action]).await, before, "{act:?}");
        let done = self.desk.does(act).await;
        // Instants are those of each command.
        let words = |view: &Value| {
            let says = view["says"].as_str().expect("what it says");
            says.replace(|letter: char| letter.is_ascii_digit(), "")
        };
        assert_eq!(words(&dry), words(&done));
        assert!(done["audit"].is_string(), "{done}");
        assert_eq!(self.run.number(acts, &[&action]).await, before + 1);
        done
    }

    async fn refused(&self, act: &[&str], why: &str) {
        self.desk.refused(act, why).await;
    }

    async fn why(&self) -> String {
        let answer = self.desk.runs(&["why", "account", "ada"]).await;
        answer.out
    }
}

#[tokio::test]
async fn r_cam_1_an_operator_holds_an_account_and_what_is_reserved_is_taken_back() {
    let of = office().await;
    of.reserved(of.ada).await;
    of.close().await;
    of.does(&["accounts", "hold", "ada", "--for", "6h"], "account.hold")
        .await;
    assert_eq!(of.holds(of.ada).await, ["operator"]);
    assert_eq!(of.send(of.ada).await, ["cancelled"], "R-CAP-5");
    assert!(of.is_looked_at().await, "its end may be earlier now");
    let unpaired = "select count(*) from relink.send_audit i where event = 'intent'
                     and not exists (select from relink.send_audit o where o.intent_id = i.id)";
    assert_eq!(of.run.number(unpaired, &[]).await, 0);
    // Said again, it has no end, and is one hold.
    of.does(&["accounts", "hold", "ada"], "account.hold").await;
    let why = of.why().await;
    assert!(
        why.contains("relink accounts release --hold operator"),
        "{why}"
    );
    let endless =
        "select count(*) from relink.account_holds where ends_at is null and note = 'a test'";
    assert_eq!(of.run.number(endless, &[]).await, 1);
    let release = ["accounts", "release", "ada", "--hold", "operator"];
    of.desk.does(&release).await;
    assert_eq!(of.holds(of.ada).await, [] as [String; 0]);
    // One that is over by its time begins anew.
    of.does(&["accounts", "hold", "ada", "--for", "1s"], "account.hold")
        .await;
    let nobody = ["accounts", "hold", "nobody"];
    of.refused(&nobody, "no account is called").await;
}

#[tokio::test]
async fn r_cap_1_caps_are_lowered_and_only_with_a_note_lifted() {
    let of = office().await;
    let cap = ["accounts", "cap", "ada", "invite"];
    let set = |more: &[&'static str]| [&cap[..], more].concat();
    let caps = |day: u32, week: u32| json!({ "day": day, "week": week });
    let mut done = of.does(&set(&["--day", "10"]), "account.cap").await;
    assert_eq!(done["caps"], caps(10, 80), "the week stays its tier's");
    of.refused(&set(&["--day", "20"]), "day: 20 is above its tier's 15")
        .await;
    of.refused(&set(&["--week", "81"]), "week: 81 is above its tier's 80")
        .await;
    of.refused(&set(&["--day", "10001"]), "day: a cap is at most 10000")
        .await;
    of.refused(&set(&["--lift"]), "day: name it").await;
    of.refused(&["accounts", "cap", "ada", "wave"], "there are invite")
        .await;
    of.close().await;
    done = of
        .does(
            &set(&["--day", "20", "--week", "120", "--lift"]),
            "account.cap",
        )
        .await;
    assert_eq!(done["caps"], caps(20, 120));
    assert!(of.is_looked_at().await, "more may go now");
    let why = of.why().await;
    assert!(why.contains("lifted by kim: a test"), "{why}");
    // One number is lowered: the other's lift stays, and goes with the last that needs it.
    done = of.does(&set(&["--day", "5"]), "account.cap").await;
    assert_eq!(done["caps"], caps(5, 120));
    done = of.does(&set(&["--week", "default"]), "account.cap").await;
    assert_eq!(done["caps"], caps(5, 80));
    let lifted = "select count(*) from relink.send_limits where lifted_by is not null";
    assert_eq!(of.run.number(lifted, &[]).await, 0);
    done = of.does(&set(&["--day", "default"]), "account.cap").await;
    assert_eq!(done["caps"], caps(15, 80));
    done = of.does(&set(&["--day", "0"]), "account.cap").await;
    assert_eq!(done["caps"], caps(0, 80), "nothing of it is sent");
    // A cap of no action, and a lift without words, are refused whoever saves them.
    for wrong in [
        "insert into relink.send_limits (account_id, action, day) select id, 'wave', 1 from relink.accounts",
        "update relink.send_limits set day = 99, lifted_by = 'kim', note = '  '",
    ] {
        let refused = of.run.owner.batch_execute(wrong).await;
        assert!(refused.is_err(), "{wrong}");
    }
}

#[tokio::test]
async fn r_cap_1_another_tiers_caps_hold_at_once_without_a_higher_tiers_lift() {
    let of = office().await;
    let cap = ["accounts", "cap", "ada", "invite"];
    let set = |more: &[&'static str]| [&cap[..], more].concat();
    let caps = |day: u32, week: u32| json!({ "day": day, "week": week });
    of.close().await;
    of.does(&["accounts", "tier", "ada", "premium"], "account.tier")
        .await;
    assert!(of.is_looked_at().await, "more may go now");
    let mut done = of
        .does(&set(&["--day", "60", "--lift"]), "account.cap")
        .await;
    assert_eq!(done["caps"], caps(60, 100));
    done = of
        .does(&["accounts", "tier", "ada", "free"], "account.tier")
        .await;
    let says = done["says"].as_str().expect("a sentence");
    assert!(says.ends_with("caps lifted no more: invite"), "{says}");
    done = of
        .does(&set(&["--week", "90", "--lift"]), "account.cap")
        .await;
    assert_eq!(done["caps"], caps(15, 90), "nothing is lifted by the way");
}

#[tokio::test]
async fn r_cap_4_a_dispatch_that_looked_before_an_act_closes_nothing() {
    let mut of = office().await;
    let worker = of.run.site().database("relink_worker");
    let worker = store::Store::new(worker).expect("a store");
    let look = worker.begin().await.expect("begin");
    let closed = policy::sends::decided::Closed {
        account: of.ada,
        action: policy::sends::Action::Invite,
        until: "2099-01-01T00:00:00Z".parse().expect("an instant"),
        rule: "weekly_cap",
    };
    look.close_actions(std::slice::from_ref(&closed))
        .await
        .expect("close");
    look.finish().await.expect("commit");
    let look = worker.begin().await.expect("begin");
    let lift = [
        "accounts", "cap", "ada", "invite", "--week", "200", "--lift",
    ];
    of.does(&lift, "account.cap").await;
    look.close_actions(&[closed]).await.expect("close");
    look.finish().await.expect("commit");
    assert!(of.is_looked_at().await, "what it saw is past");
}

#[tokio::test]
async fn r_cap_3_windows_days_zones_and_ramps_are_checked_when_saved() {
    let of = office().await;
    let set = |more: &[&'static str]| [&["accounts", "rules", "ada"], more].concat();
    let all = [
        "--zone", "default", "--window", "default", "--days", "default", "--ramp", "default",
    ];
    let mut done = of.does(&set(&all), "account.rules").await;
    let inherited = json!({ "zone": "UTC", "window": "09:00-18:00", "ramp": "10+5",
        "days": ["mon", "tue", "wed", "thu", "fri"] });
    assert_eq!(done["rules"], inherited);
    for (wrong, why) in [
        (["--zone", "Mars/Phobos"], "zone: "),
        (["--zone", "CEST"], "zone: "),
        (["--window", "09:00-09:00"], "window: "),
        (["--window", "25:00-26:00"], "window: "),
        (["--days", "monday"], "days: "),
        (["--ramp", "0+5"], "ramp: "),
        (["--ramp", "10"], "ramp: "),
    ] {
        of.refused(&set(&wrong), why).await;
    }
    of.refused(&set(&[]), "rules: name").await;
    of.close().await;
    let version = "select version::bigint from relink.send_rules where account_id = $1";
    let before = of.run.number(version, &[&of.ada.0]).await;
    done = of
        .does(
            &set(&["--window", "22:00-06:00", "--days", "fri"]),
            "account.rules",
        )
        .await;
    assert_eq!(done["rules"]["window"], "22:00-06:00");
    let says = done["says"].as_str().expect("a sentence");
    let night = "22:00-06:00 of the next day in UTC, because nobody knows its zone, on fri; 10 a day and 5 more each day";
    assert!(says.ends_with(night), "{says}");
    assert!(of.is_looked_at().await);
    assert_eq!(
        of.run.number(version, &[&of.ada.0]).await,
        before + 1,
        "a reservation decided on older rules is refused"
    );
    // What it does not say itself, it goes on inheriting.
    of.desk
        .does(&["accounts", "zone", &of.ada.to_string(), "Asia/Tokyo"])
        .await;
    let why = of.why().await;
    for line in [
        "(22:00–06:00 of the next day Asia/Tokyo on Fri)",
        "hours: the account's own, in Asia/Tokyo, where its owner is",
        "ramp: 10 a day and 5 more each day (the default ramp)",
    ] {
        assert!(why.contains(line), "{line}: {why}");
    }
    done = of
        .does(
            &set(&["--ramp", "3+1", "--zone", "America/Lima"]),
            "account.rules",
        )
        .await;
    assert_eq!(
        (&done["rules"]["ramp"], &done["rules"]["zone"]),
        (&json!("3+1"), &json!("America/Lima"))
    );
}

#[tokio::test]
async fn r_cap_3_an_account_without_rules_gets_them_and_the_database_checks_too() {
    let of = office().await;
    of.execute("delete from relink.send_rules").await;
    let done = of
        .does(
            &["accounts", "rules", "ada", "--window", "08:00-00:00"],
            "account.rules",
        )
        .await;
    assert_eq!(done["rules"]["window"], "08:00-24:00");
    for wrong in [
        "start_minute = null",
        "start_minute = 60, end_minute = 60",
        "ramp_start = 3, ramp_step = null",
        "zone = 'Mars/Phobos'",
    ] {
        let sql = format!("update relink.send_rules set {wrong}");
        assert!(of.run.owner.batch_execute(&sql).await.is_err(), "{wrong}");
    }
}

#[tokio::test]
async fn r_sub_1_an_end_and_a_renewal_are_in_force_in_their_transaction() {
    let of = office().await;
    let workspace = of.workspace.0.to_string();
    of.reserved(of.ada).await;
    of.execute(&format!(
        "insert into relink.campaign_pauses (id, campaign_id, reason, paused_at, paused_by)
         values (gen_random_uuid(), '{}', 'manual', relink.clock(), 'kim')",
        of.campaign
    ))
    .await;
    let subscription = ["workspace", "subscription"];
    let say = |more: &[&'static str]| {
        let (verb, rest) = more.split_first().expect("a verb");
        [&subscription[..], &[*verb, workspace.as_str()], rest].concat()
    };
    // An end to come holds nobody.
    of.does(
        &say(&["end", "--at", "2099-01-01T00:00:00Z"]),
        "workspace.subscribe",
    )
    .await;
    assert_eq!(of.holds(of.ada).await, [] as [String; 0]);
    let done = of.does(&say(&["end"]), "workspace.subscribe").await;
    let says = done["says"].as_str().expect("a sentence");
    assert!(
        says.ends_with("held or paused: 2 accounts and 1 campaigns"),
        "{says}"
    );
    assert_eq!(of.holds(of.ada).await, ["subscription"]);
    assert_eq!(of.holds(of.eve).await, [] as [String; 0], "another's");
    assert_eq!(of.send(of.ada).await, ["cancelled"]);
    assert_eq!(of.run.pauses(of.campaign).await, ["manual", "subscription"]);
    let words = "relink workspace subscription renew";
    let release = ["accounts", "release", "ada", "--hold", "subscription"];
    of.refused(&release, words).await;
    of.refused(
        &say(&["renew", "--until", "2020-01-01T00:00:00Z"]),
        "until: ",
    )
    .await;
    let done = of.does(&say(&["renew"]), "workspace.subscribe").await;
    let says = done["says"].as_str().expect("a sentence");
    assert!(
        says.ends_with("let go: 2 accounts and 1 campaigns"),
        "{says}"
    );
    assert_eq!(of.holds(of.ada).await, [] as [String; 0]);
    assert_eq!(of.run.pauses(of.campaign).await, ["manual"], "only its own");
    let renewed = "select count(*) from relink.subscriptions where ended_at is null and renewed_at is not null";
    assert_eq!(of.run.number(renewed, &[]).await, 1);
}
