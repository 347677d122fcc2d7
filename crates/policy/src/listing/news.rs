//! Whether a list is still news when something is to follow from it (R-WAT-5).

use super::Trouble;
use crate::jobs::WatchPages;
use jiff::{SignedDuration, Timestamp};

/// One period of the watch: news older than that is not applied, and a listing that rests longer ends.
pub const NEWS_LIFE: SignedDuration = SignedDuration::from_mins(5);

/// How a run of the watch stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// Being listed.
    Listing,
    /// Listed; nobody judged it yet.
    Listed,
    /// A newer run has begun.
    Passed,
    /// It has its outcome.
    Ended,
}

/// A run as the comparison finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedRun {
    /// How it stands.
    pub state: RunState,
    /// When its list was complete.
    pub listed_at: Option<Timestamp>,
    /// Sessions that its listing wrote.
    pub sessions: i64,
    /// Those of them that are there.
    pub sightings: i64,
}

/// What may be done with a run's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Comparability {
    /// Compare it.
    Compare,
    /// Nothing: somebody else had the run.
    Over,
    /// End the run, for this reason: its list says nothing.
    Inconclusive(String),
}

/// What may be done with a run's list at `now`. A table that lost rows, by a crash of the server or because another run
/// cleared it, is no list: everybody would look absent.
pub fn comparability(run: &ListedRun, news_max: SignedDuration, now: Timestamp) -> Comparability {
    let ListedRun {
        state,
        listed_at,
        sessions,
        sightings,
    } = run;
    let listed_at = match (state, listed_at) {
        (RunState::Listing | RunState::Ended, _) | (_, None) => return Comparability::Over,
        (RunState::Passed, Some(_)) => return Comparability::Inconclusive(PASSED.to_owned()),
        (RunState::Listed, Some(at)) => *at,
    };
    let age = now.duration_since(listed_at);
    if age > news_max {
        return Comparability::Inconclusive(format!("its list is {} min old", age.as_mins()));
    }
    if sessions != sightings {
        let lost = format!("{sightings} of its {sessions} sightings are there");
        return Comparability::Inconclusive(lost);
    }
    Comparability::Compare
}

/// Whether sessions that are not in a list of that many are gone. A list that has lost more than 20 and more than a quarter
/// since the one before looks like a wrong address; the next one of that length is believed.
pub fn proves_absence(sessions: i64, before: i64) -> bool {
    let lost = before - sessions;
    sessions > 0 && (lost <= 20 || lost * 4 <= before)
}

const PASSED: &str = "a newer run has begun";

/// Why a listing that is in this state must not be read on from there, if it must not.
pub fn too_late(
    state: RunState,
    pages: &WatchPages,
    news_max: SignedDuration,
    now: Timestamp,
) -> Option<Trouble> {
    let late = |why: String| Some(Trouble::Late { why });
    if state == RunState::Passed {
        return late(PASSED.to_owned());
    }
    match (&pages.cursor, &pages.so_far) {
        (Some(_), None) => late("another build read its first pages".to_owned()),
        (_, Some(so_far)) => {
            let rested = now.duration_since(so_far.at);
            (rested > news_max)
                .then(|| format!("the listing rested for {} min", rested.as_mins()))
                .and_then(late)
        }
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::ListedSoFar;
    use crate::listing::CursorMark;
    use crate::samples::at;

    fn listed() -> ListedRun {
        ListedRun {
            state: RunState::Listed,
            listed_at: Some(at(0)),
            sessions: 9,
            sightings: 9,
        }
    }

    #[test]
    fn r_wat_5_only_a_complete_list_that_is_news_is_compared() {
        use Comparability::{Compare, Inconclusive, Over};
        let because = |why: &str| Inconclusive(why.to_owned());
        let state = |state| ListedRun { state, ..listed() };
        let sightings = |sightings| ListedRun {
            sightings,
            ..listed()
        };
        let unlisted = ListedRun {
            listed_at: None,
            ..listed()
        };
        let cases = [
            (listed(), 0, Compare),
            (listed(), 300, Compare),
            (listed(), 301, because("its list is 5 min old")),
            (unlisted, 0, Over),
            (state(RunState::Listing), 0, Over),
            (state(RunState::Ended), 9_999, Over),
            (state(RunState::Passed), 0, because(PASSED)),
            (sightings(0), 0, because("0 of its 9 sightings are there")),
            (sightings(10), 0, because("10 of its 9 sightings are there")),
        ];
        for (run, seconds, expected) in cases {
            assert_eq!(
                comparability(&run, NEWS_LIFE, at(seconds)),
                expected,
                "{run:?}"
            );
        }
    }

    #[test]
    fn r_wat_3_a_list_that_lost_a_quarter_proves_no_absence() {
        let cases = [
            (0, 0, false),
            (0, 3, false),
            (1, 3, true),
            (4, 24, true),
            (3, 24, false),
            (75, 100, true),
            (74, 100, false),
            (74, 74, true),
            (100, 74, true),
        ];
        for (sessions, before, expected) in cases {
            assert_eq!(
                proves_absence(sessions, before),
                expected,
                "{sessions} after {before}"
            );
        }
    }

    #[test]
    fn r_wat_5_a_listing_that_rested_for_a_period_ends() {
        let pages = |cursor: Option<&str>, rested_from: Option<i64>| WatchPages {
            slot: at(0),
            cursor: cursor.map(str::to_owned),
            pages: 40,
            so_far: rested_from.map(|from| ListedSoFar {
                at: at(from),
                sessions: 9,
                mark: CursorMark::new("a"),
            }),
        };
        let goes_on = [
            (pages(None, None), 9_999),
            (pages(Some("b"), Some(0)), 300),
            (pages(Some("b"), Some(9_000)), 9_010),
        ];
        for (pages, now) in goes_on {
            assert_eq!(
                too_late(RunState::Listing, &pages, NEWS_LIFE, at(now)),
                None
            );
        }
        let ends = [
            (RunState::Passed, pages(None, None), 0, PASSED),
            (
                RunState::Listing,
                pages(Some("b"), Some(0)),
                301,
                "the listing rested for 5 min",
            ),
            (
                RunState::Listing,
                pages(Some("b"), None),
                0,
                "another build read its first pages",
            ),
        ];
        for (state, pages, now, why) in ends {
            let why = why.to_owned();
            let found = too_late(state, &pages, NEWS_LIFE, at(now));
            assert_eq!(found, Some(Trouble::Late { why }));
        }
    }
}
