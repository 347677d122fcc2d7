//! What a test starts ends with it, however the test ends. `fixture hold` is the test's process here.

use crate::FIXTURE;
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;
use tests::eventually::eventually;
use tests::process::marked;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

const SOON: Duration = Duration::from_mins(2);

#[tokio::test]
async fn fault_a_killed_test_leaves_no_process() {
    let holder = Holder::of("process", 3).await;
    holder.dies().await;
}

#[tokio::test]
async fn fault_a_test_that_ends_leaves_no_process() {
    let holder = Holder::of("process", 3).await;
    holder.ends().await;
}

/// A process that holds what it has started.
pub(crate) struct Holder {
    child: Child,
    /// Borne by whatever it has started.
    mark: String,
    room: TempDir,
}

impl Holder {
    /// Starts it; it holds that many processes at least.
    pub(crate) async fn of(what: &str, processes: usize) -> Self {
        let room = tempfile::tempdir().expect("make a directory");
        let mut child = Command::new(FIXTURE)
            .args(["hold", what])
            .env("TMPDIR", room.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("start it");
        let said = child.stdout.take().expect("its output");
        let mark = BufReader::new(said).lines().next_line().await;
        let mark = mark.expect("read").expect("a line");
        eventually("it holds them", SOON, || async {
            (processes <= marked(&mark).len()).then_some(())
        })
        .await;
        Self { child, mark, room }
    }

    /// `kill -9`.
    pub(crate) async fn dies(mut self) {
        self.child.kill().await.expect("kill it");
        self.leaves_nothing().await;
    }

    /// Its input ends, and so does it.
    pub(crate) async fn ends(mut self) {
        drop(self.child.stdin.take());
        let ended = self.child.wait().await.expect("wait for it");
        assert!(ended.success(), "{ended}");
        self.leaves_nothing().await;
        let left = std::fs::read_dir(self.room.path()).expect("look");
        assert_eq!(left.count(), 0, "files are left");
    }

    async fn leaves_nothing(&self) {
        eventually("nothing is left", SOON, || async {
            marked(&self.mark).is_empty().then_some(())
        })
        .await;
    }
}
