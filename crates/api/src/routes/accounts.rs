//! What operators say of when, how much and whether an account sends (R-CAP-1, R-CAP-3).

use crate::document::Made;
use crate::methods::{patch, post};
use crate::route::{Route, act};
use operations::accounts::{Cap, Hold, Rules, SetTier};
use serde_json::{Value, json};

/// The part of operators' routes that is about accounts as senders.
#[rustfmt::skip] // A table: a line a route.
pub(super) fn routes() -> Vec<Route> {
    vec![
        act::<Hold>(post(), "/v1/accounts/{id}/holds", "Keeps an account from sending until its time, or until a person ends it").makes(&[Made::Instant("ends_at")]),
        act::<Cap>(patch(), "/v1/accounts/{id}/caps/{action}", "Lowers an account's caps of an action, or lifts them with a note (R-CAP-1)").makes(&[Made::Object("caps", caps)]),
        act::<Rules>(patch(), "/v1/accounts/{id}/rules", "Changes an account's window, weekdays, zone and ramp (R-CAP-3)").makes(&[Made::Object("rules", rules)]),
        act::<SetTier>(post(), "/v1/accounts/{id}/tier", "Says what an account pays for"),
    ]
}

/// Schema of the caps in force.
fn caps() -> Value {
    let cap = json!({ "type": "integer", "minimum": 0 });
    json!({ "type": "object", "properties": { "day": cap, "week": cap }, "required": ["day", "week"] })
}

/// Schema of the rules in force.
fn rules() -> Value {
    let text = json!({ "type": "string" });
    let days = json!({ "type": "array", "items": text });
    json!({ "type": "object", "required": ["zone", "window", "days", "ramp"],
        "properties": { "zone": text, "window": text, "days": days, "ramp": text } })
}
