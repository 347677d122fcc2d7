//! What a product sees: its own workspace, and nothing that tells of another.

use super::{Desk, product};
use jiff::Timestamp;
use policy::campaigns::OnSenderLoss;
use policy::ids::{AccountId, CampaignId};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tests::cast::Cast;
use tests::database::{Database, SUPERUSER};
use uuid::Uuid;

/// Two workspaces: five accounts and a campaign in the first, one account in the second; a token of each.
struct Two {
    database: Database,
    desk: Desk,
    accounts: Vec<AccountId>,
    campaign: CampaignId,
    other: AccountId,
    tokens: [String; 2],
}

async fn two() -> Two {
    let database = Database::fresh().await;
    let owner = database.config(SUPERUSER);
    let at: Timestamp = "2026-01-05T08:00:00Z".parse().expect("an instant");
    let mut cast = Cast::new(at);
    let accounts: Vec<AccountId> = cast.crowd(4).into_iter().map(|it| it.0).collect();
    let waiting = cast.waiting("wally", |_| {});
    let second = cast.second_workspace();
    let other = cast.waiting("olga", |it| it.workspace = second);
    let campaign = cast.campaign(OnSenderLoss::ContinueWithRemaining, &accounts);
    let first = cast.fleet.workspaces[0].0;
    store::seed::plant(&owner, &cast.fleet, at)
        .await
        .expect("plant it");
    let tokens = [
        product(&database, first.0).await,
        product(&database, second.0).await,
    ];
    Two {
        desk: Desk::over(&database, &[]).await,
        database,
        accounts: [accounts, vec![waiting]].concat(),
        campaign,
        other,
        tokens,
    }
}

fn ids(page: &Value) -> Vec<Uuid> {
    let all = page["accounts"].as_array().expect("accounts").iter();
    all.map(|it| it["id"].as_str().expect("an id").parse().expect("an id"))
        .collect()
}

#[tokio::test]
async fn another_workspaces_ids_are_answered_like_ids_that_nobody_has() {
    let two = two().await;
    let [first, second] = &two.tokens;
    let nobody = Uuid::now_v7();
    let mut asked = 0;
    for (id, owner, stranger, kind, ends) in [
        (
            two.accounts[0].0,
            first,
            second,
            "accounts",
            &["", "/why"][..],
        ),
        (two.other.0, second, first, "accounts", &["", "/why"]),
        (two.campaign.0, first, second, "campaigns", &["/why"]),
    ] {
        for end in ends {
            let at = |id: Uuid| two.desk.product(&format!("/v1/{kind}/{id}{end}"));
            let own = two.desk.get(&at(id), owner).await;
            assert_eq!(own.is(200).text("id"), id.to_string());
            let theirs = two.desk.get(&at(id), stranger).await;
            let none = two.desk.get(&at(nobody), stranger).await;
            let (theirs, none) = (theirs.problem(404), none.problem(404));
            assert_eq!(
                theirs.replace(&id.to_string(), ""),
                none.replace(&nobody.to_string(), "")
            );
            asked += 3;
        }
    }
    println!("{asked} requests: another workspace's id is answered like nobody's");
}

#[tokio::test]
async fn a_workspaces_accounts_come_page_by_page_each_once_and_nobody_elses() {
    let two = two().await;
    let [first, second] = &two.tokens;
    let all: BTreeSet<Uuid> = two.accounts.iter().map(|it| it.0).collect();
    for limit in [1, 2, 4, 5, 200] {
        let (mut seen, mut cursor, mut pages) = (vec![], String::new(), 0);
        loop {
            let url = two
                .desk
                .product(&format!("/v1/accounts?limit={limit}{cursor}"));
            let page = two.desk.get(&url, first).await;
            let page = &page.is(200).body;
            seen.extend(ids(page));
            pages += 1;
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen.len(), 5, "each once, by {limit}");
        assert_eq!(seen.iter().copied().collect::<BTreeSet<_>>(), all);
        assert_eq!(pages, 5_usize.div_ceil(limit), "by {limit}");
    }
    let page = two
        .desk
        .get(&two.desk.product("/v1/accounts"), second)
        .await;
    assert_eq!(ids(&page.is(200).body), [two.other.0]);
    // A cursor of another workspace is a place in an order, and opens nothing.
    let url = format!("/v1/accounts?cursor={}", two.accounts[0]);
    let page = two.desk.get(&two.desk.product(&url), second).await;
    assert!(ids(&page.is(200).body).iter().all(|id| *id == two.other.0));
    let url = two.desk.product("/v1/accounts?limit=201");
    assert_eq!(two.desk.get(&url, first).await.text("field"), "limit");
}

