//! Queries that a source of the store calls, with the names that it gives their parameters.

use super::NAMED_FROM;
use super::query::agreed;
use super::query::count;
use super::query::parenthesised;
use std::collections::BTreeMap;

/// How many queries a source calls by name, and what disagrees with their files.
pub(super) fn compared(source: &str, queries: &BTreeMap<String, String>) -> (usize, Vec<String>) {
    let constants = constants(source);
    let (mut wrong, mut links, mut found) = (vec![], 0, 0);
    let mut by_name = BTreeMap::new();
    for (constant, names) in chains(source) {
        found += 1;
        links += names.len();
        *by_name.entry(constant).or_insert(0) += 1;
        let Some(text) = constants
            .get(constant)
            .and_then(|query| queries.get(*query))
        else {
            wrong.push(format!("{constant} is no query of this file"));
            continue;
        };
        let theirs: Vec<String> = agreed(text)
            .unwrap_or_default()
            .into_iter()
            .map(Option::unwrap_or_default)
            .collect();
        if theirs != names {
            wrong.push(format!(
                "{constant} is given {names:?} and takes {theirs:?}"
            ));
        }
    }
    let all = source.matches(".with(\"").count() + source.matches(".value(\"").count();
    if all != links {
        wrong.push(format!(
            "{all} named parameters, {links} of them where `columns` or `values` begins"
        ));
    }
    for (constant, query) in constants {
        let parameters = queries.get(query).map_or(0, |text| count(text));
        let positional = uses(source, constant) - 1 - by_name.get(constant).unwrap_or(&0);
        if parameters >= NAMED_FROM && positional > 0 {
            wrong.push(format!(
                "{constant} takes {parameters} parameters by position"
            ));
        }
    }
    (found, wrong)
}

/// Constants of a source that hold queries: `FLIP` of `const FLIP: Sql = sql!("accounts/flip")`.
fn constants(source: &str) -> BTreeMap<&str, &str> {
    let declared = source.split("const ").skip(1);
    let declared = declared.filter_map(|after| after.split_once(": Sql = sql!(\""));
    declared
        .filter_map(|(constant, after)| Some((constant, after.split_once('"')?.0)))
        .collect()
}

/// Occurrences of a whole word.
fn uses(source: &str, word: &str) -> usize {
    let words = source.split(|it: char| !it.is_ascii_alphanumeric() && it != '_');
    words.filter(|it| *it == word).count()
}

/// Parameters given by name: the query's constant, and the names in their order.
fn chains(source: &str) -> Vec<(&str, Vec<&str>)> {
    let mut found = vec![];
    for begin in ["columns(", "values("] {
        for (at, _) in source.match_indices(begin) {
            let before = source[..at].chars().next_back().unwrap_or(' ');
            let Some((inside, rest)) = parenthesised(&source[at + begin.len() - 1..]) else {
                continue;
            };
            let constant = inside.split(',').next().unwrap_or_default().trim();
            let is_constant = constant
                .chars()
                .all(|it| it.is_ascii_uppercase() || it == '_');
            if !before.is_alphanumeric()
                && !['.', '_'].contains(&before)
                && is_constant
                && !constant.is_empty()
            {
                found.push((constant, links(rest)));
            }
        }
    }
    found
}

/// Names in a chain of `.with("name", …)` and `.value("name", …)`.
fn links(mut rest: &str) -> Vec<&str> {
    let mut names = vec![];
    loop {
        rest = rest.trim_start();
        while rest.starts_with("//") {
            rest = rest
                .split_once('\n')
                .map_or("", |(_, after)| after)
                .trim_start();
        }
        let link = rest
            .strip_prefix(".with")
            .or_else(|| rest.strip_prefix(".value"));
        let Some((inside, after)) = link.and_then(parenthesised) else {
            return names;
        };
        names.extend(
            inside
                .trim_start()
                .strip_prefix('"')
                .and_then(|it| it.split('"').next()),
        );
        rest = after;
    }
}
