//! Plays the life script in the simulator's time.

mod due;
mod many;
mod play;

use crate::clock::later;
use crate::control::{
    Burst, Clusters, DailyRestart, Health, Lives, Rotation, Script, ScriptView, Step,
};
use crate::counts::Cause;
use crate::lives::Pulse;
use crate::world::World;
use due::{cluster_gap, in_script, next_time_of_day, rotation_gap};
use jiff::Timestamp;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// What is still to happen.
#[derive(Default)]
pub(crate) struct Agenda {
    script: Script,
    /// Soonest first.
    steps: VecDeque<(Timestamp, Step)>,
    /// Soonest first.
    bursts: VecDeque<(Timestamp, Burst)>,
    /// When the next session loses its credentials.
    rotation_at: Option<Timestamp>,
    /// Numbers the rotation's draws.
    rotations: u64,
    /// When the next cluster of the curves comes, and how many came.
    cluster_at: Option<Timestamp>,
    clusters: u64,
    /// Numbers all bursts.
    bursts_drawn: u64,
    /// When the provider restarts next.
    daily_at: Option<Timestamp>,
    days: u64,
    /// Numbers what is put off; what is due at one instant keeps its order.
    put_off: u64,
    /// Sessions that their owners will reconnect.
    recoveries: BTreeMap<(Timestamp, u64), Recovery>,
    /// Sessions that are `CONNECTING` until then.
    restarts: BTreeMap<(Timestamp, u64), Settling>,
    done: u64,
    without_effect: u64,
}

/// Return of a lost session.
struct Recovery {
    session: String,
    /// Also of one that was gone.
    back: bool,
}

/// End of a restart: nothing, where the session is not `CONNECTING` any more.
struct Settling {
    session: String,
    health: Health,
    cause: Cause,
    why: &'static str,
}

/// Something that is due.
enum AgendaItem {
    Step(Step),
    Burst(Burst),
    Rotate(u64, Rotation),
    Cluster(Clusters),
    Daily(u64, DailyRestart),
    Recover(Recovery),
    Settle(Settling),
}

impl Agenda {
    fn next_at(&self) -> Option<Timestamp> {
        let step = self.steps.front().map(|&(at, _)| at);
        let burst = self.bursts.front().map(|&(at, _)| at);
        let recovery = self.recoveries.keys().next().map(|&(at, _)| at);
        let restart = self.restarts.keys().next().map(|&(at, _)| at);
        let single = [step, burst, recovery, restart];
        let all = [self.rotation_at, self.cluster_at, self.daily_at];
        single.into_iter().chain(all).flatten().min()
    }

    /// Number of the next thing that is put off.
    fn next_number(&mut self) -> u64 {
        self.put_off += 1;
        self.put_off
    }
}

