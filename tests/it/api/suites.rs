//! Suites of others against the API: two linters of OpenAPI documents, and Schemathesis, which asks what the documents allow and
//! what they do not.

use super::{Desk, operator, product};
use reqwest::Method;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Command;
use store::operators::Scope;
use tests::interlock::Ground;
use tests::provider::KEY;
use tests::size::is_full;
use uuid::Uuid;

/// Examples of each operation beside the suite, and by name.
const EXAMPLES: [(&str, &str); 2] = [
    ("1", "fuzzing"),
    ("60", "examples,coverage,fuzzing,stateful"),
];

fn beside(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Runs a tool that must find nothing.
fn finds_nothing(command: &mut Command) {
    let ran = command.output().expect("tests/run installs it");
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    let said = said + &String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{command:?}: {said}");
}

#[test]
fn r_api_2_two_linters_find_nothing_in_the_documents() {
    let folder = tempfile::tempdir().expect("a folder");
    let (linters, mut files) = (beside("suites"), vec![]);
    for (name, document) in api::documents() {
        let file = folder.path().join(format!("{name}.json"));
        std::fs::write(&file, document.to_string()).expect("write it");
        files.push(file);
    }
    let tool = |name: &str| {
        let mut command = Command::new(linters.join("node_modules/.bin").join(name));
        command.current_dir(&linters).args(["lint"]);
        command
    };
    let mut spectral = tool("spectral");
    spectral.args(["--ruleset", "spectral.yaml", "--fail-severity", "warn"]);
    finds_nothing(spectral.args(&files));
    let mut redocly = tool("redocly");
    redocly.args(["--config", "redocly.yaml", "--max-problems", "20"]);
    redocly.env("REDOCLY_TELEMETRY", "off");
    redocly.env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true");
    finds_nothing(redocly.args(&files));
}

/// Schemathesis against one listener, with a token that may do everything there.
async fn asks(base: &str, token: &str) {
    let (examples, phases) = EXAMPLES[usize::from(is_full())];
    let mut command = tokio::process::Command::new(beside("../target/suites/bin/schemathesis"));
    command
        .current_dir(beside("suites"))
        .args(["--config-file", "schemathesis.toml", "run"])
        .arg(format!("{base}/v1/openapi.json"))
        .args(["--header", &format!("Authorization: Bearer {token}")])
        .args(["--phases", phases, "--max-examples", examples])
        .args(["--seed", "16", "--no-color"]);
    let ran = command.output().await.expect("tests/run installs it");
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    let said = said + &String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}");
}

#[tokio::test]
async fn r_api_2_a_public_suite_finds_nothing_on_product_and_ops() {
    let ground = Ground::of(4).await;
    // Links are minted: without a provider each would be the 502 that a provider that is down is.
    let settings = [
        ("RELINK_PROVIDER_URL", ground.provider.base()),
        ("RELINK_PROVIDER_API_KEY", KEY),
    ];
    let desk = Desk::over(&ground.database, &settings).await;
    let all = [Scope::Read, Scope::Operate, Scope::Remove];
    let ops = operator(&ground.database, "suite", &all).await;
    let sql = "select id from relink.workspaces limit 1";
    let workspace = ground.owner.query_one(sql, &[]).await;
    let workspace: Uuid = workspace.expect("a workspace").get(0);
    let product = product(&ground.database, workspace).await;
    tokio::join!(asks(&desk.product, &product), asks(&desk.ops, &ops));
    // It goes on as if nothing had been: and what it was told stands in no label.
    let body = json!({ "reason": "after the suite", "dry_run": true });
    let still = desk
        .ask(Method::POST, &desk.ops("/v1/latch"), &ops, Some(body))
        .await;
    still.is(200);
    let log = desk.process.log();
    assert!(
        !log.contains("panicked") && !log.contains("a request broke"),
        "nothing broke"
    );
}
