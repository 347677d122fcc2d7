use rustix::process::{Pid, Signal, kill_process};
use std::fs;

/// One process, told apart from any later process with the same pid by when it started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    /// The process id.
    pub pid: u32,
    /// Field 22 of `/proc/<pid>/stat`: clock ticks after boot.
    pub started: u64,
}

/// What `/proc/<pid>/stat` says, as far as it is needed here.
struct Stat {
    state: char,
    parent: u32,
    started: u64,
}

impl Identity {
    /// The process that has this pid now; `None` when there is none.
    pub fn of(pid: u32) -> Option<Self> {
        stat(pid).map(|it| Self {
            pid,
            started: it.started,
        })
    }

    /// Whether this very process still runs. A zombie does not: it only waits to be reaped.
    pub fn is_alive(self) -> bool {
        stat(self.pid).is_some_and(|it| it.started == self.started && it.state != 'Z')
    }

    pub(crate) fn signal(self, signal: Signal) {
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
        if let Some(pid) = pid.filter(|_| self.is_alive())
            && let Err(error) = kill_process(pid, signal)
        {
            // It ended between the look and the signal, which is what was wanted.
            tracing::debug!(pid = self.pid, %error, "signal a process");
        }
    }

    /// Its children, their children, and so on, as far as they run now.
    pub(crate) fn descendants(self) -> Vec<Self> {
        let pids = fs::read_dir("/proc").into_iter().flatten().flatten();
        let pids = pids.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        let all: Vec<(u32, Self)> = pids
            .filter_map(|pid| {
                stat(pid).map(|it| {
                    (
                        it.parent,
                        Self {
                            pid,
                            started: it.started,
                        },
                    )
                })
            })
            .collect();
        let mut found = vec![self];
        let mut next = 0;
        while let Some(parent) = found.get(next).copied() {
            found.extend(
                all.iter()
                    .filter(|(it, _)| *it == parent.pid)
                    .map(|(_, child)| *child),
            );
            next += 1;
        }
        found.split_off(1)
    }
}

fn stat(pid: u32) -> Option<Stat> {
    parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// The command's name stands in brackets and may itself hold spaces and brackets, hence the *last* one.
fn parse(line: &str) -> Option<Stat> {
    let fields: Vec<&str> = line.rsplit_once(") ")?.1.split_ascii_whitespace().collect();
    Some(Stat {
        state: fields.first()?.chars().next()?,
        parent: fields.get(1)?.parse().ok()?,
        started: fields.get(19)?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_named_like_the_end_of_its_own_field_is_read_right() {
        let line = "42 (a) R 7 (b) S 9 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 31337 1 1";
        let stat = parse(line).expect("a stat line");
        assert_eq!((stat.state, stat.parent, stat.started), ('S', 9, 31337));
    }

    #[test]
    fn a_pid_with_another_start_time_is_another_process() {
        let me = Identity::of(std::process::id()).expect("this process");
        assert!(me.is_alive());
        assert!(
            !Identity {
                started: me.started + 1,
                ..me
            }
            .is_alive()
        );
    }
}
