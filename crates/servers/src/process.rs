use crate::ServerError;
use crate::identity::Identity;
use crate::room::Room;
use rustix::process::Signal;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

/// A server that was asked to stop and has not after this long is killed.
const STOP_WITHIN: Duration = Duration::from_secs(10);
/// How often a process that is not our child is looked at while it ends: no event tells of it.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Writes the pid file before it becomes the server, so there is no moment in which a server runs unrecorded.
/// `$0` is the signal that stops it and the token of its owner.
const LAUNCHER: &str = r#"
set -f
field() { shift 19; echo "$1"; }
IFS= read -r stat < /proc/$$/stat
echo "$$ $(field ${stat##*) }) $0"
exec "$@" >&2
"#;

/// How a server process is to be started.
pub(crate) struct Launch<'a> {
    pub(crate) room: &'a Room,
    /// The pid file's name. The guard and [`clean_stale`](crate::clean_stale) stop in the order of the names.
    pub(crate) name: &'static str,
    pub(crate) stop: Stop,
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) environment: Vec<(OsString, OsString)>,
    /// Whom to run as; `None` is who we are.
    pub(crate) user: Option<(u32, u32)>,
    pub(crate) log: &'a Path,
}

/// The signal that makes a server stop in good order.
#[derive(Clone, Copy)]
pub(crate) enum Stop {
    /// PostgreSQL's fast shutdown: open connections are closed, not waited for.
    Interrupt,
    /// Everybody else's.
    Terminate,
}

impl Stop {
    fn name(self) -> &'static str {
        match self {
            Self::Interrupt => "INT",
            Self::Terminate => "TERM",
        }
    }

    fn signal(self) -> Signal {
        match self {
            Self::Interrupt => Signal::INT,
            Self::Terminate => Signal::TERM,
        }
    }
}

/// A running server process with its pid file. Dropping it stops it, and blocks until it is gone.
pub(crate) struct Process {
    child: Child,
    identity: Identity,
    pid_file: PathBuf,
    stop: Stop,
    ended: bool,
}

impl Process {
    pub(crate) fn spawn(launch: Launch<'_>) -> Result<Self, ServerError> {
        let what = || format!("start {}", launch.program.display());
        let pid_file = launch.room.pid_file(launch.name);
        let pids = File::create(&pid_file).map_err(ServerError::io(what()))?;
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(launch.log)
            .map_err(ServerError::io(what()))?;
        let mut command = Command::new("/bin/sh");
        command
            .args([
                "-c",
                LAUNCHER,
                &format!("{} {}", launch.stop.name(), launch.room.owner()),
            ])
            .arg(&launch.program)
            .args(launch.arguments)
            .env_clear()
            .envs(launch.environment)
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(pids)
            .stderr(log)
            .process_group(0);
        if let Some((user, group)) = launch.user {
            command.uid(user).gid(group);
        }
        let child = command.spawn().map_err(ServerError::io(what()))?;
        let identity = child
            .id()
            .and_then(Identity::of)
            .ok_or_else(|| ServerError::Io {
                what: what(),
                source: std::io::Error::other("it ended at once, or /proc is not mounted"),
            })?;
        Ok(Self {
            child,
            identity,
            pid_file,
            stop: launch.stop,
            ended: false,
        })
    }

    pub(crate) fn identity(&self) -> Identity {
        self.identity
    }

    /// Why the process is no longer there, if it is not.
    pub(crate) fn exited(&mut self) -> Option<String> {
        match self.child.try_wait() {
            Ok(None) => None,
            Ok(Some(status)) => Some(format!("it ended with {status}")),
            Err(error) => Some(format!("it cannot be waited for: {error}")),
        }
    }

    /// Stops it in good order; kills it if that takes more than ten seconds.
    pub(crate) async fn stop(mut self) {
        let family = self.identity.descendants();
        self.identity.signal(self.stop.signal());
        if timeout(STOP_WITHIN, self.child.wait()).await.is_err() {
            self.identity.signal(Signal::KILL);
        }
        self.end(family).await;
    }

    /// `kill -9` of the process and everything that it started, as when a machine loses power.
    pub(crate) async fn kill(mut self) {
        let family = self.identity.descendants();
        self.identity.signal(Signal::KILL);
        self.end(family).await;
    }

    async fn end(&mut self, family: Vec<Identity>) {
        if let Err(error) = self.child.wait().await {
            tracing::warn!(pid = self.identity.pid, %error, "wait for a server to end");
        }
        for member in family {
            member.signal(Signal::KILL);
            while member.is_alive() {
                sleep(LOOK_EVERY).await;
            }
        }
        self.forget();
    }

    fn forget(&mut self) {
        self.ended = true;
        // A pid file that stays is harmless: its process is gone, and whoever reads it sees that.
        drop(fs::remove_file(&self.pid_file));
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !self.ended {
            stop_blocking(self.identity, self.stop.signal());
            drop(self.child.try_wait());
            self.forget();
        }
    }
}

/// Stops a process and its descendants without a runtime: for `Drop`, a panic, and leftovers of an earlier run.
pub(crate) fn stop_blocking(identity: Identity, signal: Signal) {
    let family = identity.descendants();
    identity.signal(signal);
    let since = Instant::now();
    while identity.is_alive() {
        if since.elapsed() > STOP_WITHIN {
            identity.signal(Signal::KILL);
        }
        pause();
    }
    for member in family {
        member.signal(Signal::KILL);
        while member.is_alive() {
            pause();
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "no runtime to wait in: Drop and the start of a program"
)]
fn pause() {
    thread::sleep(LOOK_EVERY);
}
