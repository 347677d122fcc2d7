//! What is counted one range of shards at a time, round and round.

use policy::schedule::{ShardRange, ranges};
use store::census::Slice;

/// The newest count of each range.
#[derive(Debug, Default)]
pub(crate) struct Slices {
    epoch: i64,
    ranges: Vec<ShardRange>,
    counted: Vec<Option<Slice>>,
    next: usize,
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

    /// The range whose turn it is in a fleet of so many accounts. A fleet that has outgrown its ranges is cut anew.
    pub(crate) fn next(&mut self, accounts: u64) -> ShardRange {
        let cut = ranges(accounts);
        if cut != self.ranges {
            self.counted = vec![None; cut.len()];
            self.next = 0;
            self.ranges = cut;
        }
        self.ranges[self.next]
    }

    /// Notes what was counted of it.
    pub(crate) fn note(&mut self, slice: Slice) {
        self.counted[self.next] = Some(slice);
        self.next = (self.next + 1) % self.counted.len();
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

    #[test]
    fn each_range_has_its_turn_and_its_newest_count_stands() {
        let mut slices = Slices::default();
        slices.begin(1);
        let firsts: Vec<u16> = (0..3)
            .map(|round| {
                let shards = slices.next(8_000);
                assert_eq!(slices.is_whole(), round == 2);
                slices.note(found(round + 1));
                shards.first
            })
            .collect();
        assert_eq!(firsts, [0, 128, 0]);
        assert_eq!(sum(&slices), 2 + 3);
    }

    #[test]
    fn a_new_epoch_and_a_fleet_that_outgrew_its_ranges_are_counted_afresh() {
        let mut slices = Slices::default();
        slices.begin(1);
        slices.next(10);
        slices.note(found(7));
        slices.begin(1);
        assert!(slices.is_whole());
        slices.next(100_000);
        assert!(!slices.is_whole());
        assert_eq!(sum(&slices), 0);
        slices.note(found(1));
        slices.begin(2);
        assert_eq!(sum(&slices), 0);
    }
}
