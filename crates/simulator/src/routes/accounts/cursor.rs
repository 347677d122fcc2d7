//! Cursors of the list of accounts.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Begins what an endless list's cursors name behind its end.
const PAST: &str = "past the end ";

/// A cursor, written as base64 of JSON like the provider's. Opaque to its users.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
pub(super) struct Cursor {
    pub(super) limit: usize,
    #[serde(rename = "cursor")]
    last: Last,
    /// How often a circling list began anew.
    #[serde(default, skip_serializing_if = "is_first")]
    pub(super) round: u64,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
fn is_first(round: &u64) -> bool {
    *round == 0
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Last {
    last_id: String,
}

impl Cursor {
    pub(super) fn after(limit: usize, last_id: &str, round: u64) -> String {
        let cursor = Self {
            limit,
            last: Last {
                last_id: last_id.to_owned(),
            },
            round,
        };
        BASE64_STANDARD.encode(json!(cursor).to_string())
    }

    /// Of an endless list, so far behind its end.
    pub(super) fn past_the_end(limit: usize, distance: u64) -> String {
        Self::after(limit, &format!("{PAST}{distance}"), 0)
    }

    /// How far behind the end of an endless list it is.
    pub(super) fn distance_past_the_end(&self) -> Option<u64> {
        self.last.last_id.strip_prefix(PAST)?.parse().ok()
    }

    /// Of a circling list, where it begins anew.
    pub(super) fn around(limit: usize, round: u64) -> String {
        Self::after(limit, "", round)
    }

    /// Session that it stands behind; none at a beginning.
    pub(super) fn last_id(&self) -> Option<&str> {
        let is_beginning = self.round > 0 && self.last.last_id.is_empty();
        (!is_beginning).then_some(&*self.last.last_id)
    }

    pub(super) fn read(text: &str) -> Option<Self> {
        serde_json::from_slice(&BASE64_STANDARD.decode(text).ok()?).ok()
    }
}
