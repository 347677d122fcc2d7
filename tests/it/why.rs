//! `relink why`, as an operator meets it: the real binary, as the role that may only read, over real rows.

mod obstacles;
mod subscription;

use jiff::Timestamp;
use policy::campaigns::OnSenderLoss;
use policy::ids::{AccountId, CampaignId};
use policy::sends::sender::SendingRules;
use serde_json::Value;
use std::process::{Output, Stdio};
use store::clock::{TestClock, install};
use tests::cast::Cast;
use tests::database::{Database, SUPERUSER};
use tests::process::trust_setting;
use tokio::process::Command;
use tokio_postgres::Client;
use tokio_postgres::types::ToSql;

/// A Monday, 13:00 in Berlin and 7:00 in New York.
const NOW: &str = "2026-11-23T12:00:00Z";

#[expect(
    clippy::disallowed_methods,
    reason = "tests/run says where the program is"
)]
fn relink_bin() -> String {
    std::env::var("RELINK_BIN")
        .expect("RELINK_BIN: build `-p relink` and name its program, as tests/run does")
}

/// A fleet at a clock that stands still.
struct Rows {
    database: Database,
    owner: Client,
}

impl Rows {
    async fn of(cast: Cast) -> Self {
        let database = Database::fresh().await;
        let superuser = database.config(SUPERUSER);
        let from = when(NOW);
        install(&superuser, TestClock::Scaled { from, rate: 0.0 })
            .await
            .expect("stop the clock");
        store::seed::plant(&superuser, &cast.fleet, cast.at)
            .await
            .expect("plant the cast");
        let owner = database.owner().await;
        Self { database, owner }
    }

    async fn run(&self, sql: &str, params: &[&(dyn ToSql + Sync)]) {
        let done = self.owner.execute(sql, params).await;
        done.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }

    /// So many sends of an action, so many minutes apart, the oldest at that instant.
    async fn sent(
        &self,
        account: AccountId,
        action: &str,
        (count, apart): (i32, i32),
        oldest: &str,
    ) {
        let sql = "insert into relink.sends (account_id, id, workspace_id, action, target, state, due_at, planned_at, slot_at,
                                             counted_at, sending_at, settled_at, usage)
                   select a.id, gen_random_uuid(), a.workspace_id, $2, 'person-' || n, 'sent', t, t, t, t, t, t, 61
                     from relink.accounts a, generate_series(0, $3 - 1) as n,
                          lateral (select $5::text::timestamptz + make_interval(mins => n * $4) as t) at
                    where a.id = $1";
        self.run(sql, &[&account.0, &action, &count, &apart, &oldest])
            .await;
    }

    async fn asked(&self, arguments: &[&str]) -> Output {
        Command::new(relink_bin())
            .arg("why")
            .args(arguments)
            .env_clear()
            .envs(trust_setting())
            .env("RELINK_DATABASE_URL", self.database.url("relink_reader"))
            .stdin(Stdio::null())
            .output()
            .await
            .expect("run it")
    }

    /// What it prints; it must end well.
    async fn answer(&self, arguments: &[&str]) -> String {
        let output = self.asked(arguments).await;
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}");
        let text = String::from_utf8(output.stdout).expect("text");
        println!("$ relink why {}\n{text}", arguments.join(" "));
        text
    }

    async fn refused(&self, arguments: &[&str]) -> String {
        let output = self.asked(arguments).await;
        assert_eq!(output.status.code(), Some(1));
        assert!(output.stdout.is_empty());
        String::from_utf8(output.stderr).expect("text")
    }
}

