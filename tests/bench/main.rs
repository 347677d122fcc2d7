//! What the job path and the sweeps reach on this machine, on private servers, beside the fastest bare loop over the
//! same broker. `tests/bench/run --help`.
//!
//! Ratios are of runs that took turns on the same servers; everything shown is a median of its runs.

mod backlog;
mod bare;
mod child;
mod figures;
mod floor;
mod ground;
mod latency;
mod listing;
mod nothing;
mod path;
mod place;
mod process;
mod reads;
mod seeding;
mod sends;
mod sends_dispatch;
mod sends_outward;
mod sends_reserve;
mod sweeps;

use clap::{Parser, ValueEnum};
use figures::Figures;
use ground::Ground;
use std::process::ExitCode;

/// Whatever ends the bench; printed with its sources.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Measures what the job path and the sweeps reach, on private servers.
#[derive(Parser)]
#[command(name = "bench")]
struct Arguments {
    /// Small sizes and few runs: under three minutes.
    #[arg(long)]
    short: bool,
    /// Print the figures as one JSON object; the table goes to standard error.
    #[arg(long)]
    json: bool,
    /// Only these parts.
    #[arg(long, value_delimiter = ',')]
    only: Vec<Part>,
    /// Runs of the loops, of which the median counts.
    #[arg(long)]
    runs: Option<usize>,
    /// Jobs of one run of either loop.
    #[arg(long)]
    jobs: Option<u32>,
    /// Jobs in a doorbell at most.
    #[arg(long, default_value_t = nothing::BATCH)]
    batch: u16,
    /// Accounts of the sweeps.
    #[arg(long)]
    accounts: Option<u32>,
    /// Campaigns of the sweeps.
    #[arg(long)]
    campaigns: Option<u32>,
    #[command(subcommand)]
    child: Option<child::Child>,
}

/// A part of the bench.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// The bare loop over the broker.
    A,
    /// The whole job path.
    B,
    /// From commit to start at 1,000 jobs a second.
    Latency,
    /// The same beside millions of jobs that wait.
    Backlog,
    /// A sweep of the status watch.
    Status,
    /// A sweep of `campaigns.heal`.
    Heal,
    /// Reservations of capacity, beside `pgbench`.
    Reserve,
    /// A tick of `sends.dispatch`.
    Dispatch,
    /// Outward calls on their way at once.
    Outward,
}

/// How much is measured.
pub(crate) struct Size {
    runs: usize,
    jobs: u32,
    batch: u16,
    seconds: u32,
    accounts: u32,
    campaigns: u32,
    /// Accounts that capacity is reserved for.
    senders: u32,
    /// Accounts with due enrollments, twenty each.
    due_accounts: u32,
    /// Accounts with one due send each.
    outward: u32,
    /// Part of the backlog that is planted: one in so many.
    backlog_part: u32,
}

impl Size {
    fn of(arguments: &Arguments) -> Self {
        let usual = if arguments.short {
            (3, 20_000, 5, 20_000, 2_000)
        } else {
            (5, 100_000, 15, 1_000_000, 100_000)
        };
        let (runs, jobs, seconds, accounts, campaigns) = usual;
        let (senders, due_accounts, outward) = if arguments.short {
            (5_000, 5_000, 3_000)
        } else {
            (10_000, 50_000, 10_000)
        };
        Self {
            runs: arguments.runs.unwrap_or(runs).max(1),
            jobs: arguments.jobs.unwrap_or(jobs).max(1),
            batch: arguments.batch.max(1),
            seconds,
            accounts: arguments.accounts.unwrap_or(accounts),
            campaigns: arguments.campaigns.unwrap_or(campaigns),
            senders,
            due_accounts,
            outward,
            backlog_part: if arguments.short { 10 } else { 1 },
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // Once for the whole process; the only other one that could have is this very line in a child's.
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
    let ended = match &arguments.child {
        Some(child) => child::run(child).await,
        None => measure(&arguments).await,
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("bench: {}", fleet::chain(failure.as_ref()));
            ExitCode::FAILURE
        }
    }
}

async fn measure(arguments: &Arguments) -> Result<(), Failure> {
    let ground = Ground::start().await?;
    let figures = parts(arguments, &ground).await;
    ground.stop().await;
    let figures = figures?;
    if arguments.json {
        eprint!("{}", figures.table());
        println!("{}", figures.json());
    } else {
        print!("{}", figures.table());
    }
    Ok(())
}

async fn parts(arguments: &Arguments, ground: &Ground) -> Result<Figures, Failure> {
    let wanted = |part: Part| arguments.only.is_empty() || arguments.only.contains(&part);
    let size = Size::of(arguments);
    let mut figures = Figures::default();
    loops(
        &mut figures,
        ground,
        &size,
        (wanted(Part::A), wanted(Part::B)),
    )
    .await?;
    if wanted(Part::Latency) {
        latency::measure(&mut figures, ground, &size).await?;
    }
    if wanted(Part::Backlog) {
        backlog::measure(&mut figures, ground, &size).await?;
    }
    if wanted(Part::Status) || wanted(Part::Heal) {
        sweeps::measure(
            &mut figures,
            ground,
            &size,
            (wanted(Part::Status), wanted(Part::Heal)),
        )
        .await?;
    }
    let sends = sends::Wanted {
        reserve: wanted(Part::Reserve),
        dispatch: wanted(Part::Dispatch),
        outward: wanted(Part::Outward),
    };
    sends::measure(&mut figures, ground, &size, sends).await?;
    Ok(figures)
}

/// Both loops in turns, so that what else the machine does meets both alike.
async fn loops(
    figures: &mut Figures,
    ground: &Ground,
    size: &Size,
    (bare, path): (bool, bool),
) -> Result<(), Failure> {
    let (mut bare_rates, mut path_runs) = (Vec::new(), Vec::new());
    for run in 1..=size.runs {
        if bare {
            let rate = bare::run(&ground.amqp(), size.jobs).await?;
            eprintln!("run {run}: the bare loop does {rate:.0} jobs/s");
            bare_rates.push(rate);
        }
        if path {
            let reached = path::run(ground, size, run).await?;
            eprintln!("run {run}: the job path does {reached}");
            path_runs.push(reached);
        }
    }
    if bare {
        figures.note(
            "bare_loop_jobs_per_s",
            figures::median(&bare_rates),
            "jobs/s",
        );
    }
    if path {
        path::report(figures, &path_runs, &bare_rates);
    }
    Ok(())
}
