//! What HTTP/1.1 asks of a request's head, as far as the library below lets it pass (RFC 9110, RFC 9112).

use crate::problem::Problem;
use axum::http::{HeaderMap, HeaderName, Version, header};
use operations::Code;

/// Headers that say one thing: of two, any reader between may have believed the other one.
const ONCE: [HeaderName; 3] = [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::HOST];

/// Refuses a head that breaks the rules, or asks for a coding that is not read here.
pub(crate) fn check_head(version: Version, headers: &HeaderMap) -> Result<(), Problem> {
    let doubled = ONCE
        .iter()
        .find(|name| headers.get_all(*name).iter().nth(1).is_some());
    if let Some(name) = doubled {
        let detail = format!("the header {name} stands in it twice");
        return Err(Problem::of_code(Code::BadRequest, detail));
    }
    if version == Version::HTTP_11 && !headers.contains_key(header::HOST) {
        let detail = "HTTP/1.1 needs the header Host";
        return Err(Problem::of_code(Code::BadRequest, detail));
    }
    if !is(headers, &header::TRANSFER_ENCODING, "chunked") {
        let detail = "no transfer coding but chunked is read";
        return Err(Problem::of_code(Code::TransferCoding, detail));
    }
    if !is(headers, &header::CONTENT_ENCODING, "identity") {
        let detail = "send the body as it is, without Content-Encoding";
        return Err(Problem::of_code(Code::MediaType, detail));
    }
    if !is(headers, &header::EXPECT, "100-continue") {
        let detail = "nothing but 100-continue can be expected";
        return Err(Problem::of_code(Code::Expectation, detail));
    }
    Ok(())
}

/// Whether a header is absent, or says nothing but this.
fn is(headers: &HeaderMap, name: &HeaderName, word: &str) -> bool {
    let said = headers.get_all(name).iter();
    said.map(|it| it.to_str().unwrap_or_default().trim())
        .all(|it| it.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::check_head;
    use axum::http::{HeaderMap, HeaderName, HeaderValue, Version};

    fn refused(version: Version, head: &[(&'static str, &'static str)]) -> String {
        let mut headers = HeaderMap::new();
        for (name, value) in head {
            let name = HeaderName::from_static(name);
            headers.append(name, HeaderValue::from_static(value));
        }
        match check_head(version, &headers) {
            Ok(()) => String::new(),
            Err(problem) => format!("{problem:?}"),
        }
    }

    #[test]
    fn r_api_2_a_head_that_breaks_the_rules_is_refused() {
        const HOST: (&str, &str) = ("host", "x");
        let v11 = Version::HTTP_11;
        for good in [
            &[HOST][..],
            &[
                HOST,
                ("transfer-encoding", "Chunked"),
                ("expect", "100-Continue"),
            ],
            &[
                HOST,
                ("content-encoding", "identity"),
                ("content-type", "a/b"),
            ],
        ] {
            assert_eq!(refused(v11, good), "", "{good:?}");
        }
        assert_eq!(refused(Version::HTTP_10, &[]), "", "HTTP/1.0 has no Host");
        for (bad, code) in [
            (&[][..], "BadRequest"),
            (&[HOST, HOST], "BadRequest"),
            (
                &[HOST, ("content-type", "a/b"), ("content-type", "a/b")],
                "BadRequest",
            ),
            (
                &[HOST, ("transfer-encoding", "gzip, chunked")],
                "TransferCoding",
            ),
            (&[HOST, ("content-encoding", "gzip")], "MediaType"),
            (&[HOST, ("expect", "200-maybe")], "Expectation"),
        ] {
            let said = refused(v11, bad);
            assert!(said.contains(code), "{bad:?}: {said}");
        }
    }
}
