//! The bench's own children, and what the kernel counts of a process.

use crate::Failure;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};

/// A child that has not ended so long after it was asked to is killed.
const STOP_MAX: Duration = Duration::from_secs(20);
/// The kernel counts processor time in these; 100 on every Linux that this runs on.
const TICKS_PER_SECOND: f64 = 100.0;

/// This binary, started again in another role.
pub(crate) struct Process {
    child: Child,
}

impl Process {
    /// Starts it. It ends when its standard input does, so also when this process dies.
    pub(crate) fn start(arguments: &[String]) -> Result<Self, Failure> {
        let child = Command::new(std::env::current_exe()?)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        Ok(Self { child })
    }

    pub(crate) fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// The most memory that it ever held, in MiB.
    pub(crate) fn rss_peak_mib(&self) -> Result<f64, Failure> {
        let pid = self.pid().ok_or("a child has ended")?;
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line
            .and_then(|rest| rest.split_whitespace().next())
            .ok_or("the kernel counts no VmHWM")?;
        Ok(kib.parse::<f64>()? / 1024.0)
    }

    /// Asks it to end, waits, and fails if it did not end well.
    pub(crate) async fn stop(mut self) -> Result<(), Failure> {
        drop(self.child.stdin.take());
        match tokio::time::timeout(STOP_MAX, self.child.wait()).await {
            Ok(status) if status.as_ref().is_ok_and(std::process::ExitStatus::success) => Ok(()),
            Ok(status) => Err(format!("a child ended badly: {status:?}").into()),
            Err(_) => {
                self.child.kill().await?;
                Err("a child did not end when asked to".into())
            }
        }
    }
}

/// Processor seconds that a process and its children, also those that have ended, have used until now.
pub(crate) fn cpu_seconds(pid: u32) -> f64 {
    let living = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let children = living
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .filter_map(stat)
        .filter(|found| found.parent == pid)
        .map(|found| found.own);
    let parent = stat(pid).map_or(0.0, |found| found.own + found.ended_children);
    parent + children.sum::<f64>()
}

struct Stat {
    parent: u32,
    own: f64,
    ended_children: f64,
}

fn stat(pid: u32) -> Option<Stat> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name, in brackets, may hold anything; the fields are counted from behind it.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let seconds = |first: usize| -> Option<f64> {
        let ticks =
            fields.get(first)?.parse::<f64>().ok()? + fields.get(first + 1)?.parse::<f64>().ok()?;
        Some(ticks / TICKS_PER_SECOND)
    };
    Some(Stat {
        parent: fields.get(1)?.parse().ok()?,
        own: seconds(11)?,
        ended_children: seconds(13)?,
    })
}
