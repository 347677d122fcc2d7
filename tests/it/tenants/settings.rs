//! Operators make, show, change and end workspaces at the command line (R-WSP-1).

use super::words;
use serde_json::Value;
use store::operators::{NewToken, Scope};
use tests::database::SUPERUSER;
use tests::desk::Desk;
use tests::site::Site;
use tokio_postgres::Client;
use uuid::Uuid;

async fn token_of(site: &Site, workspace: &str) -> String {
    let (one, two) = (Uuid::now_v7().simple(), Uuid::now_v7().simple());
    let (id, secret) = (one.to_string().split_off(20), format!("{one}{two}"));
    let token = NewToken {
        id: &id,
        secret: &secret,
        operator: "product",
        scopes: &[Scope::Product],
        workspace: Some(workspace.parse().expect("an id")),
        life: std::time::Duration::from_hours(1),
    };
    let added = store::operators::add(&site.database(SUPERUSER), &token, ("test", "a test")).await;
    added.expect("a token");
    id
}

fn text<'a>(of: &'a Value, name: &str) -> &'a str {
    of[name].as_str().expect(name)
}

/// An operator's desk, and a connection of the superuser's.
async fn desk() -> (Site, Desk, Client) {
    let site = Site::shared().await;
    let desk = Desk::of(&site, "ada", &[Scope::Operate]).await;
    let owner = tests::database::connect(&site.database_url(SUPERUSER)).await;
    (site, desk, owner)
}

/// What the record of operators' acts says, in lower case.
async fn record(owner: &Client) -> String {
    let record =
        "select lower(coalesce(string_agg(a::text, ' '), '')) from relink.operator_audit a";
    words(owner, record).await.remove(0)
}

#[tokio::test]
async fn r_wsp_1_a_workspace_is_made_shown_and_changed_by_operators() {
    let (_site, desk, owner) = desk().await;
    let made = desk
        .does(&[
            "workspace",
            "create",
            "Acme",
            "--zone",
            "Europe/Berlin",
            "--contact",
            "Ada.Canary@acme.example",
        ])
        .await;
    let id = text(&made, "workspace").to_owned();
    let seen = desk.sees(&["workspace", "show", &id]).await;
    assert_eq!(
        (text(&seen, "name"), text(&seen, "zone"), &seen["version"]),
        ("Acme", "Europe/Berlin", &1.into())
    );
    assert_eq!(seen["contacts"][0]["address"], "ada.canary@acme.example");
    assert_eq!(seen["window"], Value::Null, "the default");

    let set = [
        "workspace",
        "set",
        &id,
        "--window",
        "08:30-17:00",
        "--days",
        "mon,sat",
        "--zone",
        "default",
        "--version",
        "1",
    ];
    assert_eq!(desk.does(&set).await["version"], 2);
    desk.refused(&set, "version: it is at 2 by now, not at 1")
        .await;
    desk.refused(
        &["workspace", "set", &id, "--zone", "Mars/Phobos"],
        "zone: ",
    )
    .await;
    desk.refused(
        &["workspace", "set", &id, "--window", "17:00-17:00"],
        "window: ",
    )
    .await;
    desk.refused(&["workspace", "set", &id], "settings: name one")
        .await;
    let seen = desk.sees(&["workspace", "show", &id]).await;
    assert_eq!(
        (text(&seen, "window"), &seen["zone"]),
        ("08:30-17:00", &Value::Null)
    );
    assert_eq!(seen["days"], serde_json::json!(["mon", "sat"]));
    assert_eq!(
        seen["contacts"][0]["address"], "ada.canary@acme.example",
        "what is not named stays"
    );

    // R-AUD-5: what was set stands in the workspace, and the record names nobody.
    let record = record(&owner).await;
    assert!(!record.contains("canary"), "{record}");
}

