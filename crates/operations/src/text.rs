//! Text for people.

use jiff::Timestamp;

/// To the second, in UTC: operators sit in several places.
pub fn utc(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// What others wrote, without line feeds, colours and marks of writing direction that could pass for ours, or hide it.
pub fn one_line(text: &str) -> String {
    let plain = |it: char| {
        if it.is_control() || is_unseen(it) {
            it.escape_default().to_string()
        } else {
            it.to_string()
        }
    };
    text.chars().map(plain).collect()
}

/// Letters of a reason at most.
pub const REASON_MAX: usize = 4_000;

/// Whether a text says nothing to whoever reads it: spaces, control characters, and letters that nobody sees.
pub fn is_blank(text: &str) -> bool {
    // Joiners are how some names are written, between letters.
    let is_joiner = |it: char| matches!(it, '\u{200c}' | '\u{200d}');
    let is_nothing =
        |it: char| it.is_whitespace() || it.is_control() || is_unseen(it) || is_joiner(it);
    text.chars().all(is_nothing)
}

/// Whether a character turns or ends a line, or takes no room, and is not part of how a language is written.
const fn is_unseen(it: char) -> bool {
    matches!(
        it,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod interlock_tests {
    use super::{is_blank, one_line};

    #[test]
    fn a_text_of_what_nobody_sees_is_blank() {
        for blank in ["", " \t\n", "\u{200b}\u{200d}", "\u{feff} \u{2060}\u{7}"] {
            assert!(is_blank(blank), "{blank:?}");
        }
        for said in ["x", "\u{200b}x", "م\u{200d}ن", "…", "好"] {
            assert!(!is_blank(said), "{said:?}");
        }
    }

    #[test]
    fn what_others_wrote_stays_on_its_line() {
        assert_eq!(
            one_line("a\nb\u{1b}[31mc\u{2009}é"),
            "a\\nb\\u{1b}[31mc\u{2009}é"
        );
        // Joiners are how some names are written; what turns or hides a text is not.
        assert_eq!(
            one_line("\u{202e}eve\u{2069}\u{2028}\u{feff}م\u{200d}ن\u{e0041}"),
            "\\u{202e}eve\\u{2069}\\u{2028}\\u{feff}م\u{200d}ن\\u{e0041}"
        );
    }
}
