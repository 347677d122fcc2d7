//! Every way round the audit that we could think of.

/// Who attacks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum As {
    Worker,
    Owner,
    /// A superuser who has switched ordinary triggers off.
    Replica,
}

pub(crate) const EVERYBODY: &[As] = &[As::Worker, As::Owner, As::Replica];
const WORKER: &[As] = &[As::Worker];

/// One attempt: statements that end in a state which must never be stored.
pub(crate) struct Attack {
    pub(crate) name: &'static str,
    pub(crate) by: &'static [As],
    pub(crate) sql: String,
}

pub(crate) const A: &str = "00000000-0000-7000-8000-00000000000a";
pub(crate) const B: &str = "00000000-0000-7000-8000-00000000000b";
const NEW: &str = "00000000-0000-7000-8000-0000000000ff";
pub(crate) const WORKSPACE: &str = "00000000-0000-7000-8000-000000000001";

pub(crate) fn flip(account: &str, to: &str) -> String {
    format!(
        "update relink.accounts set status = '{to}', status_since = relink.clock() where id = '{account}';"
    )
}

pub(crate) fn audit(account: &str, version: i64, from: &str, to: &str) -> String {
    let from = if from.is_empty() {
        "null".to_owned()
    } else {
        format!("'{from}'")
    };
    format!(
        "insert into relink.account_audit (account_id, version, at, from_status, to_status, cause, actor)
         values ('{account}', {version}, relink.clock(), {from}, '{to}', 'attack', 'attacker');"
    )
}

fn forged(column: &str, value: &str) -> String {
    let pair = flip(A, "recovering");
    format!(
        "{pair} insert into relink.account_audit
            (account_id, version, at, from_status, to_status, cause, actor, {column})
         values ('{A}', 3, relink.clock(), 'connected', 'recovering', 'attack', 'attacker', {value});"
    )
}

