//! Every attempt on the audit, by every role that could try it, and what the server said (R-AUD-1, R-AUD-2).

use crate::audit_attempts::{
    A, As, B, EVERYBODY, WORKSPACE, audit, flip, pairing_attacks, record_attacks, rights_attacks,
};
use jiff::Timestamp;
use policy::ids::{AccountId, WorkspaceId};
use store::clock::{TestClock, install};
use store::seed::{Account, Fleet};
use tests::database::{Database, SUPERUSER};
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;
use uuid::Uuid;

impl As {
    async fn connect(self, database: &Database) -> Client {
        match self {
            Self::Worker => database.client("relink_worker").await,
            Self::Owner => {
                let client = database.owner().await;
                run(&client, "set role relink_owner").await;
                client
            }
            Self::Replica => {
                let client = database.owner().await;
                run(&client, "set session_replication_role = replica").await;
                client
            }
        }
    }
}

#[tokio::test]
async fn r_aud_1_2_every_attack_on_the_audit_is_refused() {
    let database = planted().await;
    let superuser = database.owner().await;
    // As many months as the function makes, beside the default partition.
    run(&superuser, "select relink.ensure_audit_partitions(6)").await;
    let partitions = partitions(&superuser).await;
    assert!(partitions.len() >= 8, "{partitions:?}");

    let mut attacks = pairing_attacks();
    attacks.extend(record_attacks(&partitions));
    attacks.extend(rights_attacks(&partitions));
    let before = fingerprint(&superuser).await;
    let (mut refused, mut tried) = (0, 0);
    for attack in &attacks {
        for &by in attack.by {
            tried += 1;
            match attempt(&database, by, &attack.sql).await {
                Ok(()) => println!("STORED   {by:?}: {}", attack.name),
                Err(why) => {
                    refused += 1;
                    println!("refused  {by:?}: {} ({why})", attack.name);
                }
            }
            assert_eq!(
                fingerprint(&superuser).await,
                before,
                "{by:?}: {} changed something",
                attack.name
            );
        }
    }
    println!("refused {refused}/{tried}");
    assert_eq!(refused, tried);
    let verification = verify(&database).await;
    assert_eq!(verification, [] as [String; 0]);
}

#[tokio::test]
async fn r_aud_2_a_flip_with_its_audit_row_is_stored_whoever_writes_it() {
    let database = planted().await;
    let steps = [
        (As::Worker, 3, "connected", "recovering"),
        (As::Owner, 4, "recovering", "reconnect_needed"),
        (As::Replica, 5, "reconnect_needed", "connected"),
    ];
    for (by, version, from, to) in steps {
        let pair = format!("{} {}", flip(A, to), audit(A, version, from, to));
        attempt(&database, by, &pair)
            .await
            .unwrap_or_else(|why| panic!("{by:?}: {why}"));
    }
    let both_at_once = format!(
        "{} {} {} {}",
        flip(A, "recovering"),
        audit(A, 6, "connected", "recovering"),
        flip(A, "connected"),
        audit(A, 7, "recovering", "connected")
    );
    attempt(&database, As::Worker, &both_at_once)
        .await
        .expect("two flips with two audit rows");
    assert_eq!(verify(&database).await, [] as [String; 0]);
}

#[tokio::test]
async fn r_aud_1_who_continues_a_chain_meanwhile_continued_is_refused() {
    let database = planted().await;
    let (first, second) = (database.owner().await, database.owner().await);
    let pair = format!(
        "{} {}",
        flip(A, "recovering"),
        audit(A, 3, "connected", "recovering")
    );
    run(&first, &format!("begin; {pair}")).await;
    let row = audit(A, 3, "connected", "missing");
    let waiting = second.batch_execute(&row);
    let commit = async {
        let waits = "select exists (select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database())";
        while !first
            .query_one(waits, &[])
            .await
            .expect("activity")
            .get::<_, bool>(0)
        {
            tokio::task::yield_now().await;
        }
        run(&first, "commit").await;
    };
    let (refused, ()) = tokio::join!(waiting, commit);
    let refused = refused.expect_err("one of two");
    let refused = refused.as_db_error().expect("the server's answer");
    assert_eq!(refused.constraint(), Some("audit_chain"), "{refused}");
    assert_eq!(verify(&database).await, [] as [String; 0]);
}

