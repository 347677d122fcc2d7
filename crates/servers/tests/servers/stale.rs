use crate::{assert_gone, room, running};
use servers::{Identity, Postgres, PostgresOptions, clean_stale};
use std::fs;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command};

struct Sleeper(Child);

impl Sleeper {
    fn start() -> (Self, Identity) {
        let child = Command::new("sleep")
            .arg("600")
            .process_group(0)
            .spawn()
            .expect("a process");
        let identity = Identity::of(child.id()).expect("it runs");
        (Self(child), identity)
    }
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        self.0.kill().expect("end the sleeper");
        self.0.wait().expect("reap the sleeper");
    }
}

#[test]
fn leftovers_are_stopped_and_a_process_that_reuses_a_pid_is_not() {
    let room = room();
    let pids = room.path().join("server/pids");
    fs::create_dir_all(&pids).expect("a room");
    let (_left, left) = Sleeper::start();
    let (_other, other) = Sleeper::start();
    fs::write(
        pids.join("left"),
        format!("{} {} TERM 1.1\n", left.pid, left.started),
    )
    .expect("a pid file");
    fs::write(
        pids.join("reused"),
        format!("{} {} TERM 1.1\n", other.pid, other.started - 1),
    )
    .expect("a pid file");
    fs::write(pids.join("empty"), "").expect("a pid file");

    assert_eq!(clean_stale(room.path()), [left]);
    assert_gone(&[left]);
    assert!(
        other.is_alive(),
        "a process with the same pid and another start time is not ours"
    );
    assert_eq!(clean_stale(room.path()), []);
}

#[tokio::test]
async fn servers_of_a_living_owner_are_no_leftovers() {
    let room = room();
    let server = Postgres::start(&room.path().join("postgres"), PostgresOptions::default())
        .await
        .expect("start");
    assert_eq!(clean_stale(room.path()), []);
    running(room.path(), 1);
    server.stop().await;
}
