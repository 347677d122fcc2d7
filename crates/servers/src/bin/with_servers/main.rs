//! `with-servers <command…>` runs a command beside a private PostgreSQL and a private RabbitMQ server, tells it where
//! they are by `RELINK_TEST_*`, stops them when it ends, and ends with its exit code.

mod place;

use place::Place;
use rustix::process::{Pid, Signal, kill_process};
use servers::{Postgres, RabbitMq, RabbitMqOptions};
use std::error::Error;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitCode, ExitStatus};
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};

/// What a shell answers for a command that ended by a signal: this plus its number.
const SIGNALLED: i32 = 128;

#[tokio::main]
async fn main() -> ExitCode {
    let command: Vec<_> = std::env::args_os().skip(1).collect();
    match run(&command).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("with-servers: {}", chain(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text = format!("{text}: {source}");
        next = source.source();
    }
    text
}

async fn run(command: &[std::ffi::OsString]) -> Result<ExitCode, Box<dyn Error>> {
    let [program, arguments @ ..] = command else {
        return Err("no command; usage: with-servers <command…>".into());
    };
    // Before the servers start, so that no signal from now on ends this process with the servers running.
    let mut signals = Signals::listen()?;
    let place = Place::take()?;
    let (room, trusted) = (&place.dir, place.write_trusted()?);
    let started = async {
        let postgres = room.path().join("postgres");
        let rabbitmq = room.path().join("rabbitmq");
        tokio::try_join!(
            Postgres::start(&postgres, place.postgres()),
            RabbitMq::start(&rabbitmq, RabbitMqOptions::default()),
        )
    };
    let (postgres, rabbitmq) = tokio::select! {
        started = started => started?,
        signal = signals.next() => return Ok(code(SIGNALLED + signal.as_raw())),
    };
    let child = Command::new(program)
        .args(arguments)
        .env(
            "RELINK_TEST_DATABASE_URL",
            postgres.url("postgres", "postgres"),
        )
        .env("RELINK_TEST_AMQP_URL", rabbitmq.amqp_url("/"))
        .env(
            "RELINK_TEST_RABBITMQ_MANAGEMENT_URL",
            rabbitmq.management_url(),
        )
        .env("RELINK_TEST_SERVERS_DIRECTORY", room.path())
        .env("SSL_CERT_FILE", trusted)
        .env_remove("SSL_CERT_DIR")
        .spawn();
    let status = match child {
        Ok(child) => wait(child, &mut signals).await,
        Err(error) => Err(format!("run {}: {error}", program.display()).into()),
    };
    tokio::join!(postgres.stop(), rabbitmq.stop());
    Ok(exit_code(status?))
}

/// Hands signals on to the command, but not the first Ctrl-C: the terminal has sent it that one too. A second signal
/// kills it.
async fn wait(mut child: Child, signals: &mut Signals) -> Result<ExitStatus, Box<dyn Error>> {
    let mut asked = false;
    loop {
        tokio::select! {
            status = child.wait() => return Ok(status?),
            signal = signals.next() => {
                let first = !std::mem::replace(&mut asked, true);
                if first && signal == Signal::INT {
                    continue;
                }
                let signal = if first { signal } else { Signal::KILL };
                if let Some(pid) = child.id().and_then(|it| Pid::from_raw(it.try_into().ok()?)) {
                    kill_process(pid, signal)?;
                }
            }
        }
    }
}

fn exit_code(status: ExitStatus) -> ExitCode {
    code(
        status
            .code()
            .or(status.signal().map(|it| SIGNALLED + it))
            .unwrap_or(1),
    )
}

fn code(number: i32) -> ExitCode {
    ExitCode::from(u8::try_from(number).unwrap_or(1))
}

struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hangup: tokio::signal::unix::Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::INT,
            _ = self.terminate.recv() => Signal::TERM,
            _ = self.hangup.recv() => Signal::HUP,
        }
    }
}
