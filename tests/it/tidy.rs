//! What no compiler checks: which room may name what, and that nothing lies about unused.

mod alerts;
mod circles;
mod front_page;
mod imports;
mod interlock;
mod metrics;
mod owners;
mod papers;
mod queues;
mod spine;
mod tree;

use policy::jobs::Queue;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use tree::{is_declared, is_root, manifests, read, root, show, sources, without};

/// Rooms but for `duties` and the workers, and what each may depend on.
const ROOMS: &[(&str, &[&str])] = &[
    ("policy", &[]),
    ("store", &["policy"]),
    ("broker", &[]),
    ("provider", &["policy"]),
    ("telemetry", &["policy"]),
    ("mailing", &["policy"]),
    ("metering", &["policy", "store", "provider"]),
    (
        "fleet",
        &[
            "policy",
            "store",
            "broker",
            "provider",
            "telemetry",
            "metering",
        ],
    ),
    ("removal", &["policy", "store", "provider"]),
    (
        "scheduler",
        &[
            "fleet",
            "metering",
            "policy",
            "store",
            "broker",
            "telemetry",
        ],
    ),
    ("linking", &["policy", "provider", "store"]),
    ("operations", &["fleet", "linking", "policy", "store"]),
    (
        "api",
        &[
            "fleet",
            "linking",
            "metering",
            "operations",
            "policy",
            "store",
        ],
    ),
    ("simulator", &[]),
    ("servers", &[]),
    (
        "relink",
        &[
            "api",
            "broker",
            "duties",
            "fleet",
            "linking",
            "mailing",
            "metering",
            "operations",
            "policy",
            "provider",
            "scheduler",
            "servers",
            "simulator",
            "store",
            "telemetry",
        ],
    ),
];

/// Rooms that every worker may depend on; its queue's needs add theirs.
const WORKERS_DOORS: &[&str] = &["fleet", "metering", "policy", "store"];

/// All rooms, and what each may depend on. Only `duties` may name the workers.
fn rooms() -> BTreeMap<String, BTreeSet<String>> {
    let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let mut rooms: BTreeMap<String, BTreeSet<String>> = ROOMS
        .iter()
        .map(|(room, doors)| ((*room).to_owned(), owned(doors)))
        .collect();
    let mut duties: BTreeSet<String> = owned(&["fleet", "policy", "provider", "store"]);
    for queue in Queue::ALL {
        let worker = format!("worker-{}", queue.as_str());
        let mut doors: BTreeSet<String> = owned(WORKERS_DOORS);
        let needs = duties::on_queue(queue).needs.iter();
        doors.extend(needs.map(|need| need.room().to_owned()));
        duties.insert(worker.clone());
        rooms.insert(worker, doors);
    }
    rooms.insert("duties".to_owned(), duties);
    rooms
}

/// Libraries that only some rooms may depend on.
const KEPT_APART: &[(&str, &[&str])] = &[
    ("tokio-postgres", &["store"]),
    ("tokio-postgres-rustls", &["store"]),
    ("deadpool-postgres", &["store"]),
    ("refinery-core", &["store"]),
    ("lapin", &["broker"]),
    ("lettre", &["mailing"]),
    ("backoff", &["fleet"]),
    ("metrics-exporter-prometheus", &["metering"]),
    ("opentelemetry", &["telemetry"]),
    ("opentelemetry-http", &["telemetry"]),
    ("opentelemetry-otlp", &["telemetry"]),
    ("opentelemetry_sdk", &["telemetry"]),
    // The simulator tells webhooks; `up` steers the simulator; traces go to their collector.
    (
        "reqwest",
        &["provider", "simulator", "relink", "removal", "telemetry"],
    ),
    // Health and metrics; the look-alike provider.
    ("axum", &["api", "fleet", "simulator"]),
    // The API's listeners; the management interface of private RabbitMQ nodes.
    ("hyper", &["api", "servers"]),
    ("hyper-util", &["api", "servers"]),
    ("base64", &["api", "linking", "servers", "simulator"]),
    // Names, tickets and sealed URLs of links.
    ("hmac", &["linking"]),
    ("ring", &["linking"]),
    ("rustix", &["servers"]),
    ("clap", &["relink"]),
    ("clap_complete", &["relink"]),
    // Dates of servers' certificates, for people.
    ("x509-cert", &["relink"]),
];

