//! What a scheduler's readiness needs: of a leader a relay pass and a tick lately, of a follower an answer to its ask for the
//! lease, of both the broker. Other duties that fail are named, and cost nobody's readiness.

use crate::board::Board;
use crate::leader::Standing;
use broker::{PublisherState, QueueHealth};
use fleet::http::Check;
use policy::duties::LeaderDuty;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// Ages under which nothing is amiss, however short the lease.
const AGE_LEAST: Duration = Duration::from_secs(15);

/// Views of what readiness is judged by.
#[derive(Clone)]
pub(crate) struct Readiness {
    pub(crate) board: Board,
    pub(crate) standing: watch::Receiver<Option<Standing>>,
    pub(crate) publisher: watch::Receiver<PublisherState>,
    pub(crate) queues: watch::Receiver<Vec<QueueHealth<PublisherState>>>,
    pub(crate) lease: Duration,
}

impl Readiness {
    pub(crate) fn checks(self) -> Vec<Check> {
        let (database, relay, tick, duties) =
            (self.clone(), self.clone(), self.clone(), self.clone());
        vec![
            Check::new("database", move || {
                let answer = database.lease();
                async move { answer }
            }),
            Check::new("relay", move || {
                let answer = relay.led(LeaderDuty::Relay);
                async move { answer }
            }),
            Check::new("tick", move || {
                let answer = tick.led(LeaderDuty::Tick);
                async move { answer }
            }),
            Check::new("duties", move || {
                let failing = duties.failing();
                async move { Ok::<_, String>(failing) }
            }),
            Check::new("broker", move || {
                let state = *self.publisher.borrow();
                let now = Instant::now().into();
                let queues = self.queues.borrow();
                let broken: Vec<String> = queues.iter().filter_map(|it| it.trouble(now)).collect();
                async move {
                    match state {
                        // One queue stops no other.
                        PublisherState::Up => Ok(broken.join("; ")),
                        other => Err(format!("{other:?}")),
                    }
                }
            }),
        ]
    }

    fn lease(&self) -> Result<(), String> {
        let asked = self.board.last_asked();
        match asked.map(|at| at.elapsed()) {
            None => Err("the lease was never asked for with an answer".to_owned()),
            Some(age) => self.recent(age, "no answer to an ask for the lease"),
        }
    }

    /// Of a leader, how long ago it last did a duty; a follower has none.
    fn led(&self, duty: LeaderDuty) -> Result<(), String> {
        let standing = *self.standing.borrow();
        let Some(standing) = standing.filter(Standing::holds) else {
            return Ok(());
        };
        let health = self.board.health(duty);
        let begun: Instant = health
            .succeeded
            .map_or(standing.since, |at| at.max(standing.since));
        self.recent(begun.elapsed(), "no success").map_err(|words| {
            if health.error.is_empty() {
                words
            } else {
                format!("{words}: {}", health.error)
            }
        })
    }

    /// Duties of a leader that fail; a follower has none.
    fn failing(&self) -> String {
        let leads = (*self.standing.borrow()).is_some_and(|standing| standing.holds());
        if leads {
            self.board.failing()
        } else {
            String::new()
        }
    }

    fn recent(&self, age: Duration, what: &str) -> Result<(), String> {
        if age < (self.lease * 2).max(AGE_LEAST) {
            Ok(())
        } else {
            Err(format!("{what} for {} s", age.as_secs()))
        }
    }
}
