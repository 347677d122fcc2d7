//! The program as it is, and as it would be with one part of it taken out.

use crate::world::{Left, Lie};
use policy::interlock::Gate;

/// What is taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Without {
    /// Nothing: the program as it is.
    Nothing,
    /// This gate, wherever it is asked.
    Gate(Gate),
    /// The watchman, a process that compares the two clocks.
    Watchman,
    /// The instant that the database has noted, which outlives every process.
    Noted,
    /// Both.
    WatchmanAndNoted,
    /// A process's first reading, which the first attempt makes only then, and what the database has noted.
    FirstReadingAndNoted,
    /// The second judgement, with which a call is begun.
    SecondJudgement,
    /// The lock: who begins a call does not ask whether another has.
    Exclusion,
    /// The end of a permit.
    PermitAge,
}

/// A program in a world of that size.
#[derive(Clone, Debug)]
pub(crate) struct Variant {
    pub(crate) without: Without,
    /// What may happen to the world.
    pub(crate) left: Left,
    /// DELETEs of the day before, each so many seconds before the beginning.
    pub(crate) earlier: Vec<i32>,
    /// For each session whose removal is asked for, whether it is there at the provider.
    pub(crate) alive: Vec<bool>,
    /// How the provider may lie.
    pub(crate) lies: Vec<Lie>,
    /// A process that begins anew may do so before any other has looked at the clock.
    pub(crate) all_blind: bool,
}

impl Variant {
    pub(crate) fn has_watchman(&self) -> bool {
        !matches!(self.without, Without::Watchman | Without::WatchmanAndNoted)
    }

    pub(crate) fn has_noted(&self) -> bool {
        let without = [
            Without::Noted,
            Without::WatchmanAndNoted,
            Without::FirstReadingAndNoted,
        ];
        !without.contains(&self.without)
    }

    /// This gate is asked.
    pub(crate) fn has(&self, gate: Gate) -> bool {
        self.without != Without::Gate(gate)
    }
}
