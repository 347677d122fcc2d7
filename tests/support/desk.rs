//! An operator at the command line: the real program, as the role that may only act by a token.

use crate::database::{Database, SUPERUSER};
use crate::process::trust_setting;
use crate::site::Site;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::process::Stdio;
use std::time::Duration;
use store::operators::{NewToken, Scope};
use tokio::process::Command;
use uuid::Uuid;

/// Why every act of these tests is done.
pub const REASON: &str = "a test";

/// Where an operator sits.
pub struct Desk {
    url: String,
    /// The operator's token.
    pub token: SecretString,
}

/// What a command said.
#[derive(Debug)]
pub struct Answer {
    /// Its exit code.
    pub code: Option<i32>,
    /// What it printed.
    pub out: String,
    /// What it complained of.
    pub err: String,
}

impl Desk {
    /// A desk of `name`, whose token has these scopes.
    pub async fn of(site: &Site, name: &str, scopes: &[Scope]) -> Self {
        let url = site.database_url("relink_operator");
        Self::at(&site.database(SUPERUSER), url, name, scopes).await
    }

    /// The same at a database without a site.
    pub async fn beside(database: &Database, name: &str, scopes: &[Scope]) -> Self {
        let url = database.url("relink_operator");
        Self::at(&database.config(SUPERUSER), url, name, scopes).await
    }

    async fn at(owner: &store::Config, url: String, name: &str, scopes: &[Scope]) -> Self {
        let (one, two) = (Uuid::now_v7().simple(), Uuid::now_v7().simple());
        let (id, secret) = (one.to_string().split_off(20), format!("{one}{two}"));
        let token = NewToken {
            id: &id,
            secret: &secret,
            operator: name,
            scopes,
            workspace: None,
            life: Duration::from_hours(24 * 365),
        };
        store::operators::add(owner, &token, ("test", REASON))
            .await
            .expect("an operator");
        Self {
            url,
            token: SecretString::from(format!("rlo_{id}_{secret}")),
        }
    }

    /// Runs the program with these arguments.
    ///
    /// # Panics
    /// If `RELINK_BIN` does not name it.
    pub async fn runs(&self, arguments: &[&str]) -> Answer {
        #[expect(
            clippy::disallowed_methods,
            reason = "tests/run says where the program is"
        )]
        let program = std::env::var("RELINK_BIN")
            .expect("RELINK_BIN: build `-p relink` and name its program, as tests/run does");
        let output = Command::new(program)
            .args(arguments)
            .env_clear()
            .envs(trust_setting())
            .env("RELINK_DATABASE_URL", &self.url)
            .env("RELINK_OPERATOR_TOKEN", self.token.expose_secret())
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .expect("run it");
        let [out, err] =
            [output.stdout, output.stderr].map(|it| String::from_utf8(it).expect("text"));
        println!("$ relink {}\n{out}{err}", arguments.join(" "));
        Answer {
            code: output.status.code(),
            out,
            err,
        }
    }

    /// An act, with a reason; it must succeed.
    pub async fn does(&self, arguments: &[&str]) -> Value {
        let answer = self
            .runs(&[arguments, &["--reason", REASON, "--json"]].concat())
            .await;
        assert_eq!(answer.code, Some(0), "{arguments:?}: {}", answer.err);
        serde_json::from_str(&answer.out).expect("JSON")
    }

    /// A look as JSON; it must succeed.
    pub async fn sees(&self, arguments: &[&str]) -> Value {
        let answer = self.runs(&[arguments, &["--json"]].concat()).await;
        assert_eq!(answer.code, Some(0), "{arguments:?}: {}", answer.err);
        serde_json::from_str(&answer.out).expect("JSON")
    }

    /// An act that is refused with these words.
    pub async fn refused(&self, arguments: &[&str], why: &str) {
        let answer = self
            .runs(&[arguments, &["--reason", REASON]].concat())
            .await;
        assert_ne!(answer.code, Some(0), "{arguments:?}: {}", answer.out);
        assert!(answer.err.contains(why), "{arguments:?}: {}", answer.err);
        // The database's words, not the driver's.
        assert!(!answer.err.contains("run query"), "{}", answer.err);
    }
}
