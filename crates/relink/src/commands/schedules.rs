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
        ];
        table(titles, &rows)
    })?;
    Ok(ExitCode::SUCCESS)
}

fn row(schedule: &ScheduleView) -> [String; 9] {
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
    ]
}

fn every(seconds: i64) -> String {
    match seconds {
        hours if hours % 3_600 == 0 => format!("{} h", hours / 3_600),
        minutes if minutes % 60 == 0 => format!("{} min", minutes / 60),
        seconds => format!("{seconds} s"),
    }
}