/// Words that only some files may hold, for libraries that a room depends on but only one of its files may use.
const KEPT_IN_FILES: &[(&str, &[&str])] = &[
    ("backoff::", &["crates/fleet/src/retry.rs"]),
    (
        "reqwest::",
        &[
            "crates/provider/src/unipile/",
            "crates/provider/tests/",
            "crates/removal/src/call.rs",
            "crates/removal/tests/",
            "crates/simulator/",
            "crates/relink/src/up/",
            "crates/relink/src/commands.rs",
            // Health of a process, over plain HTTP.
            "crates/relink/src/commands/probe.rs",
            // RabbitMQ's management interface, and our own callbacks from outside.
            "crates/relink/src/commands/doctor/management.rs",
            "crates/relink/src/commands/doctor/callbacks.rs",
            "crates/telemetry/src/",
        ],
    ),
    // Permission for an outward call is built where its row becomes `sending`, and nowhere else.
    (
        "Started::of_row",
        &["crates/store/src/sends/make.rs", "crates/provider/tests/"],
    ),
    // Permission to remove a session is built where its row becomes `calling`, and nowhere else (R-DEL-1).
    ("Permit::of_row", &["crates/removal/src/"]),
    // A hosted link is asked for under a committed lease, and nowhere else (R-LNK-1).
    (
        ".hosted_link(",
        &[
            "crates/linking/src/minter.rs",
            "crates/provider/",
            // They hand on what they are asked.
            "crates/fleet/src/traced.rs",
            "tests/it/sends_planted/",
        ],
    ),
    // A client that carries our key is handed out to the one call that may remove a session.
    ("outward::client", &["crates/removal/src/call.rs"]),
    (
        "update relink.accounts set status",
        &["crates/store/sql/seed/connect.sql", "tests/"],
    ),
];

/// A lease is judged at the very instant of its statement; the instant that the transaction began is too old for it.
const ASK_THE_CLOCK: &[&str] = &[
    "/sql/clock/now.sql",
    "/sql/jobs/over.sql",
    "/sql/jobs/shorten.sql",
    "/sql/scheduler/fence.sql",
    "/sql/scheduler/take_lease.sql",
];

/// All that the pure core is made of.
const POLICY_LIBRARIES: &[&str] = &["jiff", "serde", "serde_json", "thiserror", "uuid"];

/// Files that may be longer than [`LINES_MAX`], with the reason.
const LONG_FILES: &[(&str, &str)] = &[
    (
        "tests/npm/package-lock.json",
        "written by the package manager",
    ),
    ("Cargo.lock", "written by cargo"),
];
const LINES_MAX: usize = 400;

#[test]
fn every_room_depends_only_on_what_its_door_leads_to() {
    let manifests = manifests();
    let rooms = rooms();
    let known: BTreeSet<&String> = rooms.keys().collect();
    let found: BTreeSet<&String> = manifests.keys().collect();
    assert_eq!(found, known, "every crate is a room of the table");
    let mut wrong = vec![];
    for (room, doors) in &rooms {
        for dependency in &manifests[room] {
            if known.contains(dependency) && !doors.contains(dependency) {
                wrong.push(format!("{room} may not depend on the room {dependency}"));
            }
            let keepers = KEPT_APART.iter().find(|(library, _)| library == dependency);
            if keepers.is_some_and(|(_, rooms)| !rooms.contains(&room.as_str())) {
                wrong.push(format!("{room} may not name {dependency}"));
            }
        }
    }
    assert_eq!(wrong, [] as [String; 0]);
}

