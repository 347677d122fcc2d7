//! `relink up`: the whole fleet on this machine, with private servers, against the simulator.
//!
//! It starts PostgreSQL and RabbitMQ, migrates, plants a believable fleet, starts the simulator with a script of what
//! will befall the sessions, the API, a scheduler and two workers as processes of their own, answers as an operator does, lets
//! owners link accounts, keeps their mails, and shows what happens. Everything it started, it stops.

mod at_hand;
mod children;
mod control;
mod letters;
mod mailbox;
mod operator;
mod owners;
mod plan;
mod progress;
mod report;
mod screen;
mod stage;
mod witness;

use crate::commands::Failure;
use clap::Args;
use fleet::shutdown;
use report::Report;
use screen::Screen;
use stage::Stage;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Runs the whole fleet on this machine.
#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    /// How many times faster than the machine's clock the fleet's clock runs.
    #[arg(long, default_value_t = 60.0, value_parser = speed)]
    speed: f64,
    /// Stop after so long and print a report: 90s, 5m, 1h.
    #[arg(long = "for", value_name = "DURATION", value_parser = duration)]
    run_for: Option<Duration>,
    /// Write the final report as JSON.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Keep the data for the next start.
    #[arg(long)]
    keep: bool,
    /// Where servers, logs and data live.
    #[arg(long, value_name = "DIRECTORY", default_value = ".local")]
    dir: PathBuf,
    /// Accounts to plant.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(40..=20_000))]
    accounts: u32,
}

fn speed(text: &str) -> Result<f64, String> {
    let speed: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    // Faster than this, a minute of the fleet is shorter than the work that fits into it.
    if (1.0..=600.0).contains(&speed) {
        Ok(speed)
    } else {
        Err("must be from 1 to 600".to_owned())
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    let unit = text.chars().last().unwrap_or_default();
    let number = text.trim_end_matches(['s', 'm', 'h']);
    let seconds: u64 = number
        .parse()
        .map_err(|_| "must look like 90s, 5m or 1h".to_owned())?;
    let factor = match unit {
        's' | '0'..='9' => 1,
        'm' => 60,
        'h' => 3_600,
        _ => return Err("must look like 90s, 5m or 1h".to_owned()),
    };
    if seconds == 0 {
        Err("must be longer than nothing".to_owned())
    } else {
        Ok(Duration::from_secs(seconds * factor))
    }
}

/// Between two looks at the database.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Sessions of which all are looked at with each look; of more, that much less often.
const ACCOUNTS_A_LOOK: u32 = 1_000;

pub(crate) async fn run(options: Options) -> Result<ExitCode, Failure> {
    // First of all: from here on Ctrl-C stops cleanly.
    let stop = shutdown::token(false)?;
    let mut stage = Stage::set(&options, &stop).await?;
    let notice = stage.put_up_notice();
    let ended = play(&options, &mut stage, &stop).await;
    drop(notice);
    // Also after a process that ended by itself: what the others did until then is told.
    let report = stage.finish().await;
    // Whatever went wrong, nothing is left behind.
    stage.strike().await;
    let report: Report = match (&ended, report) {
        (Ok(()), report) => report?,
        (Err(_), Ok(report)) => report,
        // What went wrong first says more.
        (Err(_), Err(_)) => return ended.map(|()| ExitCode::FAILURE),
    };
    print!("{report}");
    if let Some(file) = &options.report {
        let text = serde_json::to_string_pretty(&report)?;
        std::fs::write(file, text + "\n")
            .map_err(|error| Failure::new(format!("write {}: {error}", file.display())))?;
    }
    ended?;
    Ok(if report.is_good() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn play(
    options: &Options,
    stage: &mut Stage,
    stop: &tokio_util::sync::CancellationToken,
) -> Result<(), Failure> {
    let began = Instant::now();
    let mut screen = Screen::new(options, stage);
    let mut witness_at = Duration::ZERO;
    let mut looks = tokio::time::interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            _ = looks.tick() => {}
        }
        stage.check_children()?;
        stage.answer_stopped_losses().await?;
        if began.elapsed() >= witness_at {
            stage.witness_provider().await;
            witness_at = began.elapsed() + LOOK_EVERY * (options.accounts / ACCOUNTS_A_LOOK);
        }
        screen.show(stage, began.elapsed()).await?;
        if options
            .run_for
            .is_some_and(|limit| began.elapsed() >= limit)
        {
            return Ok(());
        }
    }
}