#[tokio::test]
async fn r_wsp_1_an_ended_workspace_has_no_token_no_work_and_no_subscription() {
    let (site, desk, owner) = desk().await;
    let made = desk.does(&["workspace", "create", "Acme"]).await;
    let id = text(&made, "workspace").to_owned();
    desk.does(&[
        "workspace",
        "subscription",
        "end",
        &id,
        "--at",
        "2030-01-01T00:00:00Z",
    ])
    .await;
    let seen = desk.sees(&["workspace", "show", &id]).await;
    assert_eq!(text(&seen, "subscription_ends_at"), "2030-01-01T00:00:00Z");
    desk.does(&["workspace", "subscription", "renew", &id])
        .await;
    let seen = desk.sees(&["workspace", "show", &id]).await;
    assert_eq!(seen["subscription_ends_at"], Value::Null);

    let token = token_of(&site, &id).await;
    desk.does(&["workspace", "end", &id]).await;
    desk.refused(&["workspace", "end", &id], "has ended already")
        .await;
    desk.refused(&["workspace", "set", &id, "--zone", "UTC"], "ended at")
        .await;
    let seen = desk.sees(&["workspace", "list"]).await;
    assert_ne!(seen[0]["ended_at"], Value::Null);
    let revoked = format!(
        "select (revoked_at is not null)::text from relink.operator_tokens where id = '{token}'"
    );
    assert_eq!(words(&owner, &revoked).await, ["true"]);
    let paused =
        "select scope || ' ' || (lifted_at is null and ends_at is null) from relink.pauses";
    assert_eq!(words(&owner, paused).await, ["workspace true"]);
    let acts =
        "select action from relink.operator_audit where action like 'workspace.%' order by at, id";
    let expected = [
        "workspace.create",
        "workspace.subscribe",
        "workspace.subscribe",
        "workspace.subscribe",
        "workspace.end",
    ];
    assert_eq!(words(&owner, acts).await, expected);
}

#[tokio::test]
async fn r_cam_2_a_campaign_without_a_policy_has_its_workspaces() {
    let ground = tests::sends::Ground::of(2).await;
    let planted = "
        insert into relink.campaigns (id, workspace_id, name, on_sender_loss, failures_from, created_at)
        select c.id::uuid, w.id, c.name, c.policy, '2026-01-01', '2026-01-01' from relink.workspaces w,
               (values ('00000000-0000-7000-8000-0000000000c1', 'inherits', null),
                       ('00000000-0000-7000-8000-0000000000c2', 'own', 'pause_campaign')) c(id, name, policy);
        insert into relink.campaign_senders (campaign_id, account_id)
        select c.id, a.id from relink.campaigns c, relink.accounts a;
        update relink.workspaces set on_sender_loss = 'continue_with_remaining'";
    super::run(&ground.owner, planted).await;
    let tx = ground.worker().begin().await.expect("begin");
    let shown = tx
        .campaign_views(&store::views::CampaignFilter::default(), None, 10)
        .await;
    tx.abandon().await;
    let shown = shown.expect("look").rows;
    let policies: Vec<(&str, &str)> = shown
        .iter()
        .map(|it| (it.name.as_str(), it.on_sender_loss.as_str()))
        .collect();
    assert_eq!(
        policies,
        [
            ("inherits", "continue_with_remaining"),
            ("own", "pause_campaign")
        ]
    );
    // One of two senders is lost: only the campaign that pauses for one does.
    let lost = ground.accounts[0].0;
    let pause = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../crates/store/sql/campaigns/pause_of_senders.sql"
    ));
    let pause = pause.expect("the query");
    let at: jiff::Timestamp = "2026-06-01T00:00:00Z".parse().expect("an instant");
    let ids = vec![lost];
    ground
        .owner
        .execute(pause.as_str(), &[&ids, &at, &"test"])
        .await
        .expect("pause");
    let paused = "select c.name from relink.campaign_pauses p join relink.campaigns c on c.id = p.campaign_id";
    assert_eq!(words(&ground.owner, paused).await, ["own"]);
}
