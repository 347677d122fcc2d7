//! Texts that others write into rows: what is saved can be read, mailed to, and opened.

use crate::Refused;
use crate::text::is_blank;

const TEXT_LETTERS_MAX: usize = 200;
const URL_BYTES_MAX: usize = 2_000;
/// Bytes of the part of a mail address before its `@`, and of a word of a host's name (RFC 5321).
const USER_BYTES_MAX: usize = 64;
const LABEL_BYTES_MAX: usize = 63;

/// One line that people can read, trimmed. Its length is in letters, as the documents count it.
pub(crate) fn short_text<'a>(field: &str, text: &'a str) -> Result<&'a str, Refused> {
    let text = text.trim();
    let is_good = !is_blank(text)
        && text.chars().count() <= TEXT_LETTERS_MAX
        && !text.chars().any(char::is_control);
    is_good.then_some(text).ok_or_else(|| {
        let why = format!("{field}: 1 to {TEXT_LETTERS_MAX} letters, without control characters");
        Refused::invalid(why)
    })
}

/// A mail address in lower case, of the form that every mail server takes: what is saved can be mailed to, and is one address.
pub(crate) fn mail_address(field: &str, address: &str) -> Result<String, Refused> {
    let address = short_text(field, address)?.to_lowercase();
    let is_good = address.split_once('@').is_some_and(|(user, host)| {
        user.len() <= USER_BYTES_MAX
            && user.split('.').all(is_atom)
            && host.split('.').all(is_label)
    });
    is_good
        .then_some(address)
        .ok_or_else(|| Refused::invalid(format!("{field}: no mail address")))
}

/// What may stand before the `@` without quotes (RFC 5322).
fn is_atom(text: &str) -> bool {
    let may_stand = |it: u8| it.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&it);
    !text.is_empty() && text.bytes().all(may_stand)
}

/// A word of a host's name (RFC 1123).
fn is_label(text: &str) -> bool {
    let is_inside = |it: u8| it.is_ascii_alphanumeric() || it == b'-';
    let fits = !text.is_empty() && text.len() <= LABEL_BYTES_MAX;
    fits && text.bytes().all(is_inside) && !text.starts_with('-') && !text.ends_with('-')
}

/// Address that a browser is sent to: of the web, without a user, in one word.
pub(crate) fn browser_url<'a>(field: &str, url: &'a str) -> Result<&'a str, Refused> {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next());
    let is_good = host.is_some_and(|host| !host.is_empty() && !host.contains(['@', '\\']))
        && url.len() <= URL_BYTES_MAX
        && !url.chars().any(|it| it.is_whitespace() || it.is_control());
    is_good.then_some(url).ok_or_else(|| {
        let why = format!(
            "{field}: an address like https://app.example/linked, of at most {URL_BYTES_MAX} bytes, without a user"
        );
        Refused::invalid(why)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r_api_1_a_text_is_as_long_as_people_count_it_and_says_something() {
        let longest = "あ".repeat(TEXT_LETTERS_MAX);
        for good in ["x", " Ada ", "م\u{200d}ن", longest.as_str()] {
            assert_eq!(short_text("name", good).ok(), Some(good.trim()), "{good}");
        }
        let longer = format!("{longest}x");
        for bad in ["", "\u{200b}\u{2060}", "\u{feff} ", "a\nb", longer.as_str()] {
            let refused = short_text("name", bad).expect_err(bad);
            assert!(refused.why.starts_with("name: 1 to 200 letters"), "{bad:?}");
        }
    }

    #[test]
    fn r_lnk_7_an_address_that_is_saved_is_one_that_is_mailed() {
        let longest = "u".repeat(USER_BYTES_MAX);
        for good in [
            "Ada.O'Neil+x@Acme-Mail.example",
            "a@localhost",
            &format!("{longest}@x.example"),
        ] {
            let read = mail_address("owner.email", good);
            assert_eq!(read.ok(), Some(good.to_lowercase()));
        }
        for bad in [
            "ada",
            "@x.example",
            "ada@",
            "a@b@c",
            "a b@x.example",
            "a@x.example, b@x.example",
            "a,b@x.example",
            "<a@x.example>",
            "\"a\"@x.example",
            "a..b@x.example",
            "a.@x.example",
            "a@x..example",
            "a@x.example.",
            "a@-x.example",
            "a@x_y.example",
            "a@[127.0.0.1]",
            "ä@x.example",
            "a@exämple.example",
            "a\u{200b}@x.example",
            "a@x.example\r\nBcc: b@x.example",
            &format!("{longest}u@x.example"),
        ] {
            let refused = mail_address("owner.email", bad).expect_err(bad);
            assert!(refused.why.starts_with("owner.email: "), "{bad}");
        }
    }
}
