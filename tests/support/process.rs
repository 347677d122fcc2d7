//! A process under test: killed by its pid, never left behind, its log shown when the test fails.

use crate::links;
use rustix::process::{Pid, Signal, kill_process};
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tempfile::NamedTempFile;
use tokio::process::{Child, Command};

/// Lines of a log that a failed test shows.
const SHOWN: usize = 60;

/// A child with its log in a file.
pub struct Process {
    name: String,
    child: Child,
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
        let child = Command::new(program)
            .args(arguments)
            .env_clear()
            .envs(settings.iter().map(|(key, value)| (key, value)))
            .stdin(Stdio::null())
            .stdout(log.reopen().expect("open the log"))
            .stderr(log.reopen().expect("open the log"))
            .kill_on_drop(true)
            .spawn()
            .expect("start the process");
        Self {
            name: name.to_owned(),
            child,
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
        self.ended(Duration::from_secs(10)).await;
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

impl Drop for Process {
    fn drop(&mut self) {
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
