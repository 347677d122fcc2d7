//! Everything that one simulator knows, behind one handle. No lock is held across an await, and none while another is
//! taken, except that counters may be taken last.

use crate::chance::{Chance, Topic};
use crate::clock::Clock;
use crate::control::{Change, Counts, Faults, NewSession, SessionView};
use crate::counts::Cause;
use crate::deeds::Deeds;
use crate::dispatch::{Lane, Outbox};
use crate::faults::{Fault, RequestFacts, Verdict, struck, told, verdict};
use crate::links::Links;
use crate::lives::{Lifebook, Pulse};
use crate::log::Log;
use crate::oddities::Oddities;
use crate::removals::Removals;
use crate::restarts::Restarts;
use crate::script::Agenda;
use crate::state::{Effect, Fleet, Refusal};
use crate::webhooks::Subscription;
use crate::{Config, people};
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// A connect or reconnect that waits for its owner.
#[derive(Clone, Debug)]
pub(crate) struct Checkpoint {
    pub(crate) expires_at: Timestamp,
    /// The session that comes of it; its id is the provisional one that was answered.
    pub(crate) session: NewSession,
    /// The session is there already and is reconnected.
    pub(crate) reconnect: bool,
}

/// The state of one simulator.
pub(crate) struct World {
    pub(crate) api_key: String,
    pub(crate) clock: Clock,
    pub(crate) chance: Chance,
    pub(crate) outbox: Outbox,
    /// Events raised so far: numbers the draws of webhook faults.
    pub(crate) events: AtomicU64,
    /// Wakes the script's task when a script was loaded.
    pub(crate) script_loaded: Notify,
    tokens: AtomicU64,
    fleet: Mutex<Fleet>,
    deeds: Mutex<Deeds>,
    removals: Mutex<Removals>,
    faults: Mutex<Faults>,
    log: Mutex<Log>,
    counts: Mutex<Counts>,
    oddities: Mutex<Oddities>,
    links: Mutex<Links>,
    checkpoints: Mutex<HashMap<String, Checkpoint>>,
    subscriptions: Mutex<Vec<Subscription>>,
    agenda: Mutex<Agenda>,
    lives: Mutex<Lifebook>,
    restarts: Mutex<Restarts>,
}

impl World {
    pub(crate) fn new(config: &Config) -> std::io::Result<(Self, Vec<Lane>)> {
        let chance = Chance::new(config.seed);
        let (outbox, lanes) = Outbox::new();
        let world = Self {
            api_key: config.api_key.clone(),
            clock: Clock::start(config.started_at, config.speed),
            chance,
            outbox,
            events: AtomicU64::new(0),
            script_loaded: Notify::new(),
            tokens: AtomicU64::new(0),
            fleet: Mutex::new(Fleet::new(chance)),
            deeds: Mutex::new(Deeds::new(chance, config.effects_max)),
            removals: Mutex::default(),
            faults: Mutex::default(),
            log: Mutex::new(Log::open(config.log_lines, config.log_file.as_deref())?),
            counts: Mutex::default(),
            oddities: Mutex::default(),
            links: Mutex::default(),
            checkpoints: Mutex::default(),
            subscriptions: Mutex::default(),
            agenda: Mutex::default(),
            lives: Mutex::new(Lifebook::open(chance, config.lives_file.as_deref())?),
            restarts: Mutex::default(),
        };
        Ok((world, lanes))
    }

