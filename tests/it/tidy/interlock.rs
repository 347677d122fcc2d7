//! Who may remove a session (R-DEL-1): one file names the method, and one crate can name that file's function.

use super::{rooms, root, show, sources, without};

#[test]
fn r_del_1_one_call_site_can_ask_the_provider_to_delete() {
    const CALL_SITE: &str = "crates/removal/src/call.rs";
    const TAKE_BACK: &str = "crates/relink/src/up/owners/site/take_back.rs";
    let words = [".delete(", "Method::DELETE", "\"DELETE\"", "fn delete"];
    let found: Vec<String> = sources("crates", "rs")
        .into_iter()
        // The referee itself; and a broker's management call.
        .filter(|file| !show(file).starts_with("crates/simulator/"))
        .filter(|file| show(file) != "crates/servers/src/rabbitmq.rs")
        // Taking an invitation back; its own test holds that the route is that one.
        .filter(|file| show(file) != "crates/provider/src/unipile/routes/withdraw.rs")
        // An owner of `up` takes an attempt back at our own API; the last line here holds that it asks nobody else.
        .filter(|file| show(file) != TAKE_BACK)
        // What others send to us; the next test holds that the crate sends nothing.
        .filter(|file| show(file) != "crates/api/src/methods.rs")
        .flat_map(|file| {
            let text = without("//", &file);
            let times = words.iter().map(|word| text.matches(word).count()).sum();
            std::iter::repeat_n(show(&file), times)
        })
        .collect();
    assert_eq!(found, [CALL_SITE], "one file, and once in it");
    let text = without("//", &root().join(TAKE_BACK));
    let asks = |word: &str| text.matches(word).count();
    let own =
        "\"{}/v1/accounts/{}/attempts/{attempt}\",\n            self.addresses.product, account.0";
    assert_eq!(
        (asks(".delete(&url)"), asks("let url ="), asks(own)),
        (1, 1, 1)
    );
}

#[test]
fn r_del_1_the_api_only_answers_and_can_ask_nobody() {
    // Features of a dependency add up over the workspace: that the manifest does not ask for a client is not enough.
    let words = [
        "::client",
        "connect(",
        "TcpStream::connect",
        "TcpSocket",
        "reqwest",
        "provider::",
    ];
    let wrong: Vec<String> = sources("crates/api", "rs")
        .into_iter()
        .filter(|file| words.iter().any(|word| without("//", file).contains(word)))
        .map(|file| show(&file))
        .collect();
    assert_eq!(wrong, [] as [String; 0]);
}

#[test]
fn r_del_1_only_worker_removals_can_name_the_call() {
    let mut rooms = rooms();
    rooms.retain(|_, doors| doors.contains("removal"));
    let rooms: Vec<&String> = rooms.keys().collect();
    assert_eq!(rooms, ["worker-removals"]);
    // What cargo itself makes of every manifest: renamed, optional and per-platform dependencies too.
    assert_eq!(dependents("removal"), ["worker-removals"]);
    // And it does not hand the crate on.
    let handed: Vec<String> = sources("crates/worker-removals", "rs")
        .into_iter()
        .filter(|file| {
            let text = without("//", file);
            text.contains("pub use removal") || text.contains("pub extern crate")
        })
        .map(|file| show(&file))
        .collect();
    assert_eq!(handed, [] as [String; 0]);
}

/// The packages of this workspace whose code depends on `wanted`; those of which only tests do are left out.
fn dependents(wanted: &str) -> Vec<String> {
    let output = std::process::Command::new(env!("CARGO"))
        .args(["metadata", "--offline", "--no-deps", "--format-version=1"])
        .current_dir(root())
        .output()
        .expect("run cargo metadata");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let list =
        |value: &serde_json::Value, key: &str| value[key].as_array().expect("a list").clone();
    let names = list(&told, "packages")
        .into_iter()
        .filter(|package| {
            list(package, "dependencies")
                .iter()
                .any(|dependency| dependency["name"] == wanted && dependency["kind"] != "dev")
        })
        .map(|package| package["name"].as_str().expect("a name").to_owned());
    names.collect()
}
