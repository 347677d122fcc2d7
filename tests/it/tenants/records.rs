//! Records say where each field ends, and name nobody (R-AUD-1, R-AUD-5).

use super::{PLANTED, before, run, upgrade, words};
use tests::database::{Database, RUNTIME_ROLES};
use tests::sends::Ground;
use tokio_postgres::error::SqlState;

const ADA: &str = "00000000-0000-7000-8000-00000000000a";

/// One change of Ada's status with its audit row.
fn flip(version: u32, from: &str, to: &str, actor: &str) -> String {
    format!(
        "begin; update relink.accounts set status = '{to}' where id = '{ADA}';
         insert into relink.account_audit (account_id, version, at, from_status, to_status, cause, actor)
         values ('{ADA}', {version}, relink.clock(), '{from}', '{to}', 'provider_error', {actor}); commit"
    )
}

async fn findings(database: &Database) -> Vec<String> {
    let found = database.store("relink_reader").verify_audit().await;
    let found = found.expect("verify").findings;
    found.iter().map(ToString::to_string).collect()
}

/// As somebody with every right, behind the triggers' back.
async fn tamper(database: &Database, sql: &str) {
    let owner = database.owner().await;
    let off = "alter table relink.account_audit disable trigger no_change; alter table relink.audit_heads disable trigger only_by_audit;
               alter table relink.audit_heads disable trigger audit_paired";
    let on = "alter table relink.account_audit enable always trigger no_change; alter table relink.audit_heads enable always trigger only_by_audit;
              alter table relink.audit_heads enable always trigger audit_paired";
    run(&owner, off).await;
    run(&owner, sql).await;
    run(&owner, on).await;
}

#[tokio::test]
async fn r_aud_1_a_chain_that_began_unframed_goes_on_framed_and_verifies() {
    let (database, owner) = before().await;
    run(&owner, PLANTED).await;
    run(&owner, &flip(2, "connecting", "recovering", "'test'")).await;
    upgrade(&owner).await;
    run(&owner, &flip(3, "recovering", "missing", "'test'")).await;
    let forms = words(
        &owner,
        "select form::text from relink.account_audit order by version",
    )
    .await;
    assert_eq!(forms, ["1", "1", "2"]);
    assert_eq!(findings(&database).await, [] as [String; 0]);
    let altered = "update relink.account_audit set cause = 'x' where version = 1";
    tamper(&database, altered).await;
    let found = findings(&database).await;
    assert!(
        found
            .iter()
            .any(|it| it.contains("version 1: its content does not match")),
        "{found:?}"
    );
}

#[tokio::test]
async fn r_aud_1_a_separator_moved_from_one_field_to_the_next_is_found() {
    let database = Database::fresh().await;
    let owner = database.owner().await;
    run(&owner, PLANTED).await;
    run(&owner, &flip(2, "connecting", "recovering", "E'b\\x1fc'")).await;
    assert_eq!(findings(&database).await, [] as [String; 0]);
    let moved =
        "update relink.account_audit set cause = cause || E'\\x1fb', actor = 'c' where version = 2";
    tamper(&database, moved).await;
    let found = findings(&database).await;
    assert!(
        found
            .iter()
            .any(|it| it.contains("version 2: its content does not match")),
        "{found:?}"
    );
}

#[tokio::test]
async fn r_aud_1_a_row_made_to_be_of_the_old_form_is_found() {
    let database = Database::fresh().await;
    let owner = database.owner().await;
    run(&owner, PLANTED).await;
    run(&owner, &flip(2, "connecting", "recovering", "'test'")).await;
    // With its hash and its head made anew, as only a superuser can.
    let old = "update relink.account_audit set form = 1 where version = 2;
               update relink.account_audit a set hash = relink.audit_digest(a) where version = 2;
               update relink.audit_heads h set hash = a.hash from relink.account_audit a where a.account_id = h.account_id and a.version = 2";
    tamper(&database, old).await;
    let found = findings(&database).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("older form"), "{found:?}");
}

#[tokio::test]
async fn r_aud_5_digests_are_keyed_equal_for_equals_and_their_key_is_read_by_nobody() {
    let ground = Ground::of(1).await;
    let digest = "select relink.person_digest(t) from unnest(array['ada@example.com', 'ada@example.com', 'ada@example.org']) t";
    let digests = words(&ground.owner, digest).await;
    assert!(digests[0] == digests[1] && digests[0] != digests[2] && digests[0].len() == 64);
    let by_hand = "select encode(sha256(outer_pad || sha256(inner_pad || 'ada@example.com'::bytea)), 'hex') from relink.digest_key";
    assert_eq!(words(&ground.owner, by_hand).await[0], digests[0]);
    let plain = "select encode(sha256('ada@example.com'), 'hex')";
    assert_ne!(words(&ground.owner, plain).await[0], digests[0]);
    for role in RUNTIME_ROLES {
        let client = ground.database.client(role).await;
        assert_eq!(
            words(&client, digest).await,
            digests,
            "{role} comes to the same"
        );
        let key = client
            .query("select inner_pad from relink.digest_key", &[])
            .await;
        let error = key.expect_err("the key");
        assert_eq!(error.code().map(SqlState::code), Some("42501"), "{role}");
    }
    let other = Database::fresh().await;
    let client = other.owner().await;
    assert_eq!(
        words(&client, digest).await[0],
        digests[0],
        "a clone has its template's key"
    );
}
