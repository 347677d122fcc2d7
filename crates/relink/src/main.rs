//! The one binary: the fleet's processes, what operators look at, and what they do. `docs/cli.md` lists every command.

mod commands;
mod local;
mod up;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};
use local::{FleetChoice, Login};
use std::process::ExitCode;

/// Supervises connected sender accounts: watches, heals, confirms, and writes down why.
#[derive(Parser)]
#[command(name = "relink", version, about, after_help = commands::EXIT_CODES)]
struct Arguments {
    /// Ask the fleet that `relink up` runs on this machine, token included; if several run, the one in DIRECTORY.
    #[arg(
        long,
        global = true,
        value_name = "DIRECTORY",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "",
        value_parser = FleetChoice::of_argument
    )]
    local: Option<FleetChoice>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the whole fleet on this machine, with private servers, against the provider's simulator.
    Up(up::Options),
    /// Brings the database to this build's schema.
    Migrate,
    /// Runs a scheduler; of several, one leads.
    Scheduler,
    /// Runs a worker for some queues.
    Worker(commands::worker::QueueArguments),
    /// Answers products and operators over HTTP.
    Api,
    /// Runs the provider's simulator.
    Simulator,
    /// Checks settings, servers, schema, queues, certificates and leases, and says what to do; writes nothing.
    Doctor {
        /// The findings as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Makes, shows, changes and ends workspaces.
    #[command(subcommand)]
    Workspace(commands::workspace::Workspace),
    /// Lists accounts, shows one, and says where its owner is.
    #[command(subcommand)]
    Accounts(commands::accounts::Accounts),
    /// Lists attempts of owners to sign in, shows one, takes one back.
    #[command(subcommand)]
    Attempts(commands::attempts::Attempts),
    /// Makes a link with which an account's owner signs in.
    #[command(subcommand)]
    Links(commands::links::Links),
    /// Lists campaigns, shows one, pauses and resumes it, and gives a sender's people to others.
    #[command(subcommand)]
    Campaigns(commands::campaigns::Campaigns),
    /// Lists people in campaigns; stops, moves and restarts them, and answers for overdue ones.
    #[command(subcommand)]
    Enrollments(commands::enrollments::Enrollments),
    /// Lists sends, shows one, and decides one whose outcome is unknown.
    #[command(subcommand)]
    Sends(commands::sends::Sends),
    /// Lists cases of suspected-missing sessions, shows one, and answers those whose verdict is stopped.
    #[command(subcommand)]
    Cases(commands::cases::Cases),
    /// Shows losses that the mass-change breaker stopped, and answers them.
    #[command(subcommand)]
    Watch(commands::watch::Watch),
    /// Lists alerts, and acknowledges them.
    #[command(subcommand)]
    Alerts(commands::alerts::Alerts),
    /// Lists losses and returns of accounts, each with what is done about it, by whom and until when.
    Losses(commands::losses::Losses),
    /// Lists what owners are told, and has told again what reached nobody.
    #[command(subcommand)]
    Notices(commands::notices::Notices),
    /// Shows each schedule: every, last slot, next, skipped, missed, running.
    Schedules {
        /// The answer as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Shows who works: each worker with its queues, its build, when it was seen last and what it has in hand.
    Workers {
        /// The answer as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Says who brought lost accounts back in the last 7 and 30 days: restarts, the provider, operators, owners; and how fast.
    Recoveries {
        /// The answer as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Says why an account or a campaign sends, or does not, and until when.
    #[command(subcommand)]
    Why(commands::why::WhyCommand),
    /// What the provider tells by itself: lists its webhooks, and registers those that lack.
    #[command(subcommand)]
    Webhooks(commands::webhooks::Webhooks),
    /// Sessions of the provider that no account is linked to.
    #[command(subcommand)]
    Sessions(commands::sessions::Sessions),
    /// People with several live sessions, and which of those is linked.
    Duplicates {
        #[command(subcommand)]
        command: DuplicatesCommand,
    },
    /// Asks a health address; exit code 1 unless it answers well. For images that have no other program.
    Probe {
        /// Like `http://127.0.0.1:9464/readyz`.
        url: String,
    },
    /// Shows, proves and exports the audit.
    #[command(subcommand)]
    Audit(commands::audit::Audit),
    /// Allows removals for a while (gate 5).
    #[command(subcommand)]
    Flag(commands::flag::Flag),
    /// Stops every removal, or lets the gates decide again (gate 2).
    #[command(subcommand)]
    Latch(commands::latch::Latch),
    /// Asks to remove a session that is gone, and shows the six gates.
    #[command(subcommand)]
    Removals(commands::removals::Removals),
    /// Two operators' permission to remove one live, inert duplicate.
    #[command(subcommand)]
    Warrant(commands::warrant::Warrant),
    /// Keeps work from starting: everything, a queue, a kind of job, a workspace or an account.
    Pause(commands::pause::Pause),
    /// Lets it start again.
    Resume(commands::pause::Resume),
    /// Lists pauses.
    Pauses(commands::pause::Pauses),
    /// Makes a restored copy of the database the fleet's own; until then it does nothing outward.
    Adopt(commands::adopt::Adopt),
    /// Shows what waits, runs, fails and is paused in each queue.
    Queues(commands::queues::Queues),
    /// Lists dead letters, drives them again, gives them up.
    #[command(subcommand)]
    Dead(commands::dead::Dead),
    /// Hands out operators' tokens, and takes them back.
    #[command(subcommand)]
    Operator(commands::operator::Operator),
    /// Writes a script that completes commands in a shell.
    Completions {
        /// Which shell.
        shell: commands::completions::ShellName,
    },
    /// Prints `docs/cli.md`.
    #[command(hide = true)]
    CliPage,
}

#[derive(Subcommand)]
enum DuplicatesCommand {
    /// Lists them as the newest listing of the provider has them; exit code 1 if that is too old to say.
    List {
        /// The result as JSON.
        #[arg(long)]
        json: bool,
        /// People listed at most; all are counted.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000))]
        limit: u32,
    },
}

impl Command {
    /// Login with which a command asks a fleet; none for one that is a part of a fleet, or asks none.
    fn login(&self) -> Option<Login> {
        match self {
            Self::Up(_)
            | Self::Migrate
            | Self::Scheduler
            | Self::Worker { .. }
            | Self::Api
            | Self::Simulator
            | Self::Probe { .. }
            | Self::Completions { .. }
            | Self::CliPage => None,
            Self::Operator(_) => Some(Login::Owner),
            Self::Doctor { .. }
            | Self::Workspace(_)
            | Self::Accounts(_)
            | Self::Attempts(_)
            | Self::Links(_)
            | Self::Campaigns(_)
            | Self::Enrollments(_)
            | Self::Sends(_)
            | Self::Cases(_)
            | Self::Watch(_)
            | Self::Alerts(_)
            | Self::Losses(_)
            | Self::Notices(_)
            | Self::Schedules { .. }
            | Self::Workers { .. }
            | Self::Recoveries { .. }
            | Self::Why(_)
            | Self::Webhooks(_)
            | Self::Sessions(_)
            | Self::Duplicates { .. }
            | Self::Audit(_)
            | Self::Flag(_)
            | Self::Latch(_)
            | Self::Removals(_)
            | Self::Warrant(_)
            | Self::Pause(_)
            | Self::Resume(_)
            | Self::Pauses(_)
            | Self::Adopt(_)
            | Self::Queues(_)
            | Self::Dead(_) => Some(Login::Operator),
        }
    }
}

/// Takes the settings of the local fleet where they are asked for.
fn take_settings(arguments: &Arguments) -> Result<(), commands::Failure> {
    let Some(choice) = &arguments.local else {
        return Ok(());
    };
    let Some(login) = arguments.command.login() else {
        let why = "--local is for commands that ask a running fleet, not for this one";
        Arguments::command()
            .error(ErrorKind::ArgumentConflict, why)
            .exit();
    };
    commands::use_environment(local::environment(choice, login)?)
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Err(error) = take_settings(&arguments) {
        eprintln!("relink: {error}");
        return ExitCode::FAILURE;
    }
    // Once for the whole process: AMQP's TLS takes the process-wide provider.
    if rustls::crypto::ring::default_provider()
        .install_default()
        .is_err()
    {
        eprintln!("relink: a TLS provider is installed already");
        return ExitCode::FAILURE;
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("relink: start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let ended = runtime.block_on(run(arguments.command));
    // Runs past their drain deadline are not waited for; their jobs are handed back and fenced.
    runtime.shutdown_background();
    ended.unwrap_or_else(|error| {
        eprintln!("relink: {error}");
        ExitCode::FAILURE
    })
}

async fn run(command: Command) -> Result<ExitCode, commands::Failure> {
    match command {
        Command::Up(options) => up::run(options).await,
        Command::Migrate => commands::migrate::run().await,
        Command::Scheduler => commands::scheduler::run().await,
        Command::Worker(queues) => commands::worker::run(&queues).await,
        Command::Api => commands::api::run().await,
        Command::Simulator => commands::simulator::run().await,
        Command::Doctor { json } => Box::pin(commands::doctor::run(json)).await,
        Command::Workspace(workspace) => commands::workspace::run(workspace).await,
        Command::Accounts(accounts) => commands::accounts::run(accounts).await,
        Command::Attempts(asked) => commands::attempts::run(asked).await,
        Command::Links(asked) => commands::links::run(asked).await,
        Command::Campaigns(campaigns) => commands::campaigns::run(campaigns).await,
        Command::Enrollments(asked) => commands::enrollments::run(asked).await,
        Command::Sends(asked) => commands::sends::run(asked).await,
        Command::Cases(cases) => commands::cases::run(cases).await,
        Command::Watch(watch) => commands::watch::run(watch).await,
        Command::Alerts(alerts) => commands::alerts::run(alerts).await,
        Command::Losses(losses) => commands::losses::run(losses).await,
        Command::Notices(notices) => commands::notices::run(notices).await,
        Command::Schedules { json } => commands::schedules::run(json).await,
        Command::Workers { json } => commands::workers::run(json).await,
        Command::Recoveries { json } => commands::recoveries::run(json).await,
        Command::Why(why) => commands::why::run(&why).await,
        Command::Webhooks(asked) => commands::webhooks::run(&asked).await,
        Command::Sessions(asked) => commands::sessions::run(asked).await,
        Command::Duplicates {
            command: DuplicatesCommand::List { json, limit },
        } => commands::duplicates::list(limit, json).await,
        Command::Probe { url } => commands::probe::run(&url).await,
        Command::Audit(audit) => commands::audit::run(audit).await,
        Command::Flag(flag) => commands::flag::run(&flag).await,
        Command::Latch(latch) => commands::latch::run(&latch).await,
        Command::Removals(removals) => commands::removals::run(&removals).await,
        Command::Warrant(warrant) => commands::warrant::run(&warrant).await,
        Command::Pause(pause) => commands::pause::pause(&pause).await,
        Command::Resume(resume) => commands::pause::resume(&resume).await,
        Command::Pauses(pauses) => commands::pause::list(&pauses).await,
        Command::Adopt(adopt) => commands::adopt::run(&adopt).await,
        Command::Queues(queues) => commands::queues::run(&queues).await,
        Command::Dead(dead) => commands::dead::run(&dead).await,
        Command::Operator(operator) => commands::operator::run(&operator).await,
        Command::Completions { shell } => {
            Ok(commands::completions::run(shell, Arguments::command()))
        }
        Command::CliPage => commands::completions::page(Arguments::command()),
    }
}