/// R-API-1, R-ST-4: one row says status, cause and pill.
#[tokio::test]
async fn r_pill_1_an_account_is_shown_with_its_pill_its_status_and_why() {
    let two = two().await;
    let first = &two.tokens[0];
    let connected = two.accounts[0];
    let owner = two.database.owner().await;
    let hold = "insert into relink.account_holds (account_id, reason, since, ends_at) values ($1, 'operator', relink.clock(), null)";
    owner.execute(hold, &[&connected.0]).await.expect("a hold");
    let at = |id: AccountId| two.desk.product(&format!("/v1/accounts/{id}"));
    let shown = two.desk.get(&at(connected), first).await;
    let shown = &shown.is(200).body;
    println!("{shown:#}");
    assert_eq!(shown["status"], "connected");
    assert_eq!(shown["pill"]["colour"], "green");
    let text = shown["pill"]["text"].as_str().expect("a text");
    assert!(text.starts_with("Connected · "), "{text}");
    let line = shown["pill"]["second_line"].as_str().expect("a line");
    assert!(line.starts_with("Paused by support"), "{line}");
    assert_eq!(shown["action"], "ask_support");
    assert!(
        shown["cause"].is_string() && shown["since"].is_string(),
        "{shown}"
    );
    let waiting = two.desk.get(&at(two.accounts[4]), first).await;
    assert_eq!(waiting.body["status"], "connecting");
    assert_eq!(
        waiting.body["pill"]["text"],
        "Linking — taking longer than expected"
    );
    let why = two
        .desk
        .product(&format!("/v1/campaigns/{}/why", two.campaign));
    let why = two.desk.get(&why, first).await;
    assert_eq!(
        why.is(200).body["senders"].as_array().map(Vec::len),
        Some(4)
    );
}

/// What differs between accounts: a send, a hold, an open and an abandoned link, a loss, news of now and of long ago.
const DIFFERENCES: &str = "
    insert into relink.sends (account_id, id, workspace_id, action, target, state, due_at, planned_at, slot_at, counted_at,
                              sending_at, settled_at)
    select $1, gen_random_uuid(), workspace_id, 'invite', 'x', 'sent', t, t, t, t, t, t
      from relink.accounts, (select relink.clock() - interval '7 minutes' as t) x where id = $1";

/// Members that every view of an account has, by the same names and with the same values.
const SHARED: [&str; 11] = [
    "status",
    "since",
    "cause",
    "kind",
    "action",
    "action_url",
    "first_connected_at",
    "last_activity_at",
    "checked_at",
    "working_since",
    "episode",
];

/// Makes the accounts differ: a send, another person, an old episode, an open one.
async fn differ(two: &Two) {
    let owner = two.database.owner().await;
    let sent = two.accounts[0];
    owner
        .execute(DIFFERENCES, &[&sent.0])
        .await
        .expect("a send");
    let rest = format!(
        "insert into relink.account_holds (account_id, reason, since) values ('{0}', 'wrong_account', relink.clock());
         insert into relink.episodes (account_id, began_version, began_at, cause, ended_at, proved_at)
         values ('{1}', 2, relink.clock() - interval '3 hours', 'credentials', relink.clock() - interval '2 hours', relink.clock() - interval '1 hour');
         insert into relink.watch_runs (slot, started_at, listed_at) values (relink.clock(), relink.clock(), relink.clock());
         with flipped as (
             update relink.accounts set status = 'reconnect_needed', status_since = relink.clock() where id = '{2}'
             returning id, status_version), told as (
             insert into relink.episodes (account_id, began_version, began_at, cause)
             select id, status_version, relink.clock(), 'credentials' from flipped)
         insert into relink.account_audit (account_id, version, at, from_status, to_status, cause, actor)
         select id, status_version, relink.clock(), 'connected', 'reconnect_needed', 'credentials', 'worker:test' from flipped",
        two.accounts[1], two.accounts[2], two.accounts[3]
    );
    owner.batch_execute(&rest).await.expect("the others");
}

