//! The functions that the migrations write, read out of their texts.

use std::collections::BTreeMap;

/// A function as the last migration that names it wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    /// Its body, exactly.
    pub(crate) body: String,
    /// Runs with its owner's rights.
    pub(crate) is_definer: bool,
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
        is_definer: head.contains("security definer"),
    };
    Some((name.to_owned(), written, left))
}
