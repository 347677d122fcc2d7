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

/// Rooms that log in to our own servers, and the simulator, which plays the provider.
const OTHERS: [&str; 6] = [
    "crates/broker/",
    "crates/fleet/",
    "crates/relink/",
    "crates/servers/",
    "crates/simulator/",
    "crates/store/src/",
];

#[test]
fn r_lnk_11_nothing_of_ours_takes_or_keeps_what_owners_log_in_with() {
    let files_of = |folder, comment, ending| {
        let files = sources(folder, ending);
        files.into_iter().map(move |file| (comment, file))
    };
    let wrong: Vec<String> = files_of("crates", "//", "rs")
        .chain(files_of("crates", "--", "sql"))
        .chain(files_of("migrations", "--", "sql"))
        .filter(|(_, file)| !is_another(&show(file)))
        .flat_map(|(comment, file)| {
            let text = without(comment, &file).to_lowercase();
            let found = FORBIDDEN.into_iter().filter(|word| text.contains(word));
            let shown = found.map(|word| format!("{} has {word}", show(&file)));
            shown.collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(wrong, [] as [String; 0]);
}

fn is_another(name: &str) -> bool {
    let is_of_tests = name.ends_with("/tests.rs") || name.contains("/tests/");
    is_of_tests || OTHERS.iter().any(|other| name.starts_with(other))
}
