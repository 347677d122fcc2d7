//! `relink workers`: who works.

use super::queues::ago;
use super::table::{show, table, utc};
use super::{Failure, configure};
use std::process::ExitCode;
use store::Store;
use store::workers::WorkerView;

pub(crate) async fn run(as_json: bool) -> Result<ExitCode, Failure> {
    let config = configure(|reader| reader.database("relink-workers"))?;
    let store = Store::new(config)?;
    let found = store.reading(async |tx| tx.worker_views().await);
    let none = "no worker gives signs of life; those of builds before this schema never do";
    show(&found.await?, as_json, none, |rows| {
        let rows: Vec<_> = rows.iter().map(row).collect();
        let titles = [
            "worker", "queues", "build", "started", "seen", "running", "state",
        ];
        table(titles, &rows)
    })?;
    Ok(ExitCode::SUCCESS)
}

fn row(worker: &WorkerView) -> [String; 7] {
    let state = worker
        .lost_at
        .map(|lost_at| format!("silent; its jobs were given to others at {}", utc(lost_at)));
    [
        worker.name.clone(),
        worker.queues.join(" "),
        worker.build.clone(),
        utc(worker.started_at),
        format!("{} ago", ago(worker.seen_s)),
        worker.running.to_string(),
        state.unwrap_or_else(|| "works".to_owned()),
    ]
}
