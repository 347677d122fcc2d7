//! The fleet's own processes: this very binary, started again with another command.

mod unclean;

pub(crate) use unclean::UncleanEnd;

use crate::commands::Failure;
use fleet::config::Environment;
use std::fs::File;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};

/// A child that has not ended this long after it was to stop is killed: the time that deployments give a process, which is
/// longer than its drain and the closing of its connections.
const STOP_MAX: Duration = Duration::from_secs(45);

/// A process of the fleet.
pub(crate) struct Process {
    name: String,
    child: Child,
    log: std::path::PathBuf,
}

impl Process {
    /// Starts `relink <command…>` with these settings and nothing else of ours, logging to a file. The process group
    /// is its own, so that Ctrl-C reaches only `up`, which stops the others in order.
    pub(crate) fn start(
        name: &str,
        command: &[&str],
        settings: &[(&str, String)],
        logs: &Path,
    ) -> Result<Self, Failure> {
        let log = logs.join(format!("{name}.log"));
        let failed =
            |what: &str, error: std::io::Error| Failure::new(format!("{what} {name}: {error}"));
        let file = File::create(&log).map_err(|error| failed("make the log of", error))?;
        let program =
            std::env::current_exe().map_err(|error| failed("find the program of", error))?;
        let mut start = Command::new(program);
        for setting in Environment::of_process().names() {
            start.env_remove(setting);
        }
        let child = start
            .args(command)
            .envs(
                settings
                    .iter()
                    .map(|(setting, value)| (*setting, value.as_str())),
            )
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(file)
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| failed("start", error))?;
        Ok(Self {
            name: name.to_owned(),
            child,
            log,
        })
    }

    /// An error if it has ended although nobody asked it to.
    pub(crate) fn check(&mut self) -> Result<(), Failure> {
        match self.child.try_wait() {
            Ok(None) => Ok(()),
            Ok(Some(status)) => {
                let end = self.unclean(format!("ended by itself ({status})"));
                Err(Failure::new(end.to_string()))
            }
            Err(error) => Err(Failure::new(format!("look after {}: {error}", self.name))),
        }
    }

    /// Asks it to end, and insists after a while. An error unless it ended cleanly.
    pub(crate) async fn stop(mut self) -> Result<(), UncleanEnd> {
        // Closing its standard input is the order to stop; it also comes when this process dies.
        drop(self.child.stdin.take());
        let ended = tokio::time::timeout(STOP_MAX, self.child.wait()).await;
        let how = match ended {
            Ok(Ok(status)) if status.success() => return Ok(()),
            Ok(Ok(status)) => format!("ended with {status}"),
            Ok(Err(error)) => format!("could not be waited for: {error}"),
            Err(_) => {
                self.child.kill().await.ok();
                format!(
                    "killed: it ran still {} s after it was to stop",
                    STOP_MAX.as_secs()
                )
            }
        };
        Err(self.unclean(how))
    }

    fn unclean(&self, how: String) -> UncleanEnd {
        UncleanEnd::new(&self.name, how, &self.log)
    }
}
