//! Parameters of a query file, with the names that it gives them.

use super::NAMED_FROM;

/// Highest `$n` of a query, its first lines left out.
pub(super) fn count(text: &str) -> usize {
    let numbers = text.split('$').skip(1).filter_map(number);
    numbers.max().unwrap_or(0)
}

/// Number at the beginning of a text.
fn number(text: &str) -> Option<usize> {
    let end = text.find(|it: char| !it.is_ascii_digit());
    text[..end.unwrap_or(text.len())].parse().ok()
}

/// Names of a query's parameters, in order; an error says what two places call differently.
pub(super) fn agreed(text: &str) -> Result<Vec<Option<String>>, String> {
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
pub(super) fn parenthesised(text: &str) -> Option<(&str, &str)> {
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
