//! One tick of `sends.dispatch` (f) over due enrollments, through the whole job path: the real jobs in one worker process.
//! A fifth of the fleet first: what the worker holds in memory must not grow with it.

use crate::figures::Figures;
use crate::ground::Ground;
use crate::place::Place;
use crate::{Failure, Size, path, sends};
use policy::decision::NewJob;
use policy::jobs::{SENDS_DISPATCH, TickShards};
use policy::schedule::ranges;
use serde_json::json;
use std::time::Instant;

/// Due enrollments of each account.
const EACH: i32 = 20;

/// Campaigns of ten senders; every account sends for two.
const CAMPAIGNS: &str = "
    insert into relink.campaigns (id, workspace_id, name, failures_from, created_at)
    select gen_random_uuid(), w.id, 'Campaign ' || n, t, t
      from relink.workspaces w, generate_series(1, (select greatest(count(*) / 5, 2) from relink.accounts)) as n, relink.clock() as t;
    insert into relink.campaign_steps (campaign_id, step, action, wait, body)
    select c.id, s.step, s.action, s.wait, 'Hello {{first_name}}'
      from relink.campaigns c, (values (1::smallint, 'invite', interval '0'), (2::smallint, 'message', interval '2 days'),
                                       (3::smallint, 'message', interval '4 days')) as s(step, action, wait);
    create table bench_senders as
    select c.id as campaign_id, a.id as account_id, w.which
      from (select id, row_number() over (order by id) - 1 as number from relink.accounts) a
     cross join (values (0), (1)) as w(which)
      join (select id, row_number() over (order by id) - 1 as number, count(*) over () as of from relink.campaigns) c
        on c.number = (a.number / 5 + w.which) % c.of;
    insert into relink.campaign_senders (campaign_id, account_id) select campaign_id, account_id from bench_senders";
const PROSPECTS: &str = "create table bench_enrollments as
    select gen_random_uuid() as prospect_id, s.campaign_id, s.account_id, n
      from bench_senders s, generate_series(1, $1::integer / 2) as n";
const ENROLLED: &str = "
    insert into relink.prospects (id, workspace_id, name, handle)
    select e.prospect_id, w.id, 'Prospect ' || e.n, 'prospect-' || e.n from bench_enrollments e, relink.workspaces w;
    insert into relink.enrollments (id, campaign_id, prospect_id, account_id, step, created_at, target, due_at)
    select gen_random_uuid(), e.campaign_id, e.prospect_id, e.account_id, (1 + e.n % 3)::smallint, t, 'p' || e.prospect_id,
           t - make_interval(mins => e.n)
      from bench_enrollments e, relink.clock() as t;
    drop table bench_enrollments";

pub(crate) async fn measure(
    figures: &mut Figures,
    ground: &Ground,
    size: &Size,
) -> Result<(), Failure> {
    for accounts in [size.due_accounts / 5, size.due_accounts] {
        let place = sends::senders(ground, &format!("bench_dispatch_{accounts}"), accounts).await?;
        enroll(&place).await?;
        tick(figures, &place, size, accounts).await?;
        ground.clear(place).await?;
    }
    Ok(())
}

async fn enroll(place: &Place) -> Result<(), Failure> {
    let began = Instant::now();
    place.admin.batch_execute(CAMPAIGNS).await?;
    let prospects = PROSPECTS.replace("$1", &EACH.to_string());
    place.admin.batch_execute(&prospects).await?;
    place.admin.batch_execute(ENROLLED).await?;
    place.admin.batch_execute("vacuum analyze").await?;
    eprintln!("dispatch: enrolled in {:.0?}", began.elapsed());
    Ok(())
}

async fn tick(
    figures: &mut Figures,
    place: &Place,
    size: &Size,
    accounts: u32,
) -> Result<(), Failure> {
    let (scheduler, worker) = place.start(&path::options(size.batch))?;
    // Connected and warm before the clock starts.
    path::enqueue(place, 100).await?;
    place.finished().await?;
    let idle = worker.rss_peak_mib()?;
    let tx = place.store.begin().await?;
    let slot = tx.now().at;
    let rows = tx.fleet_rows().await?;
    let jobs: Vec<NewJob> = ranges(rows)
        .into_iter()
        .map(|shards| NewJob {
            kind: SENDS_DISPATCH,
            cause: format!("{}@{slot}#{shards}", SENDS_DISPATCH.name),
            workspace: None,
            account: None,
            run_at: slot,
            payload: json!(TickShards { slot, shards }),
        })
        .collect();
    tx.enqueue(&jobs, Some(SENDS_DISPATCH.name), None).await?;
    let began = Instant::now();
    tx.finish().await?;
    let ended = place
        .until("select not exists (select from relink.jobs where kind = 'sends.dispatch' and state in ('waiting', 'leased'))")
        .await?;
    let (took, rss) = ((ended - began).as_secs_f64(), worker.rss_peak_mib()?);
    worker.stop().await?;
    scheduler.stop().await?;
    let due = place
        .number("select count(*)::float8 from relink.enrollments")
        .await?;
    let planned = place
        .number("select count(*)::float8 from relink.sends where state = 'planned'")
        .await?;
    let asked = place
        .number("select count(*)::float8 from relink.jobs where kind = 'sends.execute'")
        .await?;
    if (planned - f64::from(accounts)).abs() > 0.5 || (asked - planned).abs() > 0.5 {
        return Err(format!("{planned} sends and {asked} jobs for {accounts} accounts").into());
    }
    let name = |what: &str| format!("dispatch_{}k_{what}", accounts / 1_000);
    figures.note(&name("due_enrollments"), due, "due at the tick");
    figures.note(
        &name("jobs"),
        f64::from(u32::try_from(jobs.len())?),
        "jobs of the tick",
    );
    figures.note(&name("s"), took, "s, aim 20 for 1,000,000");
    figures.note(&name("worker_rss_mib"), rss, "MiB, highest");
    figures.note(
        &name("worker_rss_grown_mib"),
        rss - idle,
        "MiB more than idle",
    );
    Ok(())
}
