//! Names on a page that anybody may see over a shoulder: recognised by whoever knows them, and no text of a stranger's making
//! can write anything else into the page.

use crate::orphans::masked;

/// Words of a name that are shown.
const WORDS_MAX: usize = 4;

/// Name of a person of which enough is left to be recognised by whoever knows it: `A… L…`, `j…e@x.example`.
pub fn masked_name(name: &str) -> String {
    let name = shown_text(name, usize::MAX);
    if name.contains('@') {
        return masked_handle(&name);
    }
    let first = |word: &str| word.chars().find(|it| it.is_alphanumeric());
    let letters = name.split(' ').filter_map(first).take(WORDS_MAX);
    let masked: Vec<String> = letters.map(|letter| format!("{letter}…")).collect();
    if masked.is_empty() {
        "…".to_owned()
    } else {
        masked.join(" ")
    }
}

/// Handle as in [`masked`], at most a line long.
pub fn masked_handle(handle: &str) -> String {
    shown_text(&masked(&shown_text(handle, usize::MAX)), 80)
}

/// Text of at most that many characters, in one line, without characters that are not seen or that turn the line around.
pub fn shown_text(text: &str, characters_max: usize) -> String {
    let visible = |it: &char| !is_unseen(*it) || it.is_whitespace();
    let text: String = text.chars().filter(visible).collect();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= characters_max {
        return text;
    }
    let cut: String = text
        .chars()
        .take(characters_max.saturating_sub(1))
        .collect();
    format!("{}…", cut.trim_end())
}

/// Controls, marks of direction, joiners and other characters of no width.
fn is_unseen(it: char) -> bool {
    it.is_control()
        || matches!(it,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffd}' | '\u{e0000}'..='\u{e0fff}')
}
