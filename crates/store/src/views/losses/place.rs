//! Where a reader of the feed is: what it has seen, and how far it came through what is new since then.

use crate::error::StoreError;
use crate::row;
use jiff::{SignedDuration, Timestamp};
use policy::instant::read_instant;
use serde::{Serialize, Serializer};
use std::fmt;
use std::str::FromStr;
use tokio_postgres::Row;

/// No transaction that writes audit lasts so long: what was recorded before it is in a snapshot, or never will be.
const SETTLED_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// A place in the feed. Its text is for this feed alone, and says nothing to a reader.
///
/// The snapshot `seen` says which transactions were over when the reader came to the end of the feed. What is new is
/// exactly what those of the others wrote, so that a row which commits late is neither passed over nor told twice, and
/// nobody waits for it. While pages of one set are read, `until` keeps that set as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LossPlace {
    /// Rows recorded before are no part of it.
    pub(super) since: Timestamp,
    pub(super) seen: Option<String>,
    pub(super) until: Option<String>,
    until_at: Timestamp,
    pub(super) xid: String,
    pub(super) id: i64,
}

/// Distance that one page came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Scanned {
    /// Up to this row of the set, which has more.
    Upto { xid: String, id: i64 },
    /// All of the set.
    All,
}

impl Scanned {
    pub(super) fn upto(
        found: &Row,
        xid: &'static str,
        id: &'static str,
    ) -> Result<Self, StoreError> {
        Ok(Self::Upto {
            xid: row::get(found, xid)?,
            id: row::get(found, id)?,
        })
    }
}

impl LossPlace {
    /// Beginning of what was recorded since an instant.
    pub fn since(since: Timestamp) -> Self {
        Self {
            since: since.max(Timestamp::UNIX_EPOCH),
            seen: None,
            until: None,
            until_at: Timestamp::UNIX_EPOCH,
            xid: "0".to_owned(),
            id: 0,
        }
    }

    /// Place after a page that was read at `now` from the set that the snapshot `until` holds.
    pub(super) fn next(&self, until: String, scanned: Scanned, now: Timestamp) -> Self {
        let until_at = if self.until.is_some() {
            self.until_at
        } else {
            now
        };
        match scanned {
            Scanned::Upto { xid, id } => Self {
                since: self.since,
                seen: self.seen.clone(),
                until: Some(until),
                until_at,
                xid,
                id,
            },
            Scanned::All => {
                let settled = until_at.checked_sub(SETTLED_AFTER);
                let oldest_open = until.split(':').next().unwrap_or("0");
                Self {
                    since: settled.unwrap_or(self.since).max(self.since),
                    xid: oldest_open.to_owned(),
                    id: 0,
                    seen: Some(until),
                    until: None,
                    until_at,
                }
            }
        }
    }
}

impl fmt::Display for LossPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            since,
            seen,
            until,
            until_at,
            xid,
            id,
        } = self;
        let seen = seen.as_deref().unwrap_or("-");
        let until = until.as_deref().unwrap_or("-");
        write!(f, "{since}~{seen}~{until}~{until_at}~{xid}~{id}")
    }
}

impl FromStr for LossPlace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "not where a page of this feed ended".to_owned();
        let parts: Vec<&str> = text.split('~').collect();
        let &[since, seen, until, until_at, xid, id] = parts.as_slice() else {
            return Err(wrong());
        };
        if !(is_xid(xid) && is_snapshot(seen) && is_snapshot(until)) {
            return Err(wrong());
        }
        let some = |text: &str| (text != "-").then(|| text.to_owned());
        let since = read_instant(since).map_err(|_| wrong())?;
        Ok(Self {
            since: since.max(Timestamp::UNIX_EPOCH),
            seen: some(seen),
            until: some(until),
            until_at: read_instant(until_at).map_err(|_| wrong())?,
            xid: xid.to_owned(),
            id: id.parse().map_err(|_| wrong())?,
        })
    }
}

impl Serialize for LossPlace {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

fn is_xid(text: &str) -> bool {
    text.parse::<u64>().is_ok()
}

/// As the database writes one: the oldest that is open, the first that is not begun, and those between that are open, in
/// order. It refuses any other, which would be an error of the server's to whoever asked.
fn is_snapshot(text: &str) -> bool {
    if text == "-" {
        return true;
    }
    let parts: Vec<&str> = text.split(':').collect();
    let &[oldest, first, open] = parts.as_slice() else {
        return false;
    };
    let (Ok(oldest), Ok(first)) = (oldest.parse::<u64>(), first.parse::<u64>()) else {
        return false;
    };
    let open: Result<Vec<u64>, _> = match open {
        "" => Ok(vec![]),
        open => open.split(',').map(str::parse).collect(),
    };
    let Ok(open) = open else {
        return false;
    };
    let is_between = |it: &u64| oldest <= *it && *it < first;
    0 < oldest && oldest <= first && open.iter().all(is_between) && open.is_sorted_by(|a, b| a < b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_comes_back_as_it_was_and_no_other_text_is_one() {
        let now = Timestamp::UNIX_EPOCH;
        let begin = LossPlace::since(now);
        let (xid, id) = ("745".to_owned(), 12);
        let within = begin.next("740:750:741,745".into(), Scanned::Upto { xid, id }, now);
        let end = within.next("740:750:741,745".into(), Scanned::All, now);
        for place in [begin, within, end] {
            assert_eq!(place.to_string().parse(), Ok(place));
        }
        let wrong = [
            "x",
            "750:740:",
            "0:1:",
            "740:750:751",
            "740:750:745,741",
            "740:750",
            "740:750:'",
        ];
        for seen in wrong {
            let text = format!("{now}~{seen}~-~{now}~0~0");
            assert!(text.parse::<LossPlace>().is_err(), "{seen}");
        }
        assert!(
            format!("{now}~-~-~{now}~-1~0")
                .parse::<LossPlace>()
                .is_err()
        );
        assert!("yesterday".parse::<LossPlace>().is_err());
    }

    #[test]
    fn a_set_is_kept_while_its_pages_are_read_and_seen_after_the_last() {
        let now = Timestamp::from_second(1_900_000_000).expect("an instant");
        let begin = LossPlace::since(Timestamp::UNIX_EPOCH);
        let upto = |id| Scanned::Upto {
            xid: "7".into(),
            id,
        };
        let within = begin.next("5:9:".into(), upto(3), now);
        assert_eq!(
            (within.seen.as_deref(), within.until.as_deref()),
            (None, Some("5:9:"))
        );
        let end = within.next("5:9:".into(), Scanned::All, Timestamp::MAX);
        assert_eq!((end.seen.as_deref(), end.until), (Some("5:9:"), None));
        assert_eq!(
            (end.xid.as_str(), end.id),
            ("5", 0),
            "what was open then is looked for"
        );
        let settled = now.checked_sub(SETTLED_AFTER).expect("a day before");
        assert_eq!(
            end.since, settled,
            "by the instant of the set, not of its last page"
        );
    }
}
