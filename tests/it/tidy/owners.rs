//! What an owner logs in with has no place in our code: no route takes it, no call sends it, no row keeps it (R-LNK-11).

use super::{show, sources, without};

/// Words for what would be a field, a column or a parameter. `password` alone is also our own servers'.
const FORBIDDEN: [&str; 11] = [
    "cookie",
    "li_at",
    "passcode",
    "totp",
    "one_time",
    "access_token",
    "refresh_token",
    "password:",
    "_password",
    "\"password\"",
    "password text",
];

/// Rooms that meet owners' accounts; `fleet` and `store` log in to our own servers, the simulator plays the provider.
const ROOMS: [&str; 11] = [
    "crates/policy/src",
    "crates/provider/src",
    "crates/removal/src",
    "crates/operations/src",
    "crates/api/src",
    "crates/store/sql",
    "crates/worker-confirmations/src",
    "crates/worker-removals/src",
    "crates/worker-sends/src",
    "crates/worker-sweeps/src",
    "crates/worker-watches/src",
];

#[test]
fn r_lnk_11_nothing_of_ours_takes_or_keeps_what_owners_log_in_with() {
    let sql = |folder| sources(folder, "sql").into_iter().map(|file| ("--", file));
    let rust = |folder| sources(folder, "rs").into_iter().map(|file| ("//", file));
    let files = ROOMS
        .into_iter()
        .flat_map(|room| rust(room).chain(sql(room)))
        .chain(sql("migrations"));
    let wrong: Vec<String> = files
        .filter(|(_, file)| !is_of_tests(&show(file)))
        .flat_map(|(comment, file)| {
            let text = without(comment, &file).to_lowercase();
            let found = FORBIDDEN.into_iter().filter(|word| text.contains(word));
            let shown = found.map(|word| format!("{} has {word}", show(&file)));
            shown.collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(wrong, [] as [String; 0]);
}

fn is_of_tests(name: &str) -> bool {
    name.ends_with("/tests.rs") || name.contains("/tests/") || name.contains("_tests/")
}
