//! `verify_audit` finds what somebody with every right has changed behind the triggers' back (R-AUD-1).

use jiff::Timestamp;
use policy::account::{Cause, Flip, Status, StatusChanges};
use policy::decision::Decision;
use policy::ids::{AccountId, WorkspaceId};
use serde_json::json;
use store::seed::{Account, Fleet};
use store::{Author, Store};
use tests::database::{Database, SUPERUSER};
use uuid::Uuid;

const BY: Author<'static> = Author {
    actor: "test",
    job: None,
    schedule: None,
    traceparent: None,
};
const ACCOUNTS: u128 = 12;

fn id(number: u128) -> AccountId {
    AccountId(Uuid::from_u128(
        0x0190_0000_0000_7000_8000_0000_0000_0000 + number,
    ))
}

/// A dozen accounts, of which the even ones have lost and regained their sessions.
async fn flipped() -> Database {
    let database = Database::fresh().await;
    let workspace = WorkspaceId(Uuid::now_v7());
    let account = |number| Account {
        id: id(number),
        workspace,
        kind: "LINKEDIN".to_owned(),
        tier: "free",
        name: format!("Account {number}"),
        handle: None,
        identity: None,
        session: Some(format!("s-{number}")),
        attempt: None,
        rules: None,
    };
    let fleet = Fleet {
        workspaces: vec![(workspace, "Tenant".to_owned())],
        accounts: (0..ACCOUNTS).map(account).collect(),
        campaigns: vec![],
    };
    let at: Timestamp = "2026-01-01T00:00:00Z".parse().expect("an instant");
    store::seed::plant(&database.config(SUPERUSER), &fleet, at)
        .await
        .expect("plant the fleet");
    let store = database.store("relink_worker");
    for number in (0..ACCOUNTS).step_by(2) {
        flip(&store, id(number), 2, Status::Connected, Status::Recovering).await;
        flip(&store, id(number), 3, Status::Recovering, Status::Connected).await;
    }
    database
}

async fn flip(store: &Store, account: AccountId, version: i64, from: Status, to: Status) {
    let tx = store.begin().await.expect("begin");
    let at = tx.now().at;
    let decision = Decision {
        status: StatusChanges {
            flips: vec![Flip {
                account,
                version,
                from,
                to,
                cause: Cause::ProviderError,
                observed_at: at,
                evidence: json!({ "test": true }),
                link: None,
                checkpoint: None,
            }],
            ..StatusChanges::default()
        },
        ..Decision::nothing(at)
    };
    let applied = tx.apply(&decision, &BY).await.expect("apply");
    assert_eq!(applied.changed, 1);
    tx.finish().await.expect("commit");
}

