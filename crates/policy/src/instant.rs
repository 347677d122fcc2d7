//! Instants as people and programs write them: RFC 3339, from the year 0 on. What lies before, no table keeps.

use jiff::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// Seconds from the epoch back to the year 0.
const FIRST_SECOND: i64 = -62_167_219_200;
/// Longest text that a refusal repeats, in letters.
const REPEATED_MAX: usize = 60;

/// Reads an instant.
pub fn read_instant(text: &str) -> Result<Timestamp, String> {
    let read: Option<Timestamp> = text.parse().ok();
    let known = read.filter(|at| FIRST_SECOND <= at.as_second());
    known.ok_or_else(|| {
        let shown: String = text.chars().take(REPEATED_MAX).collect();
        format!("{shown:?} is no instant like 2026-03-01T10:00:00Z, from the year 0 to 9999")
    })
}

/// Deserializes an instant that may be left out.
pub fn optional<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    let read = text.map(|text| read_instant(&text).map_err(D::Error::custom));
    read.transpose()
}

/// Deserializes an instant.
pub fn needed<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
    let text = String::deserialize(from)?;
    read_instant(&text).map_err(D::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::read_instant;

    #[test]
    fn an_instant_is_one_that_a_table_keeps() {
        for good in [
            "0000-01-01T00:00:00Z",
            "2026-03-01T10:00:00.5+01:00",
            "9999-12-30T22:00:00Z",
        ] {
            assert!(read_instant(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "yesterday",
            "2026-03-01",
            "-000001-12-31T23:59:59Z",
            "-004713-01-01T00:00:00Z",
            "10000-01-01T00:00:00Z",
        ] {
            let why = read_instant(bad).expect_err(bad);
            assert!(why.contains(&format!("{bad:?}")), "{why}");
        }
    }
}
