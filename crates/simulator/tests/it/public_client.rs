//! The public client (npm `unipile-node-sdk`), unchanged, against a simulator.

use crate::rig::{KEY, Rig};
use simulator::control::{Kind, NewSession};
use std::path::Path;
use std::process::Stdio;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_public_client_works_unchanged() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/npm");
    assert!(
        folder
            .join("node_modules/unipile-node-sdk/package.json")
            .exists(),
        "the public client is not installed: run `npm ci` in tests/npm first"
    );
    let rig = Rig::start().await;
    let new = |kind| NewSession {
        kind,
        ..NewSession::default()
    };
    let kinds = [
        Kind::Linkedin,
        Kind::Google,
        Kind::Outlook,
        Kind::Mail,
        Kind::Icloud,
        Kind::Linkedin,
        Kind::Google,
    ];
    rig.sessions(&kinds.map(new)).await;
    let run = tokio::process::Command::new("node")
        .arg("run.mjs")
        .args([rig.url(""), KEY.to_owned()])
        .current_dir(&folder)
        .stdin(Stdio::null())
        .output()
        .await
        .expect("node starts");
    let (said, complained) = (
        String::from_utf8_lossy(&run.stdout),
        String::from_utf8_lossy(&run.stderr),
    );
    println!("{said}");
    assert!(run.status.success(), "{said}\n{complained}");
    assert!(said.trim_end().ends_with(" passed, 0 failed"), "{said}");
    let counts = rig.counts().await;
    assert_eq!(counts.deletes, 1);
    assert_eq!(
        counts.by_route.get("other"),
        None,
        "the client calls nothing that the simulator does not know"
    );
    assert_eq!(counts.links_minted, 1);
}