    pub(crate) fn fleet(&self) -> MutexGuard<'_, Fleet> {
        locked(&self.fleet)
    }

    pub(crate) fn log(&self) -> MutexGuard<'_, Log> {
        locked(&self.log)
    }

    pub(crate) fn counts(&self) -> MutexGuard<'_, Counts> {
        locked(&self.counts)
    }

    pub(crate) fn links(&self) -> MutexGuard<'_, Links> {
        locked(&self.links)
    }

    pub(crate) fn oddities(&self) -> MutexGuard<'_, Oddities> {
        locked(&self.oddities)
    }

    pub(crate) fn checkpoints(&self) -> MutexGuard<'_, HashMap<String, Checkpoint>> {
        locked(&self.checkpoints)
    }

    pub(crate) fn subscriptions(&self) -> MutexGuard<'_, Vec<Subscription>> {
        locked(&self.subscriptions)
    }

    pub(crate) fn agenda(&self) -> MutexGuard<'_, Agenda> {
        locked(&self.agenda)
    }

    pub(crate) fn lives(&self) -> MutexGuard<'_, Lifebook> {
        locked(&self.lives)
    }

    pub(crate) fn restarts(&self) -> MutexGuard<'_, Restarts> {
        locked(&self.restarts)
    }

    pub(crate) fn deeds(&self) -> MutexGuard<'_, Deeds> {
        locked(&self.deeds)
    }

    pub(crate) fn removals(&self) -> MutexGuard<'_, Removals> {
        locked(&self.removals)
    }

    pub(crate) fn faults(&self) -> Faults {
        locked(&self.faults).clone()
    }

    /// What befalls this request; a fault that befalls a number of times is counted down.
    pub(crate) fn verdict(&self, asked: &RequestFacts<'_>, seq: u64) -> Verdict {
        let mut faults = locked(&self.faults);
        if let Some(place) = told(&faults.sessions, asked) {
            let fault = &mut faults.sessions[place];
            fault.times = fault.times.map(|times| times.saturating_sub(1));
            return Verdict {
                fault: Some(Fault::Told(fault.kind)),
                ..Verdict::default()
            };
        }
        if let Some(place) = struck(&faults.actions, asked, self.chance, seq) {
            let fault = &mut faults.actions[place];
            fault.times = fault.times.map(|times| times.saturating_sub(1));
            return Verdict::of(fault);
        }
        verdict(&faults, self.chance, seq)
    }

    pub(crate) fn set_faults(&self, faults: Faults) {
        *locked(&self.faults) = faults;
    }

    /// A new id for a link, a webhook or a provisional account.
    pub(crate) fn token(&self) -> String {
        people::identifier(
            self.chance,
            Topic::Token,
            self.tokens.fetch_add(1, Ordering::Relaxed),
        )
    }

    /// The counters, with what is only known now.
    pub(crate) fn counted(&self) -> Counts {
        let live = self.fleet().live_count();
        let mut counts = self.counts().clone();
        counts.sessions_live = u64::try_from(live).unwrap_or(u64::MAX);
        counts
    }

    /// Creates a session; tells nobody.
    pub(crate) fn create(&self, new: NewSession, cause: Cause) -> Result<SessionView, Refusal> {
        let view = SessionView::from(self.fleet().create(new, self.clock.now())?);
        self.counts().tally(cause).appeared += 1;
        self.note_life(&view.id, cause.word());
        Ok(view)
    }

    /// Lets the truth about lives know what became of a session.
    pub(crate) fn note_life(&self, id: &str, why: &str) {
        if !self.lives().is_on() {
            return;
        }
        let pulse = {
            let fleet = self.fleet();
            let index = fleet.index_of(id);
            index.and_then(|index| Some(Pulse::of(index, fleet.any(id)?)))
        };
        if let Some(pulse) = pulse {
            self.lives().saw(&pulse, self.clock.now(), why);
            self.script_loaded.notify_one();
        }
    }

    /// Changes a session and tells of it what the change says; `None` when there never was such a session.
    pub(crate) fn change(
        &self,
        id: &str,
        change: &Change,
        cause: Cause,
    ) -> Option<(Effect, SessionView)> {
        self.change_because(id, change, cause, cause.word())
    }

    /// The same, where the truth about lives has a word of its own for it.
    pub(crate) fn change_because(
        &self,
        id: &str,
        change: &Change,
        cause: Cause,
        why: &str,
    ) -> Option<(Effect, SessionView)> {
        let (effect, view) = {
            let mut fleet = self.fleet();
            let effect = fleet.change(id, change, self.clock.now())?;
            (effect, SessionView::from(fleet.any(id)?))
        };
        self.counts().took_effect(cause, &effect);
        self.note_life(id, why);
        if let Some(message) = &effect.message {
            self.tell(id, view.kind.word(), message);
        }
        Some((effect, view))
    }
}

/// A panic in one handler must not take the referee down with it: each guarded value is valid after every statement.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
