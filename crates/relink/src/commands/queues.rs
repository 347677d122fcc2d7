//! `relink queues`: what waits, runs, fails and is paused.

use super::Failure;
use super::act::{store, words};
use super::pause::table_of;
use super::table::table;
use clap::Args;
use policy::jobs::Queue;
use serde_json::json;
use std::process::ExitCode;
use store::pauses::PauseRow;
use store::queues::QueueRow;

/// What is shown.
#[derive(Args)]
pub(crate) struct Queues {
    /// Each kind of job by itself.
    #[arg(long)]
    kinds: bool,
    /// The answer as JSON.
    #[arg(long)]
    json: bool,
    /// Print the names of all queues, one a line, and ask no server.
    #[arg(long, conflicts_with_all = ["kinds", "json"])]
    names: bool,
}

pub(crate) async fn run(asked: &Queues) -> Result<ExitCode, Failure> {
    if asked.names {
        for queue in Queue::ALL {
            println!("{}", queue.as_str());
        }
        return Ok(ExitCode::SUCCESS);
    }
    let store = store()?;
    let found = store
        .reading(async |tx| Ok((tx.queues(asked.kinds).await?, tx.pauses(false).await?)))
        .await;
    let (queues, pauses) = found.map_err(|error: store::StoreError| Failure::new(words(&error)))?;
    if asked.json {
        println!("{:#}", json!({ "queues": queues, "pauses": pauses }));
        return Ok(ExitCode::SUCCESS);
    }
    let rows: Vec<_> = queues.iter().map(|one| row(one, &pauses)).collect();
    let titles = [
        "queue",
        "due",
        "oldest",
        "later",
        "paused",
        "running",
        "done/s",
        "failed",
        "dead",
        "paused by",
    ];
    print!("{}", table(titles, &rows));
    if !pauses.is_empty() {
        print!("\n{}", table_of(&pauses));
    }
    Ok(ExitCode::SUCCESS)
}

fn row(one: &QueueRow, pauses: &[PauseRow]) -> [String; 10] {
    let covers = |pause: &&PauseRow| match pause.scope.as_str() {
        "everything" => true,
        "queue" => pause.target == one.queue,
        "kind" => one.kind.as_ref() == Some(&pause.target),
        _ => false,
    };
    let count = |name, count: i64| {
        let more = if one.at_least.contains(name) { "+" } else { "" };
        format!("{count}{more}")
    };
    let by = pauses.iter().filter(covers);
    let by: Vec<&str> = by.map(|pause| pause.paused_by.as_str()).collect();
    [
        one.kind.clone().unwrap_or_else(|| one.queue.clone()),
        count("due", one.due),
        one.oldest_s.map_or("-".to_owned(), ago),
        count("later", one.later),
        count("paused", one.paused),
        count("running", one.running),
        format!("{:.1}", one.per_second),
        count("failed", one.failed),
        count("dead", one.dead),
        if by.is_empty() {
            "-".to_owned()
        } else {
            by.join(", ")
        },
    ]
}

/// A length of time in its two greatest units.
pub(crate) fn ago(seconds: f64) -> String {
    let seconds = seconds.max(0.0);
    let whole = std::time::Duration::try_from_secs_f64(seconds).map_or(u64::MAX, |it| it.as_secs());
    let (days, hours) = (whole / 86_400, whole / 3_600 % 24);
    let (minutes, left) = (whole / 60 % 60, whole % 60);
    match (days, hours, minutes) {
        (0, 0, 0) if seconds < 10.0 => format!("{seconds:.1}s"),
        (0, 0, 0) => format!("{left}s"),
        (0, 0, _) => format!("{minutes}m {left}s"),
        (0, _, _) => format!("{hours}h {minutes}m"),
        _ => format!("{days}d {hours}h"),
    }
}

#[cfg(test)]
mod tests {
    use super::ago;

    #[test]
    fn a_length_of_time_is_shown_in_two_units() {
        for (seconds, text) in [
            (0.04, "0.0s"),
            (9.96, "10.0s"),
            (59.9, "59s"),
            (60.0, "1m 0s"),
            (3_599.0, "59m 59s"),
            (3_600.0, "1h 0m"),
            (90_000.0, "1d 1h"),
        ] {
            assert_eq!(ago(seconds), text);
        }
    }
}
