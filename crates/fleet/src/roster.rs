//! Rosters: the jobs of a worker crate, each bound to the code that runs its kind of trait.

use crate::act;
use crate::chain;
use crate::decide;
use crate::job::Act;
use crate::job::Chain;
use crate::job::Decide;
use crate::job::Sweep;
use crate::spec::Spec;
use crate::sweep;
use metering::JobKind;
use std::fmt;

/// A line of a roster.
#[derive(Clone, Copy)]
pub struct Entry {
    /// Name, queue, period and limits.
    pub spec: Spec,
    pub(crate) runner: Runner,
}

/// Code that runs jobs of an entry, by the trait that they implement.
#[derive(Clone, Copy)]
pub(crate) enum Runner {
    Decide(decide::Runner),
    Sweep(sweep::Runner),
    Act(act::Runner),
}

impl Entry {
    /// Whether it acts outward.
    pub fn is_act(&self) -> bool {
        matches!(self.runner, Runner::Act(_))
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("spec", &self.spec)
            .finish_non_exhaustive()
    }
}

/// Makes the roster line of a [`Decide`] job.
pub const fn deciding<J: Decide>() -> Entry {
    Entry {
        spec: J::SPEC,
        runner: Runner::Decide(decide::run::<J>),
    }
}

/// Makes the roster line of a [`Chain`]: each of its steps is run as a deciding job.
pub const fn chaining<J: Chain>() -> Entry {
    Entry {
        spec: J::SPEC,
        runner: Runner::Decide(chain::run::<J>),
    }
}

/// Makes the roster line of a [`Sweep`] job.
pub const fn sweeping<J: Sweep>() -> Entry {
    Entry {
        spec: J::SPEC,
        runner: Runner::Sweep(sweep::run::<J>),
    }
}

/// Makes the roster line of an [`Act`] job.
pub const fn acting<J: Act>() -> Entry {
    Entry {
        spec: J::SPEC,
        runner: Runner::Act(act::run::<J>),
    }
}

/// Finds the entry of a kind, if the roster has it.
pub fn find<'a>(roster: &'a [Entry], kind: &str) -> Option<&'a Entry> {
    roster.iter().find(|entry| entry.spec.kind.name == kind)
}

/// Lists the kinds of a roster for counting.
pub fn counted_kinds(roster: &[Entry]) -> Vec<JobKind> {
    let specs = roster.iter().map(|entry| entry.spec);
    let counted = specs.map(|spec| JobKind {
        kind: spec.kind,
        is_scheduled: spec.every.is_some(),
    });
    counted.collect()
}

/// Lists kinds with their newest payload versions (R-JOB-5).
pub(crate) fn known(roster: &[Entry]) -> Vec<(&'static str, i16)> {
    let kinds = roster.iter().map(|entry| entry.spec.kind);
    kinds.map(|kind| (kind.name, kind.version)).collect()
}
