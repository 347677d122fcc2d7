//! Answers in the document: each status once, by name, with its codes and headers.

use super::reference;
use operations::Code;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Codes of a route that shows something.
pub(super) fn codes_of_views() -> Vec<Code> {
    vec![
        Code::BadRequest,
        Code::BadCursor,
        Code::Unauthorized,
        Code::Scope,
        Code::NotFound,
        Code::Method,
        Code::MediaType,
        Code::Expectation,
        Code::Invalid,
        Code::UnknownField,
        Code::Rate,
        Code::Broken,
        Code::TransferCoding,
        Code::Later,
    ]
}

/// Codes of a route that does something.
pub(super) fn codes_of_acts() -> Vec<Code> {
    let more = [
        Code::BadJson,
        Code::Forbidden,
        Code::SlowBody,
        Code::Conflict,
        Code::TooLarge,
    ];
    let of_views = codes_of_views().into_iter();
    let of_views = of_views.filter(|code| *code != Code::BadCursor);
    of_views.chain(more).collect()
}

/// Answers of one route: 200 with that schema, and a problem for each status of the codes.
pub(super) fn of_route(schema: &str, codes: &[Code]) -> Value {
    let mut answers = Map::new();
    answers.insert(
        "200".to_owned(),
        json!({
            "description": "Done, or shown.",
            "headers": of_every_answer(),
            "content": { "application/json": { "schema": reference(schema) } },
        }),
    );
    for code in codes {
        answers.insert(code.status().to_string(), problem(*code));
    }
    Value::Object(answers)
}

/// Answer of every problem with the code's status.
pub(crate) fn problem(code: Code) -> Value {
    json!({ "$ref": format!("#/components/responses/{}", name(code.status())) })
}

/// Answers that routes refer to, by name: one a status.
pub(crate) fn components() -> Value {
    let mut by_status: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
    for code in Code::ALL {
        by_status
            .entry(code.status())
            .or_default()
            .push(code.as_str());
    }
    let answers = by_status.into_iter().map(|(status, codes)| {
        let said: Vec<String> = codes.iter().map(|code| format!("`{code}`")).collect();
        let mut headers = of_every_answer();
        for (name, component) in own_headers(status) {
            headers[*name] = header(component);
        }
        let answer = json!({
            "description": format!("{}: {}.", title(status), said.join(", ")),
            "headers": headers,
            "content": { "application/problem+json": { "schema": reference("Problem") } },
            "x-problem-codes": codes,
        });
        (name(status), answer)
    });
    Value::Object(answers.collect())
}

/// Headers that answers refer to, by name.
pub(crate) fn headers() -> Value {
    let text = |about: &str| json!({ "description": about, "schema": { "type": "string" } });
    let number = |about: &str| json!({ "description": about, "schema": { "type": "integer", "minimum": 0 } });
    json!({
        "RequestId": text("Names the request in the log: the asker's own where it can stand there, else a new one."),
        "RetryAfter": {
            "description": "Seconds after which trying again can help.",
            "schema": { "type": "integer", "minimum": 1 },
        },
        "RateLimit": number("Requests that may come at once."),
        "RateRemaining": number("Requests that may come now."),
        "RateReset": number("Seconds until as many may come as ever."),
        "Challenge": text("How to show a token."),
        "Allowed": text("Methods of this path."),
        "Version": text("Version that the thing is at by now."),
    })
}

fn of_every_answer() -> Value {
    json!({
        "X-Request-Id": header("RequestId"),
        "RateLimit-Limit": header("RateLimit"),
        "RateLimit-Remaining": header("RateRemaining"),
        "RateLimit-Reset": header("RateReset"),
    })
}

const fn own_headers(status: u16) -> &'static [(&'static str, &'static str)] {
    match status {
        401 => &[("WWW-Authenticate", "Challenge")],
        405 => &[("Allow", "Allowed")],
        412 => &[("ETag", "Version")],
        409 | 424 | 429 | 502 | 503 | 504 => &[("Retry-After", "RetryAfter")],
        _ => &[],
    }
}

fn header(name: &str) -> Value {
    json!({ "$ref": format!("#/components/headers/{name}") })
}

/// A status in words.
fn title(status: u16) -> &'static str {
    let status = axum::http::StatusCode::from_u16(status).ok();
    status
        .and_then(|it| it.canonical_reason())
        .unwrap_or("Error")
}

/// `NotFound`.
fn name(status: u16) -> String {
    title(status).replace([' ', '-'], "")
}

#[cfg(test)]
mod tests {
    use super::{codes_of_acts, codes_of_views, components, problem};
    use operations::Code;
    use serde_json::Value;

    #[test]
    fn every_code_has_its_answer_in_the_document() {
        let components = components();
        for code in Code::ALL {
            let to = problem(code)["$ref"].as_str().map(ToOwned::to_owned);
            let name = to.unwrap_or_default();
            let name = name.rsplit('/').next().unwrap_or_default();
            let codes = components[name]["x-problem-codes"].as_array();
            let is_said = codes.is_some_and(|it| it.contains(&Value::from(code.as_str())));
            assert!(is_said, "{code} in {name}");
        }
        for codes in [codes_of_views(), codes_of_acts()] {
            let mut once = codes.clone();
            once.sort_unstable();
            once.dedup();
            assert_eq!(once.len(), codes.len());
        }
    }
}
