//! The shapes of workspaces, people, steps and records (R-WSP-1, R-CAP-3, R-CAM-5, R-TPL-2, R-AUD-1, R-AUD-5).

mod people;
mod persons;
mod records;
mod rules;
mod settings;
mod steps;

use std::path::PathBuf;
use tests::database::Database;
use tokio_postgres::Client;

/// Version of the first migration that these shapes came with.
const SHAPES: u32 = 25;

fn migrations() -> Vec<(u32, PathBuf)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../migrations");
    let files = std::fs::read_dir(folder).expect("the migrations");
    let mut numbered: Vec<(u32, PathBuf)> = files
        .map(|file| {
            let path = file.expect("a file").path();
            let name = path.file_name().expect("a name").to_string_lossy();
            let number = name[1..5].parse().expect("V0001__…");
            (number, path)
        })
        .collect();
    numbered.sort();
    numbered
}

async fn run(client: &Client, sql: &str) {
    let done = client.batch_execute(sql).await;
    done.unwrap_or_else(|error| panic!("{}: {error:?}", &sql[..sql.len().min(300)]));
}

/// A database as it was before these shapes, and a superuser's connection that acts as the schema's owner.
async fn before() -> (Database, Client) {
    let database = Database::empty().await;
    let owner = database.owner().await;
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../crates/store/sql/bootstrap");
    let roles = std::fs::read_to_string(root.join("roles.sql")).expect("the roles");
    run(&owner, &roles).await;
    run(&owner, "set role relink_owner; set search_path = relink").await;
    apply(&owner, |number| number < SHAPES).await;
    (database, owner)
}

/// Brings such a database to these shapes, and to what came after them.
async fn upgrade(owner: &Client) {
    apply(owner, |number| SHAPES <= number).await;
}

async fn apply(owner: &Client, these: impl Fn(u32) -> bool) {
    for (_, path) in migrations()
        .into_iter()
        .filter(|(number, _)| these(*number))
    {
        let text = std::fs::read_to_string(&path).expect("a migration");
        run(owner, &format!("begin; {text}; commit")).await;
    }
}

/// The first column of every row, as texts.
async fn words(client: &Client, sql: &str) -> Vec<String> {
    let rows = client.query(sql, &[]).await;
    let rows = rows.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    rows.iter().map(|row| row.get(0)).collect()
}

/// A workspace with a campaign of three steps and one account, with its first audit row.
const PLANTED: &str = "
    insert into relink.workspaces (id, name, created_at) values ('00000000-0000-7000-8000-000000000001', 'W', relink.clock());
    begin;
    insert into relink.accounts (id, workspace_id, kind, name, status, status_since, created_at)
    values ('00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-000000000001', 'LINKEDIN', 'Ada', 'connecting',
            relink.clock(), relink.clock());
    insert into relink.account_audit (account_id, version, at, from_status, to_status, cause, actor)
    values ('00000000-0000-7000-8000-00000000000a', 1, relink.clock(), null, 'connecting', 'imported', 'test');
    commit;
    insert into relink.campaigns (id, workspace_id, name, failures_from, created_at)
    select c::uuid, '00000000-0000-7000-8000-000000000001', 'C', relink.clock(), relink.clock()
      from unnest(array['00000000-0000-7000-8000-0000000000c1', '00000000-0000-7000-8000-0000000000c2']) c;
    insert into relink.campaign_steps (campaign_id, step, action, body)
    select c.id, s, 'message', 'Step ' || s from relink.campaigns c, generate_series(1, 3) s;";
