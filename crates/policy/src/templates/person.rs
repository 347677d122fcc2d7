//! A person's values, and what people are called.

/// Folded names that everybody has, if their name says so.
pub const BUILT_IN: [&str; 2] = ["name", "firstname"];

/// Names that are nobody's: what imports and networks write where they know none.
const NOBODY: [&str; 8] = [
    "linkedin member",
    "linkedin user",
    "unknown",
    "undefined",
    "null",
    "none",
    "nan",
    "n/a",
];

/// Titles before a name; folded to their letters.
const TITLES: [&str; 35] = [
    "dr",
    "dra",
    "drs",
    "doctor",
    "doktor",
    "drmed",
    "dring",
    "prof",
    "profa",
    "professor",
    "profdr",
    "univprof",
    "mr",
    "mrs",
    "ms",
    "miss",
    "mx",
    "sir",
    "madam",
    "mme",
    "mlle",
    "madame",
    "monsieur",
    "herr",
    "frau",
    "sra",
    "srta",
    "rev",
    "reverend",
    "dipling",
    "diplkfm",
    "diplinf",
    "mba",
    "phd",
    "msc",
];

/// Titles only where a dot ends them: each is a name as well.
const DOTTED_TITLES: [&str; 23] = [
    "ing", "mag", "med", "rer", "nat", "phil", "jur", "pol", "oec", "hc", "habil", "mult", "dent",
    "vet", "theol", "sr", "hon", "eng", "capt", "lt", "col", "gen", "fr",
];

/// A person to write to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// Display name, as a stranger wrote it.
    pub name: String,
    /// Values of their own, each by its name as imported; they go before what the display name says.
    pub variables: Vec<(String, String)>,
}

/// Answer to what a person's value of a name is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Not blank.
    Said(String),
    /// The person has the name and nothing in it.
    Blank,
    /// It has a line break or another control character where none can be.
    Unprintable,
    /// The person does not have the name.
    Unknown,
}

impl Person {
    /// Value of a folded name.
    pub fn value(&self, name: &str) -> Value {
        let own = self
            .variables
            .iter()
            .find(|(written, _)| fold(written).as_deref() == Some(name))
            .map(|(_, value)| presentable(value));
        let built_in = match name {
            "name" => Some(full_name(&self.name)),
            "firstname" => Some(first_name(&self.name)),
            _ => None,
        };
        let is_known = own.is_some() || built_in.is_some();
        match own.flatten().or(built_in.flatten()) {
            Some(value) if name == "name" && value.contains(breaks_a_line) => Value::Unprintable,
            Some(value) => Value::Said(value),
            None if is_known => Value::Blank,
            None => Value::Unknown,
        }
    }
}

/// A name without what writers of templates and headers of lists differ in: `First Name`, `first_name` and `firstName` are
/// one. None for what is no name.
pub fn fold(written: &str) -> Option<String> {
    let folded: String = written
        .trim()
        .chars()
        .filter(|it| !matches!(it, ' ' | '_' | '-'))
        .flat_map(char::to_lowercase)
        .collect();
    let begins = folded.chars().next().is_some_and(char::is_alphabetic);
    (begins && folded.chars().all(char::is_alphanumeric)).then_some(folded)
}

/// Whether a sign ends a line, or is no sign to be read.
pub fn breaks_a_line(it: char) -> bool {
    it.is_control() || matches!(it, '\u{2028}' | '\u{2029}')
}

/// Display name; none without a letter. Several blanks are one, and a line break stays what it is.
fn full_name(name: &str) -> Option<String> {
    let trimmed = name.trim();
    let said = if trimmed.contains(breaks_a_line) {
        trimmed.to_owned()
    } else {
        words(name).join(" ")
    };
    (said.contains(char::is_alphabetic) && !NOBODY.contains(&said.to_lowercase().as_str()))
        .then_some(said)
}

/// First word by Unicode white space that has a letter and is no title. Of a title and one word, the word.
pub fn first_name(name: &str) -> Option<String> {
    full_name(name)?;
    let words = words(name);
    let mut named = words
        .iter()
        .filter(|word| word.contains(char::is_alphabetic));
    let first = named.find(|word| !is_title(word))?;
    Some(first.trim_matches(is_edge).to_owned())
}

fn words(name: &str) -> Vec<String> {
    name.split_whitespace()
        .map(|word| word.chars().filter(|it| !is_invisible(*it)).collect())
        .filter(|word: &String| !word.is_empty())
        .collect()
}

fn is_title(word: &str) -> bool {
    let letters: String = word
        .chars()
        .filter(|it| it.is_alphabetic())
        .flat_map(char::to_lowercase)
        .collect();
    TITLES.contains(&letters.as_str())
        || word.trim_end_matches(',').ends_with('.') && DOTTED_TITLES.contains(&letters.as_str())
}

/// What is around a name and not of it.
fn is_edge(it: char) -> bool {
    it.is_ascii_punctuation() || "“”‘’«»„…–—·•，、（）".contains(it)
}

/// A value as it can be said: without invisible signs and blanks around it. None where nothing is left.
fn presentable(value: &str) -> Option<String> {
    let seen: String = value.chars().filter(|it| !is_invisible(*it)).collect();
    let said = seen.trim();
    let is_nothing = matches!(
        said.to_lowercase().as_str(),
        "" | "null" | "undefined" | "nan" | "n/a"
    );
    (!is_nothing).then(|| said.to_owned())
}

/// Signs without width that hide in pasted text, and those that turn its direction. Joiners are of scripts and emoji.
fn is_invisible(it: char) -> bool {
    matches!(it, '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}
