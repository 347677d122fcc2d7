//! What is odd about single sessions.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Oddities of one session, until the next call that names it. What is left out is as usual.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Odd {
    /// Whose.
    pub session: String,
    /// Keys of its account that have other values, in the list and alone; null takes a key away. Keys of keys are joined by
    /// a dot: `connection_params.mail.username`.
    pub account: Map<String, Value>,
    /// The same for texts that no JSON of ours can say: what stands between the quotes, as bytes of the answer
    /// (`Ann \\ud83d`).
    pub raw: BTreeMap<String, String>,
    /// Keys of its owner's profile that have other values.
    pub me: Map<String, Value>,
    /// It stands in the list so many times more, on the same page.
    pub again: usize,
}
