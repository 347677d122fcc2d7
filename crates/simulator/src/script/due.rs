//! What is due, and when the next of its kind is.

use super::{Agenda, AgendaItem};
use crate::chance::{Chance, Topic};
use crate::clock::{Clock, later};
use crate::control::{Clusters, Rotation};
use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

const DAY: SignedDuration = SignedDuration::from_hours(24);
const HOUR_SECONDS: f64 = 3_600.0;

impl Agenda {
    /// Takes an event whose time has come; what was planned goes before what goes on all the time.
    pub(super) fn take(&mut self, chance: Chance, now: Timestamp) -> Option<AgendaItem> {
        if self.steps.front().is_some_and(|&(at, _)| at <= now) {
            let step = self.steps.pop_front();
            return step.map(|(_, step)| AgendaItem::Step(step));
        }
        if self.bursts.front().is_some_and(|&(at, _)| at <= now) {
            let burst = self.bursts.pop_front();
            return burst.map(|(_, burst)| AgendaItem::Burst(burst));
        }
        if let Some(settling) = first_due(&mut self.restarts, now) {
            return Some(AgendaItem::Settle(settling));
        }
        if let Some(recovery) = first_due(&mut self.recoveries, now) {
            return Some(AgendaItem::Recover(recovery));
        }
        let daily = self.take_daily(now);
        let cluster = || self.take_cluster(chance, now);
        daily
            .or_else(cluster)
            .or_else(|| self.take_rotation(chance, now))
    }

    fn take_daily(&mut self, now: Timestamp) -> Option<AgendaItem> {
        let at = self.daily_at.filter(|&at| at <= now)?;
        let daily = self.script.daily_restart.clone()?;
        self.days += 1;
        self.daily_at = at.checked_add(DAY).ok();
        Some(AgendaItem::Daily(self.days, daily))
    }

    fn take_cluster(&mut self, chance: Chance, now: Timestamp) -> Option<AgendaItem> {
        let at = self.cluster_at.filter(|&at| at <= now)?;
        let clusters = self.script.lives.as_ref()?.clusters.clone()?;
        self.clusters += 1;
        self.cluster_at = Some(later(at, cluster_gap(chance, &clusters, self.clusters)));
        Some(AgendaItem::Cluster(clusters))
    }

    fn take_rotation(&mut self, chance: Chance, now: Timestamp) -> Option<AgendaItem> {
        let at = self.rotation_at.filter(|&at| at <= now)?;
        let rotation = self.script.rotation.clone()?;
        self.rotations += 1;
        self.rotation_at = Some(later(at, rotation_gap(chance, &rotation, self.rotations)));
        Some(AgendaItem::Rotate(self.rotations, rotation))
    }
}

fn first_due<T>(all: &mut BTreeMap<(Timestamp, u64), T>, now: Timestamp) -> Option<T> {
    let first = all.first_entry()?;
    (first.key().0 <= now).then(|| first.remove())
}

/// Seconds of a script as instants, soonest first.
pub(super) fn in_script<T>(
    clock: &Clock,
    all: impl Iterator<Item = (f64, T)>,
) -> Result<VecDeque<(Timestamp, T)>, &'static str> {
    let instant = |(seconds, one)| {
        let elapsed = Duration::try_from_secs_f64(seconds);
        let elapsed = elapsed.map_err(|_| "at_seconds must be 0 or more")?;
        Ok::<_, &'static str>((clock.after(elapsed), one))
    };
    let mut all: Vec<(Timestamp, T)> = all.map(instant).collect::<Result<_, _>>()?;
    all.sort_by_key(|&(at, _)| at);
    Ok(all.into())
}

/// Half to one and a half times the average gap between two rotations.
pub(super) fn rotation_gap(chance: Chance, rotation: &Rotation, number: u64) -> Duration {
    let part = 0.5 + chance.unit(Topic::RotationGap, number);
    seconds(HOUR_SECONDS / rotation.rotate_per_hour * part)
}

/// Any gap, clusters come whenever they come: exponential around the average.
pub(super) fn cluster_gap(chance: Chance, clusters: &Clusters, number: u64) -> Duration {
    let part = -(1.0 - chance.unit(Topic::ClusterGap, number)).ln();
    seconds(24.0 * HOUR_SECONDS / clusters.per_day * part)
}

fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}

/// First instant after `now` whose time of day in UTC is this one.
pub(super) fn next_time_of_day(time: Time, now: Timestamp) -> Option<Timestamp> {
    let today = now.to_zoned(TimeZone::UTC).date().to_datetime(time);
    let today = today.to_zoned(TimeZone::UTC).ok()?.timestamp();
    if today > now {
        return Some(today);
    }
    today.checked_add(DAY).ok()
}
