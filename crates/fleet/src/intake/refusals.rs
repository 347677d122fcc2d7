//! Claims of one queue that the database refuses for reasons that waiting does not cure: a right, a column, a function. One
//! doorbell at a time tries again, after a growing delay, and the others wait in hand; so a cure is found by itself, and
//! neither the broker nor the log fills meanwhile.

use crate::retry;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// First delay at most; doubles.
const DELAY: Duration = Duration::from_millis(500);
/// No try waits longer, so that a cure shows soon.
const DELAY_MAX: Duration = Duration::from_secs(30);
/// No try waits less: also a doorbell whose own rows are refused costs something.
const DELAY_MIN: Duration = Duration::from_millis(100);

/// Refused claims of one queue.
#[derive(Default)]
pub(crate) struct Refusals {
    state: Mutex<Option<State>>,
    /// Held by the one who tries.
    trying: tokio::sync::Mutex<()>,
}

struct State {
    in_a_row: u32,
    since: Instant,
    next_at: Instant,
    why: String,
}

/// Turn to claim.
pub(crate) struct Turn<'a> {
    /// Present while claims are refused: nobody else tries.
    trying: Option<tokio::sync::MutexGuard<'a, ()>>,
}

/// Refusal that is to be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    /// Refusals in a row.
    pub(crate) in_a_row: u32,
    /// Time until the next try.
    pub(crate) wait: Duration,
}

impl Refusals {
    /// Waits for a turn: none to wait for unless claims are refused.
    pub(crate) async fn turn(&self) -> Turn<'_> {
        if self.state().is_none() {
            return Turn { trying: None };
        }
        let trying = self.trying.lock().await;
        let next_at = self.state().as_ref().map(|state| state.next_at);
        match next_at {
            None => Turn { trying: None },
            Some(at) => {
                tokio::time::sleep_until(at).await;
                Turn {
                    trying: Some(trying),
                }
            }
        }
    }

    /// Notes a refusal; none if it began before the last one was said.
    pub(crate) fn note(&self, turn: &Turn<'_>, why: &str) -> Option<Refused> {
        let mut state = self.state();
        let now = Instant::now();
        let (in_a_row, since) = match &*state {
            None => (1, now),
            Some(before) => {
                turn.trying.as_ref()?;
                (before.in_a_row.saturating_add(1), before.since)
            }
        };
        let wait = retry::delay(in_a_row, DELAY, DELAY_MAX).max(DELAY_MIN);
        *state = Some(State {
            in_a_row,
            since,
            next_at: now + wait,
            why: why.to_owned(),
        });
        Some(Refused { in_a_row, wait })
    }

    /// Ends with a claim that succeeded; for how long claims were refused, if they were.
    pub(crate) fn end(&self) -> Option<Duration> {
        let ended = self.state().take();
        ended.map(|state| state.since.elapsed())
    }

    /// For how long claims are refused, and why, after so many refusals in a row.
    pub(crate) fn told(&self, after: u32) -> Option<(Duration, String)> {
        let state = self.state();
        let told = state.as_ref().filter(|state| after <= state.in_a_row);
        told.map(|state| (state.since.elapsed(), state.why.clone()))
    }

    fn state(&self) -> MutexGuard<'_, Option<State>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn r_job_3_refused_claims_are_tried_by_one_at_a_time_and_ever_more_rarely() {
        let refusals = Refusals::default();
        let (one, other) = (refusals.turn().await, refusals.turn().await);
        let first = refusals.note(&one, "no right").expect("said");
        assert_eq!(first.in_a_row, 1);
        assert_eq!(refusals.note(&other, "no right"), None, "said already");
        assert_eq!(refusals.told(2), None);
        drop((one, other));
        for in_a_row in 2..=3 {
            let turn = refusals.turn().await;
            let waiting = tokio::time::timeout(DELAY_MIN, refusals.turn());
            assert!(waiting.await.is_err(), "one at a time");
            let refused = refusals.note(&turn, "no right").expect("said");
            assert_eq!(refused.in_a_row, in_a_row);
            assert!((DELAY_MIN..=DELAY_MAX).contains(&refused.wait));
        }
        let told = refusals.told(3).map(|(_, why)| why);
        assert_eq!(told.as_deref(), Some("no right"));
        let turn = refusals.turn().await;
        assert!(refusals.end().is_some());
        drop(turn);
        assert_eq!((refusals.told(1), refusals.end()), (None, None));
        assert!(refusals.turn().await.trying.is_none(), "all at once again");
    }
}
