//! A set-up that the doctor looks at.

use serde_json::Value;
use std::collections::BTreeMap;
use std::process::{Output, Stdio};
use std::time::Duration;
use store::operators::{NewToken, Scope};
use tests::database::SUPERUSER;
use tests::process::trust_setting;
use tests::provider::{KEY, SimulatedProvider};
use tests::site::Site;
use tokio::process::Command;
use uuid::Uuid;

/// What the doctor said.
pub(super) struct Report {
    pub(super) code: Option<i32>,
    pub(super) findings: Vec<Value>,
    pub(super) text: String,
}

impl Report {
    /// `name: saw` of those in a state.
    pub(super) fn in_state(&self, state: &str) -> Vec<String> {
        let found = self.findings.iter().filter(|one| one["state"] == state);
        found
            .map(|one| format!("{}: {}", text(one, "name"), text(one, "saw")))
            .collect()
    }

    /// The finding of that name that is not well.
    pub(super) fn bad(&self, name: &str) -> Option<&Value> {
        let bad = |one: &&Value| {
            one["name"] == name && (one["state"] == "fail" || one["state"] == "warn")
        };
        self.findings.iter().find(bad)
    }
}

pub(super) fn text<'a>(finding: &'a Value, field: &str) -> &'a str {
    finding[field].as_str().unwrap_or_default()
}

/// Runs the real program, with these settings and nothing else in its environment.
pub(super) async fn run(settings: &BTreeMap<String, String>, arguments: &[&str]) -> Output {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests/run says where the program is"
    )]
    let program = std::env::var("RELINK_BIN")
        .expect("RELINK_BIN: build `-p relink` and name its program, as tests/run does");
    Command::new(program)
        .args(arguments)
        .env_clear()
        .envs(trust_setting())
        .envs(settings)
        .stdin(Stdio::null())
        .output()
        .await
        .expect("run it")
}

/// Asks the doctor.
pub(super) async fn examine(settings: &BTreeMap<String, String>) -> Report {
    let output = run(settings, &["doctor", "--json"]).await;
    let [out, err] = [output.stdout, output.stderr].map(|it| String::from_utf8(it).expect("text"));
    let report: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
    let findings = report["findings"].as_array().expect("findings").clone();
    assert_eq!(report["ok"], output.status.success());
    Report {
        code: output.status.code(),
        findings,
        text: out + &err,
    }
}

/// A database and a vhost of its own, a provider, an operator; nothing runs yet.
pub(super) struct Patient {
    pub(super) site: Site,
    // Answers until this is dropped.
    _provider: SimulatedProvider,
    pub(super) settings: BTreeMap<String, String>,
}

impl Patient {
    pub(super) async fn fresh() -> Self {
        // The doctor would say of the suite's server that it is not durable, and be right.
        let site = Site::durable().await;
        let provider =
            SimulatedProvider::start("2026-11-20T08:00:00Z".parse().expect("an instant")).await;
        let token = token(&site, Duration::from_hours(24 * 30)).await;
        let settings = [
            ("RELINK_DATABASE_URL", site.database_url("relink_operator")),
            ("RELINK_AMQP_URL", site.amqp_url()),
            ("RELINK_PROVIDER_URL", provider.base().to_owned()),
            ("RELINK_PROVIDER_API_KEY", KEY.to_owned()),
            ("RELINK_OPERATOR_TOKEN", token),
            ("RELINK_RABBITMQ_MANAGEMENT_URL", management()),
        ];
        let settings = settings.map(|(name, value)| (name.to_owned(), value));
        Self {
            site,
            _provider: provider,
            settings: BTreeMap::from(settings),
        }
    }

    /// What a process of the fleet is started with.
    pub(super) fn process(&self, role: &str) -> Vec<(String, String)> {
        let mut settings = self.settings.clone();
        settings.retain(|name, _| !name.contains("OPERATOR") && !name.contains("MANAGEMENT"));
        settings.insert(
            "RELINK_DATABASE_URL".to_owned(),
            self.site.database_url(role),
        );
        settings.insert("RELINK_HTTP_ADDRESS".to_owned(), "127.0.0.1:0".to_owned());
        settings.into_iter().collect()
    }

    /// The settings with one changed, or added.
    pub(super) fn but(&self, name: &str, value: impl Into<String>) -> BTreeMap<String, String> {
        let mut settings = self.settings.clone();
        settings.insert(name.to_owned(), value.into());
        settings
    }

    pub(super) async fn sql(&self, sql: &str) {
        self.site.owner().await.batch_execute(sql).await.expect(sql);
    }
}

/// An operator's token that lives so long.
pub(super) async fn token(site: &Site, life: Duration) -> String {
    let (id, secret) = (Uuid::now_v7().simple().to_string(), "5".repeat(64));
    // The random end of it.
    let id = &id[20..];
    let token = NewToken {
        id,
        secret: &secret,
        operator: "ada",
        scopes: &[Scope::Read, Scope::Operate],
        workspace: None,
        life,
    };
    store::operators::add(&site.database(SUPERUSER), &token, ("test", "a test"))
        .await
        .expect("hand out a token");
    format!("rlo_{id}_{secret}")
}

/// The suite's broker, its management interface.
pub(super) fn management() -> String {
    #[expect(
        clippy::disallowed_methods,
        reason = "with-servers tells the tests where its servers are"
    )]
    std::env::var("RELINK_TEST_RABBITMQ_MANAGEMENT_URL")
        .expect("RELINK_TEST_RABBITMQ_MANAGEMENT_URL: run the tests through `with-servers`")
}
