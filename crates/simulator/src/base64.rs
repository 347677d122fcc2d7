//! The two base64 alphabets that the provider uses: URL-safe without padding in ids, the plain one in cursors.

const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const PLAIN: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Without padding; 16 bytes make the 22 characters of an account id.
pub(crate) fn url_safe(bytes: &[u8]) -> String {
    encode(bytes, URL_SAFE)
}

/// With padding.
pub(crate) fn plain(bytes: &[u8]) -> String {
    let mut text = encode(bytes, PLAIN);
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

fn encode(bytes: &[u8], alphabet: &[u8; 64]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().enumerate().fold(0_u32, |sum, (place, &byte)| {
            sum | u32::from(byte) << (16 - 8 * place)
        });
        for place in 0..=chunk.len() {
            let digit = (group >> (18 - 6 * place)) & 63;
            text.push(char::from(alphabet[digit as usize]));
        }
    }
    text
}

/// Reads [`plain`]; `None` for anything that it does not write.
pub(crate) fn read_plain(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=');
    let mut bytes = Vec::with_capacity(digits.len() * 3 / 4);
    let (mut group, mut bits) = (0_u32, 0_u32);
    for letter in digits.bytes() {
        let digit = PLAIN.iter().position(|&known| known == letter)?;
        group = (group << 6 | u32::try_from(digit).ok()?) & 0xff_ffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(group >> bits & 0xff).ok()?);
        }
    }
    (plain(&bytes) == text).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_known_examples_come_out_right() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(plain(bytes.as_bytes()), text);
            assert_eq!(read_plain(text).as_deref(), Some(bytes.as_bytes()));
        }
        assert_eq!(url_safe(&[0xfb; 16]).len(), 22);
        assert_eq!(url_safe(&[0xff, 0xef]), "_-8");
    }

    #[test]
    fn what_was_not_written_here_is_not_read() {
        for text in ["Zg", "Zg=", "Zh==", "Z", "Zm9v=", "Zm 9", "Zm9-"] {
            assert_eq!(read_plain(text), None, "{text}");
        }
    }
}
