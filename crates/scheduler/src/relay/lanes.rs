//! Which lanes of a queue have waiting jobs, and when each comes due. Pure but for the machine's stopwatch.
//!
//! A memory of what the index says: what it has forgotten, or never heard of, a lap finds again.

mod kinds;

use jiff::Timestamp;
use kinds::Kinds;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, Instant};
use store::lane::Lane;
use uuid::Uuid;

/// Lanes of one look at most.
const LANES_MAX: usize = 512;
/// Rest of a lane whose due jobs were all held, for each look that this took.
const REST: Duration = Duration::from_millis(250);
/// Looks after which a lane that never ends is read from its beginning again.
const SCAN_LOOKS_MAX: u32 = 256;
/// Longest rest.
const REST_MAX: Duration = Duration::from_secs(5);

/// Lane in memory: its workspace, and its kind by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct LaneKey {
    pub(crate) workspace: Uuid,
    kind: u16,
}

/// Where a lane is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Due.
    Ready,
    /// Due at an instant of the database's clock.
    Later(Timestamp),
    /// Held as a whole.
    Parked,
    /// Read to its end and found held row by row; until then its rows are not read again.
    Resting(Instant),
}

/// How far a lane was read whose first due rows are held.
#[derive(Clone, Copy, Debug)]
struct Scan {
    after: (Timestamp, Uuid),
    looks: u32,
}

/// What a look found of one lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// As many jobs as were asked for: more may be due.
    Filled,
    /// The budget ended at this row before the lane did.
    Stopped((Timestamp, Uuid)),
    /// Every due row was read; the next one comes due then, if there is one.
    Ended(Option<Timestamp>),
}

/// Lanes of one queue.
#[derive(Debug, Default)]
pub(crate) struct Lanes {
    kinds: Kinds,
    places: HashMap<LaneKey, Place>,
    ready: BTreeSet<LaneKey>,
    later: BTreeSet<(Timestamp, LaneKey)>,
    parked: BTreeSet<LaneKey>,
    resting: BTreeSet<(Instant, LaneKey)>,
    scans: HashMap<LaneKey, Scan>,
    /// Lane that the last round ended with.
    cursor: Option<LaneKey>,
}

impl Lanes {
    /// The lane's key; makes one for a kind that was not met before. None if there are too many kinds.
    pub(crate) fn key(&mut self, lane: &Lane) -> Option<LaneKey> {
        let kind = self.kinds.number(&lane.kind)?;
        let workspace = lane.workspace;
        Some(LaneKey { workspace, kind })
    }

    /// The lane of a key.
    pub(crate) fn lane(&self, key: LaneKey) -> Lane {
        Lane {
            workspace: key.workspace,
            kind: self.kinds.name(key.kind).to_owned(),
        }
    }

    /// Takes in that a job of the lane comes due at `at`; now, if it is past.
    pub(crate) fn learn(&mut self, key: LaneKey, at: Timestamp, now: Timestamp) {
        let place = self.places.get(&key).copied();
        let is_sooner = match place {
            None => true,
            Some(Place::Later(known)) => at < known,
            Some(Place::Ready | Place::Parked | Place::Resting(_)) => false,
        };
        if is_sooner {
            let place = if at <= now {
                Place::Ready
            } else {
                Place::Later(at)
            };
            self.put(key, Some(place));
        }
    }

    /// Jobs were enqueued in it, or are to be rung for again: to be read at the next look.
    pub(crate) fn wake(&mut self, key: LaneKey) {
        if !matches!(
            self.places.get(&key),
            Some(Place::Parked | Place::Resting(_))
        ) {
            self.put(key, Some(Place::Ready));
        }
    }

    /// Lanes whose jobs came due or whose rest is over are ready now.
    pub(crate) fn promote(&mut self, now: Timestamp, machine: Instant) {
        while let Some(&(at, key)) = self.later.first()
            && at <= now
        {
            self.put(key, Some(Place::Ready));
        }
        while let Some(&(until, key)) = self.resting.first()
            && until <= machine
        {
            self.put(key, Some(Place::Ready));
        }
    }

    /// What was held as a whole, or row by row, may not be held any more.
    pub(crate) fn unpark(&mut self) {
        let resting = std::mem::take(&mut self.resting);
        let parked = std::mem::take(&mut self.parked);
        let held = parked
            .into_iter()
            .chain(resting.into_iter().map(|(_, key)| key));
        for key in held {
            self.places.insert(key, Place::Ready);
            self.ready.insert(key);
        }
        self.scans.clear();
    }

