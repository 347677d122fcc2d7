//! Turning schedules into jobs: each tick once, missed ones collapsed, overlapping ones skipped (R-WAT-2).

use fleet::{Entry, trace};
use jiff::Timestamp;
use metrics::counter;
use policy::decision::{Alert, NewJob};
use policy::jobs::TickShards;
use policy::schedule::{missed, ranges};
use serde_json::json;
use store::scheduler::{Leadership, ScheduleState, Ticked};
use store::{Store, StoreError};
use telemetry::Span;

/// Ticks skipped in a row before an alert.
const SKIPS_ALERTED: i32 = 3;

/// Enqueues what is due of every schedule of `roster`, fenced by the lease. Returns when the next tick is due. Schedules
/// that were never declared are left out. Public for simulated time, which ticks without a broker.
pub async fn tick(
    store: &Store,
    roster: &[Entry],
    leadership: Leadership,
) -> Result<Option<Timestamp>, StoreError> {
    let scheduled: Vec<&Entry> = roster
        .iter()
        .filter(|entry| entry.spec.every.is_some())
        .collect();
    let names: Vec<&str> = scheduled.iter().map(|entry| entry.spec.kind.name).collect();
    let tx = store.begin().await?;
    tx.fence(leadership).await?;
    let now = tx.now().at;
    let states = tx.schedule_states(&names).await?;
    let mut next: Option<Timestamp> = None;
    let mut alerts = vec![];
    let mut runs: Vec<Span> = vec![];
    for entry in scheduled {
        let Some(every) = entry.spec.every else {
            continue;
        };
        next = next.into_iter().chain([every.next(now)]).min();
        let name = entry.spec.kind.name;
        let slot = every.slot(now);
        let Some(state) = states.iter().find(|state| state.name == name) else {
            continue;
        };
        // A tick that is yet to come for more than a period was made by a clock that has gone back: it is not waited for. Each
        // slot is one cause, so nothing happens twice.
        let last_slot = state.last_slot.filter(|last| *last <= every.next(now));
        if last_slot.is_some_and(|last| last >= slot) {
            continue;
        }
        let ticked = outcome(state, last_slot, slot, entry);
        if ticked.skips == 0 {
            let rows = if entry.spec.is_sharded {
                tx.fleet_rows().await?
            } else {
                0
            };
            let run = trace::tick(name);
            let step = run.place().to_string();
            tx.enqueue(&jobs(entry, slot, rows), Some(name), Some(&step))
                .await?;
            runs.push(run);
        } else if ticked.skips >= SKIPS_ALERTED && !state.is_held {
            let detail = json!({ "skips": ticked.skips, "slot": slot });
            alerts.push(Alert {
                code: "schedule_skipped",
                subject: name.to_owned(),
                detail,
            });
        }
        tx.ticked(name, slot, ticked).await?;
        let what = if ticked.skips == 0 {
            "fired"
        } else {
            "skipped"
        };
        counter!("relink_schedule_runs_total", "schedule" => name, "outcome" => what).increment(1);
        counter!("relink_schedule_missed_total", "schedule" => name)
            .increment(ticked.missed.unsigned_abs());
    }
    tx.raise(&alerts).await?;
    match runs.first() {
        Some(first) => trace::within(first.place(), trace::commit(tx)).await?,
        None => tx.finish().await?,
    }
    metering::count_alerts(&alerts);
    Ok(next)
}

/// What becomes of a due tick.
fn outcome(
    state: &ScheduleState,
    last_slot: Option<Timestamp>,
    slot: Timestamp,
    entry: &Entry,
) -> Ticked {
    let collapsed = match (last_slot, entry.spec.every) {
        (Some(last), Some(every)) => i64::try_from(missed(last, slot, every)).unwrap_or(i64::MAX),
        _ => 0,
    };
    if state.is_open {
        Ticked {
            skips: state.skips.saturating_add(1),
            skipped: 1,
            missed: collapsed,
        }
    } else {
        Ticked {
            skips: 0,
            skipped: 0,
            missed: collapsed,
        }
    }
}

/// The jobs of one tick. Their causes name it, so whoever else enqueues it adds nothing.
fn jobs(entry: &Entry, slot: Timestamp, rows: u64) -> Vec<NewJob> {
    let kind = entry.spec.kind;
    let job = |cause: String, payload| NewJob {
        kind,
        cause,
        workspace: None,
        account: None,
        run_at: slot,
        payload,
    };
    if entry.spec.is_sharded {
        return ranges(rows)
            .into_iter()
            .map(|shards| {
                job(
                    format!("{}@{slot}#{shards}", kind.name),
                    json!(TickShards { slot, shards }),
                )
            })
            .collect();
    }
    let payload = (entry.spec.first_payload)(slot);
    vec![job(format!("{}@{slot}", kind.name), payload)]
}
