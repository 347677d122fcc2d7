//! What is done about a loss, by whom, and until when: the table of ways, as the feed of losses says it (R-WAT-7).

use super::attempt::later;
use super::{Answer, AttemptState, CHECKPOINT_PATIENCE, RECOVERY_PATIENCE, Until, WayOut, cell};
use crate::account::{AccountKind, Cause, Status};
use jiff::{SignedDuration, Timestamp};

/// Way out of a status that an account has just got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remedy {
    /// Bringer: `nobody` need, `time`, `provider`, `fleet`, `owner` or `operators`.
    pub by: &'static str,
    /// Act that brings it, in words for its kind of account.
    pub done: &'static str,
    /// Time for which it is theirs alone, in words.
    pub until: &'static str,
    /// End of that time, where the flip alone says it.
    pub until_at: Option<Timestamp>,
    /// Bringer from then on, in the words of `by`.
    pub then_by: &'static str,
}

/// Way out after a flip at `at` to that status, for that cause; `None` stands for a cause or a kind that this build
/// does not know.
pub fn remedy(
    to: Status,
    cause: Option<Cause>,
    kind: Option<AccountKind>,
    at: Timestamp,
) -> Remedy {
    let answer = cause.map_or(Answer::Silence, answer_of);
    let way = cell(to, AttemptState::Ended, answer).way;
    Remedy {
        by: by(way.first),
        done: done(way.first, to, kind),
        until: way.until.as_str(),
        until_at: ends(way.until).map(|length| later(at, length)),
        then_by: by(way.then),
    }
}

/// Answer that leads to flips of that cause.
const fn answer_of(cause: Cause) -> Answer {
    match cause {
        Cause::Credentials => Answer::Credentials,
        Cause::Permissions => Answer::Permissions,
        Cause::ProviderError => Answer::Error,
        Cause::ProviderConnecting => Answer::Connecting,
        Cause::Verified | Cause::OrphanLinked => Answer::Ok,
        Cause::ConfirmedMissing => Answer::Gone,
        Cause::SessionRefused => Answer::Refused,
        Cause::Checkpoint => Answer::Checkpoint,
        Cause::CheckpointUnanswered => Answer::SameCheckpoint,
        Cause::LinkUnused | Cause::LinkStarted => Answer::Silence,
    }
}

const fn by(way: WayOut) -> &'static str {
    match way {
        WayOut::Settled => "nobody",
        WayOut::Time => "time",
        WayOut::Provider => "provider",
        WayOut::Fleet => "fleet",
        WayOut::Owner(_) => "owner",
        WayOut::Operator => "operators",
    }
}

fn done(way: WayOut, to: Status, kind: Option<AccountKind>) -> &'static str {
    match (way, to) {
        (WayOut::Settled, _) => "nothing is to be done",
        (WayOut::Time, _) => "its time runs out",
        (WayOut::Provider, _) => "brings the session back by itself",
        (WayOut::Fleet, Status::Recovering) => "restarts the session",
        (WayOut::Fleet, _) => "looks again",
        (WayOut::Owner(act), _) => kind.map_or(act.as_str(), |kind| act.in_words(kind)),
        (WayOut::Operator, _) => "look at its alert",
    }
}

const fn ends(until: Until) -> Option<SignedDuration> {
    match until {
        Until::CheckpointEnds => Some(CHECKPOINT_PATIENCE),
        Until::RecoveryEnds => Some(RECOVERY_PATIENCE),
        Until::News
        | Until::AttemptEnds
        | Until::NextMinute
        | Until::Verified
        | Until::CaseEnds
        | Until::WatchBlind => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(to: Status, cause: Cause, expected: (&str, &str, Option<i64>, &str)) {
        let at = Timestamp::UNIX_EPOCH;
        let found = remedy(to, Some(cause), Some(AccountKind::Linkedin), at);
        let minutes = found.until_at.map(|it| it.duration_since(at).as_mins());
        let found = (found.by, found.done, minutes, found.then_by);
        assert_eq!(found, expected, "{to} {cause}");
    }

    #[test]
    fn r_wat_7_each_loss_says_who_does_what_until_when() {
        let signs_in = "signs in to LinkedIn on the page of a new link";
        let confirms = "confirms in the LinkedIn app, or gives the code";
        for cause in [
            Cause::Credentials,
            Cause::Permissions,
            Cause::SessionRefused,
        ] {
            let expected = ("owner", signs_in, None, "owner");
            check(Status::ReconnectNeeded, cause, expected);
        }
        let gone = ("owner", signs_in, None, "owner");
        check(Status::Missing, Cause::ConfirmedMissing, gone);
        let asked = ("owner", confirms, Some(20), "time");
        check(Status::ActionRequired, Cause::Checkpoint, asked);
        let well = ("nobody", "nothing is to be done", None, "nobody");
        check(Status::Connected, Cause::Verified, well);
        for cause in [Cause::ProviderError, Cause::ProviderConnecting] {
            let found = remedy(Status::Recovering, Some(cause), None, Timestamp::UNIX_EPOCH);
            assert_ne!((found.by, found.then_by), ("owner", "fleet"));
            assert_eq!(found.then_by, "owner", "{cause}: not the fleet's for ever");
        }
    }

    #[test]
    fn r_wat_7_a_cause_that_this_build_lacks_still_has_a_way() {
        for to in Status::ALL {
            let found = remedy(to, None, None, Timestamp::UNIX_EPOCH);
            assert!(!found.done.is_empty() && !found.until.is_empty(), "{to}");
        }
    }
}