    /// Ready lanes for a look with room for so many jobs: whole workspaces, one round on from where the last one ended. Of
    /// the fleet's own lanes or of all others. What `is_held` as a whole is put aside.
    pub(crate) fn pick(
        &mut self,
        room: usize,
        is_own: bool,
        is_held: impl Fn(&Lane) -> bool,
    ) -> Vec<LaneKey> {
        let most = room.min(LANES_MAX);
        let mut picked: BTreeMap<Uuid, usize> = BTreeMap::new();
        let (mut lanes, mut held) = (Vec::new(), Vec::new());
        for key in self.round(is_own) {
            let is_new = !picked.contains_key(&key.workspace);
            if lanes.len() >= LANES_MAX || is_new && picked.len() >= most {
                break;
            }
            if is_held(&self.lane(key)) {
                held.push(key);
            } else {
                *picked.entry(key.workspace).or_default() += 1;
                lanes.push(key);
            }
        }
        for key in held {
            self.put(key, Some(Place::Parked));
        }
        if !is_own && let Some(last) = lanes.last() {
            self.cursor = Some(*last);
        }
        lanes
    }

    /// Ready lanes in the order of a round.
    fn round(&self, is_own: bool) -> impl Iterator<Item = LaneKey> + '_ {
        let from = if is_own { None } else { self.cursor };
        let first = LaneKey {
            workspace: Uuid::nil(),
            kind: 0,
        };
        let start = from.unwrap_or(first);
        let behind = self
            .ready
            .range(start..)
            .filter(move |key| from != Some(**key));
        let before = self
            .ready
            .range(first..start)
            .chain(from.as_ref().and_then(|it| self.ready.get(it)));
        let own = move |key: &&LaneKey| key.workspace.is_nil() == is_own;
        behind.chain(before).filter(own).copied()
    }

    /// Whether lanes of the fleet's own, or of others, are ready.
    pub(crate) fn is_ready(&self, is_own: bool) -> bool {
        if is_own {
            self.ready.first().is_some_and(|key| key.workspace.is_nil())
        } else {
            self.ready.last().is_some_and(|key| !key.workspace.is_nil())
        }
    }

    /// Where the next look at a lane goes on; none for its beginning.
    pub(crate) fn after(&self, key: LaneKey) -> Option<(Timestamp, Uuid)> {
        self.scans.get(&key).map(|scan| scan.after)
    }

    /// Takes in what a look found of a lane.
    pub(crate) fn settle(&mut self, key: LaneKey, reading: Reading, machine: Instant) {
        let scan = self.scans.remove(&key);
        let looks = scan.map_or(0, |scan| scan.looks) + 1;
        let place = match (reading, scan) {
            (Reading::Filled, scan) => {
                // Begun anew now and then: rows that wait again may stand before it.
                if let Some(scan) = scan.filter(|_| looks < SCAN_LOOKS_MAX) {
                    self.scans.insert(key, Scan { looks, ..scan });
                }
                Some(Place::Ready)
            }
            (Reading::Stopped(after), _) => {
                self.scans.insert(key, Scan { after, looks });
                Some(Place::Ready)
            }
            // It was begun in the middle: what came before may have changed meanwhile.
            (Reading::Ended(_), Some(_)) => {
                Some(Place::Resting(machine + (REST * looks).min(REST_MAX)))
            }
            (Reading::Ended(Some(next)), None) => Some(Place::Later(next)),
            (Reading::Ended(None), None) => None,
        };
        self.put(key, place);
    }

    /// When the first lane comes due that is not yet, by the database's clock.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.later.first().map(|(at, _)| *at)
    }

    /// When the first rest is over.
    pub(crate) fn next_rested(&self) -> Option<Instant> {
        self.resting.first().map(|(until, _)| *until)
    }

    fn put(&mut self, key: LaneKey, place: Option<Place>) {
        let was = match place {
            Some(place) => self.places.insert(key, place),
            None => self.places.remove(&key),
        };
        match was {
            Some(Place::Ready) => drop(self.ready.remove(&key)),
            Some(Place::Later(at)) => drop(self.later.remove(&(at, key))),
            Some(Place::Parked) => drop(self.parked.remove(&key)),
            Some(Place::Resting(until)) => drop(self.resting.remove(&(until, key))),
            None => {}
        }
        match place {
            Some(Place::Ready) => drop(self.ready.insert(key)),
            Some(Place::Later(at)) => drop(self.later.insert((at, key))),
            Some(Place::Parked) => drop(self.parked.insert(key)),
            Some(Place::Resting(until)) => drop(self.resting.insert((until, key))),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests;
