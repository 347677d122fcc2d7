//! A provider whose clock is wrong: every instant that it shows is moved, and none that the referee keeps.

use crate::world::World;
use axum::body::{Body, to_bytes};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_LENGTH, DATE};
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// Members of the provider's objects that hold an instant: text in RFC 3339, or milliseconds since 1970.
const INSTANTS: [&str; 4] = ["created_at", "timestamp", "date", "parsed_datetime"];

/// The answer with its `Date` by the provider's clock, and its instants moved as far as that clock is wrong.
pub(crate) async fn shown(world: &World, answer: Response) -> Response {
    let skew = SignedDuration::from_secs(world.faults().skew_seconds);
    let mut answer = match skew {
        SignedDuration::ZERO => answer,
        skew => moved(answer, skew).await,
    };
    let now = world.clock.now().checked_add(skew).unwrap_or_default();
    let date = now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if let Ok(date) = HeaderValue::from_str(&date) {
        answer.headers_mut().insert(DATE, date);
    }
    answer
}

/// What is no JSON stays as it is; pages of the simulator are small enough to be read whole.
async fn moved(answer: Response, skew: SignedDuration) -> Response {
    let (mut parts, body) = answer.into_parts();
    let Ok(bytes) = to_bytes(body, usize::MAX).await else {
        return Response::from_parts(parts, Body::empty());
    };
    let Ok(mut value) = serde_json::from_slice::<Value>(&bytes) else {
        return Response::from_parts(parts, Body::from(bytes));
    };
    shift(&mut value, skew);
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(value.to_string()))
}

fn shift(value: &mut Value, skew: SignedDuration) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| shift(item, skew)),
        Value::Object(members) => {
            for (name, member) in members {
                match later(member, skew).filter(|_| INSTANTS.contains(&name.as_str())) {
                    Some(instant) => *member = instant,
                    None => shift(member, skew),
                }
            }
        }
        _ => {}
    }
}

fn later(member: &Value, skew: SignedDuration) -> Option<Value> {
    if let Some(ms) = member.as_i64() {
        let skew = i64::try_from(skew.as_millis()).ok()?;
        return Some(Value::from(ms.checked_add(skew)?));
    }
    let at: Timestamp = member.as_str()?.parse().ok()?;
    Some(Value::from(format!("{:.3}", at.checked_add(skew).ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_instant_that_is_shown_moves_and_nothing_else_does() {
        let mut page = json!({ "items": [
            { "id": "2026-01-31T12:00:00.000Z", "created_at": "2026-01-31T12:00:00.000Z", "cursor": null },
            { "created_at": 1_000_000, "date": "Sent today", "sources": [{ "timestamp": "2026-01-31T00:00:00.000Z" }] },
        ] });
        shift(&mut page, SignedDuration::from_mins(-10));
        let moved = json!({ "items": [
            { "id": "2026-01-31T12:00:00.000Z", "created_at": "2026-01-31T11:50:00.000Z", "cursor": null },
            { "created_at": 400_000, "date": "Sent today", "sources": [{ "timestamp": "2026-01-30T23:50:00.000Z" }] },
        ] });
        assert_eq!(page, moved);
    }
}
