//! A process under test: killed by its pid, never left behind, its log shown when the test fails.
//!
//! It leads a group of its own. Whatever is in that group ends with the [`Process`], and with the process that started it.

mod guard;
mod marks;

pub use marks::marked;

use crate::links;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use servers::Identity;
use std::ffi::OsString;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tempfile::NamedTempFile;
use tokio::process::{Child, Command};

/// Lines of a log that a failed test shows.
const SHOWN: usize = 60;

/// Setting by which a child with an environment of its own trusts what this process does: one authority, which is read at once.
pub fn trust_setting() -> Option<(&'static str, OsString)> {
    const NAME: &str = "SSL_CERT_FILE";
    #[expect(clippy::disallowed_methods, reason = "with-servers says what to trust")]
    let file = std::env::var_os(NAME)?;
    Some((NAME, file))
}

/// A child with its log in a file.
pub struct Process {
    name: String,
    child: Child,
    /// Leader of the group, also after its end.
    leader: Identity,
    log: NamedTempFile,
}

impl Process {
    /// Starts `program` with nothing in its environment but `settings`.
    pub fn start(
        name: &str,
        program: &Path,
        arguments: &[&str],
        settings: &[(String, String)],
    ) -> Self {
        let log = NamedTempFile::new().expect("make a file for the log");
        let child = Command::new("/bin/sh")
            .args(["-c", guard::LAUNCHER, name])
            .arg(program)
            .args(arguments)
            .env_clear()
            .envs(trust_setting())
            .envs(settings.iter().map(|(key, value)| (key, value)))
            .stdin(Stdio::null())
            .stdout(guard::announcements())
            .stderr(log.reopen().expect("open the log"))
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .expect("start the process");
        let leader = child.id().and_then(Identity::of);
        Self {
            name: name.to_owned(),
            child,
            leader: leader.expect("nobody has waited for it"),
            log,
        }
    }

    /// Starts the program itself.
    ///
    /// # Panics
    /// If `RELINK_BIN` does not name it.
    pub fn relink(name: &str, arguments: &[&str], settings: &[(String, String)]) -> Self {
        let settings = &links::with_settings(arguments, settings);
        #[expect(
            clippy::disallowed_methods,
            reason = "tests/run says where the program is"
        )]
        let program = std::env::var("RELINK_BIN")
            .expect("RELINK_BIN: build `-p relink` and name its program, as tests/run does");
        Self::start(name, Path::new(&program), arguments, settings)
    }

    /// Sends a signal; a process that has ended already hears nothing.
    pub fn signal(&self, signal: Signal) {
        let pid = self.child.id().and_then(|id| i32::try_from(id).ok());
        if let Some(pid) = pid.and_then(Pid::from_raw) {
            // Gone meanwhile: then there is nothing to signal.
            kill_process(pid, signal).ok();
        }
    }

    /// Asks it to stop (SIGTERM).
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Kills it (`kill -9`) and waits until it is gone.
    pub async fn kill9(&mut self) {
        self.signal(Signal::KILL);
        self.ended(Duration::from_mins(1)).await;
    }

    /// Waits for its end.
    pub async fn ended(&mut self, within: Duration) -> ExitStatus {
        tokio::time::timeout(within, self.child.wait())
            .await
            .unwrap_or_else(|_| panic!("{} did not end within {within:?}", self.name))
            .expect("wait for the process")
    }

    /// How it ended, if it has.
    pub fn exited(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("look at the process")
    }

    /// What it has printed.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log.path()).unwrap_or_default()
    }
}

impl Process {
    /// Kills it and its group. Its number may be a later process's by now, but not while the group has members.
    fn kill_group(&self) {
        let now = Identity::of(self.leader.pid);
        let group = i32::try_from(self.leader.pid).ok().and_then(Pid::from_raw);
        if let Some(group) = group.filter(|_| now.is_none_or(|it| it == self.leader)) {
            // Nobody is left: then nobody is to be killed.
            kill_process_group(group, Signal::KILL).ok();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill_group();
        if !std::thread::panicking() {
            return;
        }
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        eprintln!("--- the log of {} ({} lines)", self.name, lines.len());
        for line in &lines[lines.len().saturating_sub(SHOWN)..] {
            eprintln!("{line}");
        }
    }
}
