//! What befalls many sessions at once.

use super::Recovery;
use crate::chance::{Topic, paired};
use crate::control::{Act, Burst, BurstView, Change, DailyRestart, Health};
use crate::counts::Cause;
use crate::session::Session;
use crate::state::into_health;
use crate::world::World;
use std::time::Duration;

/// Why a life ends by the provider's own restart.
const DAILY: &str = "daily_restart";

impl World {
    /// Takes healthy sessions that fit, evenly and by the seed, and tells which.
    pub(crate) fn burst(&self, burst: &Burst) -> BurstView {
        let number = {
            let mut agenda = self.agenda();
            agenda.bursts_drawn += 1;
            agenda.bursts_drawn
        };
        let change = Change {
            quiet: burst.quiet,
            ..change_of(burst.act)
        };
        let victims = self.victims(burst, number);
        for (index, session) in &victims {
            self.change_because(session, &change, Cause::Script, &burst.cause);
            let Some(span) = burst.recover_after_seconds else {
                continue;
            };
            let draw = paired(number, *index as u64);
            let seconds = self
                .chance
                .between(Topic::BurstRest, draw, span.min, span.max);
            let recovery = Recovery {
                session: session.clone(),
                back: burst.act == Act::Gone,
            };
            self.recover_later(Duration::from_secs(seconds), recovery);
        }
        BurstView {
            cause: burst.cause.clone(),
            sessions: victims.into_iter().map(|(_, session)| session).collect(),
        }
    }

    fn victims(&self, burst: &Burst, number: u64) -> Vec<(usize, String)> {
        let fleet = self.fleet();
        let fitting = fleet.healthy().filter(|(_, session)| fits(burst, session));
        let rank = |index| {
            let draw = paired(number, index as u64);
            self.chance.draw(Topic::BurstVictim, draw)
        };
        let mut ranked: Vec<(u64, usize, &Session)> = fitting
            .map(|(index, session)| (rank(index), index, session))
            .collect();
        ranked.sort_unstable_by_key(|&(rank, index, _)| (rank, index));
        let count = burst.count.unwrap_or_else(|| share_of(ranked.len(), burst));
        let taken = ranked.into_iter().take(count);
        taken
            .map(|(_, index, session)| (index, session.id.clone()))
            .collect()
    }

    /// Every hosted link dies; each healthy session connects anew, and some cannot.
    pub(super) fn restart_daily(&self, day: u64, daily: &DailyRestart) {
        let now = self.clock.now();
        self.links().expire(now);
        let healthy: Vec<(usize, String)> = {
            let fleet = self.fleet();
            let healthy = fleet.healthy();
            healthy.map(|(at, it)| (at, it.id.clone())).collect()
        };
        let chance = self.chance;
        for (index, session) in healthy {
            let draw = paired(day, index as u64);
            let is_lost = chance.happens(Topic::DailyCredentials, draw, daily.credentials.0);
            let health = if is_lost {
                Health::Credentials
            } else {
                Health::Ok
            };
            let span = daily.connecting_seconds;
            let seconds = chance.between(Topic::DailyLength, draw, span.min, span.max);
            let connecting = Change {
                quiet: daily.quiet,
                ..into_health(Health::Connecting)
            };
            self.change_because(&session, &connecting, Cause::Script, DAILY);
            let wait = Duration::from_secs(seconds);
            self.settle_later(&session, wait, health, (Cause::Script, DAILY));
            if let Some(span) = daily.recover_after_seconds.filter(|_| is_lost) {
                let seconds = chance.between(Topic::DailyRest, draw, span.min, span.max);
                let wait = wait + Duration::from_secs(seconds);
                let back = false;
                self.recover_later(wait, Recovery { session, back });
            }
        }
        self.counts().daily_restarts += 1;
    }
}

fn fits(burst: &Burst, session: &Session) -> bool {
    let workspace = burst.workspace.as_deref();
    burst.kind.is_none_or(|it| it == session.kind)
        && workspace.is_none_or(|it| session.workspace.as_deref() == Some(it))
}

/// That part of so many, rounded up.
fn share_of(fitting: usize, burst: &Burst) -> usize {
    let of = u32::try_from(fitting).map_or(f64::MAX, f64::from);
    let share = Duration::try_from_secs_f64((of * burst.share.0).ceil());
    let count = share.map_or(fitting, |it| {
        usize::try_from(it.as_secs()).unwrap_or(fitting)
    });
    count.min(fitting)
}

fn change_of(act: Act) -> Change {
    match act {
        Act::Ok => into_health(Health::Ok),
        Act::Credentials => into_health(Health::Credentials),
        Act::Error => into_health(Health::Error),
        Act::Stopped => into_health(Health::Stopped),
        Act::Connecting => into_health(Health::Connecting),
        Act::Gone => Change {
            gone: true,
            ..Change::default()
        },
        Act::Restricted | Act::Unrestricted => Change {
            restricted: Some(act == Act::Restricted),
            ..Change::default()
        },
        Act::Appear | Act::Person => Change::default(),
    }
}
