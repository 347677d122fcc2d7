//! Texts in another form than they were written in.

use crate::control::TextForm;
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

/// What [`TextForm::Any`] draws from.
const FORMS: [TextForm; 8] = [
    TextForm::Written,
    TextForm::Composed,
    TextForm::Decomposed,
    TextForm::Quotes,
    TextForm::Entities,
    TextForm::Selectors,
    TextForm::Links,
    TextForm::Trimmed,
];

/// The text in that form.
pub(crate) fn shown(text: &str, form: TextForm) -> String {
    match form {
        TextForm::Written => text.to_owned(),
        TextForm::Composed => text.nfc().collect(),
        TextForm::Decomposed => text.nfd().collect(),
        TextForm::Quotes => quoted(text),
        TextForm::Entities => escaped(text),
        TextForm::Selectors => selected(text),
        TextForm::Links => text
            .split_inclusive(char::is_whitespace)
            .map(short)
            .collect(),
        TextForm::Trimmed => text.split_whitespace().collect::<Vec<_>>().join(" "),
        TextForm::Any => shown(text, drawn(text)),
    }
}

/// A text is always shown in the same form.
fn drawn(text: &str) -> TextForm {
    let first = Sha256::digest(text)[0];
    FORMS[usize::from(first) % FORMS.len()]
}

fn quoted(text: &str) -> String {
    let mut begins = true;
    let text = text.replace("...", "\u{2026}").replace(" - ", " \u{2013} ");
    let quote = |it: char| {
        let opens = begins;
        begins = it.is_whitespace() || it == '(';
        match it {
            '\'' if opens => '\u{2018}',
            '\'' => '\u{2019}',
            '"' if opens => '\u{201C}',
            '"' => '\u{201D}',
            it => it,
        }
    };
    text.chars().map(quote).collect()
}

fn escaped(text: &str) -> String {
    let entity = |it: char| match it {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '"' => "&quot;".to_owned(),
        '\'' => "&#39;".to_owned(),
        it if it.is_ascii() => it.to_string(),
        it => format!("&#x{:X};", u32::from(it)),
    };
    text.chars().map(entity).collect()
}

fn selected(text: &str) -> String {
    let mut written = String::from("\u{FEFF}");
    for it in text.chars() {
        written.push(it);
        match it {
            ' ' => written.push('\u{200B}'),
            it if !it.is_alphanumeric() && !it.is_ascii() => written.push('\u{FE0F}'),
            _ => {}
        }
    }
    written
}

/// A link leads through the provider's own counter, and keeps the white space behind it.
fn short(word: &str) -> String {
    if !word.starts_with("http://") && !word.starts_with("https://") {
        return word.to_owned();
    }
    let link = word.trim_end();
    let digest = Sha256::digest(link);
    let space = &word[link.len()..];
    format!(
        "https://lnkd.in/e{:02x}{:02x}{:02x}{space}",
        digest[0], digest[1], digest[2]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_another_text_and_the_draw_never_changes() {
        let written = " Jose\u{301} \"says\" it's <b> & zoe\u{308}'s: https://relink.example/a\nZo\u{eb} \u{2600} - ... ";
        for form in FORMS.into_iter().skip(1) {
            assert_ne!(shown(written, form), written, "{form:?}");
        }
        assert_eq!(shown(written, TextForm::Written), written);
        let any = shown(written, TextForm::Any);
        assert_eq!(any, shown(written, TextForm::Any));
        assert_eq!(
            shown("it's \"a\"", TextForm::Quotes),
            "it\u{2019}s \u{201C}a\u{201D}"
        );
        assert_eq!(
            shown("<a> & 'b'", TextForm::Entities),
            "&lt;a&gt; &amp; &#39;b&#39;"
        );
        let links = shown("see https://x.example/long now", TextForm::Links);
        assert!(
            links.starts_with("see https://lnkd.in/e") && links.ends_with(" now"),
            "{links}"
        );
    }

    #[test]
    fn each_form_is_drawn_now_and_then() {
        let drawn: Vec<TextForm> = (0..200).map(|it| drawn(&it.to_string())).collect();
        assert!(FORMS.iter().all(|form| drawn.contains(form)));
    }
}
