//! Codes of alerts: what is raised anywhere stands in the catalogue, and what stands there is raised (R-WAT-7).

use super::show;
use super::sources;
use super::without;
use policy::alerts::{ALERT_CODES, find_alert};
use std::collections::BTreeMap;

const CATALOGUE: &str = "crates/policy/src/alerts.rs";

#[test]
fn r_wat_7_every_code_that_is_raised_is_in_the_catalogue_and_no_other() {
    let texts = texts();
    let unknown: Vec<String> = texts
        .iter()
        .flat_map(|(file, text)| raised(text).into_iter().map(move |code| (file, code)))
        .filter(|(_, code)| find_alert(code).is_none())
        .map(|(file, code)| format!("{file} raises {code}"))
        .collect();
    assert_eq!(unknown, [] as [String; 0]);
    let all: String = texts.into_values().collect();
    let is_said = |code: &str| {
        let steps = code.strip_prefix("removal_").is_some_and(|state| {
            all.contains("'removal_' || new.state") && metering::labels::REMOVALS.contains(&state)
        });
        steps || all.contains(&format!("\"{code}\"")) || all.contains(&format!("'{code}'"))
    };
    let idle = ALERT_CODES
        .iter()
        .map(|it| it.code)
        .filter(|code| !is_said(code));
    assert_eq!(
        idle.collect::<Vec<_>>(),
        [] as [&str; 0],
        "nobody raises them"
    );
}

#[test]
fn a_code_is_recognised_where_it_is_raised() {
    let planted = r#"Alert { code: "a_b", subject } perform relink.raise_alert('c_d', x); CheckAccount { code: "no" } .map(|code| Alert { code,"#;
    assert_eq!(raised(planted), ["a_b", "c_d"]);
}

/// Sources of ours without their comments and tests.
fn texts() -> BTreeMap<String, String> {
    let rust = sources("crates", "rs").into_iter().map(|file| ("//", file));
    let queries = sources("crates/store/sql", "sql")
        .into_iter()
        .map(|file| ("--", file));
    let migrations = sources("migrations", "sql")
        .into_iter()
        .map(|file| ("--", file));
    let read = rust
        .chain(queries)
        .chain(migrations)
        .map(|(comment, file)| {
            let text = without(comment, &file);
            let text = text.split("#[cfg(test)]").next().unwrap_or("").to_owned();
            (show(&file), text)
        });
    let is_ours =
        |name: &str| !name.contains("/tests") && !name.ends_with("samples.rs") && name != CATALOGUE;
    read.filter(|(name, _)| is_ours(name)).collect()
}

/// Codes that a source names where it raises: in an alert that it makes, or in a call of the database's function.
fn raised(text: &str) -> Vec<String> {
    let made = text.split("Alert {").skip(1).filter_map(|part| {
        let code = part.trim_start().strip_prefix("code: \"")?;
        Some(code.split('"').next()?.to_owned())
    });
    let called = text.split("raise_alert('").skip(1);
    let called = called.filter_map(|part| Some(part.split('\'').next()?.to_owned()));
    // What the code begins with is put together with a state.
    made.chain(called)
        .filter(|code| !code.ends_with('_'))
        .collect()
}
