//! Going round the lanes of a queue, some at a time, so that a lane that nobody rang for is found. Pure but for the
//! machine's stopwatch.

use std::time::{Duration, Instant};
use store::lane::Lane;

/// Lanes of one step.
pub(crate) const STEP: i32 = 500;
/// Between two steps that nothing asked for.
pub(crate) const HEARTBEAT: Duration = Duration::from_secs(1);

/// Where the lap is.
#[derive(Debug)]
pub(crate) struct Lap {
    /// Lane that the last step ended with; none at the start.
    after: Option<Lane>,
    /// Times that the end is to be reached without waiting.
    hurried: u8,
    next: Instant,
}

impl Lap {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            after: None,
            hurried: 1,
            next: now,
        }
    }

    /// A lap of all lanes from now on, without waiting.
    pub(crate) fn hurry(&mut self, now: Instant) {
        // What lies before the lane that it has come to is seen after the end.
        let wanted = 1 + u8::from(self.after.is_some());
        if self.hurried < wanted {
            self.hurried = wanted;
        }
        self.next = self.next.min(now);
    }

    /// Where the next step begins; none at the start.
    pub(crate) fn after(&self) -> Option<&Lane> {
        self.after.as_ref()
    }

    /// When the next step is due.
    pub(crate) fn next(&self) -> Instant {
        self.next
    }

    /// Takes in the last lane of a step that found `count` lanes and took so long. A hurried lap leaves the database as much
    /// time as it takes.
    pub(crate) fn stepped(
        &mut self,
        last: Option<Lane>,
        count: usize,
        took: Duration,
        now: Instant,
    ) {
        let is_end = count < usize::try_from(STEP).unwrap_or(usize::MAX);
        self.after = last.filter(|_| !is_end);
        if is_end {
            self.hurried = self.hurried.saturating_sub(1);
        }
        let is_hurried = 0 < self.hurried;
        self.next = now + if is_hurried { took } else { HEARTBEAT };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn lane(number: u128) -> Lane {
        Lane {
            workspace: Uuid::from_u128(number),
            kind: "x".to_owned(),
        }
    }

    #[test]
    fn a_hurried_lap_comes_round_without_waiting_and_then_takes_its_time() {
        let (now, took) = (Instant::now(), Duration::from_millis(4));
        let mut lap = Lap::new(now);
        for number in 1..=3 {
            lap.stepped(Some(lane(number)), 500, took, now);
            assert_eq!(lap.after(), Some(&lane(number)));
            assert_eq!(lap.next(), now + took);
        }
        lap.stepped(Some(lane(4)), 20, took, now);
        assert_eq!((lap.after(), lap.next()), (None, now + HEARTBEAT));
        lap.stepped(Some(lane(1)), 500, took, now);
        // Asked for in the middle: to the end, and round once more.
        lap.hurry(now);
        lap.hurry(now);
        assert_eq!(lap.next(), now);
        lap.stepped(Some(lane(2)), 0, took, now);
        assert_eq!(lap.next(), now + took);
        lap.stepped(Some(lane(1)), 500, took, now);
        lap.stepped(Some(lane(2)), 1, took, now);
        assert_eq!(lap.next(), now + HEARTBEAT);
    }
}
