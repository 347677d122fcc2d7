//! From bytes that should be JSON to JSON.

use std::borrow::Cow;

/// JSON of a body: without a mark of its byte order, each of its texts without NUL, halves of characters and raw control
/// characters. U+FFFD stands where they stood. What is no JSON stays none.
pub(crate) fn mended(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let text: Cow<'_, str> = match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned().into(),
        None => text,
    };
    let mut whole = String::with_capacity(text.len());
    let mut rest = text.as_ref();
    let mut is_text = false;
    while let Some(place) = rest.find(|it: char| it == '"' || is_text && (it == '\\' || it < ' ')) {
        whole.push_str(&rest[..place]);
        rest = &rest[place..];
        let taken = if rest.starts_with('"') {
            is_text = !is_text;
            whole.push('"');
            1
        } else {
            escape(rest, &mut whole)
        };
        rest = rest.get(taken..).unwrap_or_default();
    }
    whole.push_str(rest);
    whole
}

/// Writes the escape or raw control character with which `rest` begins; returns how many bytes it was.
fn escape(rest: &str, whole: &mut String) -> usize {
    let taken = match unit(rest) {
        Some(0xd800..0xdc00) if matches!(rest.get(6..).and_then(unit), Some(0xdc00..0xe000)) => 12,
        Some(0 | 0xd800..0xe000) => {
            whole.push(char::REPLACEMENT_CHARACTER);
            return 6;
        }
        Some(_) => 6,
        None if rest.starts_with('\\') => {
            let escaped = rest[1..].chars().next();
            1 + escaped.map_or(0, char::len_utf8)
        }
        None => {
            whole.push(char::REPLACEMENT_CHARACTER);
            return 1;
        }
    };
    whole.push_str(&rest[..taken]);
    taken
}

/// Number in an escape like `\ud83d`, with which `rest` begins.
fn unit(rest: &str) -> Option<u16> {
    let digits = rest.strip_prefix("\\u")?.get(..4)?;
    let all = digits.bytes().all(|it| it.is_ascii_hexdigit());
    all.then(|| u16::from_str_radix(digits, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    #[track_caller]
    fn check(body: &[u8], text: &str) {
        let read: Value = serde_json::from_str(&mended(body)).expect("JSON");
        assert_eq!(read, Value::from(text), "{body:?}");
    }

    /// Queue 1 and 2, watch A2 and A3: what Node writes of half an emoji, and NUL.
    #[test]
    fn r_wat_4_what_no_column_takes_becomes_a_mark_in_its_place() {
        for (body, text) in [
            (r#""Ann \ud83d""#, "Ann \u{fffd}"),
            (r#""\ud83dAnn""#, "\u{fffd}Ann"),
            (r#""\ude00 \uD83D\uDE00""#, "\u{fffd} 😀"),
            (r#""\ude00\ud83d""#, "\u{fffd}\u{fffd}"),
            (r#""\ud83d\ud83d\ude00""#, "\u{fffd}😀"),
            (r#""\ud83d\u0041""#, "\u{fffd}A"),
            (r#""\ud83d\n""#, "\u{fffd}\n"),
            (r#""a\u0000b""#, "a\u{fffd}b"),
            // An escaped backslash before the letters of an escape.
            (r#""a\\u0000\\ud83d""#, "a\\u0000\\ud83d"),
            (r#""\"\ud83d\"""#, "\"\u{fffd}\""),
            (r#""\u0001\uffff""#, "\u{1}\u{ffff}"),
            ("\u{feff}\"a\"", "a"),
            ("\"a\nb\0c\"", "a\u{fffd}b\u{fffd}c"),
        ] {
            check(body.as_bytes(), text);
        }
        check(b"\"a\xffb\"", "a\u{fffd}b");
    }

    #[test]
    fn r_wat_4_what_is_no_json_stays_none() {
        for body in [
            r#""\ud83""#,
            r#""\"#,
            r#""\u"#,
            "",
            "<html>",
            r#"{"a":"\uzzzz"}"#,
            "\u{feff}",
        ] {
            assert!(
                serde_json::from_str::<Value>(&mended(body.as_bytes())).is_err(),
                "{body}"
            );
        }
    }

    proptest! {
        #[test]
        fn r_wat_4_good_json_is_what_it_was(value in ".*", key in "[^\0]*") {
            prop_assume!(!value.contains('\0'));
            let value = serde_json::json!({ key: [value, 1, null, true] });
            for body in [value.to_string(), format!("{value:#}")] {
                prop_assert_eq!(&serde_json::from_str::<Value>(&mended(body.as_bytes())).expect("JSON"), &value);
            }
        }

        #[test]
        fn r_wat_4_no_bytes_panic_and_none_leave_a_nul(body: Vec<u8>) {
            if let Ok(Value::String(text)) = serde_json::from_str(&mended(&body)) {
                prop_assert!(!text.contains('\0'));
            }
        }
    }
}
