//! Where the provider's bytes become texts that nothing of ours breaks on (R-WAT-4).
//!
//! A body is thinned while it is read ([`Thinner`]): what we never use is not kept, and no text grows without end. Then it
//! is mended ([`mended`]): half a character and NUL become U+FFFD, so that any JSON of theirs is JSON to us. Then each item
//! of a list is read alone ([`Listed`]). A text that names something is believed only if it is one
//! (`policy::identity::name`); one that is shown is made printable ([`line`]).

mod listed;
mod mend;
mod thin;

pub(crate) use listed::{Listed, item};
pub(crate) use mend::mended;
pub(crate) use thin::{Cut, Thinner};

/// Turns the order of what is shown around, or breaks the line.
const TURNS: [char; 11] = [
    '\u{2028}', '\u{2029}', '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}', '\u{2066}',
    '\u{2067}', '\u{2068}', '\u{2069}',
];

/// A text for people, on one line: at most `chars_max` characters, each of which can be stored and shown.
pub(crate) fn line(text: &str, chars_max: usize) -> String {
    let shown = |it: char| match it {
        it if it.is_control() || TURNS.contains(&it) => char::REPLACEMENT_CHARACTER,
        it => it,
    };
    text.trim().chars().take(chars_max).map(shown).collect()
}
