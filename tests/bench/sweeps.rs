//! The sweeps (d) over a large fleet of which 1 % has changed, through the whole job path: the real jobs in one worker
//! process, with a provider that costs nothing.

use crate::figures::Figures;
use crate::floor;
use crate::ground::Ground;
use crate::listing::{LOST_ONE_IN, Reading};
use crate::place::Place;
use crate::process::{Process, cpu_seconds};
use crate::{Failure, Size, path, reads, seeding};
use jiff::Timestamp;
use policy::decision::NewJob;
use policy::jobs::{CAMPAIGNS_HEAL, STATUS_WATCH, TickShards, WatchPages};
use policy::schedule::ranges;
use serde_json::json;
use std::time::Instant;

/// Ends of a run's steps, in seconds from its tick: a comparison ends when it asks for the judgement. What follows lasts until
/// its outcome is seen, for the row's own instant is when its last share began. A job lasts at most from its creation to
/// that of the next one.
const PHASES: &str = "select extract(epoch from r.listed_at - r.started_at)::float8 as list,
    extract(epoch from j.compared_at - r.listed_at)::float8 as compare,
    extract(epoch from j.compared_at - r.slot)::float8 as until_apply, r.outcome, r.note,
    j.longest::float8 as longest_job, j.jobs::float8 as jobs
  from relink.watch_runs r
 cross join (select min(o.created_at) filter (where o.kind = 'status.apply') as compared_at, count(*) as jobs,
                    extract(epoch from max(coalesce(o.next_at, o.finished_at) - o.created_at)) as longest
               from (select k.*, lead(k.created_at) over (order by k.created_at) as next_at
                       from relink.jobs k where k.kind like 'status.%' and k.payload ->> 'slot' = $1) o) j
 where r.slot = $1::text::timestamptz";
const FLIPS: &str = "select count(*)::float8 from relink.account_audit where cause = 'credentials'";
const WAL: &str = "select (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::float8";

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
        let postmaster = ground.pids().0.ok_or("PostgreSQL has no process")?;
        let mut sweeps = StatusSweeps {
            place: &place,
            worker: &worker,
            postmaster,
            accounts: size.accounts,
        };
        sweeps.measure(figures).await?;
        reads::measure(figures, &place).await?;
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

/// Runs of the status watch over one fleet.
struct StatusSweeps<'a> {
    place: &'a Place,
    worker: &'a Process,
    postmaster: u32,
    accounts: u32,
}

impl StatusSweeps<'_> {
    /// The first run of all inserts what it sees; every later one finds its rows there. In the next 1 % is lost, in the last
    /// nothing changes.
    async fn measure(&mut self, figures: &mut Figures) -> Result<(), Failure> {
        let lost = |reading: u32| f64::from(Reading(reading).lost_of(self.accounts));
        self.run(figures, "status_sweep_first", lost(1)).await?;
        // What planting left behind is no work of the sweep's.
        self.place.admin.batch_execute("vacuum analyze").await?;
        let floor = floor::measure(figures, self.place, (self.postmaster, self.accounts)).await?;
        let changed = self.run(figures, "status_sweep", lost(2)).await?;
        figures.note(
            "status_sweep_over_floor",
            changed / floor.wall,
            "at most 2.0",
        );
        self.run(figures, "status_sweep_same", 0.0).await?;
        Ok(())
    }

    /// One run, in which so many accounts are lost. Returns its wall seconds.
    async fn run(&self, figures: &mut Figures, name: &str, lost: f64) -> Result<f64, Failure> {
        let place = self.place;
        let before = (place.number(FLIPS).await?, place.number(WAL).await?);
        let cpu = cpu_seconds(self.postmaster);
        let tx = place.store.begin().await?;
        let slot = tx.now().at;
        tx.enqueue(&[first_job(slot)], Some(STATUS_WATCH.name), None)
            .await?;
        let began = Instant::now();
        tx.finish().await?;
        let ended = place
            .until(&format!("select exists (select from relink.watch_runs where slot = '{slot}' and outcome is not null)"))
            .await?;
        let cpu = cpu_seconds(self.postmaster) - cpu;
        let written = place.number(WAL).await? - before.1;
        let row = place.admin.query_one(PHASES, &[&slot.to_string()]).await?;
        let outcome: Option<&str> = row.try_get("outcome")?;
        let flipped = place.number(FLIPS).await? - before.0;
        if outcome != Some("applied") || (flipped - lost).abs() > 0.5 {
            let note: Option<&str> = row.try_get("note")?;
            return Err(format!(
                "the run ended as {outcome:?} ({note:?}) with {flipped} flips instead of {lost}"
            )
            .into());
        }
        let wall = (ended - began).as_secs_f64();
        let sized = format!("{name}_{}_s", sized(self.accounts));
        figures.note(&sized, wall, "s");
        let until_apply: f64 = row.try_get("until_apply")?;
        figures.note(&format!("{name}_list_s"), row.try_get("list")?, "s");
        figures.note(&format!("{name}_compare_s"), row.try_get("compare")?, "s");
        figures.note(&format!("{name}_apply_s"), wall - until_apply, "s");
        figures.note(
            &format!("{name}_longest_job_s"),
            row.try_get("longest_job")?,
            "s",
        );
        let mut note = |what: &str, value: f64, unit: &'static str| {
            figures.note(&format!("{name}_{what}"), value, unit);
        };
        note("jobs", row.try_get("jobs")?, "jobs");
        note("postgres_cpu_s", cpu, "s of PostgreSQL's processor");
        note("wal_mib", written / 1_048_576.0, "MiB");
        let memory = self.worker.rss_peak_mib()?;
        note("worker_rss_mib", memory, "MiB, highest until then");
        Ok(wall)
    }
}

fn first_job(slot: Timestamp) -> NewJob {
    NewJob {
        kind: STATUS_WATCH,
        cause: format!("{}@{slot}", STATUS_WATCH.name),
        workspace: None,
        account: None,
        run_at: slot,
        payload: json!(WatchPages {
            slot,
            cursor: None,
            pages: 0,
            so_far: None,
        }),
    }
}

async fn heal_sweep(figures: &mut Figures, place: &Place, campaigns: u32) -> Result<(), Failure> {
    place.finished().await?;
    let paused = place
        .admin
        .execute(PAUSE, &[&i64::from(LOST_ONE_IN)])
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
