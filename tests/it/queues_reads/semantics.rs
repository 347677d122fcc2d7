//! Lanes are counted as relink.pauses_over has it, and the autoscaler's age is that of all lanes.

use tests::database::Database;
use tokio_postgres::Client;

/// Everything asks at one instant.
const STANDING: &str = "create or replace function relink.clock() returns timestamptz language sql volatile parallel safe
    as $$ select timestamptz '2026-11-30 12:00:00+00' $$";

/// Forty lanes of two queues: due, future, started, and of a few accounts.
const PLANT: &str = "
    insert into relink.jobs (id, queue, kind, version, cause, workspace_id, account_id, payload, run_at, attempt, redriven)
    select gen_random_uuid(), queue, queue || '.' || n % 4, 1, queue || n, md5('w' || n % 5)::uuid,
           case when n % 3 > 0 then md5('a' || n % 7)::uuid end, '{}',
           case when n = 9 then '-infinity' else relink.clock() + (n % 11 - 6) * interval '10 minutes' end,
           n % 5 % 2, case when n % 10 = 3 then 1 else 0 end
      from generate_series(1, 600) n, unnest(array['one', 'two']) queue";

/// Pauses, each with what it is over: by itself and beside each other.
const PAUSES: [(&str, &str, &str); 16] = [
    ("everything", "''", "in force"),
    ("everything", "''", "drain"),
    ("everything", "''", "ramp"),
    ("queue", "'one'", "in force"),
    ("queue", "'one'", "drain"),
    ("queue", "'one'", "ramp"),
    ("queue", "'one'", "over"),
    ("kind", "'one.1'", "in force"),
    ("kind", "'one.1'", "drain"),
    ("kind", "'one.2'", "ramp"),
    ("workspace", "md5('w1')::uuid::text", "in force"),
    ("workspace", "md5('w1')::uuid::text", "drain"),
    ("workspace", "md5('w2')::uuid::text", "ramp"),
    ("account", "md5('a1')::uuid::text", "in force"),
    ("account", "md5('a2')::uuid::text", "drain"),
    ("account", "upper(md5('a3')::uuid::text)", "in force"),
];

/// Lanes in which the walk says another thing than the function that says what a pause covers.
const ODD: &str = "
    with said as (
        select l.* from relink.look_at_lanes('one', null, null, relink.clock(), 100, 100000) l
    ), meant as (
        select r.workspace_id, r.kind, count(*) filter (where r.is_free and r.run_at <= r.at) as due,
               count(*) filter (where r.is_free and r.run_at > r.at) as later, count(*) filter (where not r.is_free) as paused,
               min(r.run_at) filter (where r.is_free and r.run_at <= r.at and isfinite(r.run_at)) as due_since
          from (select j.*, c.at, not exists (select from relink.pauses_over(j.queue, j.kind, j.workspace_id, j.account_id,
                                                     j.attempt > j.redriven, j.id, c.at)) as is_free
                  from relink.jobs j cross join (select relink.clock() as at) c where j.queue = 'one' and j.state = 'waiting') r
         group by r.workspace_id, r.kind
    )
    select count(*) from said s full join meant m using (workspace_id, kind)
     where (s.due, s.later, s.paused, s.due_since, s.is_cut) is distinct from (m.due, m.later, m.paused, m.due_since, false)";

fn pause(index: usize) -> String {
    let (scope, target, how) = PAUSES[index];
    let (mode, ends, lifted, ramp) = match how {
        "drain" => ("drain", "null", "null", "null"),
        "over" => (
            "hold",
            "relink.clock() - interval '1 minute'",
            "null",
            "null",
        ),
        "ramp" => (
            "hold",
            "null",
            "relink.clock() - interval '1 hour'",
            "relink.clock() + interval '1 hour'",
        ),
        _ => ("hold", "null", "null", "null"),
    };
    let by = if lifted == "null" { "null" } else { "'a test'" };
    format!(
        "insert into relink.pauses (id, scope, target, mode, paused_at, paused_by, why, ends_at, lifted_at, lifted_by, ramp_until)
         values (gen_random_uuid(), '{scope}', {target}, '{mode}', relink.clock() - interval '2 hours', 'a test', 'a test', {ends}, {lifted}, {by}, {ramp});"
    )
}

async fn count(owner: &Client, sql: &str) -> i64 {
    owner.query_one(sql, &[]).await.expect(sql).get(0)
}