async fn findings(database: &Database) -> Vec<String> {
    let store = database.store("relink_reader");
    let found = store.verify_audit().await.expect("verify");
    assert_eq!(found.wrong, found.findings.len() as u64);
    found.findings.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn r_aud_1_a_fleet_that_nobody_tampered_with_is_intact() {
    let database = flipped().await;
    let store = database.store("relink_reader");
    let found = store.verify_audit().await.expect("verify");
    assert_eq!(found.findings, []);
    assert_eq!((found.rows, found.accounts), (36, 12));
}

#[expect(clippy::too_many_lines, reason = "a list, one tampering an entry")]
#[tokio::test]
async fn r_aud_1_every_tampering_is_found_and_named() {
    // What was done, by which statement, and what must be said about it.
    let tamperings = [
        (
            "one byte of one row",
            "update relink.account_audit set cause = 'providerXerror' where account_id = '{2}' and version = 3",
            "account {2}, version 3: its content does not match its hash",
        ),
        (
            "one byte of the evidence",
            "update relink.account_audit set evidence = '{\"test\": null}' where account_id = '{2}' and version = 3",
            "account {2}, version 3: its content does not match its hash",
        ),
        (
            "the time of a row",
            "update relink.account_audit set at = at + interval '1 microsecond' where account_id = '{4}' and version = 4",
            "account {4}, version 4: its content does not match its hash",
        ),
        (
            "who wrote a row",
            "update relink.account_audit set recorded_by = 'x' where account_id = '{4}' and version = 1",
            "account {4}, version 1: its content does not match its hash",
        ),
        (
            "the transaction of a row",
            "update relink.account_audit set xid = '1' where account_id = '{4}' and version = 2",
            "account {4}, version 2: its content does not match its hash",
        ),
        (
            "the hash of a row",
            "update relink.account_audit set hash = '\\x00' where account_id = '{4}' and version = 2",
            "account {4}, version 2: its content does not match its hash",
        ),
        (
            "a row and its hash",
            "update relink.account_audit a set cause = 'x' where account_id = '{4}' and version = 2; update relink.account_audit a set hash = relink.audit_digest(a) where account_id = '{4}' and version = 2",
            "account {4}, version 3: it does not continue the row before it",
        ),
        (
            "the last row and its hash",
            "update relink.account_audit a set cause = 'x' where account_id = '{4}' and version = 4; update relink.account_audit a set hash = relink.audit_digest(a) where account_id = '{4}' and version = 4",
            "account {4}, version 4: the chain's head is not its last row",
        ),
        (
            "a row deleted",
            "delete from relink.account_audit where account_id = '{6}' and version = 2",
            "account {6}, version 3: its chain jumps from version 1 to 3",
        ),
        (
            "the first row deleted",
            "delete from relink.account_audit where account_id = '{6}' and version = 1",
            "account {6}, version 2: its chain jumps from version 0 to 2",
        ),
        (
            "the last row deleted",
            "delete from relink.account_audit where account_id = '{6}' and version = 4",
            "account {6}, version 3: the account is Some(\"connected\") at version Some(4)",
        ),
        (
            "the last row deleted and the account set back",
            "delete from relink.account_audit where account_id = '{6}' and version = 4; update relink.accounts set status = 'recovering', status_version = 3 where id = '{6}'",
            "account {6}, version 3: the chain's head is not its last row",
        ),
        (
            "every row of an account deleted",
            "delete from relink.account_audit where account_id = '{6}'",
            "account {6}, it has no audit row",
        ),
        (
            "hashes of two rows swapped",
            "update relink.account_audit a set hash = b.hash from relink.account_audit b where a.account_id = '{8}' and b.account_id = '{8}' and a.version in (2, 3) and b.version in (2, 3) and a.version <> b.version",
            "account {8}, version 2: its content does not match its hash",
        ),
        (
            "two rows swapped",
            "update relink.account_audit set version = 5 - version where account_id = '{8}' and version in (2, 3)",
            "account {8}, version 2: its content does not match its hash",
        ),
        (
            "a row given to another account",
            "update relink.account_audit set account_id = '{9}', version = 3 where account_id = '{8}' and version = 4",
            "account {9}, version 3: its content does not match its hash",
        ),
        (
            "an account's status",
            "update relink.accounts set status = 'missing' where id = '{10}'",
            "account {10}, version 4: the account is Some(\"missing\")",
        ),
        (
            "an account's version",
            "update relink.accounts set status_version = 9 where id = '{10}'",
            "account {10}, version 4: the account is Some(\"connected\") at version Some(9)",
        ),
        (
            "an account deleted",
            "delete from relink.accounts where id = '{10}'",
            "account {10}, version 4: the account is None",
        ),
        (
            "an account and its head deleted",
            "delete from relink.accounts where id = '{5}'; delete from relink.audit_heads where account_id = '{5}'",
            "account {5}, version 2: its audit rows are there, the account is not",
        ),
        (
            "the last account and its head deleted",
            "delete from relink.accounts where id = '{11}'; delete from relink.audit_heads where account_id = '{11}'",
            "account {11}, version 2: its audit rows are there, the account is not",
        ),
        (
            "a head's hash",
            "update relink.audit_heads set hash = '\\x00' where account_id = '{3}'",
            "account {3}, version 2: the chain's head is not its last row",
        ),
        (
            "an account without audit",
            "insert into relink.accounts (id, workspace_id, kind, name, status, status_since, created_at) select '{99}', workspace_id, kind, name, 'connecting', created_at, created_at from relink.accounts limit 1",
            "account {99}, it has no audit row",
        ),
        (
            "a trigger dropped",
            "drop trigger flip_paired_update on relink.accounts",
            "trigger flip_paired_update on relink.accounts is missing",
        ),
        (
            "a trigger switched off",
            "alter table relink.account_audit disable trigger no_change",
            "trigger no_change on relink.account_audit is in state D",
        ),
        (
            "a trigger that replica mode switches off",
            "alter table relink.accounts enable trigger no_delete",
            "trigger no_delete on relink.accounts is in state O",
        ),
        (
            "a guard of a month dropped",
            "drop trigger no_truncate on relink.account_audit_default",
            "trigger no_truncate on relink.account_audit_default is missing",
        ),
        (
            "a trigger that calls something else",
            "create or replace function relink.nothing() returns trigger language plpgsql as $$ begin return null; end $$; drop trigger flip_paired_update on relink.accounts; create constraint trigger flip_paired_update after update on relink.accounts deferrable initially deferred for each row execute function relink.nothing(); alter table relink.accounts enable always trigger flip_paired_update",
            "trigger flip_paired_update on relink.accounts calls relink.nothing()",
        ),
    ];
    let mut found = 0;
    for (what, statements, expected) in &tamperings {
        let database = flipped().await;
        tamper(&database, &numbered(statements)).await;
        let findings = findings(&database).await;
        let expected = numbered(expected);
        let named = findings.iter().any(|finding| finding.contains(&expected));
        println!(
            "{}  {what}: {}",
            if named { "found " } else { "MISSED" },
            findings.first().map_or("nothing", String::as_str)
        );
        found += usize::from(named);
        // What was not touched is not accused: no finding about more accounts than were meddled with.
        assert!(findings.len() <= 8, "{what}: {findings:#?}");
    }
    println!("found {found}/{}", tamperings.len());
    assert_eq!(found, tamperings.len());
}

#[tokio::test]
async fn r_aud_1_flips_that_go_on_meanwhile_are_no_findings() {
    let database = flipped().await;
    let store = database.store("relink_worker");
    let flipping = tokio::spawn(async move {
        for version in (4..64).step_by(2) {
            for number in (0..ACCOUNTS).step_by(2) {
                flip(
                    &store,
                    id(number),
                    version,
                    Status::Connected,
                    Status::Recovering,
                )
                .await;
                flip(
                    &store,
                    id(number),
                    version + 1,
                    Status::Recovering,
                    Status::Connected,
                )
                .await;
            }
        }
    });
    let mut looks = 0;
    while !flipping.is_finished() {
        assert_eq!(findings(&database).await, [] as [String; 0]);
        looks += 1;
    }
    flipping.await.expect("flips");
    println!("{looks} verifications beside 360 flips, no finding");
    assert!(looks > 1);
}

/// As a superuser, with every trigger of ours off meanwhile; they are on again afterwards, but for what was done to
/// triggers themselves.
async fn tamper(database: &Database, statements: &str) {
    let client = database.owner().await;
    let ours = "select format('alter table %s %%s trigger %I', t.tgrelid::regclass, t.tgname) from pg_trigger t
                  join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
                 where n.nspname = 'relink' and not t.tgisinternal and t.tgenabled = 'A'";
    let rows = client.query(ours, &[]).await.expect("the triggers");
    let all = |verb: &str| -> String {
        let one = |row: &tokio_postgres::Row| row.get::<_, String>(0).replace("%s", verb);
        rows.iter().map(one).collect::<Vec<_>>().join("; ")
    };
    let script = if statements.contains("trigger") {
        statements.to_owned()
    } else {
        let (off, on) = (all("disable"), all("enable always"));
        // Replica mode is for the foreign keys.
        format!("{off}; set session_replication_role = replica; {statements}; {on}")
    };
    client
        .batch_execute(&script)
        .await
        .unwrap_or_else(|error| panic!("{script}: {error:?}"));
}

/// `{7}` becomes the id of account 7.
fn numbered(text: &str) -> String {
    let ids = (0..ACCOUNTS).chain([99]);
    ids.fold(text.to_owned(), |text, number| {
        text.replace(&format!("{{{number}}}"), &id(number).to_string())
    })
}
