//! A client that a public generator makes of the documents, compiled strictly, calls both listeners.

use super::{Desk, operator, product};
use serde_json::json;
use std::path::Path;
use std::process::Command;
use store::operators::Scope;
use tests::database::Database;
use uuid::Uuid;

#[tokio::test]
async fn r_api_2_a_generated_client_calls_product_and_operators() {
    let database = Database::fresh().await;
    let desk = Desk::over(&database, &[]).await;
    let scopes = [Scope::Read, Scope::Operate, Scope::Remove];
    let ada = operator(&database, "ada", &scopes).await;
    let workspace = super::keys::workspace(&desk, &ada, "Before").await;
    let folder = tempfile::tempdir().expect("a folder");
    let asks = json!({
        "product": { "url": desk.product, "token": product(&database, workspace).await },
        "ops": { "url": desk.ops, "token": ada },
        "key": Uuid::now_v7(),
    });
    let mut files = vec![("asks.json", asks)];
    for (name, base) in [("product.json", &desk.product), ("ops.json", &desk.ops)] {
        let document = desk.get(&format!("{base}/v1/openapi.json"), "").await;
        files.push((name, document.body));
    }
    for (name, content) in files {
        let file = folder.path().join(name);
        std::fs::write(file, content.to_string()).expect("write it");
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("npm/client.mjs");
    let mut command = Command::new("node");
    command.arg(script).arg(folder.path());
    // The API answers it meanwhile: it is a process of its own.
    let ran = tokio::task::spawn_blocking(move || command.output()).await;
    let ran = ran
        .expect("it ends")
        .expect("node, with the packages of tests/npm");
    let said = String::from_utf8_lossy(&ran.stdout);
    let complaints = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}{complaints}");
    println!("{said}");
    assert!(said.contains("\nops: tripped"), "{said}");
}
