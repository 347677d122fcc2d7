//! Counts of what comes to the links listener and is nobody's, in this process's memory: the database hears of many once.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use store::events::EventAlert;

/// What is counted together.
const WINDOW: Duration = Duration::from_mins(10);

/// Something that comes now and then by itself, and often when it is the sign of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    /// A webhook without a secret in force, while none came with one.
    Refused,
    /// An event of a session that is nobody's: every new session sends some before its callback names it.
    Unlinked,
}

impl Sign {
    /// Code of its alert, and how many within [`WINDOW`] raise it.
    const fn alert(self) -> (&'static str, u64) {
        match self {
            Self::Refused => ("webhooks_refused", 20),
            Self::Unlinked => ("webhooks_unlinked", 100),
        }
    }
}

/// Counts of each sign.
#[derive(Default)]
pub(crate) struct Tally(Mutex<[Option<Count>; 2]>);

/// Since when, and how many.
#[derive(Clone, Copy)]
struct Count {
    since: Instant,
    seen: u64,
}

impl Tally {
    /// Counts one; the alert, when it is the one that makes them many. At most one a window.
    pub(crate) fn count(&self, sign: Sign, now: Instant) -> Option<EventAlert> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = &mut counts[sign as usize];
        let is_over = |it: &Count| WINDOW <= now.saturating_duration_since(it.since);
        if count.is_none_or(|it| is_over(&it)) {
            *count = Some(Count {
                since: now,
                seen: 0,
            });
        }
        let count = count.as_mut()?;
        count.seen += 1;
        let (code, enough) = sign.alert();
        (count.seen == enough).then(|| EventAlert {
            code,
            count: enough,
            within_s: now.saturating_duration_since(count.since).as_secs().max(1),
        })
    }

    /// Forgets a sign: something came that shows that all is well.
    pub(crate) fn forget(&self, sign: Sign) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts[sign as usize] = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r_lnk_2_many_of_a_kind_within_ten_minutes_are_told_once() {
        let (tally, start) = (Tally::default(), Instant::now());
        let told = |sign, count: u64, at| (0..count).filter_map(|_| tally.count(sign, at)).count();
        assert_eq!(told(Sign::Unlinked, 99, start), 0);
        assert_eq!(told(Sign::Refused, 19, start), 0);
        assert_eq!(told(Sign::Unlinked, 9_901, start), 1);
        let later = start + WINDOW;
        assert_eq!(told(Sign::Unlinked, 99, later), 0, "counted anew");
        assert_eq!(told(Sign::Unlinked, 1, later), 1);
        assert_eq!(told(Sign::Refused, 19, later), 0, "the first are forgotten");
        tally.forget(Sign::Refused);
        assert_eq!(told(Sign::Refused, 19, later), 0);
        assert_eq!(told(Sign::Refused, 1, later), 1);
    }
}
