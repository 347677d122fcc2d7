//! `relink schedules`.

use super::table::{show, table, utc};
use super::{Failure, configure};
use std::process::ExitCode;
use store::Store;
use store::views::ScheduleView;

pub(crate) async fn run(as_json: bool) -> Result<ExitCode, Failure> {
    let config = configure(|reader| reader.database("relink-schedules"))?;
    let store = Store::new(config)?;
    let found = store.reading(async |tx| tx.schedule_views().await);
    let none = "no scheduler has declared its schedules yet";
    show(&found.await?, as_json, none, |rows| {
        let rows: Vec<_> = rows.iter().map(row).collect();
        let titles = [
            "schedule",
            "every",
            "last slot",
            "next slot",
            "open",
            "running",
            "skips in a row",
            "skipped",
            "missed",
            "last conclusive",
            "state",
        ];
        table(titles, &rows)
    })?;
    Ok(ExitCode::SUCCESS)
}

fn row(schedule: &ScheduleView) -> [String; 11] {
    let at = |at: Option<_>| at.map_or_else(|| "-".to_owned(), utc);
    [
        schedule.name.clone(),
        every(schedule.every_s),
        at(schedule.last_slot),
        at(schedule.next_slot),
        schedule.open_jobs.to_string(),
        schedule.running.to_string(),
        schedule.skips.to_string(),
        schedule.skipped.to_string(),
        schedule.missed.to_string(),
        at(schedule.conclusive_at),
        state(schedule),
    ]
}

/// Whether it decides anything, and why not: what somebody asks at night.
fn state(schedule: &ScheduleView) -> String {
    let why = schedule.note.as_deref().map(|note| format!(": {note}"));
    let why = why.unwrap_or_default();
    match (schedule.is_held, schedule.blind_since) {
        (true, _) => "held by a pause".to_owned(),
        (false, Some(since)) => format!("BLIND since {}{why}", utc(since)),
        (false, None) if why.is_empty() => "ok".to_owned(),
        (false, None) => format!("could decide nothing{why}"),
    }
}

fn every(seconds: i64) -> String {
    match seconds {
        hours if hours % 3_600 == 0 => format!("{} h", hours / 3_600),
        minutes if minutes % 60 == 0 => format!("{} min", minutes / 60),
        seconds => format!("{seconds} s"),
    }
}