#[tokio::test]
async fn r_q_1_lanes_are_counted_as_pauses_cover_their_jobs() {
    let database = Database::fresh().await;
    let owner = database.owner().await;
    owner
        .batch_execute(STANDING)
        .await
        .expect("a clock that stands");
    owner
        .batch_execute("alter table relink.pauses disable trigger user")
        .await
        .expect("plant pauses as they are");
    owner.batch_execute(PLANT).await.expect("plant");
    let single = (0..PAUSES.len()).map(|one| vec![one]);
    let pairs = (0..PAUSES.len()).flat_map(|one| (0..one).map(move |two| vec![one, two]));
    let mut odd = vec![];
    for pauses in single.chain(pairs).chain([vec![]]) {
        let plant: String = pauses.iter().map(|one| pause(*one)).collect();
        owner
            .batch_execute(&format!("begin; {plant}"))
            .await
            .expect("pause");
        if count(&owner, ODD).await > 0 {
            odd.push(pauses.iter().map(|one| PAUSES[*one]).collect::<Vec<_>>());
        }
        owner.batch_execute("rollback").await.expect("roll back");
    }
    assert!(odd.is_empty(), "{odd:?}");
    a_cut_look_still_finds_the_oldest(&owner).await;
}

/// With no row to count, each lane that has something says so, and the oldest due job is found behind held ones.
async fn a_cut_look_still_finds_the_oldest(owner: &Client) {
    let oldest = "select count(*) from relink.look_at_lanes('one', null, null, relink.clock(), 100, 0) l
        where l.due_since is distinct from (select min(j.run_at) from relink.jobs j
               where j.queue = 'one' and j.state = 'waiting' and j.workspace_id = l.workspace_id and j.kind = l.kind
                 and j.run_at <= relink.clock() and isfinite(j.run_at)
                 and not exists (select from relink.pauses_over(j.queue, j.kind, j.workspace_id, j.account_id,
                                                                j.attempt > j.redriven, j.id, relink.clock())))";
    for held in [None, Some(13), Some(14)] {
        let plant = held.map(pause).unwrap_or_default();
        owner
            .batch_execute(&format!("begin; {plant}"))
            .await
            .expect("pause");
        assert_eq!(count(owner, oldest).await, 0, "{held:?}");
        owner.batch_execute("rollback").await.expect("roll back");
    }
}

const AGE: &str = "select round(relink.autoscaler_age('sends'))::bigint";

#[tokio::test]
async fn r_q_2_the_autoscalers_age_of_many_lanes_is_what_the_leader_found() {
    let database = Database::fresh().await;
    let owner = database.owner().await;
    owner
        .batch_execute(STANDING)
        .await
        .expect("a clock that stands");
    let plant = "insert into relink.jobs (id, queue, kind, version, cause, workspace_id, payload, run_at)
        select gen_random_uuid(), 'sends', 'sends.execute', 1, 's' || n, lpad(to_hex(n), 32, '0')::uuid, '{}',
               relink.clock() + case when n in (1, 999) then interval '-1 minute' else interval '1 day' end
          from generate_series(1, 999) n";
    owner.batch_execute(plant).await.expect("plant");
    assert_eq!(count(&owner, AGE).await, 60, "all of few lanes");
    let more = "update relink.jobs set run_at = run_at + interval '1 day' where cause = 's1';
        update relink.jobs set workspace_id = 'ffffffff-ffff-ffff-ffff-ffffffffffff' where cause = 's999';
        insert into relink.jobs (id, queue, kind, version, cause, workspace_id, payload, run_at)
        select gen_random_uuid(), 'sends', 'sends.execute', 1, 't' || n, lpad(to_hex(n + 5000), 32, '0')::uuid, '{}',
               relink.clock() + interval '1 day' from generate_series(1, 200) n";
    owner.batch_execute(more).await.expect("more lanes");
    assert_eq!(count(&owner, AGE).await, 0, "no leader has looked");
    let noted = "insert into relink.queue_depths values ('sends', 'sends.execute', 1, 1198, 0, false, 60, relink.clock() - interval '20 seconds')
        on conflict (queue, kind) do update set looked_at = excluded.looked_at";
    owner.batch_execute(noted).await.expect("a leader's lap");
    assert_eq!(count(&owner, AGE).await, 60, "the leader looked");
    owner
        .batch_execute(
            "update relink.queue_depths set looked_at = looked_at - interval '10 minutes'",
        )
        .await
        .expect("it is gone");
    assert_eq!(
        count(&owner, AGE).await,
        60 + 560,
        "the age grows while the leader is away"
    );
    for scope in [
        "'everything', ''",
        "'queue', 'sends'",
        "'kind', 'sends.execute'",
    ] {
        let pause = format!(
            "begin; insert into relink.pauses (id, scope, target, mode, paused_by, why) values (gen_random_uuid(), {scope}, 'hold', 'a test', 'a test')"
        );
        owner.batch_execute(&pause).await.expect("pause");
        assert_eq!(count(&owner, AGE).await, 0, "{scope}");
        owner.batch_execute("rollback").await.expect("roll back");
    }
}
