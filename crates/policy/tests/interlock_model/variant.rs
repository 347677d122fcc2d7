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
    /// The watchman, who compares the two clocks.
    Watchman,
    /// The second judgement, with which a call is begun.
    SecondJudgement,
    /// The lock: who begins a call does not ask whether another has.
    Exclusion,
    /// The end of a permit.
    PermitAge,
    /// The first reading of a process, which is made when it begins; the first attempt makes it then.
    FirstReading,
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
    /// This gate is asked.
    pub(crate) fn has(&self, gate: Gate) -> bool {
        self.without != Without::Gate(gate)
    }
}
