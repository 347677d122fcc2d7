//! Text for people.

use jiff::Timestamp;

/// To the second, in UTC: operators sit in several places.
pub fn utc(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// What others wrote, without the line feeds and colours that could pass for ours.
pub fn one_line(text: &str) -> String {
    let plain = |it: char| {
        if it.is_control() {
            it.escape_default().to_string()
        } else {
            it.to_string()
        }
    };
    text.chars().map(plain).collect()
}

#[cfg(test)]
mod interlock_tests {
    use super::one_line;

    #[test]
    fn what_others_wrote_stays_on_its_line() {
        assert_eq!(
            one_line("a\nb\u{1b}[31mc\u{2009}é"),
            "a\\nb\\u{1b}[31mc\u{2009}é"
        );
    }
}
