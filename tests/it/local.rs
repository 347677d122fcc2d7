//! `relink --local`: from another directory and with no setting, operators' commands find the running `relink up`.

use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;
use tests::eventually::eventually;
use tests::process::trust_setting;
use tokio::process::Command;

/// A directory for `up`, and one for the notices of this test's fleets alone.
struct Session {
    fleet: TempDir,
    runtime: TempDir,
}

/// Answer of a command.
struct Answer {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Session {
    fn new() -> Self {
        let fleet = TempDir::new().expect("a directory");
        // As the system makes it; one that others may enter is passed over.
        let private = std::fs::Permissions::from_mode(0o700);
        let runtime = tempfile::Builder::new().permissions(private).tempdir();
        let runtime = runtime.expect("a private directory");
        Self { fleet, runtime }
    }

    /// From a directory that is not the fleet's, without a setting.
    fn command(&self, arguments: &[&str]) -> Command {
        #[expect(
            clippy::disallowed_methods,
            reason = "tests/run says where the program is"
        )]
        let program = std::env::var("RELINK_BIN")
            .expect("RELINK_BIN: build `-p relink` and name its program, as tests/run does");
        let program = Path::new(&program).canonicalize().expect("the program");
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir("/")
            .env_clear()
            .envs(trust_setting())
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("XDG_RUNTIME_DIR", self.runtime.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    async fn ask(&self, arguments: &[&str]) -> Answer {
        said(&mut self.command(arguments)).await
    }

    /// Asks, and demands that the answer begins with the fleet's name and is a success.
    async fn tell(&self, arguments: &[&str]) -> Answer {
        let answer = self.ask(arguments).await;
        let dir = self.fleet.path().display();
        let title = format!("local fleet in {dir}: process ");
        assert!(
            answer.err.starts_with(&title),
            "{arguments:?}: {}",
            answer.err
        );
        let (out, err) = (&answer.out, &answer.err);
        assert_eq!(answer.code, Some(0), "{arguments:?}: {out}{err}");
        answer
    }

    fn notices(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.runtime.path().join("relink"));
        let entries = entries.into_iter().flatten();
        entries
            .map(|entry| entry.expect("an entry").path())
            .collect()
    }
}