#[tokio::test]
async fn r_aud_3_what_an_owner_forges_is_overwritten() {
    let database = planted().await;
    let forgery = format!(
        "{} insert into relink.account_audit
            (account_id, version, at, from_status, to_status, cause, actor, xid, recorded_by, hash, prev_hash)
         values ('{A}', 3, relink.clock(), 'connected', 'recovering', 'attack', 'attacker', '1', 'somebody', '\\x00', '\\x00');",
        flip(A, "recovering")
    );
    attempt(&database, As::Owner, &forgery)
        .await
        .expect("the columns are the trigger's");
    let row = database
        .owner()
        .await
        .query_one(
            "select recorded_by, xid::text as xid, hash <> '\\x00' and prev_hash <> '\\x00' as hashed
               from relink.account_audit where cause = 'attack'",
            &[],
        )
        .await
        .expect("the row");
    assert_eq!(row.get::<_, &str>("recorded_by"), SUPERUSER);
    assert_ne!(row.get::<_, &str>("xid"), "1");
    assert!(row.get::<_, bool>("hashed"));
    assert_eq!(verify(&database).await, [] as [String; 0]);
}

#[tokio::test]
async fn r_aud_1_a_month_that_was_never_made_is_guarded_as_well_and_reported() {
    let database = planted().await;
    install(
        &database.config(SUPERUSER),
        TestClock::Stepped {
            ahead_s: 3 * 365 * 24 * 3_600,
        },
    )
    .await
    .expect("step years ahead");
    let pair = format!(
        "{} {}",
        flip(A, "recovering"),
        audit(A, 3, "connected", "recovering")
    );
    attempt(&database, As::Worker, &pair)
        .await
        .expect("the default partition takes it");
    for (by, sql) in EVERYBODY.iter().flat_map(|&by| {
        [
            "truncate relink.account_audit_default;",
            "delete from relink.account_audit_default;",
            "update relink.account_audit_default set cause = 'x';",
        ]
        .map(|sql| (by, sql))
    }) {
        let why = attempt(&database, by, sql).await.expect_err(sql);
        println!("refused  {by:?}: {sql} ({why})");
    }
    let findings = verify(&database).await;
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(findings[0].contains("default partition"), "{findings:?}");
}

#[tokio::test]
async fn r_aud_1_a_month_made_by_the_scheduler_has_every_guard_on_always() {
    let database = Database::fresh().await;
    let scheduler = database.client("relink_scheduler").await;
    let superuser = database.owner().await;
    // A run may cross a month's end: what stood before is then a month more than what is asked for.
    let before = partitions(&superuser).await;
    let made: i32 = scheduler
        .query_one("select relink.ensure_audit_partitions(24)", &[])
        .await
        .expect("the scheduler may make months")
        .get(0);
    let asked =
        "select to_char(relink.clock() at time zone 'UTC' + make_interval(months => i), 'YYYY_MM')
                   from generate_series(0, 24) i";
    let asked = superuser.query(asked, &[]).await.expect("25 months");
    let mut missing: Vec<String> = asked.iter().map(|row| row.get(0)).collect();
    missing.retain(|month| !before.contains(&format!("relink.account_audit_{month}")));
    // The current month and three more are there from the start.
    assert!(missing.len() <= 22, "{missing:?}");
    assert_eq!(
        made,
        2 * i32::try_from(missing.len()).expect("few"),
        "of both records: {missing:?}"
    );
    let guards = "select i.inhrelid::regclass::text as partition,
                array_agg(t.tgname::text || ' ' || t.tgenabled::text order by t.tgname) filter (where t.tgname is not null) as guards
           from pg_inherits i left join pg_trigger t on t.tgrelid = i.inhrelid
          where i.inhparent = $1::text::regclass group by 1";
    for (record, expected) in [
        (
            "relink.account_audit",
            &["chain A", "no_change A", "no_truncate A"][..],
        ),
        ("relink.send_audit", &["no_change A", "no_truncate A"][..]),
    ] {
        let rows = superuser.query(guards, &[&record]).await;
        let rows = rows.expect("their triggers");
        assert_eq!(rows.len(), before.len() + missing.len(), "{record}");
        for row in rows {
            let (partition, guards): (String, Option<Vec<String>>) = (row.get(0), row.get(1));
            assert_eq!(guards.unwrap_or_default(), expected, "{partition}");
        }
    }
}