impl World {
    /// Replaces the script; the error says what is wrong with the new one.
    pub(crate) fn load_script(&self, script: Script) -> Result<ScriptView, &'static str> {
        check(&script)?;
        let steps = script.steps.iter().map(|it| (it.at_seconds, it.clone()));
        let steps = in_script(&self.clock, steps)?;
        let bursts = script.bursts.iter();
        let bursts = bursts.map(|it| (it.at_seconds, it.burst.clone()));
        let bursts = in_script(&self.clock, bursts)?;
        let now = self.clock.now();
        let lives = script.lives.clone();
        let healthy: Vec<Pulse> = match lives {
            Some(_) => {
                let fleet = self.fleet();
                let healthy = fleet.healthy();
                healthy
                    .map(|(at, session)| Pulse::of(at, session))
                    .collect()
            }
            None => vec![],
        };
        {
            let mut agenda = self.agenda();
            let rotation = script.rotation.as_ref();
            let gap = rotation.map(|it| rotation_gap(self.chance, it, agenda.rotations));
            agenda.rotation_at = gap.map(|gap| later(now, gap));
            let clusters = lives.as_ref().and_then(|lives| lives.clusters.as_ref());
            let gap = clusters.map(|it| cluster_gap(self.chance, it, agenda.clusters));
            agenda.cluster_at = gap.map(|gap| later(now, gap));
            let daily = script.daily_restart.as_ref();
            agenda.daily_at = daily.and_then(|daily| next_time_of_day(daily.at, now));
            (agenda.steps, agenda.bursts) = (steps, bursts);
            agenda.script = script;
        }
        self.lives().load(lives, &healthy, now);
        self.script_loaded.notify_one();
        Ok(self.script_view())
    }

    pub(crate) fn script_view(&self) -> ScriptView {
        let tally = self.counts().script;
        let lives = self.lives().under_way();
        let agenda = self.agenda();
        ScriptView {
            script: agenda.script.clone(),
            steps_done: agenda.done,
            steps_without_effect: agenda.without_effect,
            steps_waiting: agenda.steps.len() + agenda.bursts.len(),
            recoveries_waiting: agenda.recoveries.len(),
            restarts_waiting: agenda.restarts.len(),
            lives,
            tally,
        }
    }

    /// Lets a session that is `CONNECTING` now be in this state after so long, if it is `CONNECTING` still.
    pub(crate) fn settle_later(
        &self,
        id: &str,
        wait: Duration,
        health: Health,
        (cause, why): (Cause, &'static str),
    ) {
        let at = later(self.clock.now(), wait);
        let settling = Settling {
            session: id.to_owned(),
            health,
            cause,
            why,
        };
        {
            let mut agenda = self.agenda();
            let number = agenda.next_number();
            agenda.restarts.insert((at, number), settling);
        }
        self.script_loaded.notify_one();
    }

    fn recover_later(&self, wait: Duration, recovery: Recovery) {
        let at = later(self.clock.now(), wait);
        let mut agenda = self.agenda();
        let number = agenda.next_number();
        agenda.recoveries.insert((at, number), recovery);
    }

    /// Plays the soonest thing that is due, if any is.
    fn play_next(&self) -> bool {
        let now = self.clock.now();
        let due = self.agenda().take(self.chance, now);
        if let Some(due) = due {
            self.play(due);
            return true;
        }
        let dead = self.lives().take_due(now);
        if let Some((index, life)) = dead {
            self.die_by_curve(index, life);
        }
        dead.is_some()
    }
}

fn check(script: &Script) -> Result<(), &'static str> {
    let is_rate = |rate: f64| rate > 0.0 && rate <= 1_000_000.0;
    if let Some(rotation) = &script.rotation
        && !is_rate(rotation.rotate_per_hour)
    {
        return Err("rotate_per_hour must be above 0, and at most 1000000");
    }
    let Some(Lives {
        curves,
        aged_hours,
        clusters,
        ..
    }) = &script.lives
    else {
        return Ok(());
    };
    let is_curve = |shape: f64, scale: f64| is_rate(shape) && is_rate(scale);
    if !curves.iter().all(|it| is_curve(it.shape, it.scale_hours)) {
        return Err("shape and scale_hours must be above 0, and at most 1000000");
    }
    if !(0.0..=1_000_000.0).contains(aged_hours) {
        return Err("aged_hours must be from 0 to 1000000");
    }
    if clusters.as_ref().is_some_and(|it| !is_rate(it.per_day)) {
        return Err("per_day must be above 0, and at most 1000000");
    }
    Ok(())
}

/// Plays what is due until it is told to stop.
pub(crate) async fn run(world: Arc<World>, stop: CancellationToken) {
    loop {
        while world.play_next() {}
        let next = world.agenda().next_at();
        let next = next.into_iter().chain(world.lives().next_at()).min();
        tokio::select! {
            () = stop.cancelled() => return,
            () = world.script_loaded.notified() => {}
            () = world.clock.wait_until(next.unwrap_or(Timestamp::MAX)), if next.is_some() => {}
        }
    }
}

#[cfg(test)]
mod tests;
