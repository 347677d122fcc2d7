use super::super::samples::{case, warrant};
use super::*;
use serde_json::{Value, json};

/// What the database's function makes of its rows.
fn told() -> Value {
    let look = |number: i32, start: &str, end: &str| {
        json!({
            "number": number, "started_at": format!("2026-03-01T{start}+00:00"),
            "finished_at": format!("2026-03-01T{end}+00:00"), "seen": "gone", "control": "session-2",
            "control_good": true, "control_linked": true, "by_worker": true,
        })
    };
    json!({
        "at": "2026-03-01T10:02:03+00:00", "session": "session-1", "switch": true, "latch": null,
        "fleet": 100, "suspects": 1,
        "basis": { "kind": "case", "confirmed": true, "same_session": true },
        "linked": "missing", "awaited": false,
        "looks": [look(3, "10:02:02", "10:02:03"), look(2, "10:01:01", "10:01:02"), look(1, "10:00:00", "10:00:01")],
        "intents": 0,
        "flag": { "enabled_at": "2026-03-01T09:00:00+00:00", "ends_at": "2026-03-01T11:00:00+00:00", "by": "anna" },
        "guards": [],
        "refused": [],
    })
}

#[test]
fn r_del_1_the_databases_words_are_read_as_they_stand() {
    let read: GateFacts = serde_json::from_value(told()).expect("its own words");
    assert_eq!(read, case());
    let mut told = told();
    told["basis"] = json!({
        "kind": "warrant", "same_session": true, "issued_by": "anna", "issued_at": "2026-03-01T10:00:00+00:00",
        "approved_by": "ben", "ends_at": "2026-03-01T11:00:00+00:00", "revoked": false,
    });
    let read: GateFacts = serde_json::from_value(told).expect("its own words");
    assert_eq!(read.basis, warrant().basis);
}

#[test]
fn r_del_1_what_the_database_does_not_tell_is_not_made_up() {
    for field in [
        "at", "session", "switch", "fleet", "suspects", "basis", "awaited", "looks", "intents",
        "guards",
    ] {
        let mut told = told();
        told.as_object_mut().expect("an object").remove(field);
        let read = serde_json::from_value::<GateFacts>(told);
        assert!(read.is_err(), "{field} is missing");
    }
}

#[test]
fn r_del_1_facts_survive_their_way_through_json() {
    for facts in [case(), warrant()] {
        let read: GateFacts = serde_json::from_value(json!(facts)).expect("our own words");
        assert_eq!(read, facts);
    }
}
