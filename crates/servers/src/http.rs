//! Requests to a private node's management interface.

use crate::ServerError;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hyper::Request;
use hyper::client::conn::http1::handshake;
use hyper::header::{AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST};
use hyper_util::rt::TokioIo;
use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A node that has run out of file handles accepts connections and never answers.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Asks the node's management interface; returns the status code. One request a connection, no body read: enough to
/// make vhosts and to ask for health.
pub(crate) async fn ask(
    port: u16,
    login: &str,
    method: &str,
    path: &str,
) -> Result<u16, ServerError> {
    let what = || format!("ask RabbitMQ's management interface to {method} {path}");
    let refused = |answer: String| ServerError::Refused {
        what: what(),
        answer,
    };
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(HOST, format!("127.0.0.1:{port}"))
        .header(
            AUTHORIZATION,
            format!("Basic {}", BASE64_STANDARD.encode(login)),
        )
        .header(CONTENT_TYPE, "application/json")
        .header(CONTENT_LENGTH, 0)
        .header(CONNECTION, "close")
        .body(String::new())
        .map_err(|error| refused(error.to_string()))?;
    timeout(ANSWER_WITHIN, exchange(port, request))
        .await
        .map_err(|_| refused(format!("no answer within {ANSWER_WITHIN:?}")))?
        .map_err(|error| match error.downcast::<hyper::Error>() {
            Ok(error) if error.is_parse() => refused("not HTTP".to_owned()),
            Ok(error) => ServerError::io(what())(io::Error::other(error)),
            Err(error) => ServerError::io(what())(error),
        })
}

async fn exchange(port: u16, request: Request<String>) -> io::Result<u16> {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    let (mut sender, connection) = handshake(TokioIo::new(stream))
        .await
        .map_err(io::Error::other)?;
    let answer = async move {
        let answer = sender.send_request(request).await;
        answer.map(|answer| answer.status().as_u16())
    };
    // The connection moves the bytes, and ends when the answer has been dropped. What breaks it breaks the answer too.
    let (status, _) = tokio::join!(answer, connection);
    status.map_err(io::Error::other)
}

/// A name as it stands in URLs: everything but letters, digits, `-`, `.`, `_` and `~` as `%XX`.
pub(crate) fn escaped(name: &str) -> String {
    let escape = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    name.bytes().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    /// Asks a peer that says this to whatever it hears; returns the outcome, and what the peer heard.
    async fn ask_a_peer(says: &str) -> (Result<u16, ServerError>, String) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("listen");
        let port = listener.local_addr().expect("an address").port();
        let peer = async {
            let (mut stream, _) = listener.accept().await.expect("accept");
            let mut heard = vec![0; 4096];
            let length = stream.read(&mut heard).await.expect("read");
            heard.truncate(length);
            stream.write_all(says.as_bytes()).await.expect("write");
            stream.shutdown().await.expect("close");
            String::from_utf8(heard).expect("text")
        };
        tokio::join!(ask(port, "user:word", "PUT", "/api/vhosts/a"), peer)
    }

    #[tokio::test]
    async fn a_status_is_the_answer_and_the_body_is_not_waited_for() {
        let cut_short = "HTTP/1.1 500 No\r\nContent-Length: 99\r\n\r\nx";
        for (says, expected) in [
            ("HTTP/1.1 204 No Content\r\nx: 500 y\r\n\r\n", 204),
            (cut_short, 500),
        ] {
            let (status, heard) = ask_a_peer(says).await;
            assert_eq!(status.ok(), Some(expected), "{says}");
            assert!(
                heard.starts_with("PUT /api/vhosts/a HTTP/1.1\r\n"),
                "{heard}"
            );
            let heard = heard.to_lowercase();
            assert!(heard.contains("content-length: 0\r\n"), "{heard}");
            assert!(
                heard.contains("authorization: basic dxnlcjp3b3jk\r\n"),
                "{heard}"
            );
        }
    }

    #[tokio::test]
    async fn what_does_not_speak_http_is_named() {
        let (status, _) = ask_a_peer("AMQP\0\0\x09\x01").await;
        let error = status.expect_err("no status");
        assert!(
            error.to_string().ends_with("/api/vhosts/a: not HTTP"),
            "{error}"
        );
    }

    #[test]
    fn a_slash_in_a_vhost_is_escaped() {
        assert_eq!(escaped("/"), "%2F");
        assert_eq!(escaped("test-1.a_b~c"), "test-1.a_b~c");
    }
}