/// Accounts A and B are `connected` at version 2.
#[expect(clippy::too_many_lines, reason = "a list, one attempt an entry")]
pub(crate) fn pairing_attacks() -> Vec<Attack> {
    let (loss, pair) = (
        flip(A, "recovering"),
        audit(A, 3, "connected", "recovering"),
    );
    let insert = |status: &str| {
        format!(
            "insert into relink.accounts (id, workspace_id, kind, name, status, status_since, session_id, verified_at, created_at)
             values ('{NEW}', '{WORKSPACE}', 'LINKEDIN', 'x', '{status}', relink.clock(), 's-new', relink.clock(), relink.clock());"
        )
    };
    let upsert = format!(
        "insert into relink.accounts (id, workspace_id, kind, name, status, status_since, created_at)
         values ('{A}', '{WORKSPACE}', 'LINKEDIN', 'x', 'connecting', relink.clock(), relink.clock())
         on conflict (id) do update set status = 'recovering';"
    );
    let merge = format!(
        "merge into relink.accounts a using (select '{A}'::uuid as id) m on a.id = m.id
         when matched then update set status = 'recovering';"
    );
    let in_one_statement = format!(
        "with flipped as (update relink.accounts set status = 'recovering' where id = '{A}' returning id)
         insert into relink.account_audit (account_id, version, at, from_status, to_status, cause, actor)
         select '{B}', 3, relink.clock(), 'connected', 'recovering', 'attack', 'attacker' from flipped;"
    );
    let list: Vec<(&'static str, String)> = vec![
        ("flip without audit row", loss.clone()),
        ("audit row without flip", pair.clone()),
        (
            "two flips, one audit row from first to last",
            format!(
                "{loss} {} {}",
                flip(A, "reconnect_needed"),
                audit(A, 3, "connected", "reconnect_needed")
            ),
        ),
        (
            "two flips, one audit row of the second",
            format!(
                "{loss} {} {}",
                flip(A, "reconnect_needed"),
                audit(A, 4, "recovering", "reconnect_needed")
            ),
        ),
        (
            "two flips, one audit row of the first",
            format!("{loss} {pair} {}", flip(A, "reconnect_needed")),
        ),
        (
            "one flip, two audit rows in a chain",
            format!("{loss} {pair} {}", audit(A, 4, "recovering", "recovering")),
        ),
        (
            "one flip, the same audit row twice",
            format!("{loss} {pair} {pair}"),
        ),
        (
            "audit row in an earlier transaction",
            format!("{pair} commit; begin; {loss}"),
        ),
        (
            "flip in an earlier transaction",
            format!("{loss} commit; begin; {pair}"),
        ),
        (
            "audit row with the wrong status before",
            format!("{loss} {}", audit(A, 3, "missing", "recovering")),
        ),
        (
            "audit row with the wrong status after",
            format!("{loss} {}", audit(A, 3, "connected", "missing")),
        ),
        (
            "audit row from nothing",
            format!("{loss} {}", audit(A, 3, "", "recovering")),
        ),
        (
            "audit row of another account",
            format!("{loss} {}", audit(B, 3, "connected", "recovering")),
        ),
        (
            "audit row of another account in the same statement",
            in_one_statement,
        ),
        (
            "audit row that skips a version",
            format!("{loss} {}", audit(A, 4, "connected", "recovering")),
        ),
        (
            "audit row of the version before",
            format!("{loss} {}", audit(A, 2, "connected", "recovering")),
        ),
        (
            "chain begun anew at version 1",
            format!("{loss} {}", audit(A, 1, "", "recovering")),
        ),
        (
            "chain of an account that does not exist",
            audit(NEW, 1, "", "connected"),
        ),
        (
            "status_version set by hand",
            format!("update relink.accounts set status_version = 9 where id = '{A}';"),
        ),
        (
            "status_version set back",
            format!("update relink.accounts set status_version = 1 where id = '{A}';"),
        ),
        (
            "status and status_version set together",
            format!(
                "update relink.accounts set status = 'recovering', status_version = 9 where id = '{A}'; {}",
                audit(A, 9, "connected", "recovering")
            ),
        ),
        (
            "flip there and back without audit rows",
            format!("{loss} {}", flip(A, "connected")),
        ),
        (
            "flip there and back, the second audited",
            format!(
                "{loss} {} {}",
                flip(A, "connected"),
                audit(A, 3, "connected", "connected")
            ),
        ),
        (
            "audit row rolled back to a savepoint",
            format!("{loss} savepoint s; {pair} rollback to s;"),
        ),
        (
            "flip rolled back to a savepoint",
            format!("savepoint s; {loss} rollback to s; {pair}"),
        ),
        (
            "both rolled back, audit row written again",
            format!("savepoint s; {loss} {pair} rollback to s; {pair}"),
        ),
        (
            "flip in a released savepoint without audit row",
            format!("savepoint s; {loss} release s;"),
        ),
        (
            "constraints checked early, then one more flip",
            format!(
                "{loss} {pair} set constraints all immediate; set constraints all deferred; {}",
                flip(B, "recovering")
            ),
        ),
        (
            "constraints deferred by name",
            format!("set constraints all deferred; {loss}"),
        ),
        ("upsert", upsert),
        ("merge", merge),
        (
            "every account at once, one audit row",
            format!("update relink.accounts set status = 'recovering'; {pair}"),
        ),
        ("insert as connected without audit row", insert("connected")),
        (
            "insert as connecting without audit row",
            insert("connecting"),
        ),
        (
            "insert as connected, audited as connecting",
            format!(
                "{} {}",
                insert("connected"),
                audit(NEW, 1, "", "connecting")
            ),
        ),
        (
            "insert audited as if it had been there",
            format!(
                "{} {}",
                insert("connected"),
                audit(NEW, 2, "connecting", "connected")
            ),
        ),
        (
            "another id for the account",
            format!("update relink.accounts set id = '{NEW}' where id = '{A}';"),
        ),
    ];
    list.into_iter()
        .map(|(name, sql)| Attack {
            name,
            by: EVERYBODY,
            sql,
        })
        .collect()
}