fn when(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn cast() -> Cast {
    Cast::new(when("2026-11-01T08:00:00Z"))
}

/// Nine to five on weekdays in that zone, without a ramp.
fn office(cast: &mut Cast, account: AccountId, zone: &str) {
    let found = cast.fleet.accounts.iter_mut().find(|one| one.id == account);
    let found = found.expect("an account of the cast");
    found.tier = "premium";
    found.rules = Some(SendingRules {
        zone: zone.to_owned(),
        start_minute: 9 * 60,
        end_minute: 17 * 60,
        days: 0b1_1111,
        ramp_start: 1_000,
        ramp_step: 0,
    });
}

/// One account at its desk in Berlin.
async fn ada() -> (Rows, AccountId) {
    let mut cast = cast();
    let ada = cast.connected("ada");
    office(&mut cast, ada, "Europe/Berlin");
    (Rows::of(cast).await, ada)
}

#[track_caller]
fn has(text: &str, lines: &[&str]) {
    for line in lines {
        let found = text.lines().any(|it| it.trim() == *line);
        assert!(found, "no line {line:?} in\n{text}");
    }
}

#[tokio::test]
async fn r_cap_4_a_full_week_is_named_with_its_figures_and_the_next_slot() {
    let (rows, ada) = ada().await;
    rows.sent(ada, "invite", (100, 70), "2026-11-17T08:14:00Z")
        .await;
    let text = rows.answer(&["account", "ada"]).await;
    has(
        &text,
        &[
            "no: invite weekly cap 100/100, next slot Tue 24 Nov 09:14 Europe/Berlin",
            "week: 100/100, until Tue 24 Nov 09:14 Europe/Berlin",
            "day: 0/30 (cap)",
            "usage: the provider said 61 % of its own limit, Sun 22 Nov 04:44 Europe/Berlin",
            "yes: message now, 0/80 today, 0/400 this week",
            "rule       window: open (09:00–17:00 Europe/Berlin on Mon Tue Wed Thu Fri)",
        ],
    );
    // By its session and its id it is the same account.
    assert_eq!(text, rows.answer(&["account", "s-ada"]).await);
    assert_eq!(text, rows.answer(&["account", &ada.to_string()]).await);
    let json: Value =
        serde_json::from_str(&rows.answer(&["account", "ADA", "--json"]).await).expect("JSON");
    let invite = &json["actions"][0];
    assert_eq!(invite["action"], "invite");
    assert_eq!(invite["may"], "later");
    assert_eq!(invite["rule"], "weekly_cap");
    assert_eq!(invite["next_slot"], "2026-11-24T08:14:00Z");
    assert_eq!(invite["week_used"], 100);
}

#[tokio::test]
async fn r_cap_3_outside_the_window_the_next_opening_is_told_in_the_owners_zone() {
    let mut cast = cast();
    let ben = cast.connected("ben");
    office(&mut cast, ben, "America/New_York");
    let rows = Rows::of(cast).await;
    let text = rows.answer(&["account", "ben"]).await;
    has(
        &text,
        &["no: message outside its sending window, next slot Mon 23 Nov 09:00 America/New_York"],
    );
}

#[tokio::test]
async fn r_cap_7_r_cap_8_holds_and_cooldowns_say_until_when_and_who_ends_them() {
    let (rows, ada) = ada().await;
    rows.run(
        "insert into relink.account_holds (account_id, reason, since, ends_at, note)
         values ($1, 'protective', '2026-11-23T08:00:00Z', '2026-11-23T14:00:00Z', '6 of 20 failed')",
        &[&ada.0],
    )
    .await;
    rows.run(
        "insert into relink.send_cooldowns (account_id, action, until, code, streak)
         values ($1, 'message', '2026-11-24T10:30:00Z', 'limit_exceeded', 2)",
        &[&ada.0],
    )
    .await;
    let text = rows.answer(&["account", "ada"]).await;
    has(
        &text,
        &[
            "Paused for safety until 15:00 · Not checked since 1 Nov 09:00",
            "hold       protective since Mon 23 Nov 09:00 Europe/Berlin, ends by itself Mon 23 Nov 15:00 Europe/Berlin: 6 of 20 failed",
            "no: invite held (protective), next slot Mon 23 Nov 15:00 Europe/Berlin",
            "no: message cooling down after limit_exceeded, 2 refusals in a row, next slot Tue 24 Nov 11:30 Europe/Berlin",
        ],
    );
    rows.run(
        "insert into relink.account_holds (account_id, reason, since, note)
         values ($1, 'restricted', '2026-11-23T08:00:00Z', 'account_restricted')",
        &[&ada.0],
    )
    .await;
    let text = rows.answer(&["account", "ada"]).await;
    has(
        &text,
        &["never: invite: held (restricted) until a person ends it"],
    );
}

#[tokio::test]
async fn r_cap_1_r_cap_6_own_caps_unknown_outcomes_and_the_open_send_are_shown() {
    let (rows, ada) = ada().await;
    rows.run(
        "insert into relink.send_limits (account_id, action, day, week, lifted_by, note)
         values ($1, 'invite', 40, 150, 'kim', 'warmed up for a year')",
        &[&ada.0],
    )
    .await;
    let send = "insert into relink.sends (account_id, id, workspace_id, action, target, state, due_at, planned_at, slot_at,
                                          counted_at, sending_at, settled_at, was_unknown, look_at)
                select id, gen_random_uuid(), workspace_id, $2, $3, $4, t, t, t, c, c, c, c is not null, c + interval '5 minutes'
                  from relink.accounts, lateral (select $5::text::timestamptz as t) q,
                       lateral (select case when $4 = 'unknown' then t end as c) u where id = $1";
    let unknown: [&(dyn ToSql + Sync); 5] = [
        &ada.0,
        &"email",
        &"zoe@example.com",
        &"unknown",
        &"2026-11-23T11:58:00Z",
    ];
    rows.run(send, &unknown).await;
    let planned: [&(dyn ToSql + Sync); 5] = [
        &ada.0,
        &"invite",
        &"ACoAAzoe",
        &"planned",
        &"2026-11-23T12:02:00Z",
    ];
    rows.run(send, &planned).await;
    let text = rows.answer(&["account", "ada"]).await;
    has(
        &text,
        &[
            "caps: its own, lifted by kim: warmed up for a year (its tier's are 30 a day, 100 a week)",
            "day: 0/40 (cap)",
            "unknown: 1 outcomes, counted and looked for; the oldest of Mon 23 Nov 12:58 Europe/Berlin",
            "unknown    email to zoe@example.com, called Mon 23 Nov 12:58 Europe/Berlin, 0 looks, next look Mon 23 Nov 13:03 Europe/Berlin",
            "open send  planned: invite to ACoAAzoe for no campaign, Mon 23 Nov 13:02 Europe/Berlin",
        ],
    );
}

