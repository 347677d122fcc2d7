//! The feed of losses, as it is followed (R-WAT-7).

use super::Desk;
use policy::account::Status;
use serde_json::Value;
use std::process::Stdio;
use std::time::Duration;
use tests::database::SUPERUSER;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use uuid::Uuid;

#[tokio::test]
async fn r_wat_7_whoever_follows_hears_a_flip_within_ten_seconds() {
    let desk = Desk::of(4).await;
    desk.ground.flip(0, Status::Recovering, None).await;
    let follow = ["losses", "--follow", "--json"];
    let mut following = desk.command("relink_reader", &follow);
    let mut following = following.stdout(Stdio::piped()).spawn().expect("start it");
    let out = following.stdout.take().expect("its output");
    let mut heard = BufReader::new(out).lines();
    let mut next = async |within: u64| {
        let line = tokio::time::timeout(Duration::from_secs(within), heard.next_line()).await;
        let line = line.expect("in time").expect("a line").expect("more");
        let row: Value = serde_json::from_str(&line).expect("JSON");
        let word = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        (word("account_id"), word("news"), word("by"))
    };
    let of = |nth: usize, news: &str, by: &str| {
        let account = desk.ground.accounts[nth].0.to_string();
        (account, news.to_owned(), by.to_owned())
    };
    // While the program starts.
    let (first, _, _) = next(20).await;
    assert_eq!(first, of(0, "", "").0);
    // The first draws its id, and commits after the second.
    let late = desk.ground.database.client(SUPERUSER).await;
    let id = desk.ground.accounts[1].0;
    let write = format!(
        "begin; insert into relink.account_audit (account_id, version, at, from_status, to_status, cause, actor)
         values ('{id}', 3, relink.clock(), 'connected', 'reconnect_needed', 'credentials', 'test');
         update relink.accounts set status = 'reconnect_needed', status_since = relink.clock() where id = '{id}'"
    );
    late.batch_execute(&write).await.expect("half of it");
    desk.ground.flip(2, Status::Missing, None).await;
    assert_eq!(next(10).await, of(2, "lost", "owner"));
    late.batch_execute("commit").await.expect("the other half");
    assert_eq!(next(10).await, of(1, "lost", "owner"));
    desk.ground.flip(1, Status::Connected, None).await;
    assert_eq!(next(10).await, of(1, "returned", "nobody"));
    following.kill().await.expect("stop it");

    let all = desk.reads(&["losses"]).await;
    assert_eq!(all.lines().count(), 4, "{all}");
    assert!(all.contains("signs in to LinkedIn on the page of a new link, until other news"));
    let nobody = Uuid::now_v7().to_string();
    assert_eq!(desk.reads(&["losses", "--workspace", &nobody]).await, "");
    assert_eq!(
        desk.reads(&["losses", "--since", "2100-01-01T00:00:00Z"])
            .await,
        ""
    );
}
