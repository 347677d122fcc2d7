//! What single events do to sessions.

use super::{AgendaItem, Recovery, Settling};
use crate::chance::{Topic, paired};
use crate::control::{Act, Change, Health, NewSession, Rotation, Step};
use crate::counts::Cause;
use crate::session::Presence;
use crate::state::into_health;
use crate::world::World;
use std::time::Duration;

impl World {
    pub(super) fn play(&self, due: AgendaItem) {
        match due {
            AgendaItem::Step(step) => {
                let effective = self.step(step);
                let mut agenda = self.agenda();
                agenda.done += 1;
                agenda.without_effect += u64::from(!effective);
            }
            AgendaItem::Burst(burst) => {
                let effective = !self.burst(&burst).sessions.is_empty();
                let mut agenda = self.agenda();
                agenda.done += 1;
                agenda.without_effect += u64::from(!effective);
            }
            AgendaItem::Rotate(number, rotation) => self.rotate(number, &rotation),
            AgendaItem::Cluster(clusters) => drop(self.burst(&clusters.burst)),
            AgendaItem::Daily(day, daily) => self.restart_daily(day, &daily),
            AgendaItem::Recover(Recovery { session, back }) => {
                if back {
                    let change = Change {
                        back,
                        quiet: true,
                        ..Change::default()
                    };
                    self.change(&session, &change, Cause::Script);
                }
                self.recover(&session, Cause::Script);
            }
            AgendaItem::Settle(settling) => self.settle(&settling),
        }
    }

    fn settle(&self, settling: &Settling) {
        let Settling {
            session,
            health,
            cause,
            why,
        } = settling;
        let is_connecting = {
            let fleet = self.fleet();
            let session = fleet.live(session);
            session.is_some_and(|it| it.worst() == Health::Connecting.word())
        };
        if is_connecting {
            self.change_because(session, &into_health(*health), *cause, why);
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
            Act::Restricted | Act::Unrestricted => Change {
                restricted: Some(act == Act::Restricted),
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
        let Some(session) = self.fleet().some_well(draw).map(|it| it.id.clone()) else {
            return;
        };
        let lost = into_health(Health::Credentials);
        self.change_because(&session, &lost, Cause::Script, "rotation");
        let chance = self.chance;
        if chance.happens(Topic::RotationNever, number, rotation.never.0) {
            return;
        }
        let span = rotation.recover_after_seconds;
        let seconds = chance.between(Topic::RotationRest, number, span.min, span.max);
        let back = false;
        self.recover_later(Duration::from_secs(seconds), Recovery { session, back });
    }

    /// The end of a life that nothing cut short; its owner comes, or does not.
    pub(super) fn die_by_curve(&self, index: usize, life: u64) {
        let session = self.fleet().id_at(index).to_owned();
        let rest = {
            let lives = self.lives();
            lives
                .curves()
                .map(|it| (it.recover_after_seconds, it.never))
        };
        let lost = into_health(Health::Credentials);
        self.change_because(&session, &lost, Cause::Script, "curve");
        let number = paired(index as u64, life);
        let chance = self.chance;
        let Some((span, never)) = rest else { return };
        if chance.happens(Topic::LifeNever, number, never.0) {
            return;
        }
        let seconds = chance.between(Topic::LifeRest, number, span.min, span.max);
        let back = false;
        self.recover_later(Duration::from_secs(seconds), Recovery { session, back });
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
        if view.presence == Presence::Live {
            self.tell(id, view.kind.word(), "RECONNECTED");
            self.tell(id, view.kind.word(), "OK");
        }
    }
}
