//! The sweeps (d) over a large fleet of which 1 % has changed, through the whole job path: the real jobs in one worker
//! process, with a provider that costs nothing.

use crate::figures::Figures;
use crate::ground::Ground;
use crate::listing::CHANGED_ONE_IN;
use crate::place::Place;
use crate::process::Process;
use crate::{Failure, Size, path, seeding};
use policy::decision::NewJob;
use policy::jobs::{CAMPAIGNS_HEAL, STATUS_WATCH, TickShards, WatchPages};
use policy::schedule::ranges;
use serde_json::json;
use std::time::Instant;

/// When the last job of the comparison was closed, and the ends of the other steps, in seconds from the run's start.
const PHASES: &str = "select extract(epoch from r.listed_at - r.started_at)::float8 as list,
    extract(epoch from j.compared_at - r.listed_at)::float8 as compare,
    extract(epoch from r.finished_at - j.compared_at)::float8 as apply, r.outcome
  from relink.watch_runs r
 cross join (select max(finished_at) as compared_at from relink.jobs
              where kind = 'status.compare' and payload ->> 'slot' = $1) j
 where r.slot = $1::text::timestamptz";

/// One campaign in so many stands still although its sender is well.
const PAUSE: &str = "insert into relink.campaign_pauses (id, campaign_id, reason, paused_at, paused_by, note)
    select gen_random_uuid(), c.id, 'account_disconnected', relink.clock(), 'bench', 'a sender could not send'
      from (select c.id, row_number() over (order by c.id) as number from relink.campaigns c
             where not exists (select from relink.campaign_pauses p where p.campaign_id = c.id)
               and exists (select from relink.campaign_senders s join relink.accounts a on a.id = s.account_id
                            where s.campaign_id = c.id and a.status = 'connected')) c
     where c.number % $1 = 0";

pub(crate) async fn measure(
    figures: &mut Figures,
    ground: &Ground,
    size: &Size,
    (status, heal): (bool, bool),
) -> Result<(), Failure> {
    let place = ground.place("bench_sweeps").await?;
    let now = place.store.now().await?.at;
    seeding::fleet(&place, size.accounts, size.campaigns, now).await?;
    let mut options = path::options(size.batch);
    options.extend(["--sessions".to_owned(), size.accounts.to_string()]);
    let (scheduler, worker) = place.start(&options)?;
    figures.note("sweep_accounts", f64::from(size.accounts), "accounts");
    if status {
        // The first run of all inserts what it sees; every later one finds its rows there.
        status_sweep(figures, &place, &worker, (size.accounts, "first")).await?;
        status_sweep(figures, &place, &worker, (size.accounts, "again")).await?;
    }
    if heal {
        heal_sweep(figures, &place, size.campaigns).await?;
    }
    figures.note(
        "worker_rss_sweep_mib",
        worker.rss_peak_mib()?,
        "MiB, highest ever in the sweeps",
    );
    worker.stop().await?;
    scheduler.stop().await?;
    verified(&place).await?;
    ground.clear(place).await
}

