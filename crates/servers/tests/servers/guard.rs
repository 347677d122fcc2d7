use crate::{assert_gone, assert_gone_within, running};
use rustix::process::{Pid, Signal, kill_process};
use servers::Identity;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const WITH_SERVERS: &str = env!("CARGO_BIN_EXE_with-servers");

/// Starts `with-servers` beside a command that says where the servers are and then waits to be told to end.
fn owner() -> (Child, PathBuf) {
    let mut owner = Command::new(WITH_SERVERS)
        .args([
            "sh",
            "-c",
            r#"echo "$RELINK_TEST_SERVERS_DIRECTORY"; exec cat"#,
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("with-servers");
    let mut line = String::new();
    let stdout = owner.stdout.take().expect("its output");
    BufReader::new(stdout).read_line(&mut line).expect("a line");
    (owner, PathBuf::from(line.trim()))
}

fn signal(process: &Child, signal: Signal) {
    let pid = Pid::from_raw(process.id().try_into().expect("a pid")).expect("a pid");
    kill_process(pid, signal).expect("signal it");
}

#[test]
fn an_owner_killed_with_kill_9_takes_its_servers_with_it() {
    let (mut owner, room) = owner();
    let servers = running(&room, 3);
    owner.kill().expect("kill -9");
    owner.wait().expect("it ends");
    // RabbitMQ takes six seconds to stop, and is killed after ten.
    assert_gone_within(Duration::from_secs(30), &servers);
    std::fs::remove_dir_all(&room).expect("remove what a killed owner could not");
}

#[test]
fn an_owner_told_to_stop_passes_it_on_and_leaves_nothing() {
    let (mut owner, room) = owner();
    let servers = running(&room, 3);
    // `wait` would close it, and the command could end by that before it hears the signal.
    let input = owner.stdin.take();
    signal(&owner, Signal::TERM);
    let status = owner.wait().expect("it ends");
    drop(input);
    assert_eq!(
        status.code(),
        Some(128 + 15),
        "the command ended by SIGTERM"
    );
    assert_gone(&servers);
    assert!(!room.exists());
}

#[test]
fn the_exit_code_of_the_command_comes_through() {
    // The command trusts one authority, whatever the machine does.
    let command =
        r#"[ "$(grep -c BEGIN "$SSL_CERT_FILE")" = 1 ] && [ -z "$SSL_CERT_DIR" ] && exit 7"#;
    let status = Command::new(WITH_SERVERS)
        .args(["sh", "-c", command])
        .env("SSL_CERT_DIR", "/etc/ssl/certs")
        .status()
        .expect("with-servers");
    assert_eq!(status.code(), Some(7));
}

#[test]
fn a_missing_server_is_named_with_the_package_that_brings_it() {
    let output = Command::new(WITH_SERVERS)
        .arg("true")
        .env("RELINK_PG_BIN", "/nowhere")
        .output()
        .expect("with-servers");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("apt-get install postgresql-15"), "{said}");
    assert!(said.contains("deploy/local/install"), "{said}");
}

#[test]
fn an_owner_interrupted_while_its_servers_start_leaves_nothing() {
    let mut owner = Command::new(WITH_SERVERS)
        .arg("true")
        .stdin(Stdio::null())
        .spawn()
        .expect("with-servers");
    let me = Identity::of(owner.id()).expect("it runs");
    let children = wait_for_children(me);
    signal(&owner, Signal::INT);
    let status = owner.wait().expect("it ends");
    assert_eq!(status.code(), Some(128 + 2));
    assert_gone(&children);
}

/// The first children of a process, as soon as it has started the node's name service and the node.
#[expect(
    clippy::disallowed_methods,
    reason = "no event tells of another process's children"
)]
fn wait_for_children(parent: Identity) -> Vec<Identity> {
    loop {
        let listed = std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", parent.pid))
            .unwrap_or_default();
        let children: Vec<_> = listed
            .split_whitespace()
            .filter_map(|it| Identity::of(it.parse().ok()?))
            .collect();
        if children.len() >= 3 || !parent.is_alive() {
            return children;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}
