//! Files of a crate that import one another in a circle must be read together, so a circle stays small.

use super::show;
use super::sources;
use super::without;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// Files of one circle at most.
const CIRCLE_MAX: usize = 4;

/// Modules of a crate by their paths (`metrics::labels`; the root's is empty), each with its text.
type Modules = BTreeMap<String, String>;

#[test]
fn no_circle_of_imports_has_more_than_four_files() {
    let mut wrong = vec![];
    for (name, modules) in crates() {
        for circle in circles(&modules) {
            if circle.len() > CIRCLE_MAX {
                wrong.push(format!("{name}: {}", circle.join(" ~ ")));
            }
        }
    }
    assert_eq!(wrong, [] as [String; 0]);
}

#[test]
fn a_circle_is_found_through_braces_supers_and_re_exports() {
    let planted = [
        ("", "mod a; mod b; mod c; mod d; pub use c::Third;"),
        ("a", "use crate::{b::One, unknown}; use d::Not;"),
        ("a::deep", "use super::Two;"),
        ("b", "use crate::Third; fn f() { crate::a::deep::call() }"),
        ("c", "use super::a::{self, Two};"),
        (
            "d",
            "use crate::{a, b}; use std::c::Not;\n#[cfg(test)]\nmod tests { use super::super::c; }",
        ),
    ];
    let modules = planted.map(|(name, text)| (name.to_owned(), text.to_owned()));
    let modules: Modules = modules.into_iter().collect();
    assert_eq!(circles(&modules), [["a", "a::deep", "b", "c"]]);
}

/// Every crate with its modules; tests within them left out.
fn crates() -> BTreeMap<String, Modules> {
    let mut found: BTreeMap<String, Modules> = BTreeMap::new();
    for file in sources("crates", "rs") {
        let name = show(&file);
        let parts: Vec<&str> = name.split('/').collect();
        if let ["crates", room, "src", inside @ ..] = parts.as_slice()
            && inside[0] != "bin"
            && !inside
                .iter()
                .any(|part| part.trim_end_matches(".rs").ends_with("tests"))
        {
            let modules = found.entry((*room).to_owned()).or_default();
            modules.insert(module(inside), without("//", &file));
        }
    }
    found
}

/// The path of the module that a file below `src` holds.
fn module(inside: &[&str]) -> String {
    let path = inside.join("::");
    let path = path.trim_end_matches(".rs");
    let path = path
        .strip_suffix("mod")
        .map_or(path, |folder| folder.trim_end_matches("::"));
    match path {
        "lib" | "main" => String::new(),
        path => path.to_owned(),
    }
}

/// Sets of modules each of which reaches all the others by imports, those of one module left out.
fn circles(modules: &Modules) -> Vec<Vec<&str>> {
    let imports: BTreeMap<&str, BTreeSet<&str>> = modules
        .iter()
        .map(|(name, text)| (name.as_str(), imported(modules, name, text)))
        .collect();
    let reached: BTreeMap<&str, BTreeSet<&str>> = imports
        .keys()
        .map(|name| (*name, reached_from(&imports, name)))
        .collect();
    let mut found: BTreeSet<Vec<&str>> = BTreeSet::new();
    for (name, reachable) in &reached {
        let both = reachable
            .iter()
            .filter(|other| reached[*other].contains(name));
        let circle: Vec<&str> = both.copied().collect();
        if circle.len() > 1 {
            found.insert(circle);
        }
    }
    found.into_iter().collect()
}

fn reached_from<'a>(
    imports: &BTreeMap<&'a str, BTreeSet<&'a str>>,
    start: &str,
) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut ahead: Vec<&str> = imports[start].iter().copied().collect();
    while let Some(next) = ahead.pop() {
        if reached.insert(next) {
            ahead.extend(imports[next].iter().copied());
        }
    }
    reached
}

/// Modules that a module names by `crate::` or `super::`. A module that calls down into its own children is one noun with
/// them; only what reaches up or sideways is counted.
fn imported<'a>(modules: &'a Modules, name: &str, text: &str) -> BTreeSet<&'a str> {
    let text = text
        .split("#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or_default();
    let mut found = BTreeSet::new();
    for word in ["crate::", "super::"] {
        for (at, _) in text.match_indices(word) {
            let before = text[..at].chars().next_back();
            if before.is_some_and(|it| it.is_alphanumeric() || matches!(it, '_' | ':' | '$')) {
                continue;
            }
            let paths = leaves(&text[at..]);
            found.extend(
                paths
                    .iter()
                    .filter_map(|path| owner(modules, name, path, 3)),
            );
        }
    }
    found.remove(name);
    found
}

/// The paths of an import that begins here, its braces taken apart.
pub(super) fn leaves(text: &str) -> Vec<Vec<&str>> {
    let length = text
        .find(|it: char| !it.is_alphanumeric() && it != '_')
        .unwrap_or(text.len());
    let (word, rest) = text.split_at(length);
    let Some(below) = rest.strip_prefix("::") else {
        return vec![vec![word]];
    };
    let below = match below.strip_prefix('{') {
        Some(list) => parts(list).into_iter().flat_map(leaves).collect(),
        None => leaves(below),
    };
    below
        .into_iter()
        .map(|path| std::iter::once(word).chain(path).collect())
        .collect()
}

/// The members of a list in braces, up to the brace that closes it.
fn parts(list: &str) -> Vec<&str> {
    let (mut depth, mut from, mut found) = (0, 0, vec![]);
    for (at, it) in list.char_indices() {
        match it {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                found.push(list[from..at].trim());
                from = at + 1;
                if it == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    found
}

/// The module whose file defines what a path names, re-exports followed `hops` times at most.
fn owner<'a>(modules: &'a Modules, from: &str, path: &[&str], hops: u8) -> Option<&'a str> {
    let mut place: Vec<&str> = from.split("::").filter(|part| !part.is_empty()).collect();
    let mut rest = path;
    while let [first, after @ ..] = rest {
        match *first {
            "crate" => place.clear(),
            "super" => drop(place.pop()),
            "self" => {}
            part if modules.contains_key(&[place.as_slice(), &[part]].concat().join("::")) => {
                place.push(part);
            }
            _ => break,
        }
        rest = after;
    }
    let (home, text) = modules.get_key_value(&place.join("::"))?;
    if let Some(item) = rest.first()
        && hops > 0
        && let Some(source) = re_exported(text, item)
    {
        return owner(modules, home, &source, hops - 1).or(Some(home));
    }
    Some(home)
}

/// Where a module takes an item from that it hands on.
fn re_exported<'a>(text: &'a str, item: &str) -> Option<Vec<&'a str>> {
    ["pub use ", "pub(crate) use ", "pub(super) use "]
        .into_iter()
        .flat_map(|word| text.match_indices(word).map(move |(at, _)| at + word.len()))
        .flat_map(|at| leaves(&text[at..]))
        .find(|path| path.last() == Some(&item))
}
