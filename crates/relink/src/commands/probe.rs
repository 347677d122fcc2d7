//! `relink probe http://host:port/path`: a health check for images that have no shell and no other program.

use super::Failure;
use std::process::ExitCode;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// For the whole of it; readiness itself answers within 2 s a check.
const TIMEOUT: Duration = Duration::from_secs(8);
/// Of an answer as much is read; `/readyz` says far less.
const ANSWER_BYTES_MAX: u64 = 64 * 1024;

/// Exit code 0 if the address answers with 200 to 299, else 1 with what it said instead.
pub(crate) async fn run(url: &str) -> Result<ExitCode, Failure> {
    let (host, path) = parts(url)?;
    let answer = tokio::time::timeout(TIMEOUT, ask(host, path))
        .await
        .map_err(|_| Failure::new(format!("{url}: no answer within {} s", TIMEOUT.as_secs())))?
        .map_err(|error| Failure::new(format!("ask {url}: {error}")))?;
    let status = status(&answer)
        .ok_or_else(|| Failure::new(format!("{url}: what answers does not speak HTTP")))?;
    if (200..300).contains(&status) {
        return Ok(ExitCode::SUCCESS);
    }
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    eprintln!("relink: {url}: {status} {}", body.trim());
    Ok(ExitCode::FAILURE)
}

/// `host:port` and path. Health is served without TLS, on an address that only the machine or the cluster reaches.
fn parts(url: &str) -> Result<(&str, &str), Failure> {
    let rest = url
        .strip_prefix("http://")
        .ok_or_else(|| Failure::new(format!("{url:?} does not begin with http://")))?;
    let (host, path) = rest
        .find('/')
        .map_or((rest, "/"), |slash| rest.split_at(slash));
    if url.contains(char::is_whitespace) || !host.contains(':') {
        return Err(Failure::new(format!(
            "{url:?} is not like http://127.0.0.1:9464/readyz"
        )));
    }
    Ok((host, path))
}

async fn ask(host: &str, path: &str) -> Result<String, std::io::Error> {
    let mut stream = TcpStream::connect(host).await?;
    // 1.0: the answer ends with the connection, and never comes in chunks.
    let asked = format!("GET {path} HTTP/1.0\r\nHost: {host}\r\nUser-Agent: relink-probe\r\n\r\n");
    stream.write_all(asked.as_bytes()).await?;
    let mut answer = Vec::new();
    stream
        .take(ANSWER_BYTES_MAX)
        .read_to_end(&mut answer)
        .await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

fn status(answer: &str) -> Option<u16> {
    let rest = answer.strip_prefix("HTTP/1.")?;
    rest.split(' ').nth(1)?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_apart_and_what_is_none_is_refused() {
        for (url, expected) in [
            (
                "http://127.0.0.1:9464/readyz",
                ("127.0.0.1:9464", "/readyz"),
            ),
            ("http://[::1]:1/a/b?c", ("[::1]:1", "/a/b?c")),
            ("http://api:8080", ("api:8080", "/")),
        ] {
            assert_eq!(parts(url).ok(), Some(expected), "{url}");
        }
        for url in [
            "https://a:1/",
            "a:1/healthz",
            "http://a/healthz",
            "http://a:1/a b",
        ] {
            assert!(parts(url).is_err(), "{url}");
        }
    }

    #[test]
    fn the_status_is_read_from_the_first_line_only() {
        for (answer, expected) in [
            ("HTTP/1.0 200 OK\r\n\r\nok", Some(200)),
            ("HTTP/1.1 503 Service Unavailable\r\n\r\n200", Some(503)),
            ("HTTP/1.1 204\r\n\r\n", Some(204)),
            ("SSH-2.0-x 200", None),
            ("", None),
        ] {
            assert_eq!(status(answer), expected, "{answer}");
        }
    }
}