async fn status_sweep(
    figures: &mut Figures,
    place: &Place,
    worker: &Process,
    (accounts, which): (u32, &str),
) -> Result<(), Failure> {
    let flips = "select count(*)::float8 from relink.account_audit where cause = 'credentials'";
    if which == "again" {
        // As if all had been reconnected and lost again: the same 1 % changes in the next run.
        reconnect(place).await?;
    }
    let before = place.number(flips).await?;
    let tx = place.store.begin().await?;
    let slot = tx.now().at;
    let job = NewJob {
        kind: STATUS_WATCH,
        cause: format!("{}@{slot}", STATUS_WATCH.name),
        workspace: None,
        account: None,
        run_at: slot,
        payload: json!(WatchPages {
            slot,
            cursor: None,
            pages: 0
        }),
    };
    tx.enqueue(&[job], Some(STATUS_WATCH.name), None).await?;
    let began = Instant::now();
    tx.finish().await?;
    let ended = place
        .until(&format!("select exists (select from relink.watch_runs where slot = '{slot}' and outcome is not null)"))
        .await?;
    let row = place.admin.query_one(PHASES, &[&slot.to_string()]).await?;
    let outcome: Option<&str> = row.try_get("outcome")?;
    let flipped = place.number(flips).await? - before;
    let expected = f64::from(accounts.div_ceil(CHANGED_ONE_IN));
    if outcome != Some("applied") || (flipped - expected).abs() > 0.5 {
        return Err(format!(
            "the run ended as {outcome:?} with {flipped} flips instead of {expected}"
        )
        .into());
    }
    let size = sized(accounts);
    let names = match which {
        "again" => (format!("status_sweep_{size}_s"), "status_sweep"),
        _ => (format!("status_sweep_first_{size}_s"), "status_sweep_first"),
    };
    figures.note(&names.0, (ended - began).as_secs_f64(), "s");
    for phase in ["list", "compare", "apply"] {
        figures.note(&format!("{}_{phase}_s", names.1), row.try_get(phase)?, "s");
    }
    figures.note(
        &format!("{}_worker_rss_mib", names.1),
        worker.rss_peak_mib()?,
        "MiB, highest until then",
    );
    Ok(())
}

/// Brings every lost account back, with its audit row, as a verification does.
async fn reconnect(place: &Place) -> Result<(), Failure> {
    place
        .admin
        .batch_execute(
            "with back as (update relink.accounts set status = 'connected', status_since = relink.clock()
                            where status = 'reconnect_needed' returning id, status_version)
             insert into relink.account_audit (account_id, version, at, from_status, to_status, cause, actor)
             select id, status_version, relink.clock(), 'reconnect_needed', 'connected', 'verified', 'bench' from back",
        )
        .await?;
    Ok(())
}

async fn heal_sweep(figures: &mut Figures, place: &Place, campaigns: u32) -> Result<(), Failure> {
    place.finished().await?;
    let paused = place
        .admin
        .execute(PAUSE, &[&i64::from(CHANGED_ONE_IN)])
        .await?;
    let tx = place.store.begin().await?;
    let slot = tx.now().at;
    let rows = tx.fleet_rows().await?;
    let jobs: Vec<NewJob> = ranges(rows)
        .into_iter()
        .map(|shards| NewJob {
            kind: CAMPAIGNS_HEAL,
            cause: format!("{}@{slot}#{shards}", CAMPAIGNS_HEAL.name),
            workspace: None,
            account: None,
            run_at: slot,
            payload: json!(TickShards { slot, shards }),
        })
        .collect();
    tx.enqueue(&jobs, Some(CAMPAIGNS_HEAL.name), None).await?;
    let began = Instant::now();
    tx.finish().await?;
    let ended = place.finished().await?;
    let healed = place
        .number("select count(*)::float8 from relink.campaign_pauses where lifted_at is not null")
        .await?;
    if paused == 0 || healed < f64::from(u32::try_from(paused)?) {
        return Err(format!("{healed} of {paused} campaigns were healed").into());
    }
    figures.note("heal_sweep_campaigns", f64::from(campaigns), "campaigns");
    figures.note("heal_sweep_s", (ended - began).as_secs_f64(), "s");
    Ok(())
}

/// The sweeps leave an audit that verifies, or their speed is worth nothing.
async fn verified(place: &Place) -> Result<(), Failure> {
    let began = Instant::now();
    let verification = store::Store::new(place.owner.clone())?
        .verify_audit()
        .await?;
    eprintln!(
        "sweeps: {} audit rows verified in {:.0?}",
        verification.rows,
        began.elapsed()
    );
    if verification.wrong == 0 {
        return Ok(());
    }
    Err(format!(
        "the audit does not verify: {:?}",
        verification.findings.first()
    )
    .into())
}

/// `1m`, `20k`, `123`.
fn sized(accounts: u32) -> String {
    match accounts {
        0 => "0".to_owned(),
        many if many % 1_000_000 == 0 => format!("{}m", many / 1_000_000),
        some if some % 1_000 == 0 => format!("{}k", some / 1_000),
        few => few.to_string(),
    }
}
