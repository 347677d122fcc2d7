//! What a session's health means for its account.

use crate::account::{Cause, Status};
use crate::life::{Answer, AttemptState, Step, cell};
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

/// What `health` implies for an account with that status, as the table of answers has it ([`cell`]).
pub fn implied(status: Status, attempt: AttemptState, health: Health) -> Implied {
    match cell(status, attempt, Answer::from(health)).step {
        Step::Flip(to, cause) => Implied::Loss(to, cause),
        Step::Verify => Implied::Verify,
        Step::Alert => Implied::Unknown,
        // No word of a session's opens a case or sets a hold.
        Step::Nothing | Step::OpenCase | Step::Hold => Implied::Agrees,
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
        /// Alert the word.
        Unknown = "unknown",
        /// Open a case.
        Absent = "absent",
    }
}

/// A status and what a run saw that do not agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pair {
    /// The account's status.
    pub status: Status,
    /// State of its newest attempt.
    pub attempt: AttemptState,
    /// Health of its session, or that a complete list does not hold it.
    pub answer: Answer,
    /// What is to be done.
    pub class: Class,
    /// Status to have, for a [`Class::Flip`].
    pub to: Option<Status>,
    /// Why, for a [`Class::Flip`].
    pub cause: Option<Cause>,
}

/// Every pair that does not agree: the table that the sweep joins rows and sessions with.
pub fn pairs() -> Vec<Pair> {
    let answers = || {
        let words = Health::ALL.into_iter().map(Answer::from);
        words.chain([Answer::Absent])
    };
    let attempts = |status| AttemptState::ALL.map(|attempt| (status, attempt));
    let rows = Status::ALL.into_iter().flat_map(attempts);
    let all = rows.flat_map(|row| answers().map(move |answer| (row, answer)));
    all.filter_map(|(row, answer)| pair(row, answer)).collect()
}

fn pair((status, attempt): (Status, AttemptState), answer: Answer) -> Option<Pair> {
    let (class, to, cause) = match cell(status, attempt, answer).step {
        Step::Nothing | Step::Hold => return None,
        Step::Flip(to, cause) => (Class::Flip, Some(to), Some(cause)),
        Step::Verify => (Class::Verify, None, None),
        Step::Alert => (Class::Unknown, None, None),
        Step::OpenCase => (Class::Absent, None, None),
    };
    Some(Pair {
        status,
        attempt,
        answer,
        class,
        to,
        cause,
    })
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
        let unused = Implied::Loss(Status::ReconnectNeeded, Cause::LinkUnused);
        let shielded = [V, A, A, A, A, A, U];
        let connected = [A, connecting, error, error, permissions, credentials, U];
        let still = [V, A, A, A, permissions, credentials, U];
        // Columns as Health::ALL: ok, connecting, stopped, error, permissions, credentials, unknown.
        let table = [
            (
                Status::Connecting,
                shielded,
                [V, connecting, error, error, unused, unused, U],
            ),
            (Status::Connected, connected, connected),
            (Status::ReconnectNeeded, shielded, shielded),
            (Status::ActionRequired, shielded, still),
            (Status::Recovering, shielded, still),
            (
                Status::Missing,
                shielded,
                [V, connecting, error, error, permissions, credentials, U],
            ),
            (Status::Disconnected, [A; 7], [A; 7]),
        ];
        assert_eq!(table.map(|(status, ..)| status), Status::ALL);
        for (status, open, ended) in table {
            for (attempt, row) in [(AttemptState::Open, open), (AttemptState::Ended, ended)] {
                for (health, expected) in Health::ALL.into_iter().zip(row) {
                    let found = implied(status, attempt, health);
                    assert_eq!(found, expected, "{status} + {health}, attempt {attempt}");
                }
            }
        }
    }

    #[test]
    fn r_st_1_every_loss_is_an_allowed_transition_and_verifying_could_connect() {
        for pair in pairs() {
            let to = match pair.class {
                Class::Flip => pair.to.expect("a flip has an end"),
                Class::Verify => Status::Connected,
                Class::Absent => Status::Missing,
                Class::Unknown => continue,
            };
            assert_eq!(allowed(Some(pair.status), to), Ok(()), "{pair:?}");
        }
    }

    #[test]
    fn r_lnk_10_no_pair_of_an_open_attempt_is_a_loss_or_opens_a_case() {
        let shielded = |it: &&Pair| {
            it.status != Status::Connected
                && it.attempt == AttemptState::Open
                && matches!(it.class, Class::Flip | Class::Absent)
        };
        assert_eq!(pairs().iter().find(shielded), None);
    }

    #[test]
    fn r_st_3_an_unknown_word_never_flips_and_a_flip_says_where_and_why() {
        let pairs = pairs();
        let flips = |it: &&Pair| it.answer == Answer::Unknown && it.class != Class::Unknown;
        assert_eq!(pairs.iter().find(flips), None);
        assert!(
            pairs
                .iter()
                .all(|it| (it.class == Class::Flip) == (it.to.is_some() && it.cause.is_some()))
        );
    }
}
