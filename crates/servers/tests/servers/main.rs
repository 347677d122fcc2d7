//! Real servers, started and stopped in every way there is. Each test ends by looking for its processes by pid.

#![expect(
    clippy::expect_used,
    reason = "a test that cannot go on should say where"
)]

mod guard;
mod postgres;
mod rabbitmq;
mod stale;

use servers::{Identity, recorded};
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

/// A directory that PostgreSQL's user may pass through; removed at the end of the test.
fn room() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::Permissions::from_mode(0o711);
    tempfile::Builder::new()
        .prefix("relink-servers-")
        .permissions(mode)
        .tempdir()
        .expect("a directory")
}

fn sql(url: &str, statement: &str) -> Output {
    Command::new("psql")
        .args(["-XAtq", url, "-c", statement])
        .output()
        .expect("psql")
}

#[track_caller]
fn answer(url: &str, statement: &str) -> String {
    let output = sql(url, statement);
    assert!(
        output.status.success(),
        "{statement}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// The processes that the pid files under `dir` name now.
#[track_caller]
fn running(dir: &Path, count: usize) -> Vec<Identity> {
    let found = recorded(dir);
    assert_eq!(found.len(), count, "{found:?}");
    found
}

#[track_caller]
fn assert_gone(processes: &[Identity]) {
    let left: Vec<_> = processes.iter().filter(|it| it.is_alive()).collect();
    assert!(left.is_empty(), "left behind: {left:?}");
}

/// Waits for processes that are not ours to end, of which no event tells.
#[track_caller]
#[expect(
    clippy::disallowed_methods,
    reason = "the processes are nobody's children here, so they are looked at"
)]
fn assert_gone_within(limit: Duration, processes: &[Identity]) {
    let since = Instant::now();
    while since.elapsed() < limit && processes.iter().any(|it| it.is_alive()) {
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_gone(processes);
}
