//! A text with placeholders, taken apart.

use super::person::fold;

/// Longest name of a placeholder, in bytes as written.
const NAME_BYTES_MAX: usize = 64;

/// Signs between which other programs put their placeholders.
const FOREIGN_SIGNS: [(char, char); 4] = [('{', '}'), ('[', ']'), ('<', '>'), ('%', '%')];

/// A text that holds no braces but its placeholders'.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

/// Piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Said as it is.
    Text(String),
    /// Place of a person's value.
    Placeholder(Placeholder),
}

/// Place of a person's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placeholder {
    /// Folded name: `firstname`.
    pub name: String,
    /// Said where the person has no value; empty is a choice too. Null: who has none is stopped.
    pub fallback: Option<String>,
}

/// Reason why a text cannot be said to anybody.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// Braces that do not close, or close nothing.
    #[error("{{{{ and }}}} do not pair")]
    Unpaired,
    /// Something between braces that is no name.
    #[error("{{{{{0}}}}} is no placeholder: a name, and for a fallback | and a text in quotes")]
    Malformed(String),
    /// A name that nobody has a value for.
    #[error("{{{{{0}}}}} is unknown")]
    Unknown(String),
    /// A name of ours between another program's signs.
    #[error("{0} would be sent as it stands; placeholders are written {{{{name}}}}")]
    Foreign(String),
}

impl Template {
    /// Takes a text apart. Names are not compared with any list.
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        let mut parts = vec![];
        let mut rest = text;
        while let Some(at) = rest.find("{{") {
            let (before, from) = rest.split_at(at);
            let inside = &from[2..];
            let end = inside.find("}}").ok_or(Flaw::Unpaired)?;
            push_text(&mut parts, before)?;
            parts.push(Part::Placeholder(Placeholder::parse(&inside[..end])?));
            rest = &inside[end + 2..];
        }
        push_text(&mut parts, rest)?;
        Ok(Self { parts })
    }

    /// Pieces in their order.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// First name that is neither built in nor one of `known`, which are compared folded.
    pub fn unknown(&self, known: &[&str]) -> Option<&str> {
        let is_known = |name: &str| {
            super::person::BUILT_IN.contains(&name)
                || known.iter().any(|one| fold(one).as_deref() == Some(name))
        };
        self.parts.iter().find_map(|part| match part {
            Part::Placeholder(placeholder) if !is_known(&placeholder.name) => {
                Some(placeholder.name.as_str())
            }
            Part::Placeholder(_) | Part::Text(_) => None,
        })
    }
}

impl Placeholder {
    fn parse(inside: &str) -> Result<Self, Flaw> {
        let malformed = || Flaw::Malformed(inside.chars().take(NAME_BYTES_MAX).collect());
        let (name, fallback) = match inside.split_once('|') {
            None => (inside, None),
            Some((name, after)) => (name, Some(quoted(after).ok_or_else(malformed)?)),
        };
        let name = name.trim();
        if name.len() > NAME_BYTES_MAX {
            return Err(malformed());
        }
        Ok(Self {
            name: fold(name).ok_or_else(malformed)?,
            fallback: fallback.map(str::to_owned),
        })
    }
}

/// A text in quotes, also as `default("…")` says it.
fn quoted(after: &str) -> Option<&str> {
    let after = after.trim_start_matches('|').trim();
    let after = match after.strip_prefix("default(") {
        Some(inner) => inner.strip_suffix(')')?.trim(),
        None => after,
    };
    let quote = after.chars().next().filter(|it| matches!(it, '"' | '\''))?;
    let inner = after.strip_prefix(quote)?.strip_suffix(quote)?;
    let is_plain = |it: char| it != quote && !it.is_control() && !matches!(it, '{' | '}');
    inner.chars().all(is_plain).then_some(inner)
}

fn push_text(parts: &mut Vec<Part>, text: &str) -> Result<(), Flaw> {
    if has_braces(text) {
        return Err(Flaw::Unpaired);
    }
    if let Some(foreign) = foreign(text) {
        return Err(Flaw::Foreign(foreign.to_owned()));
    }
    if !text.is_empty() {
        parts.push(Part::Text(text.to_owned()));
    }
    Ok(())
}

/// Whether a text holds what only an unrendered template holds. Nothing of the kind is ever sent.
pub fn has_braces(text: &str) -> bool {
    ["{{", "}}", "{%", "%}"]
        .iter()
        .any(|sign| text.contains(sign))
}

/// A built-in name between another program's signs: `[First Name]`, `%firstname%`, `${name}`.
fn foreign(text: &str) -> Option<&str> {
    FOREIGN_SIGNS.iter().find_map(|(open, close)| {
        text.match_indices(*open).find_map(|(at, sign)| {
            let from = at + sign.len();
            let end = from + text[from..].find(*close)?;
            let name = fold(text[from..end].trim())?;
            let is_ours = super::person::BUILT_IN.contains(&name.as_str());
            is_ours.then(|| &text[at..end + close.len_utf8()])
        })
    })
}