async fn planted() -> Database {
    let database = Database::fresh().await;
    let account = |id: &str, session: &str| Account {
        id: AccountId(id.parse().expect("an id")),
        workspace: WorkspaceId(WORKSPACE.parse().expect("an id")),
        kind: "LINKEDIN".to_owned(),
        tier: "free",
        name: session.to_owned(),
        handle: None,
        identity: None,
        session: Some(session.to_owned()),
        attempt: None,
        rules: None,
    };
    let fleet = Fleet {
        workspaces: vec![(
            WorkspaceId(WORKSPACE.parse::<Uuid>().expect("an id")),
            "Tenant".to_owned(),
        )],
        accounts: vec![account(A, "s-a"), account(B, "s-b")],
        campaigns: vec![],
    };
    let at: Timestamp = "2026-01-01T00:00:00Z".parse().expect("an instant");
    store::seed::plant(&database.config(SUPERUSER), &fleet, at)
        .await
        .expect("plant two accounts");
    database
}

/// Runs `sql` in a transaction of its own session. The error is the server's refusal; any other error is the test's.
async fn attempt(database: &Database, by: As, sql: &str) -> Result<(), String> {
    let client = by.connect(database).await;
    let ended = async {
        for statement in ["begin", sql, "commit"] {
            client.batch_execute(statement).await?;
        }
        Ok::<_, tokio_postgres::Error>(())
    }
    .await;
    let Err(error) = ended else { return Ok(()) };
    let refusal = error.as_db_error().expect("the server's answer");
    let lawful = [
        SqlState::INSUFFICIENT_PRIVILEGE,
        SqlState::CHECK_VIOLATION,
        SqlState::UNIQUE_VIOLATION,
        SqlState::FOREIGN_KEY_VIOLATION,
        // A row that is not of the month that it was put into.
        SqlState::FEATURE_NOT_SUPPORTED,
    ];
    assert!(
        lawful.contains(refusal.code()),
        "{by:?}: {sql}\nrefused for another reason: {refusal}"
    );
    Err(refusal.message().to_owned())
}

async fn verify(database: &Database) -> Vec<String> {
    let store = database.store("relink_reader");
    let found = store.verify_audit().await.expect("verify the audit");
    found.findings.iter().map(ToString::to_string).collect()
}

async fn partitions(superuser: &Client) -> Vec<String> {
    let rows = superuser
        .query(
            "select inhrelid::regclass::text from pg_inherits
              where inhparent = 'relink.account_audit'::regclass order by 1",
            &[],
        )
        .await
        .expect("the months");
    rows.iter().map(|row| row.get(0)).collect()
}

/// Everything that an attack could change.
async fn fingerprint(superuser: &Client) -> String {
    superuser
        .query_one(
            "select md5(concat((select string_agg(a::text, '|' order by a.id) from relink.accounts a),
                               (select string_agg(r::text, '|' order by r.id) from relink.account_audit r),
                               (select string_agg(h::text, '|' order by h.account_id) from relink.audit_heads h),
                               (select string_agg(o::text, '|' order by o.id) from relink.operator_audit o)))",
            &[],
        )
        .await
        .expect("a fingerprint")
        .get(0)
}

async fn run(client: &Client, sql: &str) {
    client.batch_execute(sql).await.expect("prepare the attack");
}
