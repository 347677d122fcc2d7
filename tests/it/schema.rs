//! The schema: migrating it, what roles may do with it, and that its words are the policy's words.

mod database;
mod migrators;
mod names;
mod words;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use store::StoreError;
use store::guards::ClockKind;
use store::migrate::{known_version, migrate};
use tests::database::{Database, RUNTIME_ROLES, SUPERUSER};
use tokio::task::JoinSet;

#[tokio::test]
async fn eight_migrators_at_once_do_no_harm() {
    let database = Database::empty().await;
    let mut migrators = JoinSet::new();
    for _ in 0..8 {
        let config = database.config(SUPERUSER);
        migrators.spawn(async move { migrate(&config).await });
    }
    let mut applied = vec![];
    while let Some(migrated) = migrators.join_next().await {
        let migrated = migrated.expect("no panic").expect("migrate");
        assert_eq!(migrated.version, known_version());
        applied.push(migrated.applied.len());
    }
    applied.sort_unstable();
    // Numbers may be left out.
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations");
    let all = std::fs::read_dir(files).expect("the migrations").count();
    assert_eq!(applied, [0, 0, 0, 0, 0, 0, 0, all], "one did everything");
    for role in RUNTIME_ROLES {
        database
            .store(role)
            .check_schema()
            .await
            .unwrap_or_else(|error| panic!("{role}: {error}"));
    }
    println!("8 migrators at once: one applied {all} migrations, seven found nothing to do");
}

/// A test's database is cloned, and what a clone lacks is granted by hand.
#[tokio::test]
async fn a_cloned_database_has_the_rights_that_the_migrator_grants() {
    let (cloned, migrated) = (Database::fresh().await, Database::empty().await);
    migrate(&migrated.config(SUPERUSER)).await.expect("migrate");
    let rights = async |database: &Database| -> Vec<String> {
        let sql = "select a.grantee::regrole || ' ' || a.privilege_type from pg_database d, aclexplode(d.datacl) a
                    where d.datname = current_database() order by 1";
        let rows = database.owner().await.query(sql, &[]).await;
        let rows = rows.expect("read the rights");
        rows.iter().map(|row| row.get(0)).collect()
    };
    let granted = rights(&migrated).await;
    assert!(granted.contains(&"relink_owner CREATE".to_owned()));
    assert_eq!(rights(&cloned).await, granted);
}

#[tokio::test]
async fn r_job_5_a_newer_schema_serves_this_build_until_it_takes_something_away() {
    let database = Database::fresh().await;
    let owner = database.owner().await;
    let later = "insert into relink.schema_history (version, name, applied_on, checksum) values (9999, 'later', '', '0')";
    owner
        .batch_execute(later)
        .await
        .expect("a later build was here");
    let store = database.store("relink_worker");
    let known = known_version();
    store.check_schema().await.expect("it only added something");
    let tx = store.begin().await.expect("begin");
    let findings = tx.check_guards(ClockKind::StandIn).await.expect("look");
    tx.abandon().await;
    assert_eq!(
        findings,
        ["the database's schema is newer than this build, which cannot judge its guards"],
        "no removal meanwhile"
    );
    let took = format!("update relink.schema_support set oldest_build = {known} + 1");
    owner
        .batch_execute(&took)
        .await
        .expect("it took something away");
    let by_migrator = migrate(&database.config(SUPERUSER)).await;
    for (refused, needs) in [
        (store.check_schema().await, known + 1),
        (by_migrator.map(drop), 9999),
    ] {
        let error = refused.expect_err("newer");
        assert!(matches!(error, StoreError::NewerSchema { .. }));
        let expected = format!(
            "the database's schema is version 9999 and needs builds that know {needs} or more, this build knows {known}: run a newer build"
        );
        assert_eq!(error.to_string(), expected);
        println!("refused: {expected}");
    }
}

#[tokio::test]
async fn an_older_schema_than_this_build_is_refused_until_it_is_migrated() {
    let database = Database::fresh().await;
    let history = "delete from relink.schema_history where version = (select max(version) from relink.schema_history)";
    database
        .owner()
        .await
        .execute(history, &[])
        .await
        .expect("an older build was here");
    let error = database
        .store("relink_worker")
        .check_schema()
        .await
        .expect_err("older");
    println!("refused: {error}");
    assert!(matches!(error, StoreError::OlderSchema { .. }));
    assert!(error.to_string().contains("run `relink migrate` first"));
}

