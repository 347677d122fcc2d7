//! The referee's list of requests to delete a session.

use crate::control::{DELETES_MAX, DeleteLine, Deletes};
use jiff::{SignedDuration, Timestamp};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Every request, also those that were refused or never answered.
#[derive(Debug, Default)]
pub(crate) struct Removals {
    lines: Vec<DeleteLine>,
    left_out: u64,
}

impl Removals {
    /// Notes a request before it is answered.
    pub(crate) fn arrived(&mut self, line: DeleteLine) {
        if self.lines.len() < DELETES_MAX {
            self.lines.push(line);
        } else {
            self.left_out += 1;
        }
    }

    /// Notes that request `seq` did it.
    pub(crate) fn deleted(&mut self, seq: u64) {
        if let Some(line) = self.line(seq) {
            line.deleted = true;
        }
    }

    /// Notes how request `seq` ended, if it was one to delete.
    pub(crate) fn answered(&mut self, seq: u64, status: Option<u16>, fault: Option<&str>) {
        if let Some(line) = self.line(seq) {
            line.status = status;
            line.fault = fault.map(ToOwned::to_owned);
        }
    }

    /// The list, and its fullest day.
    pub(crate) fn view(&self) -> Deletes {
        Deletes {
            requests: self.lines.clone(),
            left_out: self.left_out,
            most_in_24_h: fullest_day(self.lines.iter().map(|line| line.at).collect()),
        }
    }

    fn line(&mut self, seq: u64) -> Option<&mut DeleteLine> {
        self.lines.iter_mut().rev().find(|line| line.seq == seq)
    }
}

fn fullest_day(mut times: Vec<Timestamp>) -> u64 {
    times.sort_unstable();
    let mut first = 0;
    let mut most = 0;
    for (place, &until) in times.iter().enumerate() {
        while until.duration_since(times[first]) >= DAY {
            first += 1;
        }
        most = most.max(place + 1 - first);
    }
    u64::try_from(most).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fullest_day_is_a_rolling_one_and_24_hours_later_is_another() {
        let at = |seconds: i64| Timestamp::from_second(seconds).expect("a time");
        let day = 86_400;
        for (times, most) in [
            (vec![], 0),
            (vec![7], 1),
            (vec![0, day], 1),
            (vec![0, day - 1], 2),
            (vec![0, 1, day, day + 1], 2),
            (vec![0, 20_000, 40_000, day - 1, day], 4),
            (vec![5, 5, 5, 5], 4),
            (vec![day, 1, 2], 3),
        ] {
            let found = fullest_day(times.iter().copied().map(at).collect());
            assert_eq!(found, most, "{times:?}");
        }
    }
}
