//! What operators look at, as they meet it: the real binary, over real rows, as the role that may only read.

mod alerts;
mod audit;
mod keys;
mod lists;
mod losses;
mod names;
mod notices;
mod webhooks;

use secrecy::ExposeSecret;
use serde_json::Value;
use std::process::Stdio;
use tests::interlock::Ground;
use tests::process::trust_setting;
use tokio::process::Command;

/// A fleet, and a program that is asked about it.
struct Desk {
    ground: Ground,
}

/// What a command said.
struct Answer {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Desk {
    async fn of(accounts: usize) -> Self {
        Self {
            ground: Ground::of(accounts).await,
        }
    }

    fn command(&self, role: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(relink_bin());
        command
            .args(arguments)
            .env_clear()
            .envs(trust_setting())
            .env("RELINK_DATABASE_URL", self.ground.database.url(role))
            .env(
                "RELINK_OPERATOR_TOKEN",
                self.ground.tokens[0].expose_secret(),
            )
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    async fn asked(&self, role: &str, arguments: &[&str]) -> Answer {
        let output = self.command(role, arguments).output().await;
        let output = output.expect("run it");
        let [out, err] =
            [output.stdout, output.stderr].map(|it| String::from_utf8(it).expect("text"));
        println!("$ relink {}\n{out}{err}", arguments.join(" "));
        let code = output.status.code();
        Answer { code, out, err }
    }

    /// What a reader is told; it must end well.
    async fn reads(&self, arguments: &[&str]) -> String {
        let answer = self.asked("relink_reader", arguments).await;
        assert_eq!(answer.code, Some(0), "{arguments:?}: {}", answer.err);
        answer.out
    }

    /// The same, for programs.
    async fn json(&self, arguments: &[&str]) -> Value {
        let text = self.reads(&[arguments, &["--json"]].concat()).await;
        serde_json::from_str(&text).expect("JSON")
    }
}

/// Keys of an object, in order.
fn keys(value: &Value) -> Vec<&str> {
    let object = value.as_object().expect("an object");
    object.keys().map(String::as_str).collect()
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests/run says where the program is"
)]
fn relink_bin() -> String {
    std::env::var("RELINK_BIN")
        .expect("RELINK_BIN: build `-p relink` and name its program, as tests/run does")
}
