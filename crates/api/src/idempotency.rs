//! `Idempotency-Key`: an act that is asked for twice with the same key is done once (R-API-2).

use crate::ask::Path;
use crate::problem::Problem;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use futures_util::TryStreamExt as _;
use operations::keys::{ActKey, KEY_BYTES_MAX};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::{Arc, Mutex, PoisonError};

/// Header with the key of an act.
const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Header of an answer that an earlier request was given already.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Digest of a body, known when it has been read.
pub(crate) struct BodyDigest(Arc<Mutex<Sha256>>);

/// Body as it came, and the digest of what is read of it.
pub(crate) fn digested(body: Body) -> (Body, BodyDigest) {
    let digest = Arc::new(Mutex::new(Sha256::new()));
    let reading = Arc::clone(&digest);
    let frames = body.into_data_stream().inspect_ok(move |bytes: &Bytes| {
        let mut digest = reading.lock().unwrap_or_else(PoisonError::into_inner);
        digest.update(bytes);
    });
    (Body::from_stream(frames), BodyDigest(digest))
}

/// Key of an act, if it has one. It stands for the route, the path, `If-Match` and every byte of the body, which has been read.
pub(crate) fn key_of(
    headers: &HeaderMap,
    (route, path): (&str, &Path),
    body: &BodyDigest,
) -> Result<Option<ActKey>, Problem> {
    let mut all = headers.get_all(KEY).iter();
    let Some(only) = all.next() else {
        return Ok(None);
    };
    let digest = body.0.lock().unwrap_or_else(PoisonError::into_inner);
    let digest = digest.clone().finalize();
    let condition = headers.get(header::IF_MATCH);
    let condition = condition.map_or(&b""[..], HeaderValue::as_bytes);
    let mut asked: Vec<&[u8]> = vec![&digest, condition];
    asked.extend(path.iter().map(|(_, value)| value.as_bytes()));
    let text = only.to_str().ok().filter(|_| all.next().is_none());
    let key = text.and_then(|text| ActKey::of(text, route, &asked));
    key.map(Some).ok_or_else(|| {
        let name = "idempotency-key";
        let detail = format!("{name}: one header of 1 to {KEY_BYTES_MAX} visible ASCII characters");
        Problem::field(Some(name.to_owned()), detail)
    })
}

/// Header that says that the act was done before.
pub(crate) fn replayed() -> (HeaderName, HeaderValue) {
    (REPLAYED, HeaderValue::from_static("true"))
}

/// Says in the document that an act takes a key.
pub(crate) fn describe_key(operation: &mut Value) {
    let parameter = json!({
        "name": "Idempotency-Key",
        "in": "header",
        "required": false,
        "schema": { "type": "string", "minLength": 1, "maxLength": KEY_BYTES_MAX, "pattern": "^[!-~]+$" },
        "description": "Any text of your own, best a UUID. Asked again with it within 24 hours, the act is answered as it was, and not done twice.",
    });
    if let Some(parameters) = operation["parameters"].as_array_mut() {
        parameters.push(parameter);
    }
    operation["responses"]["200"]["headers"]["Idempotent-Replayed"] = json!({
        "schema": { "type": "string", "enum": ["true"] },
        "description": "The act was done before, by a request with the same key.",
    });
}

#[cfg(test)]
mod tests {
    use super::{digested, key_of};
    use axum::body::{Body, to_bytes};
    use axum::http::{HeaderMap, HeaderValue};
    use operations::keys::ActKey;

    async fn key(
        headers: &[(&'static str, &'static str)],
        place: &str,
        body: &str,
    ) -> Option<ActKey> {
        let mut all = HeaderMap::new();
        for (name, value) in headers {
            all.append(*name, HeaderValue::from_static(value));
        }
        let (body, digest) = digested(Body::from(body.to_owned()));
        to_bytes(body, 1_000).await.expect("read it");
        let path = vec![("id".to_owned(), place.to_owned())];
        key_of(&all, ("POST /v1/things/{id}", &path), &digest)
            .ok()
            .flatten()
    }

    #[tokio::test]
    async fn r_api_2_a_key_stands_for_route_path_condition_and_bytes() {
        let one = ("idempotency-key", "one");
        let first = key(&[one], "a", "{}").await;
        assert!(first.is_some());
        assert_eq!(key(&[one], "a", "{}").await, first);
        assert_ne!(key(&[one], "b", "{}").await, first);
        assert_ne!(key(&[one], "a", "{ }").await, first);
        assert_ne!(key(&[one, ("if-match", "\"v1\"")], "a", "{}").await, first);
        assert_eq!(key(&[], "a", "{}").await, None);
        assert_eq!(key(&[one, one], "a", "{}").await, None);
        assert_eq!(key(&[("idempotency-key", "a b")], "a", "{}").await, None);
    }
}