#[tokio::test]
async fn r_st_4_every_view_of_an_account_says_the_same() {
    let two = two().await;
    differ(&two).await;
    let operator = super::operator(&two.database, "rea", &[store::operators::Scope::Read]).await;
    let mut told = vec![];
    for id in &two.accounts {
        let path = format!("/v1/accounts/{id}");
        let owners = two.desk.get(&two.desk.product(&path), &two.tokens[0]).await;
        let owners = &owners.is(200).body;
        let of = |url: String, token: &str| {
            let (desk, token) = (&two.desk, token.to_owned());
            async move { desk.get(&url, &token).await.is(200).body.clone() }
        };
        let why = format!("{path}/why");
        for view in [
            of(two.desk.ops(&path), &operator).await,
            of(two.desk.ops(&why), &operator).await,
            of(two.desk.product(&why), &two.tokens[0]).await,
        ] {
            assert_eq!(view["pill"], owners["pill"]["text"], "{view}");
            assert_eq!(
                view["pill_second_line"], owners["pill"]["second_line"],
                "{view}"
            );
            for member in SHARED {
                assert_eq!(view[member], owners[member], "{member} of {view}");
            }
        }
        told.push(owners.clone());
    }
    let page = two
        .desk
        .get(&two.desk.product("/v1/accounts"), &two.tokens[0])
        .await;
    for listed in page.is(200).body["accounts"].as_array().expect("accounts") {
        assert!(told.contains(listed), "{listed}");
    }
    // R-ST-4, R-API-1: what each of them says.
    assert_eq!(
        told[0]["pill"]["text"],
        "Connected · last activity 7 min ago"
    );
    assert_eq!(told[0]["action"], "none");
    assert_eq!(
        told[1]["pill"]["second_line"],
        "Another person is signed in"
    );
    assert_eq!(told[1]["action"], "owner_reconnect");
    assert!(told[2]["working_since"].is_string() && told[2]["episode"].is_null());
    assert_eq!(told[3]["episode"]["cause"], "credentials");
    assert_eq!(told[3]["action"], "owner_reconnect");
    assert_eq!(told[4]["status"], "connecting");
    assert!(
        told[4]["checked_at"].is_null(),
        "no session, nothing to check"
    );
}

#[tokio::test]
async fn r_st_4_last_activity_is_the_newest_of_connected_sent_and_verified() {
    let two = two().await;
    let owner = two.database.owner().await;
    let account = two.accounts[0];
    let shown = async || {
        let url = two.desk.product(&format!("/v1/accounts/{account}"));
        let shown = two.desk.get(&url, &two.tokens[0]).await;
        shown.is(200).body["last_activity_at"]
            .as_str()
            .map(str::to_owned)
    };
    let connected = shown().await.expect("it was connected");
    let failed = DIFFERENCES.replace("'sent'", "'failed'");
    owner
        .execute(&failed, &[&account.0])
        .await
        .expect("a failure");
    assert_eq!(
        shown().await,
        Some(connected.clone()),
        "a failure is no activity"
    );
    owner
        .execute(DIFFERENCES, &[&account.0])
        .await
        .expect("a send");
    let sent = shown().await.expect("it sent");
    assert!(sent > connected, "{sent} after {connected}");
    let verified = "update relink.accounts set verified_at = relink.clock() where id = $1";
    owner
        .execute(verified, &[&account.0])
        .await
        .expect("a look");
    assert!(shown().await.expect("it was verified") > sent);
}
#[tokio::test]
async fn r_wsp_1_a_product_reads_and_configures_its_own_workspace_and_no_other() {
    let two = two().await;
    let [first, second] = &two.tokens;
    let url = two.desk.product("/v1/workspace");
    let found = two.desk.get(&url, first).await.is(200).body.clone();
    assert_eq!(
        (&found["name"], &found["version"]),
        (&json!("First"), &json!(1))
    );
    let change = json!({
        "reason": "the office moved",
        "settings": { "zone": "Europe/Berlin", "window": "08:00-16:00", "support_address": "help@first.example" },
    });
    let patch = async |version: &str, body: &Value| {
        let request = two.desk.client.patch(&url).bearer_auth(first);
        let request = request.header("if-match", version).json(body);
        two.desk.sent(request).await
    };
    let (read, changed) = ("\"v1\"", "\"v2\"");
    assert_eq!(patch(read, &change).await.is(200).body["version"], 2);
    let stale = patch(read, &change).await;
    assert!(stale.problem(412).starts_with("version: "));
    let wrong = json!({ "reason": "x", "settings": { "zone": "Mars/Phobos" } });
    let wrong = patch(changed, &wrong).await;
    assert!(wrong.problem(422).starts_with("zone: "));
    let found = two.desk.get(&url, first).await.is(200).body.clone();
    assert_eq!(
        (&found["zone"], &found["window"]),
        (&json!("Europe/Berlin"), &json!("08:00-16:00"))
    );
    let other = two.desk.get(&url, second).await.is(200).body.clone();
    assert_eq!(
        (&other["name"], &other["zone"]),
        (&json!("Second"), &Value::Null)
    );
    // Its accounts follow, without settings of their own.
    let owner = two.database.owner().await;
    let own = owner.batch_execute("delete from relink.send_rules").await;
    own.expect("none of their own");
    let page = two
        .desk
        .get(&two.desk.product("/v1/accounts"), first)
        .await
        .is(200)
        .body
        .clone();
    let account = &page["accounts"][0];
    assert_eq!(
        (&account["zone"], &account["zone_from"]),
        (&json!("Europe/Berlin"), &json!("workspace"))
    );
    let page = two
        .desk
        .get(&two.desk.product("/v1/accounts"), second)
        .await
        .is(200)
        .body
        .clone();
    let account = &page["accounts"][0];
    assert_eq!(
        (&account["zone"], &account["zone_from"]),
        (&json!("UTC"), &json!("unknown"))
    );
}
