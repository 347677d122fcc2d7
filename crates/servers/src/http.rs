use std::{net::Ipv4Addr, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::ServerError;

/// A node that has run out of file handles accepts connections and never answers.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Asks the node's management interface; returns the status code. One request a connection, no body read: enough to
/// make vhosts and to ask for health, and no reason for a whole HTTP client.
pub(crate) async fn ask(
    port: u16,
    login: &str,
    method: &str,
    path: &str,
) -> Result<u16, ServerError> {
    let what = || format!("ask RabbitMQ's management interface to {method} {path}");
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Basic {}\r\n\
         Content-Type: application/json\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        base64(login.as_bytes()),
    );
    let exchange = async {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        std::io::Result::Ok(answer)
    };
    let late = |_| ServerError::Refused {
        what: what(),
        answer: format!("no answer within {ANSWER_WITHIN:?}"),
    };
    let answer = timeout(ANSWER_WITHIN, exchange)
        .await
        .map_err(late)?
        .map_err(ServerError::io(what()))?;
    status(&answer).ok_or_else(|| ServerError::Refused {
        what: what(),
        answer: "not HTTP".to_owned(),
    })
}

fn status(answer: &[u8]) -> Option<u16> {
    let line = answer.split(|it| *it == b'\r').next()?;
    std::str::from_utf8(line)
        .ok()?
        .split(' ')
        .nth(1)?
        .parse()
        .ok()
}

/// Everything but letters, digits, `-`, `.`, `_` and `~` as `%XX`, as names stand in URLs.
pub(crate) fn escaped(name: &str) -> String {
    let escape = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    name.bytes().map(escape).collect()
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= group.len() {
                char::from(digit)
            } else {
                '='
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_standard() {
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
        ] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn a_slash_in_a_vhost_is_escaped() {
        assert_eq!(escaped("/"), "%2F");
        assert_eq!(escaped("test-1.a_b~c"), "test-1.a_b~c");
    }

    #[test]
    fn the_status_is_read_from_the_first_line_only() {
        assert_eq!(
            status(b"HTTP/1.1 204 No Content\r\nx: 500 y\r\n\r\n"),
            Some(204)
        );
        assert_eq!(status(b"AMQP"), None);
    }
}
