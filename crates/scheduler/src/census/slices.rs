//! What is counted one range of shards at a time, round and round; seldom while nothing is written.

use policy::schedule::{ShardRange, ranges};
use store::census::{SLICED, Slice};
use store::written::Written;

/// Censuses at rest for one range.
const TURN_AT_REST: u32 = 16;

/// The newest count of each range.
#[derive(Debug, Default)]
pub(crate) struct Slices {
    epoch: i64,
    ranges: Vec<ShardRange>,
    counted: Vec<Option<Slice>>,
    next: usize,
    /// What had been written when this round began, and when the newest complete one did.
    began: Written,
    rounded: Written,
    /// Censuses at rest since a range had its turn.
    rested: u32,
}

/// What a census counts of a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// All of it.
    Count(ShardRange),
    /// Shares of caps, which time changes too; the rest is as it was.
    CountCaps(ShardRange, Slice),
    /// Nothing.
    Rest,
}

impl Slices {
    /// A new leader counts afresh.
    pub(crate) fn begin(&mut self, epoch: i64) {
        if self.epoch != epoch {
            *self = Self {
                epoch,
                ..Self::default()
            };
        }
    }

    /// What is to be counted in a fleet of so many accounts. A fleet that has outgrown its ranges is cut anew.
    pub(crate) fn next(&mut self, accounts: u64, written: Written) -> Turn {
        let cut = ranges(accounts);
        if cut != self.ranges {
            self.counted = vec![None; cut.len()];
            self.next = 0;
            self.ranges = cut;
        }
        let rests = self.is_whole() && written.is_since(&self.rounded, &SLICED);
        if self.next == 0 {
            self.began = written;
        }
        let range = self.ranges[self.next];
        self.rested = if rests { self.rested + 1 } else { 0 };
        if !rests || self.rested >= TURN_AT_REST {
            self.rested = 0;
            return Turn::Count(range);
        }
        match &self.counted[self.next] {
            Some(known) if self.all().any(|it| !it.caps.is_empty()) => {
                Turn::CountCaps(range, known.clone())
            }
            _ => Turn::Rest,
        }
    }

    /// Notes what was counted of it.
    pub(crate) fn note(&mut self, slice: Slice) {
        self.counted[self.next] = Some(slice);
        self.next = (self.next + 1) % self.counted.len();
        if self.next == 0 {
            self.rounded = std::mem::take(&mut self.began);
        }
    }

    /// Whether every range was counted.
    pub(crate) fn is_whole(&self) -> bool {
        !self.counted.is_empty() && self.counted.iter().all(Option::is_some)
    }

    /// The newest count of each.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Slice> {
        self.counted.iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(unpaired: i64) -> Slice {
        Slice {
            unpaired,
            ..Slice::default()
        }
    }

    fn sum(slices: &Slices) -> i64 {
        slices.all().map(|slice| slice.unpaired).sum()
    }

    fn written(number: u32) -> Written {
        let text = Some(number.to_string());
        SLICED
            .iter()
            .map(|table| ((*table).to_owned(), text.clone()))
            .collect()
    }

    /// First shard of the range that is counted, in a fleet of so many accounts in which so much was written.
    fn first(slices: &mut Slices, accounts: u64, number: u32) -> Option<u16> {
        match slices.next(accounts, written(number)) {
            Turn::Count(range) | Turn::CountCaps(range, _) => Some(range.first),
            Turn::Rest => None,
        }
    }

    #[test]
    fn each_range_has_its_turn_and_its_newest_count_stands() {
        let mut slices = Slices::default();
        slices.begin(1);
        let firsts: Vec<_> = (0..3)
            .map(|round| {
                let first = first(&mut slices, 8_000, 1);
                assert_eq!(slices.is_whole(), round == 2);
                slices.note(found(i64::from(round) + 1));
                first
            })
            .collect();
        assert_eq!(firsts, [Some(0), Some(128), None]);
    }

    #[test]
    fn what_nobody_wrote_to_is_counted_once_in_sixteen() {
        let mut slices = Slices::default();
        for (number, expected) in [
            (1, Some(0)),
            (1, Some(128)),
            (1, None),
            // Written: a whole round, and what was written in the middle of it counts for the next one.
            (2, Some(0)),
            (3, Some(128)),
            (3, Some(0)),
            (3, Some(128)),
            (3, None),
        ] {
            let first = first(&mut slices, 8_000, number);
            assert_eq!(first, expected, "{number}");
            if first.is_some() {
                slices.note(found(1));
            }
        }
        let turns = (0..32).filter(|_| first(&mut slices, 8_000, 3).is_some());
        assert_eq!(turns.count(), 2);
        assert_eq!(sum(&slices), 2);
    }

    #[test]
    fn shares_of_caps_are_counted_on_as_the_day_passes() {
        let mut slices = Slices::default();
        slices.next(10, written(1));
        let used = Slice {
            unpaired: 3,
            caps: vec![("invite".to_owned(), "100".to_owned(), 1)],
        };
        slices.note(used.clone());
        let turn = slices.next(10, written(1));
        assert!(matches!(turn, Turn::CountCaps(_, known) if known == used));
    }

    #[test]
    fn a_new_epoch_and_a_fleet_that_outgrew_its_ranges_are_counted_afresh() {
        let mut slices = Slices::default();
        slices.begin(1);
        slices.next(10, written(1));
        slices.note(found(7));
        slices.begin(1);
        assert!(slices.is_whole());
        slices.next(100_000, written(1));
        assert!(!slices.is_whole());
        assert_eq!(sum(&slices), 0);
        slices.note(found(1));
        slices.begin(2);
        assert_eq!(sum(&slices), 0);
    }
}
