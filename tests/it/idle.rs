//! R-JOB-6: nothing that grows with lanes or accounts is read again and again while nothing changes.

use crate::FIXTURE;
use std::time::Duration;
use tests::rig::{PATIENCE, Rig};

/// Censuses that are measured, fifteen seconds apart.
const CENSUSES: usize = 2;
/// Rows that both fleets may differ by: counters of a table are handed on some seconds late.
const SLACK: i64 = 3_000;

/// A fleet in which nothing is due: as many lanes, with a job of tomorrow each, and as many accounts.
#[derive(Clone, Copy, Debug)]
struct Size {
    lanes: i64,
    accounts: i64,
}

/// Rows of a table, and entries of its indexes, that were read in an idle fleet.
#[derive(Clone, Copy, Debug)]
struct Read {
    jobs: i64,
    accounts: i64,
}

#[tokio::test]
async fn r_job_6_an_idle_fleet_reads_no_more_however_large_it_is() {
    let (small, large) = tokio::join!(
        read_idle(Size {
            lanes: 100,
            accounts: 7_000
        }),
        read_idle(Size {
            lanes: 8_000,
            accounts: 60_000
        })
    );
    println!(
        "rows read in {CENSUSES} censuses: {small:?} of a small fleet, {large:?} of a large one"
    );
    assert!(large.jobs <= 2 * small.jobs + SLACK, "{small:?} {large:?}");
    assert!(
        large.accounts <= small.accounts + small.accounts / 2 + SLACK,
        "{small:?} {large:?}"
    );
}

/// What a scheduler that leads such a fleet reads, once it has been through all of it.
async fn read_idle(size: Size) -> Read {
    let mut rig = Rig::shared(FIXTURE).await;
    plant(&rig, size).await;
    rig.scheduler();
    let known =
        "select count(*) from relink.queue_depths where kind = 'test.sweep' and not is_more";
    rig.until_count(known, PATIENCE, |it| it == 1).await;
    // Each account is held against the audit once a lap.
    let held = "select coalesce(seq_scan, 0) + coalesce(idx_scan, 0) from pg_stat_user_tables where relname = 'audit_heads'";
    rig.until_count(held, PATIENCE, |it| size.accounts <= it)
        .await;
    another_census(&rig).await;
    let before = read(&rig).await;
    for _ in 0..CENSUSES {
        another_census(&rig).await;
    }
    let after = read(&rig).await;
    Read {
        jobs: after.jobs - before.jobs,
        accounts: after.accounts - before.accounts,
    }
}

async fn plant(rig: &Rig, Size { lanes, accounts }: Size) {
    rig.sql(&format!(
        "insert into relink.jobs (id, queue, kind, version, cause, workspace_id, payload, run_at)
         select gen_random_uuid(), 'sweeps', 'test.sweep', 1, 'later-' || n, lpad(to_hex(n), 32, '0')::uuid, '{{}}',
                relink.clock() + interval '1 day'
           from generate_series(1, {lanes}) n;
         insert into relink.workspaces (id, name, created_at) values (md5('w')::uuid, 'Idle', relink.clock());
         alter table relink.accounts disable trigger user;
         insert into relink.accounts (id, workspace_id, kind, name, status, status_since, created_at)
         select md5('a' || n)::uuid, md5('w')::uuid, 'linkedin', 'idle', 'connecting', relink.clock(), relink.clock()
           from generate_series(1, {accounts}) n;"
    ))
    .await;
    rig.sql("vacuum analyze relink.jobs").await;
    rig.sql("vacuum analyze relink.accounts").await;
    // The session that planted hands on what it counted within ten seconds.
    let counted = format!(
        "select count(*) from pg_stat_user_tables
          where (relname = 'jobs' and n_tup_ins >= {lanes}) or (relname = 'accounts' and n_tup_ins >= {accounts})"
    );
    rig.until_count(&counted, PATIENCE, |it| it == 2).await;
}

/// Waits until a census has noted what its laps found.
async fn another_census(rig: &Rig) {
    let looked = "select (extract(epoch from looked_at) * 1000)::bigint from relink.queue_depths where kind = 'test.sweep'";
    let before = rig.count(looked).await;
    rig.until_count(looked, Duration::from_mins(1), |it| before < it)
        .await;
}

async fn read(rig: &Rig) -> Read {
    let of = |table: &str| {
        format!(
            "select (t.seq_tup_read + (select sum(i.idx_tup_read) from pg_stat_user_indexes i where i.relid = t.relid))::bigint
               from pg_stat_user_tables t where t.schemaname = 'relink' and t.relname = '{table}'"
        )
    };
    Read {
        jobs: rig.count(&of("jobs")).await,
        accounts: rig.count(&of("accounts")).await,
    }
}
