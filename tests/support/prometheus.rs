//! A real Prometheus on loopback, with a folder of its own, and its tool; `tests/prometheus` says where they are.

use crate::eventually::eventually;
use crate::process::Process;
use serde_json::Value;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// The folder of the repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Runs `promtool` in `deploy/prometheus`; what it prints, and whether it was content.
pub fn promtool(arguments: &[&str], input: &str) -> (bool, String) {
    let mut child = Command::new(folder().join("promtool"))
        .args(arguments)
        .current_dir(repository().join("deploy/prometheus"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("start promtool");
    let mut stdin = child.stdin.take().expect("its input");
    // It may end before it has read everything; then it says why.
    stdin.write_all(input.as_bytes()).ok();
    drop(stdin);
    let ended = child.wait_with_output().expect("wait for promtool");
    let said = [ended.stdout, ended.stderr].concat();
    (
        ended.status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

fn folder() -> PathBuf {
    let found = Command::new(repository().join("tests/prometheus"))
        .output()
        .expect("run tests/prometheus");
    let errors = String::from_utf8_lossy(&found.stderr);
    assert!(found.status.success(), "{errors}");
    PathBuf::from(String::from_utf8_lossy(&found.stdout).trim())
}

/// A running one, with our rules.
pub struct Prometheus {
    base: String,
    client: reqwest::Client,
    _process: Process,
    _place: TempDir,
}

impl Prometheus {
    /// Scrapes these addresses every second, and evaluates every rule of ours as often.
    pub async fn start(targets: &[&str]) -> Self {
        let place = TempDir::new().expect("a folder");
        let [port] = servers::free_ports().expect("a port");
        let address = format!("127.0.0.1:{port}");
        let rules = repository().join("deploy/prometheus/*.rules.yaml");
        let written = serde_json::json!({
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "rule_files": [rules],
            "scrape_configs": [{"job_name": "relink", "static_configs": [{"targets": targets}]}],
        });
        // JSON is YAML.
        let config = place.path().join("prometheus.yaml");
        std::fs::write(&config, written.to_string()).expect("write its configuration");
        let arguments = [
            format!("--config.file={}", config.display()),
            format!("--storage.tsdb.path={}", place.path().display()),
            format!("--web.listen-address={address}"),
            "--log.level=warn".to_owned(),
        ];
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let program = folder().join("prometheus");
        let client = reqwest::Client::builder().no_proxy().build();
        let running = Self {
            base: format!("http://{address}"),
            client: client.expect("a client"),
            _process: Process::start("prometheus", &program, &arguments, &[]),
            _place: place,
        };
        eventually("Prometheus is ready", Duration::from_mins(1), || async {
            let asked = running.client.get(format!("{}/-/ready", running.base));
            let answer = asked.send().await.ok()?;
            answer.status().is_success().then_some(())
        })
        .await;
        running
    }

    /// The series that a query gives now, or Prometheus' own words against it.
    ///
    /// # Errors
    /// If it is no query.
    pub async fn query(&self, query: &str) -> Result<Vec<Value>, String> {
        let told = self.get("query", &[("query", query)]).await;
        if told["status"] != "success" {
            return Err(told["error"].to_string());
        }
        let result = told["data"]["result"].as_array().expect("a result").clone();
        Ok(result)
    }

    /// Every rule as it has it.
    pub async fn rules(&self) -> Vec<Value> {
        let told = self.get("rules", &[]).await;
        let groups = told["data"]["groups"].as_array().expect("groups").clone();
        let rules = |group: &Value| group["rules"].as_array().expect("rules").clone();
        groups.iter().flat_map(rules).collect()
    }

    async fn get(&self, what: &str, query: &[(&str, &str)]) -> Value {
        let asked = self.client.get(format!("{}/api/v1/{what}", self.base));
        let answer = asked.query(query).send().await.expect("an answer");
        answer.json().await.expect("JSON")
    }
}
