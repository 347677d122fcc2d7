//! Names on both sides of a query: what the code calls a parameter is what its file calls it.

use super::below;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Parameters from which on a query says their names in its first line and takes them by name.
const NAMED_FROM: usize = 4;

#[test]
fn parameters_have_one_name_in_code_and_query() {
    let queries = queries();
    let mut wrong = vec![];
    for (name, text) in &queries {
        if let Err(why) = agreed(text) {
            wrong.push(format!("sql/{name}.sql: {why}"));
        }
    }
    let mut chains = 0;
    for path in below(&store().join("src"), "rs") {
        let text = std::fs::read_to_string(&path).expect("read a source");
        let file = path.strip_prefix(store()).expect("below").display();
        let (found, complaints) = compared(&text, &queries);
        chains += found;
        wrong.extend(complaints.into_iter().map(|why| format!("{file}: {why}")));
    }
    println!(
        "{} query files, {chains} of them called by name",
        queries.len()
    );
    assert_eq!(wrong, [] as [String; 0]);
}

#[test]
fn exchanged_neighbours_are_found() {
    let query = "-- $1 id · $2 from_status · $3 to_status · $4 at\n\
        update t set at = $4 from unnest($1::uuid[], $2::text[], $3::text[])\n as w(id, from_status, to_status)\n";
    agreed(query).expect("as it should be");
    for (found, other) in [
        ("-- $1 id · $2 from", "-- $1 id · $2 to"),
        (
            "w(id, from_status, to_status)",
            "w(id, to_status, from_status)",
        ),
        ("unnest($1::uuid[], $2", "unnest($1::uuid[], $3"),
        (" · $4 at", ""),
        ("-- $1 id", "-- id"),
    ] {
        assert!(query.contains(found), "{found}");
        agreed(&query.replace(found, other)).expect_err(found);
    }
    let call = "-- $1 id · $2 name · $3 ramp_s · $4 by\n\
        select relink.f(p_id => $1, p_name => $2, p_ramp => make_interval(secs => $3), p_by => $4)";
    agreed(call).expect("as it should be");
    agreed(&call.replace("p_id => $1, p_name => $2", "p_name => $1, p_id => $2"))
        .expect_err("exchanged");
    agreed(&call.replace("p_id => $1", "$1")).expect_err("without a name");

    let queries = BTreeMap::from([("t/flip".to_owned(), query.to_owned())]);
    let code = r#"const FLIP: Sql = sql!("t/flip");
        let wanted = columns(FLIP, flips)
            .with("id", |one| one.account.0)
            // Two texts.
            .with("from_status", |one| format!("({}", one.from))
            .with("to_status", |one| one.to)
            .value("at", at);"#;
    assert_eq!(compared(code, &queries), (1, vec![]));
    for (found, other) in [
        (".with(\"from_status\"", ".with(\"to_status\""),
        (".value(\"at\", at)", ""),
        (
            "columns(FLIP, flips)\n",
            "columns(FLIP, flips); let x = x\n",
        ),
        ("columns(FLIP, flips)", "self.rows(FLIP, &[&a, &b])"),
    ] {
        let changed = code.replacen(found, other, 1);
        assert_ne!(compared(&changed, &queries).1, [] as [String; 0], "{found}");
    }
}

fn store() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/store")
}

/// Texts of the query files, by `table/verb`.
fn queries() -> BTreeMap<String, String> {
    let folder = store().join("sql");
    below(&folder, "sql")
        .into_iter()
        .map(|path| {
            let name = path
                .strip_prefix(&folder)
                .expect("below")
                .with_extension("");
            let text = std::fs::read_to_string(&path).expect("read a query");
            (name.to_string_lossy().into_owned(), text)
        })
        .collect()
}

/// Highest `$n` of a query, its first lines left out.
fn count(text: &str) -> usize {
    let numbers = text.split('$').skip(1).filter_map(number);
    numbers.max().unwrap_or(0)
}

/// Number at the beginning of a text.
fn number(text: &str) -> Option<usize> {
    let end = text.find(|it: char| !it.is_ascii_digit());
    text[..end.unwrap_or(text.len())].parse().ok()
}

/// Names of a query's parameters, in order; an error says what two places call differently.
fn agreed(text: &str) -> Result<Vec<Option<String>>, String> {
    let (head, body) = split_head(text);
    let mut names = vec![None; count(body)];
    for (at, name) in head {
        note(&mut names, at, name)?;
    }
    if names.len() >= NAMED_FROM
        && let Some(at) = names.iter().position(Option::is_none)
    {
        return Err(format!("${} has no name in the first line", at + 1));
    }
    for (at, name) in aliases(body) {
        note(&mut names, at, name)?;
    }
    for (at, name) in arguments(body) {
        note(&mut names, at, &name)?;
    }
    unnamed_call(body).map_or(Ok(names), Err)
}