async fn said(command: &mut Command) -> Answer {
    let output = command.output().await.expect("run it");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    Answer {
        code: output.status.code(),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

#[tokio::test]
async fn local_commands_find_the_running_fleet_and_no_other() {
    let session = Session::new();
    let dir = session.fleet.path().display().to_string();
    let report = session.fleet.path().join("report.json");
    let told = report.display().to_string();
    let start = [
        "up",
        "--dir",
        &dir,
        "--accounts",
        "40",
        "--speed",
        "1",
        "--report",
        &told,
    ];
    let up = session.command(&start).spawn().expect("start it");
    let own = &session;
    let notice = eventually("the notice", Duration::from_mins(5), || async move {
        own.notices()
            .into_iter()
            .find(|path| path.extension().is_some_and(|it| it == "json"))
    })
    .await;
    commands_answer(&session).await;
    other_fleets_are_refused(&session, &dir).await;
    let text = std::fs::read(&notice).expect("the notice");
    let pid = up.id().expect("it runs").to_string();
    kill_worker_of(&pid);
    let output = up.wait_with_output().await.expect("it ends");
    assert_eq!(output.status.code(), Some(1), "one of its processes died");
    let why = String::from_utf8_lossy(&output.stderr);
    assert!(why.contains("ended by itself"), "{why}");
    let report = std::fs::read(report).expect("its report all the same");
    serde_json::from_slice::<Value>(&report).expect("JSON");
    let shown = String::from_utf8(output.stdout).expect("text");
    assert!(shown.contains("relink --local queues"), "{shown}");
    assert_eq!(session.notices(), [] as [PathBuf; 0]);
    let none = session.ask(&["--local", "queues"]).await;
    assert!(
        none.err.contains("no fleet of this user's runs"),
        "{}",
        none.err
    );
    // As after kill -9, which nothing can tidy up behind.
    std::fs::write(&notice, text).expect("write it");
    std::fs::set_permissions(&notice, std::fs::Permissions::from_mode(0o600))
        .expect("make it private");
    let stale = session.ask(&["--local", "queues"]).await;
    assert_eq!(stale.code, Some(1));
    let why = format!("the fleet in {dir} has ended without a word: process {pid} is gone");
    assert!(stale.err.contains(&why), "{}", stale.err);
}

/// Kills the first of its workers (`kill -9`).
fn kill_worker_of(pid: &str) {
    // Each thread has the children that it began.
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).expect("its threads");
    let children: String = threads
        .filter_map(|thread| std::fs::read_to_string(thread.ok()?.path().join("children")).ok())
        .collect();
    let is_worker = |child: &&str| {
        std::fs::read_to_string(format!("/proc/{child}/cmdline"))
            .is_ok_and(|line| line.split('\0').any(|word| word == "worker"))
    };
    let worker = children.split_whitespace().find(is_worker);
    let sent = std::process::Command::new("kill")
        .args(["-9", worker.expect("a worker")])
        .status();
    assert!(sent.expect("run kill").success());
}

async fn commands_answer(session: &Session) {
    assert!(
        session
            .tell(&["--local", "queues"])
            .await
            .out
            .starts_with("QUEUE ")
    );
    let pause = [
        "pause",
        "queue",
        "sends",
        "--reason",
        "a look around",
        "--local",
        "--json",
    ];
    let paused: Value = serde_json::from_str(&session.tell(&pause).await.out).expect("JSON");
    assert!(paused["audit"].is_string(), "{paused}");
    let listed = session.tell(&["--local", "pauses"]).await.out;
    assert!(
        listed.contains("queue sends") && listed.contains("a look around"),
        "{listed}"
    );
    let accounts = session
        .tell(&["--local", "accounts", "list", "--json"])
        .await
        .out;
    let accounts: Value = serde_json::from_str(&accounts).expect("JSON");
    let account = accounts["rows"][0]["id"].as_str().expect("an account");
    session.tell(&["--local", "why", "account", account]).await;
    session.tell(&["--local", "audit", "verify"]).await;
    session.tell(&["--local", "removals", "status"]).await;
    session.tell(&["--local", "doctor"]).await;
    let ensure = ["--local", "webhooks", "ensure", "--reason", "a look around"];
    session.tell(&ensure).await;
    session.tell(&["--local", "webhooks", "list"]).await;
    let mint = [
        "--local",
        "links",
        "mint",
        "You",
        "--reason",
        "a browser",
        "--json",
    ];
    let link: Value = serde_json::from_str(&session.tell(&mint).await.out).expect("JSON");
    assert!(link["url"].is_string(), "{link}");
    session
        .tell(&["--local", "attempts", "list", "--account", "You"])
        .await;
    session.tell(&["--local", "notices", "list"]).await;
    let tokens = session.tell(&["--local", "operator", "list"]).await.out;
    assert!(
        tokens.contains("local") && tokens.contains("in force"),
        "{tokens}"
    );
}

async fn other_fleets_are_refused(session: &Session, dir: &str) {
    let mut elsewhere = session.command(&["--local", "queues"]);
    let elsewhere = said(elsewhere.env("RELINK_DATABASE_URL", "postgresql://there/relink")).await;
    assert_eq!(elsewhere.code, Some(1));
    assert!(
        elsewhere.err.contains("RELINK_DATABASE_URL"),
        "{}",
        elsewhere.err
    );
    let parts = [
        "up",
        "worker --all",
        "scheduler",
        "api",
        "simulator",
        "migrate",
    ];
    for part in parts {
        let arguments: Vec<&str> = ["--local"].into_iter().chain(part.split(' ')).collect();
        let refused = session.ask(&arguments).await;
        assert_eq!(refused.code, Some(2), "{part}: {}", refused.err);
        assert!(
            refused.err.contains("--local is for commands"),
            "{}",
            refused.err
        );
    }
    let named = session.ask(&[&format!("--local={dir}"), "queues"]).await;
    assert_eq!(named.code, Some(0), "{}", named.err);
    let unknown = session.ask(&["--local=/nowhere", "queues"]).await;
    assert!(
        unknown.err.contains("no fleet runs in /nowhere"),
        "{}",
        unknown.err
    );
}
