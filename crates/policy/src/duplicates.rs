//! Several live sessions of one person (R-DUP-1): which of them is linked and which is inert. Only told, never ended.

use crate::decision::Alert;
use crate::ids::{AccountId, Identity, SessionId, WorkspaceId};
use crate::session::Health;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};
use std::fmt;

/// A listing that was complete longer ago does not say what is there now.
pub const LISTING_AGE_MAX: SignedDuration = SignedDuration::from_mins(15);

/// The newest complete listing of the provider's sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listing {
    /// When its last page was read.
    pub listed_at: Timestamp,
    /// Whether each of its items could be named.
    pub is_whole: bool,
}

/// Why nobody can say now which sessions are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// No listing was ever complete.
    NeverListed,
    /// An item of the newest one could not be named.
    NotWhole {
        /// When it was listed.
        listed_at: Timestamp,
    },
    /// The newest one is older than [`LISTING_AGE_MAX`].
    TooOld {
        /// When it was listed.
        listed_at: Timestamp,
    },
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NeverListed => f.write_str("the sessions were never listed to the end"),
            Self::NotWhole { listed_at } => write!(
                f,
                "the newest listing, of {listed_at}, is not whole: some of its items could not be read"
            ),
            Self::TooOld { listed_at } => {
                write!(f, "the newest complete listing is of {listed_at}")
            }
        }
    }
}

/// Whether a listing says what is there now, but for what it could not name.
pub fn any_listing(newest: Option<Listing>, now: Timestamp) -> Result<Listing, Unknown> {
    match known(newest, now) {
        Err(Unknown::NotWhole { .. }) => newest.ok_or(Unknown::NeverListed),
        found => found,
    }
}

/// Whether a listing says what is there now.
pub fn known(newest: Option<Listing>, now: Timestamp) -> Result<Listing, Unknown> {
    let listing = newest.ok_or(Unknown::NeverListed)?;
    let listed_at = listing.listed_at;
    if LISTING_AGE_MAX < now.duration_since(listed_at) {
        return Err(Unknown::TooOld { listed_at });
    }
    if !listing.is_whole {
        return Err(Unknown::NotWhole { listed_at });
    }
    Ok(listing)
}

/// The account that a session is linked to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LinkedTo {
    /// The account.
    pub account: AccountId,
    /// Its name.
    pub name: String,
    /// Its workspace.
    pub workspace: WorkspaceId,
}

/// One of several live sessions of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Twin {
    /// The session.
    pub session: SessionId,
    /// How the provider says that it is.
    pub health: Health,
    /// Whose it is; none: it is inert.
    pub linked: Option<LinkedTo>,
    /// When it was listed for the first time.
    pub first_seen: Timestamp,
    /// When it was listed last.
    pub last_seen: Timestamp,
}

/// A person with several live sessions of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// The person.
    pub identity: Identity,
    /// The provider's type, `LINKEDIN`.
    pub kind: String,
    /// How many sessions they have, the ones that are not in `twins` counted in.
    pub sessions: i64,
    /// How many of those are linked.
    pub linked: i64,
    /// The sessions, the linked ones first; of very many, the first ones.
    pub twins: Vec<Twin>,
}

crate::words! {
    /// How the sessions of one person stand.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Standing {
        /// One is linked; the others are inert.
        OneLinked = "one_linked",
        /// None is: all are inert.
        NoneLinked = "none_linked",
        /// Several are, each to an account of its own: a person must say which one stays.
        SeveralLinked = "several_linked",
    }
}

impl Duplicate {
    /// How its sessions stand.
    pub const fn standing(&self) -> Standing {
        match self.linked {
            ..1 => Standing::NoneLinked,
            1 => Standing::OneLinked,
            2.. => Standing::SeveralLinked,
        }
    }
}

/// Everybody who has several live sessions of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicates {
    /// When the sessions were listed.
    pub listed_at: Timestamp,
    /// People.
    pub identities: i64,
    /// Their sessions.
    pub sessions: i64,
    /// Sessions that are linked to no account.
    pub inert: i64,
    /// People of whose sessions several are linked.
    pub several_linked: i64,
    /// People of whose sessions none is linked.
    pub none_linked: i64,
    /// Some of them: those with several linked sessions first.
    pub sample: Vec<Duplicate>,
}

/// The one alert about all of them; none when nobody has two sessions.
pub fn duplicates_alert(found: &Duplicates) -> Option<Alert> {
    if found.identities == 0 {
        return None;
    }
    let sample: Vec<Value> = found.sample.iter().map(told).collect();
    Some(Alert {
        code: "duplicate_sessions",
        subject: "fleet".to_owned(),
        detail: json!({
            "listed_at": found.listed_at,
            "identities": found.identities,
            "sessions": found.sessions,
            "inert": found.inert,
            "several_linked": found.several_linked,
            "none_linked": found.none_linked,
            "sample": sample,
        }),
    })
}

fn told(one: &Duplicate) -> Value {
    let twins = one
        .twins
        .iter()
        .map(|twin| json!({ "session": twin.session.0, "linked_to": twin.linked }));
    json!({
        "identity": one.identity.0,
        "kind": one.kind,
        "standing": one.standing().as_str(),
        "sessions": one.sessions,
        "twins": twins.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests;
