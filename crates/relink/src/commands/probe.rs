//! `relink probe http://host:port/path`: a health check for images that have no shell and no other program.

use super::Failure;
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode, Url};
use std::process::ExitCode;
use std::time::Duration;

/// Limit of the request from connecting to the answer's last byte; readiness itself answers within 2 s a check.
const TIMEOUT: Duration = Duration::from_secs(8);
/// Limit of what is read of an answer; `/readyz` says far less.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// Exit code 0 if the address answers with 200 to 299, else 1 with what it said instead.
pub(crate) async fn run(url: &str) -> Result<ExitCode, Failure> {
    let address = parse_address(url)?;
    let (status, body) = ask(address).await.map_err(|error| {
        Failure::new(if error.is_timeout() {
            format!("{url}: no answer within {} s", TIMEOUT.as_secs())
        } else {
            format!("ask {url}: {}", fleet::chain(&error.without_url()))
        })
    })?;
    if status.is_success() {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("relink: {url}: {} {}", status.as_u16(), body.trim());
    Ok(ExitCode::FAILURE)
}

/// Health is served without TLS, on an address that only the machine or the cluster reaches, and on a port of its own.
fn parse_address(url: &str) -> Result<Url, Failure> {
    let rest = url
        .strip_prefix("http://")
        .ok_or_else(|| Failure::new(format!("{url:?} does not begin with http://")))?;
    let host = rest.split('/').next().unwrap_or_default();
    let address = Url::parse(url).ok();
    address
        .filter(|_| host.contains(':') && !url.contains(char::is_whitespace))
        .ok_or_else(|| Failure::new(format!("{url:?} is not like http://127.0.0.1:9464/readyz")))
}

async fn ask(address: Url) -> Result<(StatusCode, String), reqwest::Error> {
    let client = Client::builder()
        .user_agent("relink-probe")
        .redirect(Policy::none())
        .no_proxy()
        // An image may have no certificates, and none are needed here.
        .tls_certs_only([])
        .timeout(TIMEOUT)
        .build()?;
    let answer = client.get(address).send().await?;
    let status = answer.status();
    Ok((status, read(answer).await?))
}

async fn read(mut answer: Response) -> Result<String, reqwest::Error> {
    let mut bytes = vec![];
    while let Some(chunk) = answer.chunk().await? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() >= ANSWER_BYTES_MAX {
            bytes.truncate(ANSWER_BYTES_MAX);
            break;
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_as_it_stands_and_what_is_none_is_refused() {
        for (url, host, path) in [
            ("http://127.0.0.1:9464/readyz", "127.0.0.1", "/readyz"),
            ("http://[::1]:1/a/b?c", "[::1]", "/a/b"),
            ("http://api:8080", "api", "/"),
        ] {
            let address = parse_address(url).ok();
            let found = address.as_ref().map(|it| (it.host_str(), it.path()));
            assert_eq!(found, Some((Some(host), path)), "{url}");
        }
        for url in [
            "https://a:1/",
            "a:1/healthz",
            "http://a/healthz",
            "http://a:1/a b",
            "http://a:port/",
        ] {
            assert!(parse_address(url).is_err(), "{url}");
        }
    }
}
