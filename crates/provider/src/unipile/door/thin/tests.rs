use super::*;
use crate::unipile::door::mended;
use proptest::prelude::*;
use serde_json::{Value, json};

fn thin(body: &str, bytes_max: usize, piece: usize) -> Result<Vec<u8>, Cut> {
    let mut thinner = Thinner::new(bytes_max);
    for piece in body.as_bytes().chunks(piece) {
        thinner.push(piece);
    }
    thinner.done()
}

fn read(body: &str) -> Value {
    let kept = thin(body, usize::MAX, 7).expect("all of it");
    serde_json::from_str(&mended(&kept)).expect("JSON")
}

/// Watch A4: signatures are HTML with pictures in it, organizations have no bound.
#[test]
fn r_wat_4_what_nobody_reads_is_not_kept() {
    let picture = "x\\\"}]".repeat(500_000);
    let organizations: Vec<_> = (0..50_000).map(|it| json!({"name": it})).collect();
    let account = json!({
        "object": "Account", "signatures": [{"title": "", "content": picture}], "id": "a",
        "connection_params": {"im": {"id": "ACoA", "organizations": organizations, "proxy": {"password": "p"}}},
        "groups": "", "sources": [{"id": "s", "status": "OK"}],
    });
    for body in [account.to_string(), format!("{account:#}")] {
        let kept = thin(&body, usize::MAX, 1000).expect("all of it");
        assert!(kept.len() < 300, "{} bytes", kept.len());
        let kept: Value = serde_json::from_slice(&kept).expect("JSON");
        assert_eq!(kept["id"], "a");
        assert_eq!(kept["connection_params"]["im"]["id"], "ACoA");
        assert_eq!(kept["connection_params"]["im"]["proxy"], Value::Null);
        assert_eq!(kept["sources"][0]["status"], "OK");
    }
}

#[test]
fn r_wat_4_a_long_text_is_cut_where_a_character_ends() {
    for (unit, kept) in [
        ("a", TEXT_BYTES_MAX),
        ("é", TEXT_BYTES_MAX / 2),
        ("\n", TEXT_BYTES_MAX / 2),
    ] {
        for before in ["", "b"] {
            let text = format!("{before}{}", unit.repeat(100_000));
            let body = json!({ "name": text, "id": "a" }).to_string();
            let read = read(&body);
            let name = read["name"].as_str().expect("a text");
            assert!(text.starts_with(name) && name.chars().count().abs_diff(kept) < 3);
            assert_eq!(read["id"], "a");
        }
    }
    let escaped = format!(r#"{{"name":"{}","id":"a"}}"#, r"\u00e9".repeat(20_000));
    assert_eq!(read(&escaped)["id"], "a");
}

/// One item that is too long alone: the list goes on behind it.
#[test]
fn r_wat_4_of_a_list_too_long_its_cursor_and_first_id_are_known() {
    let many: Vec<_> = (0..2000)
        .map(|it| json!({"id": it, "cursor": "no"}))
        .collect();
    let cut = |cursor: &str, id: &str| Cut {
        cursor: cursor.into(),
        id: id.into(),
    };
    for (cursor, told) in [(json!("c=\",}"), r#""c=\",}""#), (Value::Null, "null")] {
        let item = json!({ "object": "Account", "id": "a,b", "many": many });
        let list =
            json!({ "cursor": cursor, "items": [item, { "id": "c" }], "object": "AccountList" });
        assert_eq!(
            thin(&list.to_string(), 1000, 64),
            Err(cut(told, r#""a,b""#))
        );
        let list = format!(r#"{{"object":"AccountList","items":[{item}],"cursor":{cursor}}}"#);
        assert_eq!(thin(&list, 1000, 64), Err(cut(told, r#""a,b""#)));
        let list = json!({ "items": [{ "many": many }], "cursor": cursor });
        assert_eq!(thin(&list.to_string(), 1000, 64), Err(cut(told, "")));
    }
    assert_eq!(thin(&"x".repeat(1001), 1000, 64), Err(Cut::default()));
    assert_eq!(thin("4 04", 1000, 1), Ok(b"4 04".to_vec()));
}

proptest! {
    #[test]
    fn r_wat_4_thinning_short_json_changes_nothing(text in ".*", key in "[a-c]*", piece in 1_usize..9) {
        let value = json!({ key: [text, 1, { "id": text, "status": null }], "cursor": text });
        for body in [value.to_string(), format!("{value:#}")] {
            let kept = thin(&body, usize::MAX, piece).expect("all of it");
            prop_assert_eq!(&serde_json::from_slice::<Value>(&kept).expect("JSON"), &value);
        }
    }

    #[test]
    fn r_wat_4_no_bytes_overrun_what_may_be_kept(body: Vec<u8>, bytes_max in 0_usize..64) {
        let mut thinner = Thinner::new(bytes_max);
        thinner.push(&body);
        if let Ok(kept) = thinner.done() {
            prop_assert!(kept.len() <= bytes_max);
        }
    }
}
