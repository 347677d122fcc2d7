//! What a session's health means for its account.

use crate::account::{Cause, Status};
use crate::session::Health;

/// What the health of an account's linked session implies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Implied {
    /// Nothing is to be done.
    Agrees,
    /// The account cannot send, or not in the way its row says: to this status, for this cause.
    Loss(Status, Cause),
    /// The session looks well, the row does not: verify it before believing it (R-LNK-6).
    Verify,
    /// The provider used a word that we do not know: never a flip (R-ST-3).
    Unknown,
}

/// What `health` implies for an account with that status.
///
/// Accounts that are `connecting` are the orphan watcher's, and `disconnected` ones are nobody's: both always agree.
pub fn implied(status: Status, health: Health) -> Implied {
    match status {
        Status::Connecting | Status::Disconnected => Implied::Agrees,
        Status::Connected => of_connected(health),
        Status::ReconnectNeeded | Status::ActionRequired | Status::Recovering | Status::Missing => {
            of_lost(status, health)
        }
    }
}

fn of_connected(health: Health) -> Implied {
    match health {
        Health::Ok => Implied::Agrees,
        Health::Connecting => Implied::Loss(Status::Recovering, Cause::ProviderConnecting),
        Health::Stopped | Health::Error => Implied::Loss(Status::Recovering, Cause::ProviderError),
        Health::Permissions => Implied::Loss(Status::ReconnectNeeded, Cause::Permissions),
        Health::Credentials => Implied::Loss(Status::ReconnectNeeded, Cause::Credentials),
        Health::Unknown => Implied::Unknown,
    }
}

fn of_lost(status: Status, health: Health) -> Implied {
    let needed = |cause| match status {
        Status::ReconnectNeeded => Implied::Agrees,
        _ => Implied::Loss(Status::ReconnectNeeded, cause),
    };
    match health {
        Health::Ok => Implied::Verify,
        // What its owner must do stays true while the provider tries; only OK ends it.
        Health::Connecting | Health::Stopped | Health::Error => Implied::Agrees,
        Health::Permissions => needed(Cause::Permissions),
        Health::Credentials => needed(Cause::Credentials),
        Health::Unknown => Implied::Unknown,
    }
}

crate::words! {
    /// What is to be done with a pair.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Class {
        /// Change the status.
        Flip = "loss",
        /// Ask for a verification.
        Verify = "verify",
        /// Count it for the alert.
        Unknown = "unknown",
    }
}

/// A status and a health that do not agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pair {
    /// The account's status.
    pub status: Status,
    /// Its session's health.
    pub health: Health,
    /// What is to be done.
    pub class: Class,
    /// Status to have, for a [`Class::Flip`].
    pub to: Option<Status>,
    /// Why, for a [`Class::Flip`].
    pub cause: Option<Cause>,
}

/// Every pair that does not agree: the table that the sweep joins rows and sessions with.
pub fn pairs() -> Vec<Pair> {
    let pair = |status, health| {
        let (class, to, cause) = match implied(status, health) {
            Implied::Agrees => return None,
            Implied::Loss(to, cause) => (Class::Flip, Some(to), Some(cause)),
            Implied::Verify => (Class::Verify, None, None),
            Implied::Unknown => (Class::Unknown, None, None),
        };
        Some(Pair {
            status,
            health,
            class,
            to,
            cause,
        })
    };
    let all = |status| Health::ALL.into_iter().map(move |health| (status, health));
    let every = Status::ALL.into_iter().flat_map(all);
    every
        .filter_map(|(status, health)| pair(status, health))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::allowed;

    #[test]
    fn r_st_3_every_status_and_health_has_its_meaning() {
        use Implied::{Agrees as A, Unknown as U, Verify as V};
        let credentials = Implied::Loss(Status::ReconnectNeeded, Cause::Credentials);
        let permissions = Implied::Loss(Status::ReconnectNeeded, Cause::Permissions);
        let error = Implied::Loss(Status::Recovering, Cause::ProviderError);
        let connecting = Implied::Loss(Status::Recovering, Cause::ProviderConnecting);
        let lost = [V, A, A, A, permissions, credentials, U];
        // Columns as Health::ALL: ok, connecting, stopped, error, permissions, credentials, unknown.
        let table = [
            (Status::Connecting, [A; 7]),
            (
                Status::Connected,
                [A, connecting, error, error, permissions, credentials, U],
            ),
            (Status::ReconnectNeeded, [V, A, A, A, A, A, U]),
            (Status::ActionRequired, lost),
            (Status::Recovering, lost),
            (Status::Missing, lost),
            (Status::Disconnected, [A; 7]),
        ];
        assert_eq!(table.map(|(status, _)| status), Status::ALL);
        for (status, row) in table {
            for (health, expected) in Health::ALL.into_iter().zip(row) {
                assert_eq!(implied(status, health), expected, "{status} + {health:?}");
            }
        }
    }

    #[test]
    fn r_st_1_every_loss_is_an_allowed_transition_and_verifying_could_connect() {
        for pair in pairs() {
            let to = pair.to.unwrap_or(Status::Connected);
            if pair.class != Class::Unknown {
                assert_eq!(allowed(Some(pair.status), to), Ok(()), "{pair:?}");
            }
        }
    }

    #[test]
    fn r_st_3_an_unknown_word_never_flips_and_pairs_hold_exactly_what_disagrees() {
        let pairs = pairs();
        for status in Status::ALL {
            for health in Health::ALL {
                let found = pairs
                    .iter()
                    .filter(|it| it.status == status && it.health == health);
                let expected = usize::from(implied(status, health) != Implied::Agrees);
                assert_eq!(found.count(), expected, "{status} + {health:?}");
            }
        }
        let flips = |it: &&Pair| it.health == Health::Unknown && it.class != Class::Unknown;
        assert_eq!(pairs.iter().find(flips), None);
        assert!(
            pairs
                .iter()
                .all(|it| (it.class == Class::Flip) == (it.to.is_some() && it.cause.is_some()))
        );
    }
}