fn note(names: &mut [Option<String>], at: usize, name: &str) -> Result<(), String> {
    let place = names.get_mut(at.wrapping_sub(1));
    match place.ok_or(format!("there is no ${at}, {name}"))? {
        Some(other) if other != name => Err(format!("${at} is {other} and {name}")),
        place => {
            *place = Some(name.to_owned());
            Ok(())
        }
    }
}

/// Leading lines `-- $1 accounts · $2 versions`, and what follows them.
fn split_head(text: &str) -> (Vec<(usize, &str)>, &str) {
    let (mut head, mut rest) = (vec![], text);
    while let Some((line, after)) = rest.split_once('\n')
        && line.starts_with("-- $")
    {
        for part in line.trim_start_matches("-- ").split(" · ") {
            if let Some((at, name)) = part.split_once(' ')
                && let Some(at) = at.strip_prefix('$').and_then(number)
            {
                head.push((at, name));
            }
        }
        rest = after;
    }
    (head, rest)
}

/// Parameters that `unnest(…) as w(…)` names.
fn aliases(body: &str) -> Vec<(usize, &str)> {
    let mut found = vec![];
    for after in body.split("unnest(").skip(1) {
        let Some((arrays, after)) = after.split_once(')') else {
            continue;
        };
        let after = after.trim_start();
        let after = after.strip_prefix("with ordinality").unwrap_or(after);
        let Some(after) = after.trim_start().strip_prefix("as ") else {
            continue;
        };
        let end = after.find(|it: char| !it.is_ascii_alphanumeric() && it != '_');
        let Some(after) = end.and_then(|end| after[end..].strip_prefix('(')) else {
            continue;
        };
        let list = after.split(')').next().unwrap_or_default();
        let numbers = arrays
            .split(',')
            .map(|it| it.trim().strip_prefix('$').and_then(number));
        let pairs = numbers.zip(list.split(',').map(str::trim));
        found.extend(pairs.filter_map(|(at, name)| Some((at?, name))));
    }
    found
}

/// Parameters that `p_name => $n` names; a number of seconds made an interval is `name_s`.
fn arguments(body: &str) -> Vec<(usize, String)> {
    let mut found = vec![];
    for (name, value) in calls(body)
        .into_iter()
        .flat_map(|(_, arguments)| arguments)
        .filter_map(named)
    {
        let (value, unit) = match value.strip_prefix("make_interval(secs => ") {
            Some(value) => (value, "_s"),
            None => (value, ""),
        };
        if let Some(at) = value.strip_prefix('$').and_then(number) {
            found.push((at, format!("{name}{unit}")));
        }
    }
    found
}

/// Name and value of `p_name => value`.
fn named(argument: &str) -> Option<(&str, &str)> {
    argument.strip_prefix("p_")?.split_once(" => ")
}

/// Calls of the database's own functions, each with its arguments.
fn calls(body: &str) -> Vec<(&str, Vec<&str>)> {
    let mut found = vec![];
    for after in body.split("relink.").skip(1) {
        let end = after.find(|it: char| !it.is_ascii_alphanumeric() && it != '_');
        let (name, after) = after.split_at(end.unwrap_or(after.len()));
        if after.starts_with('(')
            && let Some((inside, _)) = parenthesised(after)
        {
            found.push((name, arguments_of(inside)));
        }
    }
    found
}

/// Complaint about a call with two or more arguments, one of them without a name.
fn unnamed_call(body: &str) -> Option<String> {
    let unnamed =
        |arguments: &[&str]| arguments.len() > 1 && arguments.iter().any(|it| named(it).is_none());
    let mut calls = calls(body).into_iter();
    let (name, _) = calls.find(|(_, arguments)| unnamed(arguments))?;
    Some(format!(
        "relink.{name} is called without its parameters' names"
    ))
}

/// Inside of a text that begins with a parenthesis, and what follows it. Knows texts, characters and comments.
fn parenthesised(text: &str) -> Option<(&str, &str)> {
    let (mut depth, mut quoted, mut comment, mut before) = (0_usize, false, false, ' ');
    for (at, it) in text.char_indices() {
        match it {
            '\n' => comment = false,
            '/' if before == '/' && !quoted => comment = true,
            _ if comment => {}
            '"' if before != '\\' => quoted = !quoted,
            _ if quoted || before == '\'' => {}
            '(' => depth += 1,
            ')' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some((&text[1..at], &text[at + 1..]));
                }
            }
            _ => {}
        }
        before = it;
    }
    None
}

/// Arguments of a call, cut at the commas between them.
fn arguments_of(inside: &str) -> Vec<&str> {
    let (mut depth, mut begins, mut found) = (0_usize, 0, vec![]);
    for (at, it) in inside.char_indices() {
        match it {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                found.push(inside[begins..at].trim());
                begins = at + 1;
            }
            _ => {}
        }
    }
    found.push(inside[begins..].trim());
    found
}

/// How many queries a source calls by name, and what disagrees with their files.
fn compared(source: &str, queries: &BTreeMap<String, String>) -> (usize, Vec<String>) {
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
