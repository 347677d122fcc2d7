//! Texts without what a provider may change about them, so that one is known again in another form.

use policy::sends::sight::Likeness;
use unicode_normalization::UnicodeNormalization;

/// Stands for every link: one may be shown shortened, or leads through a counter.
const LINK: char = '\u{1F517}';
/// Least length of a beginning that is taken for the text that a provider has cut, in characters.
const CUT_CHARS_MIN: usize = 24;
/// Texts that went through two machines may be encoded twice.
const ENTITY_ROUNDS: usize = 2;

/// Likeness of a shown text to a folded one.
pub(super) fn likeness(shown: &str, wanted: &str) -> Likeness {
    let shown = fold(shown);
    let cut = shown.trim_end_matches('.');
    let begins = cut.len() < shown.len() && wanted.starts_with(cut);
    if shown == wanted || (begins && cut.chars().count() >= CUT_CHARS_MIN) {
        Likeness::Same
    } else {
        Likeness::Other
    }
}

/// A text without entities, tags, kinds of quotes, dashes and spaces, compatibility forms, signs that nobody sees, and
/// where its links lead.
pub(super) fn fold(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..ENTITY_ROUNDS {
        text = html_escape::decode_html_entities(&text).into_owned();
    }
    // Quotes before the forms too: some of them are compatible with a space and an accent.
    let text: String = untagged(&text)
        .chars()
        .map(plain)
        .nfkc()
        .filter(|it| !is_unseen(*it))
        .map(plain)
        .collect();
    text.split_whitespace().map(unlinked).collect()
}

/// Without what looks like a tag of HTML.
fn untagged(text: &str) -> String {
    let mut rest = text;
    let mut kept = String::with_capacity(text.len());
    while let Some((before, after)) = rest.split_once('<') {
        kept.push_str(before);
        let names = |it: char| it.is_ascii_alphabetic() || it == '/';
        match after.split_once('>') {
            Some((tag, behind)) if tag.starts_with(names) && !tag.contains('<') => rest = behind,
            _ => {
                kept.push('<');
                rest = after;
            }
        }
    }
    kept + rest
}

/// Variation selectors, joiners, marks of direction, soft hyphens, controls.
fn is_unseen(it: char) -> bool {
    let format = matches!(it,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}');
    format || (it.is_control() && !it.is_whitespace())
}

/// One sign for each kind of quote and dash.
fn plain(it: char) -> char {
    match it {
        '\u{2018}'..='\u{201B}'
        | '\u{2032}'
        | '\u{2035}'
        | '\u{2039}'
        | '\u{203A}'
        | '\u{B4}'
        | '\u{60}'
        | '\u{2BC}'
        | '\u{FF07}' => '\'',
        '\u{201C}'..='\u{201F}' | '\u{2033}' | '\u{2036}' | '\u{AB}' | '\u{BB}' | '\u{FF02}' => '"',
        '\u{2010}'..='\u{2015}'
        | '\u{2043}'
        | '\u{2212}'
        | '\u{FE58}'
        | '\u{FE63}'
        | '\u{FF0D}' => '-',
        '\u{2022}' | '\u{2219}' | '\u{22C5}' => '\u{B7}',
        _ => it,
    }
}

/// A word, or where it is a link one sign for all of them; what stands around the link stays.
fn unlinked(word: &str) -> String {
    let around = |it: char| !it.is_alphanumeric();
    let core = word.trim_matches(around);
    if !is_link(core) {
        return word.to_owned();
    }
    let (before, after) = word.split_once(core).unwrap_or((word, ""));
    // A slash at the end is the link's.
    format!("{before}{LINK}{}", after.trim_start_matches('/'))
}

fn is_link(word: &str) -> bool {
    if word.contains("://") || word.starts_with("www.") {
        return true;
    }
    let host = word.split(['/', '?', '#']).next().unwrap_or_default();
    let labels: Vec<&str> = host.split('.').collect();
    let is_label =
        |it: &&str| !it.is_empty() && it.chars().all(|it| it.is_alphanumeric() || it == '-');
    let is_top = |it: &&str| it.len() >= 2 && it.chars().all(char::is_alphabetic);
    labels.len() >= 2 && labels.iter().all(is_label) && labels.last().is_some_and(is_top)
}

#[cfg(test)]
mod tests;
