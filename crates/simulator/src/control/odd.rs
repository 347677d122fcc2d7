//! What is odd about single sessions.

use super::Health;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Oddities of one session, until the next call that names it. What is left out is as usual.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Odd {
    /// Whose; when left out, everybody's who has none of their own.
    pub session: String,
    /// Keys of its account that have other values, in the list and alone; null takes a key away. Keys of keys are joined by
    /// a dot: `connection_params.mail.username`.
    pub account: Map<String, Value>,
    /// The same for texts that no JSON of ours can say: what stands between the quotes, as bytes of the answer
    /// (`Ann \\ud83d`).
    pub raw: BTreeMap<String, String>,
    /// Keys of its owner's profile that have other values.
    pub me: Map<String, Value>,
    /// State that its owner's profile answers by, whatever the list says: `CREDENTIALS` is refused with 401.
    pub me_health: Option<Health>,
    /// Length of its signature's HTML, in bytes.
    pub signature_bytes: Option<usize>,
    /// Number of its organisations.
    pub organizations: Option<usize>,
    /// Length of members of its account that no document names, in bytes: a client cannot know that it needs none of them.
    pub ballast_bytes: Option<usize>,
    /// It stands in the list so many times more, on the same page.
    pub again: usize,
}
