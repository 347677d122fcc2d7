//! The truth about how long sessions live, and the curves by which they die.

use crate::chance::{Chance, Topic, paired};
use crate::control::{Kind, LifeCurve, LifeLine, Lives, Tier};
use crate::session::Session;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::io::Write as _;
use std::path::Path;

const HOUR: f64 = 3_600.0;

/// What a life depends on.
#[derive(Clone, Debug)]
pub(crate) struct Pulse {
    /// Place in the fleet.
    pub(crate) index: usize,
    id: String,
    kind: Kind,
    tier: Tier,
    is_well: bool,
    needs_owner: bool,
}

impl Pulse {
    pub(crate) fn of(index: usize, session: &Session) -> Self {
        Self {
            index,
            id: session.id.clone(),
            kind: session.kind,
            tier: session.tier,
            is_well: session.is_well(),
            needs_owner: session.needs_owner(),
        }
    }
}

/// Every life since curves were loaded. Without curves nothing is kept.
pub(crate) struct Lifebook {
    chance: Chance,
    curves: Option<Lives>,
    /// By place in the fleet.
    alive: BTreeMap<usize, LifeLine>,
    ends: BTreeSet<(Timestamp, usize)>,
    /// Lives that each session has begun.
    births: HashMap<usize, u64>,
    ended: Vec<LifeLine>,
    file: Option<File>,
}

impl Lifebook {
    /// Appends to the file if one is named.
    pub(crate) fn open(chance: Chance, file: Option<&Path>) -> std::io::Result<Self> {
        let file = file.map(|path| File::options().create(true).append(true).open(path));
        Ok(Self {
            chance,
            curves: None,
            alive: BTreeMap::new(),
            ends: BTreeSet::new(),
            births: HashMap::new(),
            ended: Vec::new(),
            file: file.transpose()?,
        })
    }

    /// Replaces the curves, and begins a life of each of these sessions; none is under way without curves.
    pub(crate) fn load(&mut self, curves: Option<Lives>, healthy: &[Pulse], now: Timestamp) {
        self.alive.clear();
        self.ends.clear();
        let aged_hours = curves.as_ref().map(|lives| lives.aged_hours);
        self.curves = curves;
        let Some(aged_hours) = aged_hours else {
            return;
        };
        for pulse in healthy {
            let draw = paired(pulse.index as u64, self.lives_of(pulse.index) + 1);
            self.begin(pulse, now, self.chance.unit(Topic::Age, draw) * aged_hours);
        }
    }

    pub(crate) fn is_on(&self) -> bool {
        self.curves.is_some()
    }

    pub(crate) fn curves(&self) -> Option<&Lives> {
        self.curves.as_ref()
    }

    /// Notes what became of a session, and through what.
    pub(crate) fn saw(&mut self, pulse: &Pulse, now: Timestamp, why: &str) {
        if !self.is_on() {
            return;
        }
        if pulse.needs_owner {
            self.end(pulse.index, now, why);
        } else if pulse.is_well && !self.alive.contains_key(&pulse.index) {
            self.begin(pulse, now, 0.0);
        }
    }

    /// When the next life ends by its curve.
    pub(crate) fn next_at(&self) -> Option<Timestamp> {
        self.ends.first().map(|&(at, _)| at)
    }

    /// A life that is over by its curve: the session's place, and which of its lives it is.
    pub(crate) fn take_due(&mut self, now: Timestamp) -> Option<(usize, u64)> {
        let &(at, index) = self.ends.first()?;
        if at > now {
            return None;
        }
        self.ends.pop_first();
        Some((index, self.lives_of(index)))
    }

    /// Those that are over in the order of their ends, and those under way.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &LifeLine> {
        self.ended.iter().chain(self.alive.values())
    }

    pub(crate) fn under_way(&self) -> usize {
        self.alive.len()
    }

    fn lives_of(&self, index: usize) -> u64 {
        self.births.get(&index).copied().unwrap_or(0)
    }

    fn begin(&mut self, pulse: &Pulse, now: Timestamp, age_hours: f64) {
        let Pulse {
            index,
            id,
            kind,
            tier,
            ..
        } = pulse;
        let births = self.births.entry(*index).or_default();
        *births += 1;
        let draw = self
            .chance
            .unit(Topic::Life, paired(*index as u64, *births));
        let curves = self.curves.iter().flat_map(|lives| &lives.curves);
        let curve = curves.into_iter().find(|curve| fits(curve, *kind, *tier));
        let hours = curve.map(|curve| life_hours(curve, age_hours, draw));
        let born = shifted(now, -age_hours);
        let planned_end = hours.map(|hours| shifted(born, hours).max(now));
        let life = LifeLine {
            session: id.clone(),
            kind: *kind,
            tier: *tier,
            born,
            entered: now,
            planned_end,
            died: None,
            cause: None,
        };
        self.append(&life);
        self.ends.extend(planned_end.map(|at| (at, *index)));
        self.alive.insert(*index, life);
    }

    fn end(&mut self, index: usize, now: Timestamp, why: &str) {
        let Some(life) = self.alive.remove(&index) else {
            return;
        };
        if let Some(at) = life.planned_end {
            self.ends.remove(&(at, index));
        }
        let life = LifeLine {
            died: Some(now),
            cause: Some(why.to_owned()),
            ..life
        };
        self.append(&life);
        self.ended.push(life);
    }

    /// A line that cannot be written is missing in the file only.
    fn append(&mut self, life: &LifeLine) {
        if let Some(file) = &mut self.file {
            writeln!(file, "{}", json!(life)).unwrap_or_default();
        }
    }
}

fn fits(curve: &LifeCurve, kind: Kind, tier: Tier) -> bool {
    curve.kind.is_none_or(|it| it == kind) && curve.tier.is_none_or(|it| it == tier)
}

/// Length of a life that has reached this age, by an even draw below 1.
fn life_hours(curve: &LifeCurve, age_hours: f64, draw: f64) -> f64 {
    let reached = (age_hours / curve.scale_hours).powf(curve.shape);
    curve.scale_hours * (reached - (1.0 - draw).ln()).powf(curve.shape.recip())
}

fn shifted(at: Timestamp, hours: f64) -> Timestamp {
    let span = SignedDuration::try_from_secs_f64(hours * HOUR);
    let end = if hours < 0.0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    };
    span.ok()
        .and_then(|span| at.checked_add(span).ok())
        .unwrap_or(end)
}

#[cfg(test)]
mod tests;
