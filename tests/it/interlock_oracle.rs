//! The database's judgement against the one in Rust (R-DEL-1): on hundreds of random situations, most of them a hair's
//! breadth from a limit, both refuse by the same gates; and the comparison notices a mistake in either.

mod situation;

use policy::interlock::{GateFacts, refused};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::Value;
use situation::{REMOVAL, Situation};
use std::collections::BTreeMap;
use tests::database::Database;
use tokio_postgres::Client;

const SITUATIONS: u32 = 400;
const SEED: u64 = 4;

/// One mistake in each gate's condition.
const MUTANTS: [(&str, &str, &str); 6] = [
    ("switch", "coalesce(not p_switch, true)", "false"),
    ("sanity", "suspects > 5", "suspects > 6"),
    (
        "confirmation",
        "interval '60 seconds'",
        "interval '59 seconds'",
    ),
    ("cap", "intents >= 3", "intents > 3"),
    ("flag", "f.ends_at <= instant", "f.ends_at < instant"),
    ("audit", "cardinality(guards) > 0", "false"),
];

#[tokio::test]
async fn r_del_1_the_database_and_the_rules_in_rust_refuse_alike() {
    let database = Database::fresh().await;
    let client = database.owner().await;
    prepare(&client).await;
    for (gate, right, wrong) in MUTANTS {
        mutate(&client, gate, right, wrong).await;
    }
    let mut random = StdRng::seed_from_u64(SEED);
    let mut refusals: BTreeMap<String, u32> = BTreeMap::new();
    let mut passed = 0;
    let mut caught: BTreeMap<&str, u32> = BTreeMap::new();
    for nth in 0..SITUATIONS {
        let situation = Situation::random(&mut random);
        let sql = format!("begin; {}", situation.sql);
        client
            .batch_execute(&sql)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        let (theirs, ours) = both(&client, "removal_gates", &situation).await;
        assert_eq!(theirs, ours, "situation {nth}: {}", situation.sql);
        for (gate, ..) in MUTANTS {
            let (theirs, ours) = both(&client, &format!("mutant_{gate}"), &situation).await;
            if theirs != ours {
                *caught.entry(gate).or_default() += 1;
            }
        }
        client.batch_execute("rollback").await.expect("forget it");
        passed += u32::from(ours.is_empty());
        for gate in ours {
            *refusals.entry(gate).or_default() += 1;
        }
    }
    println!(
        "oracle: {SITUATIONS} situations, SQL and Rust agree in all; all six passed in {passed}; refused by {refusals:?}"
    );
    assert!(passed >= 20, "many are near to passing: {passed}");
    assert_eq!(refusals.len(), 6, "each gate refused some");
    println!(
        "SQL mutants caught {}/{}: situations that told {caught:?}",
        caught.len(),
        MUTANTS.len()
    );
    assert_eq!(caught.len(), MUTANTS.len());
}

/// A clock that stands still, so that limits can be met exactly; no guards, for they would refuse to write such rows;
/// and no limits of tables, for the gates must hold without them. What of the guards is missing is planted as well.
async fn prepare(client: &Client) {
    let sql = "
        create or replace function relink.clock() returns timestamptz language sql volatile parallel safe
            as 'select timestamptz ''2026-01-01 12:00:00+00''';
        create or replace function relink.missing_guards() returns text[] language sql stable
            as $x$ select string_to_array(nullif(current_setting('test.guards', true), ''), ',') $x$;
        alter table relink.flags drop constraint at_most_four_hours;
        alter table relink.warrants drop constraint dies_after_an_hour, drop constraint two_people;
        insert into relink.workspaces (id, name, created_at)
            values ('00000000-0000-7000-8000-000000000001', 'Tenant', relink.clock());
        do $x$ declare t record; begin
            for t in select c.oid::regclass as name from pg_class c
                      where c.relnamespace = 'relink'::regnamespace and c.relkind = 'r' loop
                execute format('alter table %s disable trigger user', t.name);
            end loop;
        end $x$;";
    client.batch_execute(sql).await.expect("prepare");
}

/// The gates with one mistake, under another name.
async fn mutate(client: &Client, gate: &str, right: &str, wrong: &str) {
    let sql = "select pg_get_functiondef('relink.removal_gates'::regproc)";
    let definition: String = client.query_one(sql, &[]).await.expect("gates").get(0);
    assert_eq!(definition.matches(right).count(), 1, "{right}");
    let mutant = definition
        .replacen("removal_gates", &format!("mutant_{gate}"), 1)
        .replacen(right, wrong, 1);
    client.batch_execute(&mutant).await.expect("a mutant");
}

/// Who refuses, as the database says and as Rust says of the same facts.
async fn both(
    client: &Client,
    function: &str,
    situation: &Situation,
) -> (Vec<String>, Vec<String>) {
    let sql = format!("select relink.{function}('{REMOVAL}', $1, $2)");
    let row = client
        .query_one(&sql, &[&situation.switch, &situation.self_test])
        .await
        .unwrap_or_else(|error| panic!("{}: {error:?}", situation.sql));
    let told: Value = row.get(0);
    let theirs = serde_json::from_value(told["refused"].clone()).expect("names of gates");
    let facts: GateFacts = serde_json::from_value(told).expect("the facts' shape");
    let ours = refused(&facts);
    let ours = ours.iter().map(|gate| gate.as_str().to_owned()).collect();
    (theirs, ours)
}
