//! Asking for a permit, and beginning the call: the database judges, then this process judges the same facts again.

use crate::{Caller, KillSwitch, Permit};
use policy::ids::RemovalId;
use policy::interlock::{Gate, Outcome, Proof, Reading, clock_disagrees, refused};
use provider::{Config, ConfigError, Provider};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use store::guards::ClockKind;
use store::removals::{Judged, Judgement, Process, Step};
use store::{Author, StoreError, Tx};
use uuid::Uuid;

/// A reading of the clock is held against an earlier one for so long.
const BASE_AGE_MAX: Duration = Duration::from_hours(1);

/// This process's side of the interlock.
#[derive(Debug)]
pub struct Interlock {
    switch: KillSwitch,
    caller: Caller,
    clock: ClockKind,
    began: Instant,
    /// What the clock is held against.
    base: Mutex<Option<Reading>>,
}

/// A removal whose intent is committed, or was by an earlier run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    removal: RemovalId,
    actor: String,
    job: Option<Uuid>,
}

impl Ticket {
    /// Which removal.
    pub const fn removal(&self) -> RemovalId {
        self.removal
    }
}

/// What came of asking. It is written already: commit it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PermitAnswer {
    /// Its call may be begun, for 30 s.
    Permitted(Ticket),
    /// A run that did not live to tell began its call.
    Vanished(Ticket),
    /// It may not be called, or has ended.
    Over,
}

impl Interlock {
    /// Nothing is sent yet. `clock` says whether the database's must be the real one.
    pub fn new(config: &Config, switch: KillSwitch, clock: ClockKind) -> Result<Self, ConfigError> {
        Ok(Self {
            switch,
            caller: Caller::new(config)?,
            clock,
            began: Instant::now(),
            base: Mutex::new(None),
        })
    }

    /// Gate 1, as this process has it.
    pub const fn switch(&self) -> &KillSwitch {
        &self.switch
    }

    /// What this process says of itself: its switch, the guards of the record, and whether the database's clock can be
    /// believed. A clock that cannot trips the latch, in this transaction.
    pub async fn process(&self, tx: &Tx) -> Result<Process, StoreError> {
        let mut self_test = tx.check_guards(self.clock).await?;
        if let Some(why) = self.watch_the_clock(tx) {
            tx.trip_removal_latch(&why).await?;
            self_test.push(why);
        }
        Ok(Process {
            switch: self.switch.is_on(),
            self_test,
        })
    }

    /// Asks for the permit: the intent or the refusal is written in `tx`, which is to be committed whatever this says.
    pub async fn ask(
        &self,
        tx: &Tx,
        removal: RemovalId,
        by: &Author<'_>,
    ) -> Result<PermitAnswer, StoreError> {
        let process = self.process(tx).await?;
        let ticket = Ticket {
            removal,
            actor: by.actor.to_owned(),
            job: by.job,
        };
        let judged = tx
            .judge_removal(removal, Step::Permit, &process, by)
            .await?;
        match judged {
            Judged::Past(Some(state)) if state == "calling" => Ok(PermitAnswer::Vanished(ticket)),
            // An earlier run had the intent; beginning the call says whether there is time left.
            Judged::Past(Some(state)) if state == "permitted" => {
                Ok(PermitAnswer::Permitted(ticket))
            }
            judged => Ok(match self.weigh(tx, &ticket, "permit", judged).await? {
                Some(_) => PermitAnswer::Permitted(ticket),
                None => PermitAnswer::Over,
            }),
        }
    }

    /// Begins the call: all six gates once more, in `tx`, which is to be committed before the permit is used and
    /// whatever this says.
    pub async fn start(&self, tx: &Tx, ticket: &Ticket) -> Result<Option<Permit>, StoreError> {
        // Before the database is asked, so that the answer's way is part of the permit's age.
        let started = Instant::now();
        let process = self.process(tx).await?;
        let by = ticket.by();
        let judged = tx
            .judge_removal(ticket.removal, Step::Start, &process, &by)
            .await?;
        let judgement = self.weigh(tx, ticket, "call", judged).await?;
        Ok(judgement.map(|it| Permit::of_row(ticket.removal, it.facts.session, started)))
    }

    /// Makes the one call, and looks what came of it.
    pub async fn call(&self, permit: Permit, provider: &dyn Provider) -> Outcome {
        let (removal, session) = (permit.removal(), permit.session().clone());
        let outcome = self.caller.call(&self.switch, permit, provider).await;
        tracing::warn!("[SENSITIVE-OP] removal {removal} of session {session}: {outcome:?}");
        outcome
    }

    /// The second opinion. A permit exists only where the database and this process both say yes to all six; where
    /// they differ, the removal ends here, unsent.
    async fn weigh(
        &self,
        tx: &Tx,
        ticket: &Ticket,
        what: &str,
        judged: Judged,
    ) -> Result<Option<Judgement>, StoreError> {
        let removal = ticket.removal;
        let (judgement, late, granted) = match judged {
            Judged::Go(judgement) => (judgement, false, true),
            Judged::Refused { judgement, late } => (judgement, late, false),
            Judged::Past(state) => {
                let state = state.as_deref().unwrap_or("not there");
                tracing::warn!("[SENSITIVE-OP] removal {removal}: no {what}, it is {state}");
                return Ok(None);
            }
        };
        let session = &judgement.facts.session;
        let ours = refused(&judgement.facts);
        if !granted {
            let late = if late { ", and it came too late" } else { "" };
            let by = words(&judgement.refused);
            count(&judgement.refused);
            tracing::warn!(
                "[SENSITIVE-OP] removal {removal} of session {session}: {what} refused by {by}{late}"
            );
            return Ok(None);
        }
        if ours.is_empty() && self.switch.is_on() {
            tracing::warn!(
                "[SENSITIVE-OP] removal {removal} of session {session}: {what} granted, all six gates pass"
            );
            return Ok(Some(judgement));
        }
        count(&ours);
        let note = format!(
            "the database let it pass, this process does not: {}",
            words(&ours)
        );
        tracing::warn!(
            "[SENSITIVE-OP] removal {removal} of session {session}: {what} refused, {note}"
        );
        tx.settle_removal(removal, Proof::NotSent, &note, &ticket.by())
            .await?;
        Ok(None)
    }

    fn watch_the_clock(&self, tx: &Tx) -> Option<String> {
        let now = Reading {
            at: tx.now().at,
            machine: self.began.elapsed(),
        };
        let mut base = self.base();
        let Some(before) = *base else {
            *base = Some(now);
            return None;
        };
        let why = clock_disagrees(before, now, tx.now().rate);
        // Kept for an hour, so that small steps add up, while two honest clocks drift apart by less than a second.
        if why.is_some() || now.machine > before.machine.saturating_add(BASE_AGE_MAX) {
            *base = Some(now);
        }
        why
    }

    /// A reading is replaced whole, so one that a panic left behind is as good as any.
    fn base(&self) -> MutexGuard<'_, Option<Reading>> {
        self.base.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ticket {
    fn by(&self) -> Author<'_> {
        Author {
            actor: &self.actor,
            job: self.job,
            schedule: None,
            traceparent: None,
        }
    }
}

fn count(gates: &[Gate]) {
    for gate in gates {
        metrics::counter!("relink_removal_refusals_total", "gate" => gate.as_str()).increment(1);
    }
}

fn words(gates: &[Gate]) -> String {
    if gates.is_empty() {
        return "none of the gates".to_owned();
    }
    let words: Vec<_> = gates.iter().map(|gate| gate.as_str()).collect();
    words.join(", ")
}
