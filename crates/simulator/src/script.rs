//! Plays the life script in the simulator's time.

use crate::chance::Topic;
use crate::clock::later;
use crate::control::{Act, Change, Health, NewSession, Rotation, Script, ScriptView, Step};
use crate::counts::Cause;
use crate::world::World;
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
    /// When the next session loses its credentials.
    rotation_at: Option<Timestamp>,
    /// Numbers the rotation's draws.
    rotations: u64,
    /// Sessions that their owners will reconnect.
    recoveries: BTreeMap<(Timestamp, u64), String>,
    done: u64,
    without_effect: u64,
}

/// Something that is due.
enum AgendaItem {
    Step(Step),
    Rotate(u64, Rotation),
    Recover(String),
}

impl Agenda {
    fn next_at(&self) -> Option<Timestamp> {
        let step = self.steps.front().map(|&(at, _)| at);
        let recovery = self.recoveries.keys().next().map(|&(at, _)| at);
        step.into_iter()
            .chain(recovery)
            .chain(self.rotation_at)
            .min()
    }

    /// Takes the soonest event whose time has come; steps go first.
    fn take(&mut self, world: &World, now: Timestamp) -> Option<AgendaItem> {
        if self.steps.front().is_some_and(|&(at, _)| at <= now) {
            return self
                .steps
                .pop_front()
                .map(|(_, step)| AgendaItem::Step(step));
        }
        if let Some(entry) = self.recoveries.first_entry()
            && entry.key().0 <= now
        {
            return Some(AgendaItem::Recover(entry.remove()));
        }
        let at = self.rotation_at.filter(|&at| at <= now)?;
        let rotation = self.script.rotation.clone()?;
        self.rotations += 1;
        self.rotation_at = Some(later(at, gap(world, &rotation, self.rotations)));
        Some(AgendaItem::Rotate(self.rotations, rotation))
    }
}

/// Half to one and a half times the average gap between two rotations.
fn gap(world: &World, rotation: &Rotation, number: u64) -> Duration {
    let seconds =
        3_600.0 / rotation.rotate_per_hour * (0.5 + world.chance.unit(Topic::RotationGap, number));
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}

impl World {
    /// Replaces the script; the error says what is wrong with the new one.
    pub(crate) fn load_script(&self, script: Script) -> Result<ScriptView, &'static str> {
        let mut steps = Vec::with_capacity(script.steps.len());
        for step in &script.steps {
            let elapsed = Duration::try_from_secs_f64(step.at_seconds)
                .map_err(|_| "at_seconds must be 0 or more")?;
            steps.push((self.clock.after(elapsed), step.clone()));
        }
        steps.sort_by_key(|&(at, _)| at);
        if let Some(rotation) = &script.rotation
            && !(rotation.rotate_per_hour > 0.0 && rotation.rotate_per_hour <= 1_000_000.0)
        {
            return Err("rotate_per_hour must be above 0, and at most 1000000");
        }
        {
            let mut agenda = self.agenda();
            let first = script
                .rotation
                .as_ref()
                .map(|rotation| gap(self, rotation, agenda.rotations));
            agenda.rotation_at = first.map(|gap| later(self.clock.now(), gap));
            agenda.steps = steps.into();
            agenda.script = script;
        }
        self.script_loaded.notify_one();
        Ok(self.script_view())
    }

    pub(crate) fn script_view(&self) -> ScriptView {
        let tally = self.counts().script;
        let agenda = self.agenda();
        ScriptView {
            script: agenda.script.clone(),
            steps_done: agenda.done,
            steps_without_effect: agenda.without_effect,
            steps_waiting: agenda.steps.len(),
            recoveries_waiting: agenda.recoveries.len(),
            tally,
        }
    }

    fn play(&self, due: AgendaItem) {
        match due {
            AgendaItem::Step(step) => {
                let effective = self.step(step);
                let mut agenda = self.agenda();
                agenda.done += 1;
                agenda.without_effect += u64::from(!effective);
            }
            AgendaItem::Rotate(number, rotation) => self.rotate(number, &rotation),
            AgendaItem::Recover(id) => self.recover(&id, Cause::Script),
        }
    }

    fn step(&self, step: Step) -> bool {
        let Step {
            session,
            act,
            quiet,
            kind,
            name,
            identity,
            handle,
            tier,
            ..
        } = step;
        let change = |health| Change {
            health: Some(health),
            back: health == Health::Ok,
            quiet,
            ..Change::default()
        };
        let change = match act {
            Act::Ok => change(Health::Ok),
            Act::Credentials => change(Health::Credentials),
            Act::Error => change(Health::Error),
            Act::Stopped => change(Health::Stopped),
            Act::Connecting => change(Health::Connecting),
            Act::Gone => Change {
                gone: true,
                ..Change::default()
            },
            Act::Person => Change {
                name,
                identity,
                handle,
                ..Change::default()
            },
            Act::Appear => {
                let id = Some(session);
                let new = NewSession {
                    id,
                    kind,
                    name,
                    identity,
                    handle,
                    tier,
                    ..NewSession::default()
                };
                let Ok(view) = self.create(new, Cause::Script) else {
                    return false;
                };
                if !quiet {
                    self.tell(&view.id, view.kind.word(), "CREATION_SUCCESS");
                    self.tell(&view.id, view.kind.word(), "OK");
                }
                return true;
            }
        };
        self.change(&session, &change, Cause::Script).is_some()
    }

    /// A well session loses its credentials, and its owner makes up their mind when to come back.
    fn rotate(&self, number: u64, rotation: &Rotation) {
        let draw = self.chance.draw(Topic::RotationVictim, number);
        let Some(id) = self
            .fleet()
            .some_well(draw)
            .map(|session| session.id.clone())
        else {
            return;
        };
        let lost = Change {
            health: Some(Health::Credentials),
            ..Change::default()
        };
        self.change(&id, &lost, Cause::Script);
        if self
            .chance
            .happens(Topic::RotationNever, number, rotation.never.0)
        {
            return;
        }
        let span = rotation.recover_after_seconds;
        let seconds = self
            .chance
            .between(Topic::RotationRest, number, span.min, span.max);
        let at = later(self.clock.now(), Duration::from_secs(seconds));
        self.agenda().recoveries.insert((at, number), id);
    }

    /// The owner reconnects: told as `RECONNECTED`, then as `OK`.
    pub(crate) fn recover(&self, id: &str, cause: Cause) {
        let quietly = Change {
            health: Some(Health::Ok),
            quiet: true,
            ..Change::default()
        };
        let Some((_, view)) = self.change(id, &quietly, cause) else {
            return;
        };
        if view.presence == crate::session::Presence::Live {
            self.tell(id, view.kind.word(), "RECONNECTED");
            self.tell(id, view.kind.word(), "OK");
        }
    }
}

/// Plays what is due until it is told to stop.
pub(crate) async fn run(world: Arc<World>, stop: CancellationToken) {
    loop {
        loop {
            let due = world.agenda().take(&world, world.clock.now());
            let Some(due) = due else { break };
            world.play(due);
        }
        let next = world.agenda().next_at();
        tokio::select! {
            () = stop.cancelled() => return,
            () = world.script_loaded.notified() => {}
            () = world.clock.wait_until(next.unwrap_or(Timestamp::MAX)), if next.is_some() => {}
        }
    }
}
