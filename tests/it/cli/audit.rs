//! The audit's end, its news, and all of it with what proves it (R-AUD-1).

use super::Desk;
use policy::account::Status;
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::Duration;
use tests::database::SUPERUSER;
use tokio::io::{AsyncBufReadExt as _, BufReader};

fn lines(text: &str) -> Vec<Value> {
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

#[tokio::test]
async fn r_aud_1_an_export_is_whole_and_proves_every_hash_by_itself() {
    let desk = Desk::of(5).await;
    desk.ground.gone(2).await;
    desk.ground
        .flag(Duration::from_mins(5))
        .await
        .expect("an act");
    let all = lines(&desk.reads(&["audit", "export", "--operators"]).await);
    let accounts: Vec<&Value> = all.iter().filter(|row| row["of"] == "account").collect();
    let acts: Vec<&Value> = all.iter().filter(|row| row["of"] == "operator").collect();
    assert_eq!(
        accounts.len(),
        11,
        "five that were made and connected, and one lost"
    );
    assert_eq!(acts.last().expect("acts")["action"], "flag.enable");
    // As anybody can: SHA-256 of the hash before and the text. PostgreSQL stands in for a tool of theirs.
    for row in accounts {
        let sql = "select encode(sha256(coalesce(decode($1, 'hex'), '') || convert_to($2, 'UTF8')), 'hex')";
        let (before, text) = (
            row["prev_hash"].as_str(),
            row["digested"].as_str().expect("it"),
        );
        let found = desk.ground.owner.query_one(sql, &[&before, &text]).await;
        let hash: String = found.expect("a hash").get(0);
        assert_eq!(row["hash"], hash.as_str());
        assert!(text.contains(row["cause"].as_str().expect("a cause")));
    }
    // A range of time is half open: what is recorded at its end is in the next one.
    let middle = all[3]["recorded_at"].as_str().expect("when");
    let before = lines(&desk.reads(&["audit", "export", "--to", middle]).await);
    let after = lines(&desk.reads(&["audit", "export", "--from", middle]).await);
    let ids = |rows: &[Value]| -> BTreeSet<i64> {
        rows.iter().filter_map(|row| row["id"].as_i64()).collect()
    };
    assert!(ids(&before).is_disjoint(&ids(&after)));
    assert_eq!(before.len() + after.len(), 11);
    let account = desk.ground.accounts[2].0.to_string();
    let of_one = lines(
        &desk
            .reads(&["audit", "export", "--account", &account])
            .await,
    );
    assert_eq!(of_one.len(), 3);
    assert_eq!(of_one[1]["prev_hash"], of_one[0]["hash"]);
    let tail = lines(
        &desk
            .reads(&["audit", "tail", "--limit", "2", "--json"])
            .await,
    );
    assert_eq!(tail.len(), 2);
    assert_eq!(tail[1]["id"], of_one[2]["id"], "the newest last");
    assert_eq!(tail[1].get("digested"), None);
}

#[tokio::test]
async fn r_aud_1_an_export_of_several_pages_has_each_row_once() {
    const ROWS: i64 = 2_300;
    let desk = Desk::of(1).await;
    let sql = format!(
        "with made as (insert into relink.accounts (id, workspace_id, kind, name, status, status_since, created_at)
                select gen_random_uuid(), (select id from relink.workspaces limit 1), 'MAIL', 'x', 'connecting', relink.clock(), relink.clock()
                  from generate_series(2, {ROWS}) returning id)
         insert into relink.account_audit (account_id, version, at, to_status, cause, actor)
         select id, 1, relink.clock(), 'connecting', 'linking', 'test' from made"
    );
    desk.ground.sql(&sql).await;
    let output = desk
        .command("relink_reader", &["audit", "export"])
        .output()
        .await;
    let rows = lines(&String::from_utf8(output.expect("run it").stdout).expect("text"));
    let ids: BTreeSet<i64> = rows.iter().filter_map(|row| row["id"].as_i64()).collect();
    // The one of the ground was made, and connected.
    let count = usize::try_from(ROWS).expect("a count") + 1;
    assert_eq!((rows.len(), ids.len()), (count, count));
}

#[tokio::test]
async fn r_aud_1_whoever_follows_hears_each_row_once_also_one_that_commits_late() {
    let desk = Desk::of(4).await;
    let mut following = desk.command(
        "relink_reader",
        &["audit", "tail", "--follow", "--json", "--limit", "1"],
    );
    let mut following = following.stdout(Stdio::piped()).spawn().expect("start it");
    let out = following.stdout.take().expect("its output");
    let mut heard = BufReader::new(out).lines();
    let mut next = async || {
        let line = tokio::time::timeout(Duration::from_secs(20), heard.next_line()).await;
        let line = line
            .expect("in time")
            .expect("a line")
            .expect("not the end");
        let row: Value = serde_json::from_str(&line).expect("JSON");
        row["account_id"].as_str().expect("an account").to_owned()
    };
    next().await;
    // The first draws its ids, and commits after the second: by ids alone it would be passed over.
    let late = desk.ground.database.client(SUPERUSER).await;
    let write = |nth: usize| {
        let id = desk.ground.accounts[nth].0;
        format!(
            "insert into relink.account_audit (account_id, version, at, from_status, to_status, cause, actor)
             values ('{id}', 3, relink.clock(), 'connected', 'recovering', 'provider_error', 'test');
             update relink.accounts set status = 'recovering', status_since = relink.clock() where id = '{id}'"
        )
    };
    late.batch_execute(&format!("begin; {}", write(0)))
        .await
        .expect("half of it");
    desk.ground.flip(1, Status::Recovering, None).await;
    assert_eq!(next().await, desk.ground.accounts[1].0.to_string());
    late.batch_execute("commit").await.expect("the other half");
    desk.ground.flip(2, Status::Recovering, None).await;
    let expected = [0, 2].map(|nth| desk.ground.accounts[nth].0.to_string());
    let heard = [next().await, next().await];
    assert_eq!(BTreeSet::from(heard), BTreeSet::from(expected), "each once");
    following.kill().await.expect("stop it");
}
