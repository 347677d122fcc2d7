use super::Word;
use serde::{Deserialize, Serialize};

crate::words! {
    serde:
    /// Answers of a coin.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    enum Side {
        /// The face.
        Heads = "heads",
        /// The other face.
        Tails = "number side",
    }
}

#[test]
fn a_word_that_is_none_is_refused_with_the_list() {
    assert_eq!(Side::read("heads"), Ok(Side::Heads));
    let why = Side::read("edge").expect_err("no side");
    assert_eq!(why, "\"edge\" is none of heads, number side");
    let long = Side::read(&"e".repeat(10_000)).expect_err("no side");
    assert!(long.len() < 120, "{long}");
}

#[test]
fn every_member_is_read_back_from_its_word() {
    assert_eq!(Side::ALL.map(Side::as_str), ["heads", "number side"]);
    for side in Side::ALL {
        assert_eq!(Side::parse(side.as_str()), Some(side));
        let json = serde_json::to_string(&side).expect("a word");
        assert_eq!(json, format!("\"{side}\""));
        assert_eq!(serde_json::from_str::<Side>(&json).expect("a side"), side);
    }
    for other in ["", "Heads", "heads ", "edge"] {
        assert_eq!(Side::parse(other), None);
        assert!(serde_json::from_str::<Side>(&format!("\"{other}\"")).is_err());
    }
}
