//! Pauses as sets, which the relay looks at, say the same as `relink.pauses_over`, which claims ask.

use crate::FIXTURE;
use policy::jobs::Queue;
use std::collections::BTreeSet;
use tests::look::due_jobs;
use tests::rig::Rig;
use uuid::Uuid;

/// Sets of pauses that are compared.
const ROUNDS: i64 = 60;

/// Jobs of every account, kind and workspace that a pause may name, started and not, some with a failure behind them.
const JOBS: &str = "
    insert into relink.jobs (id, queue, kind, version, cause, workspace_id, account_id, payload, run_at, attempt, redriven)
    select gen_random_uuid(), (array['sweeps', 'watches'])[1 + n % 2], (array['test.a', 'test.b', 'test.c'])[1 + n % 3], 1, 'set-' || n,
           ('00000000-0000-0000-0000-00000000000' || n % 4)::uuid,
           case when n % 5 > 0 then ('00000000-0000-0000-0000-0000000000a' || n % 5)::uuid end, '{}',
           relink.clock() - make_interval(secs => n - 20), n % 7 / 3, n % 11 / 6
      from generate_series(1, 600) n;
    alter table relink.pauses disable trigger user";

/// Up to six pauses, drawn by chance from all that there can be: in force, over, ending, lifted, ramping.
const PAUSES: &str = "
    delete from relink.pauses;
    insert into relink.pauses (id, scope, target, mode, paused_at, paused_by, why, ends_at, lifted_at, lifted_by, ramp_until)
    select gen_random_uuid(), d.scope,
           case d.scope when 'everything' then '' when 'queue' then (array['sweeps', 'watches', 'sends'])[1 + floor(3 * random())]
                        when 'kind' then (array['test.a', 'test.b', 'test.d'])[1 + floor(3 * random())]
                        when 'workspace' then '00000000-0000-0000-0000-00000000000' || floor(5 * random())
                        else (array['00000000-0000-0000-0000-0000000000a1', '00000000-0000-0000-0000-0000000000a2',
                                    '00000000-0000-0000-0000-0000000000A3', 'nobody'])[1 + floor(4 * random())] end,
           d.mode, d.now - interval '3 hours', 'a test', 'to see',
           case d.life when 0 then d.now - interval '1 hour' when 1 then d.now + interval '1 hour' end,
           case when d.life > 3 then d.now + make_interval(mins => d.since) end, case when d.life > 3 then 'a test' end,
           case when d.life > 4 then d.now + make_interval(mins => d.since + d.ramp) end
      from (select relink.clock() as now, floor(9 * random())::int as life, -floor(100 * random())::int + 2 as since,
                   1 + floor(150 * random())::int as ramp, (array['hold', 'drain'])[1 + floor(2 * random())] as mode,
                   (array['everything', 'queue', 'kind', 'kind', 'workspace', 'workspace', 'account', 'account', 'account'])
                       [1 + floor((case when n % 8 = 0 then 9 else 8.99 end) * random())] as scope
              from generate_series(1, 1 + floor(6 * random())::int) n) d
     where d.scope <> 'everything' or random() < 0.3";

#[tokio::test]
async fn r_q_1_pauses_as_sets_hold_what_the_database_says_they_hold() {
    let rig = Rig::shared(FIXTURE).await;
    rig.sql(JOBS).await;
    rig.sql("select setseed(0.26)").await;
    let (mut held, mut free) = (0, 0);
    for round in 0..ROUNDS {
        rig.sql(PAUSES).await;
        for queue in [Queue::Sweeps, Queue::Watches] {
            let tx = rig.store.begin().await.expect("begin");
            let now = tx.now().at;
            let by_sets: BTreeSet<Uuid> =
                due_jobs(&tx, queue).await.iter().map(|it| it.id).collect();
            tx.abandon().await;
            let sql = "select j.id, exists (select from relink.pauses_over(j.queue, j.kind, j.workspace_id, j.account_id,
                                                     j.attempt > j.redriven, j.id, $2)) as is_held
                         from relink.jobs j where j.queue = $1 and j.state = 'waiting' and j.run_at <= $2";
            let rows = rig.owner.query(sql, &[&queue.as_str(), &now]).await;
            let rows = rows.expect("judge each job");
            let by_rows: BTreeSet<Uuid> = rows
                .iter()
                .filter(|row| !row.get::<_, bool>("is_held"))
                .map(|row| row.get("id"))
                .collect();
            free += by_rows.len();
            held += rows.len() - by_rows.len();
            if by_sets != by_rows {
                let shown = "select string_agg(p::text, e'\\n') from relink.pauses p";
                let shown = rig.owner.query_one(shown, &[]).await.expect("the pauses");
                let shown: String = shown.get(0);
                let unlike: Vec<_> = by_sets.symmetric_difference(&by_rows).collect();
                panic!("round {round}, {queue}: {unlike:?} under\n{shown}");
            }
        }
    }
    assert!(5_000 < held && 5_000 < free, "held {held}, free {free}");
    println!("{ROUNDS} sets of pauses: {held} jobs held, {free} free, by sets and by rows alike");
}