#[tokio::test]
async fn a_database_without_a_schema_is_refused_too() {
    let database = Database::empty().await;
    let store = database.store(SUPERUSER);
    let error = store.check_schema().await.expect_err("nothing there");
    assert!(matches!(error, StoreError::OlderSchema { found: 0, .. }));
}

/// Each query finds what must not be; the first column says what it is. They take the runtime roles.
const FORBIDDEN: &[&str] = &[
    "select r.rolname || ' has attribute of a superuser' from pg_roles r
      where r.rolname = any ($1::text[]) and (r.rolsuper or r.rolcreatedb or r.rolcreaterole or r.rolreplication or r.rolbypassrls)",
    "select r.rolname || ' is a member of ' || o.rolname from pg_roles r
       join pg_auth_members m on m.member = r.oid join pg_roles o on o.oid = m.roleid where r.rolname = any ($1::text[])",
    "select r.rolname || ' owns ' || s.classid::regclass || ' ' || s.objid from pg_shdepend s
       join pg_roles r on r.oid = s.refobjid
      where s.deptype = 'o' and r.rolname = any ($1::text[])",
    "select r || ' may ' || p || ' ' || c.oid::regclass from unnest($1::text[]) r
       cross join unnest(array['DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) p
       cross join pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname in ('relink', 'public') and c.relkind in ('r', 'p', 'v', 'm') and has_table_privilege(r, c.oid, p)",
    "select r || ' may ' || p || ' in schema ' || n.nspname from unnest($1::text[]) r
       cross join unnest(array['CREATE']) p cross join pg_namespace n
      where n.nspname !~ '^pg_(toast|temp)' and has_schema_privilege(r, n.oid, p)",
    "select r || ' may ' || p || ' in the database' from unnest($1::text[]) r
       cross join unnest(array['CREATE', 'TEMP']) p where has_database_privilege(r, current_database(), p)",
    "select r || ' may INSERT or UPDATE ' || c.oid::regclass from unnest($1::text[]) r
       cross join pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'relink' and c.relkind in ('r', 'p')
        and (r = 'relink_reader' or c.relname = 'audit_heads' or c.relname in ('schema_history', 'schema_support', 'workspaces', 'contacts', 'digest_key')
             or r = 'relink_operator'
             or c.relname in ('send_caps', 'send_limits', 'send_rules', 'send_audit', 'subscriptions')
             or c.relname in ('operator_tokens', 'operator_audit', 'flags', 'warrants')
             or c.relname in ('removals', 'removal_latch', 'removal_audit')
             or c.relname = 'removal_looks' and r <> 'relink_worker'
             or c.relname like 'account\\_audit\\_%' or c.relname like 'send\\_audit\\_%')
        and (has_any_column_privilege(r, c.oid, 'INSERT') or has_any_column_privilege(r, c.oid, 'UPDATE'))",
    "select r || ' may UPDATE ' || c.oid::regclass from unnest($1::text[]) r
       cross join unnest(array['relink.account_audit', 'relink.operator_audit', 'relink.case_polls',
                               'relink.job_failures', 'relink.token_uses', 'relink.loss_counts', 'relink.workspace_notices']::regclass[]) as c(oid)
      where has_any_column_privilege(r, c.oid, 'UPDATE')",
    "select r || ' may UPDATE ' || a.attname || ' of a notice' from unnest($1::text[]) r cross join pg_attribute a
      where a.attrelid = 'relink.notices'::regclass and a.attnum > 0
        and (r <> 'relink_worker' or a.attname not in ('due_at', 'look_after', 'dropped_at', 'dropped_why', 'state', 'why', 'tries',
                                                         'sending_at', 'message_id', 'smtp_code', 'ended_at', 'held_at', 'trouble'))
        and has_column_privilege(r, a.attrelid, a.attnum, 'UPDATE')",
    "select r || ' may set ' || a.attname || ' of an audit row' from unnest($1::text[]) r
       cross join pg_attribute a
      where a.attrelid = 'relink.account_audit'::regclass
        and a.attname in ('id', 'recorded_at', 'recorded_by', 'xid', 'hash', 'prev_hash', 'form')
        and has_column_privilege(r, a.attrelid, a.attnum, 'INSERT')",
    "select r || ' may set ' || a.attname || ' of an account' from unnest($1::text[]) r
       cross join pg_attribute a
      where a.attrelid = 'relink.accounts'::regclass and a.attname in ('id', 'workspace_id', 'status_version', 'created_at')
        and has_column_privilege(r, a.attrelid, a.attnum, 'UPDATE')",
    "select r || ' may ' || p || ' ' || a.attname || ' of a look' from unnest($1::text[]) r
       cross join unnest(array['INSERT', 'UPDATE']) p cross join pg_attribute a
      where a.attrelid = 'relink.removal_looks'::regclass and a.attnum > 0 and has_column_privilege(r, a.attrelid, a.attnum, p)
        and not (p = 'INSERT' and a.attname in ('removal_id', 'number', 'control_session'))
        and not (p = 'UPDATE' and a.attname in ('seen', 'why', 'control_good', 'control_why'))",
    "select r || ' may ' || p || ' jobs' from unnest($1::text[]) r cross join unnest(array['INSERT', 'UPDATE']) p
      where r = 'relink_operator' and has_any_column_privilege(r, 'relink.jobs', p)",
    "select r || ' may read the key of digests' from unnest($1::text[]) r
      where has_any_column_privilege(r, 'relink.digest_key', 'SELECT')",
    "select r || ' may read a token''s digest' from unnest($1::text[]) r
      where has_column_privilege(r, 'relink.operator_tokens', 'digest', 'SELECT')",
    "select r || ' may call ' || p.oid::regprocedure from unnest($1::text[]) r
       cross join pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where n.nspname = 'relink' and has_function_privilege(r, p.oid, 'EXECUTE')
        and p.proname not in ('clock', 'clock_rate', 'shard_of', 'send_slack', 'reservation_life', 'senders_at', 'back_since', 'first_send', 'rules_at', 'is_zone', 'cap_in_force', 'hold_in_force',
                              'person_digest', 'is_original', 'demand_original', 'server_start', 'pauses_over', 'duty_held', 'autoscaler_age', 'look_at_lanes', 'look_into_lane', 'count_lane', 'new_losses', 'lost_within_hour')
        and not (r = 'relink_worker' and p.proname in ('plan_sends', 'plan_rendered_sends', 'reserve_sends', 'start_send', 'settle_sends', 'cancel_sends', 'count_in_turn', 'begin_sightings', 'note_by_hand', 'end_disproved_holds', 'follow_merges', 'forget_provider_events'))
        and not (r = 'relink_scheduler' and p.proname in ('ensure_audit_partitions', 'look_at_witness', 'raise_witness', 'declare_copy'))
        and not (r = 'relink_worker' and p.proname in ('judge_removal', 'settle_removal', 'trip_removal_latch', 'watch_removal_clock'))
        and not (r <> 'relink_scheduler' and p.proname = 'missing_guards')
        -- Reads, takes no lock, changes nothing; the scheduler's census asks it of no removal.
        and not p.proname = 'removal_gates'
        -- Names of processes that live no more, nothing else.
        and not (r in ('relink_worker', 'relink_scheduler') and p.proname = 'forget_workers')
        and not (r = 'relink_operator' and p.proname in ('opt_out', 'redrive_notice'))
        -- Begin, open and end attempts to link; the one flip among them is to `connecting`.
        and not (r = 'relink_operator' and p.proname in ('lock_for_link', 'begin_attempt', 'renew_mint', 'open_attempt', 'look_after_link',
                 'end_mint', 'cancel_attempt'))
        and not (r = 'relink_operator' and p.proname in ('pause_campaign', 'decide_send', 'change_enrollments', 'reassign_enrollments'))
        and not (r = 'relink_operator' and p.proname in ('enable_flag', 'end_flag', 'trip_latch', 'clear_latch', 'request_removal',
                 'withdraw_removal', 'issue_warrant', 'approve_warrant', 'revoke_warrant', 'note_refused_act', 'tell_refused_act', 'use_token', 'adopt_session',
                 'pause_work', 'resume_work', 'redrive_jobs', 'discard_jobs', 'ack_alerts', 'resume_campaign', 'release_account', 'decide_losses', 'confirm_cases', 'dismiss_cases',
                 'restart_account', 'create_account', 'change_account', 'note_link', 'create_workspace', 'change_workspace', 'subscribe_workspace', 'end_workspace', 'set_owner_zone',
                 'hold_account', 'cap_account', 'rule_account', 'tier_account', 'enqueue_of_act',
                 'take_key', 'hold_key', 'keep_answer', 'release_key',
                  -- Keep what the provider tells, and what comes often; the jobs that they ask for are of one kind.
                  'take_callback', 'take_webhook', 'note_events', 'note_webhooks', 'adopt_database'))",
    "select r || ' may change the sequence ' || c.oid::regclass from unnest($1::text[]) r cross join pg_class c
      where c.relkind = 'S' and has_sequence_privilege(r, c.oid, 'UPDATE')",
    // What runs with the owner's rights must not follow the caller's search_path.
    "select 'function ' || p.oid::regprocedure || ' runs with the rights of its owner on a path of its caller'
       from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where $1::text[] is not null and n.nspname = 'relink' and p.prosecdef
        and not coalesce(p.proconfig, '{}') @> array['search_path=pg_catalog, pg_temp']",
    "select c.oid::regclass || ' belongs to ' || c.relowner::regrole from pg_class c
       join pg_namespace n on n.oid = c.relnamespace
      where $1::text[] is not null and n.nspname = 'relink' and c.relowner <> 'relink_owner'::regrole",
    "select 'the owner can log in' from pg_roles where $1::text[] is not null and rolname = 'relink_owner' and (rolcanlogin or rolsuper)",
];

#[tokio::test]
async fn runtime_roles_own_nothing_and_can_remove_and_make_nothing() {
    let database = Database::fresh().await;
    let superuser = database.owner().await;
    let roles: Vec<&str> = RUNTIME_ROLES.to_vec();
    let mut found: Vec<String> = vec![];
    for query in FORBIDDEN {
        let rows = superuser
            .query(*query, &[&roles])
            .await
            .unwrap_or_else(|error| panic!("{query}: {error:?}"));
        found.extend(rows.iter().map(|row| row.get::<_, String>(0)));
    }
    println!(
        "{} kinds of rights looked for, {} found",
        FORBIDDEN.len(),
        found.len()
    );
    assert_eq!(found, [] as [String; 0]);
}

#[tokio::test]
async fn every_query_file_is_used_and_fits_the_schema() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/store");
    let used = named_in_code(&folder.join("src"));
    let mut files = BTreeSet::new();
    for path in below(&folder.join("sql"), "sql") {
        let name = path.strip_prefix(folder.join("sql")).expect("below");
        let name = name.with_extension("").to_string_lossy().into_owned();
        if !name.starts_with("bootstrap/") {
            files.insert(name);
        }
    }
    let orphaned: Vec<&String> = files.difference(&used).collect();
    assert_eq!(
        orphaned,
        [] as [&String; 0],
        "query files that nothing uses"
    );

    let database = Database::fresh().await;
    let superuser = database.owner().await;
    let mut wrong = vec![];
    for name in &files {
        let path = folder.join("sql").join(format!("{name}.sql"));
        let text = std::fs::read_to_string(&path).expect("read a query");
        if let Err(error) = superuser.prepare(&text).await {
            wrong.push(format!("{name}: {error:?}"));
        }
    }
    println!("{} query files, every one used and prepared", files.len());
    assert_eq!(wrong, [] as [String; 0]);
}

/// Every `sql!("table/verb")` of the store's code.
fn named_in_code(folder: &Path) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for path in below(folder, "rs") {
        let text = std::fs::read_to_string(path).expect("read a source");
        for after in text.split("sql!(\"").skip(1) {
            if let Some((name, _)) = after.split_once('"') {
                names.insert(name.to_owned());
            }
        }
    }
    names
}

fn below(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = vec![];
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("list a folder") {
            let path = entry.expect("read a folder").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == ending) {
                found.push(path);
            }
        }
    }
    found
}