/// What would change or remove rows that are a record.
#[expect(clippy::too_many_lines, reason = "a list, one attempt an entry")]
pub(crate) fn record_attacks(partitions: &[String]) -> Vec<Attack> {
    let everybody = |name, sql: &str| Attack {
        name,
        by: EVERYBODY,
        sql: sql.to_owned(),
    };
    let mut attacks = vec![
        everybody(
            "DELETE of an account",
            &format!("delete from relink.accounts where id = '{A}';"),
        ),
        everybody("TRUNCATE of accounts", "truncate relink.accounts cascade;"),
        everybody("TRUNCATE of the audit", "truncate relink.account_audit;"),
        everybody(
            "TRUNCATE of the audit with a restart of its ids",
            "truncate relink.account_audit restart identity cascade;",
        ),
        everybody(
            "TRUNCATE of the chains' heads",
            "truncate relink.audit_heads;",
        ),
        everybody(
            "TRUNCATE of the operators' audit",
            "truncate relink.operator_audit;",
        ),
        everybody(
            "UPDATE of an audit row",
            &format!("update relink.account_audit set cause = 'x' where account_id = '{A}';"),
        ),
        everybody(
            "UPDATE that moves an audit row to another month",
            &format!(
                "update relink.account_audit set recorded_at = recorded_at + interval '40 days' where account_id = '{A}';"
            ),
        ),
        everybody(
            "UPDATE of an audit row that changes nothing",
            &format!("update relink.account_audit set cause = cause where account_id = '{A}';"),
        ),
        everybody(
            "DELETE of an audit row",
            &format!("delete from relink.account_audit where account_id = '{A}';"),
        ),
        everybody(
            "MERGE that deletes an audit row",
            &format!(
                "merge into relink.accounts a using (select '{A}'::uuid as id) m on a.id = m.id when matched then delete;"
            ),
        ),
        everybody(
            "UPDATE of a chain's head",
            &format!(
                "update relink.audit_heads set version = 3, status = 'recovering' where account_id = '{A}'; {}",
                flip(A, "recovering")
            ),
        ),
        everybody(
            "UPDATE of a chain's head to this transaction",
            &format!(
                "update relink.audit_heads set xid = pg_current_xact_id() where account_id = '{A}';"
            ),
        ),
        everybody(
            "INSERT of a chain's head",
            &format!(
                "insert into relink.audit_heads values ('{NEW}', 1, 'connected', '', pg_current_xact_id());"
            ),
        ),
        everybody(
            "upsert of a chain's head",
            &format!(
                "insert into relink.audit_heads values ('{A}', 1, 'connected', '', pg_current_xact_id()) on conflict (account_id) do update set version = 9;"
            ),
        ),
        everybody(
            "DELETE of a chain's head",
            &format!("delete from relink.audit_heads where account_id = '{A}';"),
        ),
        everybody(
            "UPDATE of the operators' audit",
            "insert into relink.operator_audit (id, actor, action, reason) values (gen_random_uuid(), 'o', 'a', 'r'); update relink.operator_audit set reason = 'x';",
        ),
        everybody(
            "DELETE from the operators' audit",
            "insert into relink.operator_audit (id, actor, action, reason) values (gen_random_uuid(), 'o', 'a', 'r'); delete from relink.operator_audit;",
        ),
        everybody(
            "an audit row recorded in the past",
            &forged("recorded_at", "relink.clock() - interval '40 days'"),
        ),
        everybody(
            "an audit row recorded in the future",
            &forged("recorded_at", "relink.clock() + interval '1 hour'"),
        ),
    ];
    for partition in partitions {
        attacks.push(everybody(
            "TRUNCATE of a month",
            &format!("truncate {partition};"),
        ));
        attacks.push(everybody(
            "audit row straight into a month, without flip",
            &audit(A, 3, "connected", "recovering").replace("relink.account_audit", partition),
        ));
    }
    attacks
}

/// What only a role with too many rights could do.
pub(crate) fn rights_attacks(months: &[String]) -> Vec<Attack> {
    let month = months.first().expect("a month");
    let list: Vec<(&'static str, String)> = vec![
        ("forged xid", forged("xid", "'1'::xid8")),
        ("forged recorded_by", forged("recorded_by", "'somebody'")),
        ("forged recorded_at", forged("recorded_at", "relink.clock()")),
        ("forged hash", forged("hash", "'\\x00'")),
        ("forged prev_hash", forged("prev_hash", "'\\x00'")),
        ("forged id", forged("id", "1")),
        ("replica mode", format!("set session_replication_role = replica; {}", flip(A, "recovering"))),
        ("triggers disabled", format!("alter table relink.accounts disable trigger all; {}", flip(A, "recovering"))),
        ("trigger dropped", "drop trigger flip_paired_update on relink.accounts;".to_owned()),
        ("month detached", format!("alter table relink.account_audit detach partition {month};")),
        ("month dropped", format!("drop table {month};")),
        ("function replaced", "create or replace function relink.check_pairing() returns trigger language plpgsql as $$ begin return null; end $$;".to_owned()),
        ("clock replaced", "create or replace function relink.clock() returns timestamptz language sql as $$ select now() $$;".to_owned()),
        ("the owner's role", "set role relink_owner;".to_owned()),
        ("a superuser's session", "set session authorization postgres;".to_owned()),
        ("temporary table", "create temporary table t (x int);".to_owned()),
        ("table of its own", "create table relink.t (x int);".to_owned()),
        ("table in schema public", "create table public.t (x int);".to_owned()),
        ("schema of its own", "create schema mine;".to_owned()),
        ("months made by a worker", "select relink.ensure_audit_partitions(3);".to_owned()),
        ("guards of a month called by hand", "select relink.guard_audit_partition('account_audit_default');".to_owned()),
        ("digest called by hand", "select relink.audit_digest(a) from relink.account_audit a;".to_owned()),
        ("ids set back", "select setval('relink.account_audit_ids', 1);".to_owned()),
        ("another workspace for an account", format!("update relink.accounts set workspace_id = workspace_id where id = '{A}';")),
        ("audit locked against everybody", "lock table relink.account_audit in access exclusive mode;".to_owned()),
    ];
    list.into_iter()
        .map(|(name, sql)| Attack {
            name,
            by: WORKER,
            sql,
        })
        .collect()
}
