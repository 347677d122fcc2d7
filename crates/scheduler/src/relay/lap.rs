//! Going round the lanes of a queue, some at a time, so that a lane that nobody rang for is found; few at a time while nobody
//! writes a job. Pure but for the machine's stopwatch.

use std::time::{Duration, Instant};
use store::lane::Lane;
use store::written::Written;

/// Lanes of one step.
pub(crate) const STEP: i32 = 500;
/// Lanes of one step while no job was written since the lap before began.
const STEP_AT_REST: i32 = 20;
/// What the lap is about.
pub(crate) const JOBS: &[&str] = &["jobs"];
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
    /// Lanes of the step that is under way.
    step: i32,
    /// What had been written when this lap began, and when the newest complete one did.
    began: Written,
    walked: Written,
}

impl Lap {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            after: None,
            hurried: 1,
            next: now,
            step: STEP,
            began: Written::default(),
            walked: Written::default(),
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

    /// Begins a step: how many lanes it takes, by what was written before it.
    pub(crate) fn step(&mut self, written: Written) -> i32 {
        let is_known = written.is_since(&self.walked, JOBS) && self.hurried == 0;
        if self.after.is_none() {
            self.began = written;
        }
        self.step = if is_known { STEP_AT_REST } else { STEP };
        self.step
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
        let is_end = count < usize::try_from(self.step).unwrap_or(usize::MAX);
        self.after = last.filter(|_| !is_end);
        if is_end {
            self.walked = std::mem::take(&mut self.began);
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

    fn written(number: u32) -> Written {
        [("jobs".to_owned(), Some(format!("{number}/0/0")))]
            .into_iter()
            .collect()
    }

    /// One step: how many lanes it asked for.
    fn step(lap: &mut Lap, number: u32, is_end: bool) -> i32 {
        let asked = lap.step(written(number));
        let count = usize::try_from(asked).expect("a count") - usize::from(is_end);
        lap.stepped(Some(lane(1)), count, Duration::ZERO, Instant::now());
        asked
    }

    #[test]
    fn a_lap_over_what_nobody_wrote_takes_few_lanes_at_a_time() {
        let mut lap = Lap::new(Instant::now());
        for (number, is_end, expected) in [
            (1, false, 500),
            // Written in the middle of the lap: what it has passed by is walked once more.
            (2, true, 500),
            (2, false, 500),
            (2, true, 500),
            (2, false, 20),
            (2, true, 20),
            (3, false, 500),
            (3, true, 500),
            (3, true, 20),
        ] {
            assert_eq!(
                step(&mut lap, number, is_end),
                expected,
                "{number} {is_end}"
            );
        }
        lap.hurry(Instant::now());
        assert_eq!(step(&mut lap, 3, true), 500, "asked for");
        let unknown = [("jobs".to_owned(), None)].into_iter().collect();
        assert_eq!(lap.step(unknown), 500, "not counted");
    }
}