#[test]
fn the_pure_core_has_no_clock_no_io_and_no_async() {
    let own: BTreeSet<String> = manifests().remove("policy").expect("policy's manifest");
    let allowed = POLICY_LIBRARIES
        .iter()
        .map(|&library| library.to_owned())
        .collect();
    assert_eq!(own, allowed);
    let forbidden = [
        // Without it there is no `.await` either.
        "async",
        "std::fs",
        "std::net",
        "std::time::Instant",
        "SystemTime",
        "Timestamp::now",
        "Uuid::now_v7",
        "thread",
        "rand::",
    ];
    let wrong: Vec<String> = sources("crates/policy/src", "rs")
        .iter()
        .filter(|file| !show(file).ends_with("/tests.rs"))
        .flat_map(|file| {
            let all = without("//", file);
            let text = all
                .split("#[cfg(test)]")
                .next()
                .unwrap_or_default()
                .to_owned();
            forbidden
                .into_iter()
                .filter(move |word| text.contains(word))
                .map(|word| format!("{} has {word}", show(file)))
        })
        .collect();
    assert_eq!(wrong, [] as [String; 0]);
}

#[test]
fn what_is_kept_in_one_file_stays_there() {
    let mut wrong = vec![];
    let files: Vec<PathBuf> = sources("crates", "rs")
        .into_iter()
        .chain(sources("crates", "sql"))
        .collect();
    for file in files {
        let (text, name) = (without("//", &file), show(&file));
        for (word, places) in KEPT_IN_FILES {
            if text.contains(word) && !places.iter().any(|place| name.starts_with(place)) {
                wrong.push(format!("{name} has {word}"));
            }
        }
    }
    assert_eq!(wrong, [] as [String; 0]);
}

#[test]
fn every_source_file_is_reached_by_a_mod_line() {
    let mut orphans = vec![];
    for root in ["crates", "tests"] {
        for file in sources(root, "rs") {
            if !is_root(&file) && !is_declared(&file) {
                orphans.push(show(&file));
            }
        }
    }
    assert_eq!(orphans, [] as [String; 0]);
}

#[test]
fn sql_files_take_the_time_as_a_value() {
    let ambient = [
        "now()",
        "clock_timestamp(",
        "current_timestamp",
        "localtimestamp",
        "current_date",
        "transaction_timestamp(",
        "statement_timestamp(",
    ];
    let mut wrong = vec![];
    for file in sources("crates/store/sql", "sql") {
        let text = without("--", &file).to_lowercase();
        for word in ambient {
            if text.contains(word) {
                wrong.push(format!("{} has {word}", show(&file)));
            }
        }
        let asks = text.contains("relink.clock()");
        if asks
            && !ASK_THE_CLOCK
                .iter()
                .any(|asker| show(&file).ends_with(asker))
        {
            wrong.push(format!("{} asks the clock by itself", show(&file)));
        }
    }
    assert_eq!(wrong, [] as [String; 0]);
}

#[test]
fn sql_files_name_their_columns() {
    let wrong: Vec<String> = sources("crates/store/sql", "sql")
        .into_iter()
        .filter(|file| {
            let text = without("--", file).to_lowercase();
            // From an unnest or a row of its own lateral it is a list that stands beside it.
            text.starts_with("select * from relink") || text.contains("returning *")
        })
        .map(|file| show(&file))
        .collect();
    assert_eq!(wrong, [] as [String; 0]);
}

#[test]
fn no_file_is_longer_than_can_be_read_at_a_sitting() {
    let mut wrong = vec![];
    for (root, ending) in [
        ("crates", "rs"),
        ("tests", "rs"),
        ("crates", "sql"),
        ("migrations", "sql"),
    ] {
        for file in sources(root, ending) {
            let lines = read(&file).lines().count();
            let name = show(&file);
            if lines > LINES_MAX && !LONG_FILES.iter().any(|(long, _)| *long == name) {
                wrong.push(format!("{name}: {lines} lines"));
            }
        }
    }
    assert_eq!(wrong, [] as [String; 0]);
}
