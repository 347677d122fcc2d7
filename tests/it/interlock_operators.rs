//! What operators do about removals, as they meet it: the real binary, as the role that may only act by a token.

mod acts;
mod gates;
mod jobs;
mod refusals;
mod tokens;
mod walk;
mod warrants;

use jiff::Timestamp;
use secrecy::ExposeSecret;
use serde_json::Value;
use std::process::Stdio;
use std::sync::Mutex;
use tests::database::SUPERUSER;
use tests::interlock::Ground;
use tests::process::trust_setting;
use tokio::process::Command;
use uuid::Uuid;

/// Whose token.
const ADA: usize = 0;
const BOB: usize = 1;

/// An operator's desk: a fleet, and everything that the commands said.
struct Desk {
    ground: Ground,
    heard: Mutex<String>,
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
            heard: Mutex::default(),
        }
    }

    /// Runs the program with these settings and nothing else in its environment.
    async fn asked(&self, settings: &[(&str, &str)], arguments: &[&str]) -> Answer {
        let output = Command::new(relink_bin())
            .args(arguments)
            .env_clear()
            .envs(trust_setting())
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .output()
            .await
            .expect("run it");
        let [out, err] =
            [output.stdout, output.stderr].map(|it| String::from_utf8(it).expect("text"));
        let said = format!("$ relink {}\n{out}{err}\n", arguments.join(" "));
        print!("{said}");
        self.heard.lock().expect("the ears").push_str(&said);
        let code = output.status.code();
        Answer { code, out, err }
    }

    /// As the operators' role, with that token.
    async fn with(&self, token: &str, arguments: &[&str]) -> Answer {
        let url = self.ground.database.url("relink_operator");
        let settings = [
            ("RELINK_DATABASE_URL", url.as_str()),
            ("RELINK_OPERATOR_TOKEN", token),
            ("RELINK_STAND_IN_CLOCK", "true"),
        ];
        self.asked(&settings, arguments).await
    }

    /// As the schema's owner, who hands out tokens.
    async fn owner(&self, arguments: &[&str]) -> Answer {
        let url = self.ground.database.url(SUPERUSER);
        self.asked(&[("RELINK_DATABASE_URL", &url)], arguments)
            .await
    }

    /// What `ADA` or `BOB` does; it must succeed.
    async fn does(&self, who: usize, arguments: &[&str]) -> Value {
        let token = self.ground.tokens[who].expose_secret();
        let answer = self.with(token, &[arguments, &["--json"]].concat()).await;
        assert_eq!(answer.code, Some(0), "{arguments:?}: {}", answer.err);
        serde_json::from_str(&answer.out).expect("JSON")
    }

    /// What `ADA` or `BOB` reads; it must succeed.
    async fn reads(&self, arguments: &[&str]) -> String {
        let answer = self.with("", arguments).await;
        assert_eq!(answer.code, Some(0), "{arguments:?}: {}", answer.err);
        answer.out
    }

    /// What `ADA` or `BOB` is refused, with the words of the refusal; nothing is written.
    async fn refused(&self, token: &str, arguments: &[&str], why: &str) {
        let (before, told) = (self.rows().await, self.told().await);
        let answer = self.with(token, arguments).await;
        assert_eq!(answer.code, Some(1), "{arguments:?}: {}", answer.out);
        assert!(answer.err.contains(why), "{arguments:?}: {}", answer.err);
        // The database's words, not the driver's.
        assert!(!answer.err.contains("run query"), "{}", answer.err);
        assert_eq!(answer.out, "");
        assert_eq!(self.rows().await, before, "{arguments:?} wrote something");
        // An act that the database refused is told (R-DEL-5); what never came to it, and a dry run, is not.
        let acted = answer.err.contains("[SENSITIVE-OP]") && !arguments.contains(&"--dry-run");
        let alerts = self.told().await - told;
        assert_eq!(alerts, i64::from(acted), "{arguments:?}: {}", answer.err);
    }

    /// Refused acts that were told.
    async fn told(&self) -> i64 {
        let sql = "select coalesce(sum(times), 0) from relink.admin_alerts where code in ('operator_refused', 'removal_act_refused')";
        self.ground.number(sql).await
    }

    fn token(&self, who: usize) -> &str {
        self.ground.tokens[who].expose_secret()
    }

    /// Everything that operators' acts write, as text.
    async fn rows(&self) -> String {
        let mut all = String::new();
        // Alerts are counted apart: that an act was refused is one.
        for table in [
            "operator_audit",
            "operator_tokens",
            "flags",
            "removal_latch",
            "warrants",
            "removals",
            "removal_audit",
            "jobs",
        ] {
            let sql = format!(
                "select coalesce(string_agg(t::text, '\n' order by t::text), '') from relink.{table} t"
            );
            let found = self.ground.owner.query_one(&sql, &[]).await;
            let text: String = found.expect("the rows").get(0);
            all.extend([table, "\n", &text, "\n"]);
        }
        all
    }

    /// The audit row that an answer names: actor, action, subject, reason, and who its transaction was.
    async fn audit(&self, done: &Value) -> (String, String, String, String, String) {
        let id = id_of(done, "audit");
        let sql = "select actor, action, subject, reason, xid::text from relink.operator_audit where id = $1";
        let found = self.ground.owner.query_one(sql, &[&id]).await;
        let row = found.expect("an audit row of that id");
        (row.get(0), row.get(1), row.get(2), row.get(3), row.get(4))
    }
}

fn id_of(done: &Value, name: &str) -> Uuid {
    let text = done[name]
        .as_str()
        .unwrap_or_else(|| panic!("{name}: {done}"));
    text.parse().expect("an id")
}

fn instant(value: &Value) -> Timestamp {
    value
        .as_str()
        .expect("an instant")
        .parse()
        .expect("an instant")
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests/run says where the program is"
)]
fn relink_bin() -> String {
    std::env::var("RELINK_BIN")
        .expect("RELINK_BIN: build `-p relink` and name its program, as tests/run does")
}
