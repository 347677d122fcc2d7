//! The functions that the migrations write, read out of their texts.

use std::collections::BTreeMap;

/// A function as the last migration that names it wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    /// Its body, exactly.
    pub(crate) body: String,
    /// How it runs: `stable security definer set search_path=pg_catalog, pg_temp`.
    pub(crate) manner: String,
}

/// Every function that these texts create, in their order; the last text wins.
pub(super) fn of<'a>(texts: impl Iterator<Item = &'a str>) -> BTreeMap<String, Written> {
    let mut all = BTreeMap::new();
    for text in texts {
        let mut rest = text;
        while let Some((_, after)) = rest.split_once("function relink.") {
            rest = after;
            if let Some((name, written, left)) = definition(after) {
                all.insert(name, written);
                rest = left;
            }
        }
    }
    all
}

/// A definition looks like `name(…) … as $$…$$` or `… as '…'`; grants and calls do not.
fn definition(text: &str) -> Option<(String, Written, &str)> {
    let (name, after) = text.split_once('(')?;
    if !name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    {
        return None;
    }
    let (head, after) = after.split_once("\n    as ")?;
    if head.contains(';') {
        return None;
    }
    let mark = if after.starts_with("$$") { "$$" } else { "'" };
    let (body, left) = after.strip_prefix(mark)?.split_once(mark)?;
    let written = Written {
        body: body.to_owned(),
        manner: manner(head),
    };
    Some((name.to_owned(), written, left))
}

/// What stands between a function's answer and its body, in one order and spelling. `parallel` changes nothing of it.
fn manner(head: &str) -> String {
    let volatility = ["immutable", "stable"]
        .into_iter()
        .find(|word| head.contains(&format!(" {word}")));
    let mut manner = vec![volatility.unwrap_or("volatile").to_owned()];
    for word in ["strict", "security definer"] {
        if head.contains(&format!(" {word}")) {
            manner.push(word.to_owned());
        }
    }
    if let Some((_, settings)) = head.split_once(" set ") {
        manner.push(format!("set {}", settings.replace(" = ", "=")));
    }
    manner.join(" ")
}
