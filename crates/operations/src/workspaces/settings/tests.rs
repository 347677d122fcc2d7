//! What is saved can be obeyed (R-WSP-1, R-CAP-3).

use super::Settings;
use serde_json::{Value, json};

/// What a change asks the database for; the refusal's words where it is refused.
fn changes(of: Value) -> Result<Value, String> {
    let settings: Settings = serde_json::from_value(of).map_err(|error| error.to_string())?;
    settings.as_changes().map_err(|refused| refused.why)
}

#[test]
fn r_wsp_1_named_settings_change_null_ones_get_their_default_others_stay() {
    for (asked, written) in [
        (json!({}), json!({})),
        (
            json!({ "name": " Acme ", "zone": "Europe/Berlin" }),
            json!({ "name": "Acme", "zone": "Europe/Berlin" }),
        ),
        (
            json!({ "zone": null, "window": null }),
            json!({ "zone": null, "start_minute": null, "end_minute": null }),
        ),
        (
            json!({ "window": "18:00-09:00" }),
            json!({ "start_minute": 1080, "end_minute": 540 }),
        ),
        (
            json!({ "window": "08:30-24:00", "days": ["sun", "mon"] }),
            json!({ "start_minute": 510, "end_minute": 1440, "days": 65 }),
        ),
        (
            json!({ "on_sender_loss": "continue_with_remaining", "support_address": "Help@Acme.Example" }),
            json!({ "on_sender_loss": "continue_with_remaining", "support_address": "help@acme.example" }),
        ),
        (
            json!({ "contacts": [{ "address": "Ada@acme.example" }] }),
            json!({ "contacts": [{ "address": "ada@acme.example", "name": "" }] }),
        ),
    ] {
        assert_eq!(changes(asked.clone()), Ok(written), "{asked}");
    }
}

#[test]
fn r_cap_3_zones_and_windows_that_cannot_be_obeyed_are_not_saved() {
    for (asked, field) in [
        (json!({ "zone": "Mars/Phobos" }), "zone"),
        (json!({ "zone": "+02:00" }), "zone"),
        (json!({ "zone": "" }), "zone"),
        (json!({ "window": "9-18" }), "window"),
        (json!({ "window": "00:00-00:00" }), "window"),
        (json!({ "window": "09:00-09:00" }), "window"),
        (json!({ "window": "09:60-18:00" }), "window"),
        (json!({ "window": "09:00-24:01" }), "window"),
        (json!({ "window": "-1:00-18:00" }), "window"),
        (json!({ "window": "99:00-99:30" }), "window"),
        (json!({ "days": [] }), "days"),
        (json!({ "days": ["monday"] }), "days"),
        (json!({ "on_sender_loss": "stop" }), "on_sender_loss"),
        (json!({ "support_address": "nobody" }), "support_address"),
        (json!({ "support_address": "a b@c" }), "support_address"),
        (json!({ "contacts": [{ "address": "a@b@c" }] }), "contacts"),
        (json!({ "name": "\u{7}" }), "name"),
        (json!({ "name": " " }), "name"),
    ] {
        let refused = changes(asked.clone()).expect_err("refused");
        assert!(
            refused.starts_with(&format!("{field}: ")),
            "{asked}: {refused}"
        );
    }
    let unknown = changes(json!({ "colour": "red" })).expect_err("refused");
    assert!(unknown.contains("colour"), "{unknown}");
}