/// A campaign of two senders, one of whom was disconnected, with two pauses.
async fn paused_campaign() -> (Rows, CampaignId) {
    let mut cast = cast();
    let (ada, eve) = (cast.connected("ada"), cast.connected("eve"));
    office(&mut cast, ada, "Europe/Berlin");
    office(&mut cast, eve, "Europe/Berlin");
    let campaign = cast.campaign(OnSenderLoss::default(), &[ada, eve]);
    let rows = Rows::of(cast).await;
    rows.run(
        "with flipped as (
             update relink.accounts set status = 'disconnected', status_since = '2026-11-23T09:00:00Z' where id = $1
             returning id, status_version)
         insert into relink.account_audit (account_id, version, at, from_status, to_status, cause, actor)
         select id, status_version, '2026-11-23T09:00:00Z', 'connected', 'disconnected', 'disconnected', 'user' from flipped",
        &[&eve.0],
    )
    .await;
    for (reason, by, at, note) in [
        (
            "account_disconnected",
            "worker:1",
            "2026-11-23T09:00:00Z",
            "eve is disconnected",
        ),
        (
            "manual",
            "kim",
            "2026-11-23T10:30:00Z",
            "until the fair is over",
        ),
    ] {
        rows.run(
            "insert into relink.campaign_pauses (id, campaign_id, reason, paused_at, paused_by, note)
             values (gen_random_uuid(), $1, $2, $3::text::timestamptz, $4, $5)",
            &[&campaign.0, &reason, &at, &by, &note],
        )
        .await;
    }
    (rows, campaign)
}

#[tokio::test]
async fn r_cam_1_every_pause_has_who_when_and_what_would_clear_it() {
    let (rows, campaign) = paused_campaign().await;
    let text = rows.answer(&["campaign", "Campaign 1"]).await;
    has(
        &text,
        &[
            "state      does not run (a lost sender: pause_campaign)",
            "paused     account_disconnected since Mon 23 Nov 09:00 UTC by worker:1: eve is disconnected",
            "cleared by its senders connected and verified again, within seconds; campaigns.heal looks every 5 minutes (eve is disconnected)",
            "paused     manual since Mon 23 Nov 10:30 UTC by kim: until the fair is over",
            "cleared by a person of the workspace resuming it: relink campaigns resume --pause manual",
            "step       1. invite at once: 2 due, 0 later, 0 on their way, 0 done, 0 stopped",
            "step       2. message after 2 d: 2 due, 0 later, 0 on their way, 0 done, 0 stopped",
            "ada (connected, in the rotation)",
            "yes: invite now, 0/30 today, 0/100 this week",
            "eve (disconnected, in the rotation)",
            "never: status disconnected: its owner disconnected it",
        ],
    );
    let asked = ["campaign", &campaign.to_string(), "--json"];
    let json: Value = serde_json::from_str(&rows.answer(&asked).await).expect("JSON");
    assert_eq!(json["runs"], false);
    assert_eq!(json["pauses"][1]["by"], "kim");
    let text = rows.answer(&["account", "ada"]).await;
    has(
        &text,
        &["campaign   Campaign 1 is paused: account_disconnected, manual"],
    );
}

#[tokio::test]
async fn who_is_not_known_or_not_the_only_one_is_an_error_that_helps() {
    let mut cast = cast();
    cast.connected("ada");
    cast.connected("adam");
    let first = cast.connected("twin");
    let second = cast.waiting("twin", |_| ());
    let rows = Rows::of(cast).await;
    let error = rows.refused(&["account", "ad"]).await;
    assert!(
        error
            .contains("no account is called \"ad\": 4 are known by id and name, such as ada, adam"),
        "{error}"
    );
    let error = rows.refused(&["account", "twin"]).await;
    for id in [first, second] {
        assert!(error.contains(&id.to_string()), "{error}");
    }
    let error = rows.refused(&["campaign", "spring"]).await;
    assert!(
        error.contains("this database knows no campaign at all"),
        "{error}"
    );
}
