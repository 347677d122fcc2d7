//! How long the sessions of a planted fleet live, and what takes many of them at once.

use super::WORKSPACES;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use simulator::control::{
    Burst, Clusters, DailyRestart, Kind, LifeCurve, Lives, PlannedBurst, Rate, Span, Tier,
};
use std::time::Duration;

/// Cause of the one loss that the mass-change breaker must stop, as the simulator's truth has it.
pub(crate) const AT_ONCE: &str = "signed_out_everywhere";
/// Sessions of that loss, in percent of the fleet. The breaker asks from 25 % of it on, and some sessions are lost already.
const AT_ONCE_PERCENT: u32 = 28;
/// Script's instant of that loss, in seconds, at the earliest: both missing sessions have their verdicts by then.
const AT_ONCE_FROM: i64 = 4_500;
/// Seconds between two runs of the status watch.
const WATCH_EVERY: i64 = 300;
/// So many seconds before a run of the watch, or sends would find many of the lost sessions before it.
const BEFORE_WATCH: i64 = 10;
/// Owners of one loss come back one after the other.
const RETURN: Span = Span {
    min: 600,
    max: 1_800,
};
/// From the start of the run to the provider's daily restart.
const DAILY_AFTER: Duration = Duration::from_secs(1_300);

/// Lives as long as can be watched: some 6 % of the fleet die in an hour, and a proxy takes a few more now and then.
pub(super) fn curves() -> Lives {
    let curve = |kind, tier, shape, scale_hours| LifeCurve {
        kind,
        tier,
        shape,
        scale_hours,
    };
    let member = Some(Kind::Linkedin);
    Lives {
        curves: vec![
            curve(member, Some(Tier::SalesNavigator), 1.4, 22.0),
            curve(member, None, 1.2, 15.0),
            curve(None, None, 0.8, 30.0),
        ],
        aged_hours: 24.0,
        clusters: Some(Clusters {
            per_day: 16.0,
            burst: Burst {
                cause: "proxy_lost".to_owned(),
                share: Rate(0.02),
                kind: member,
                recover_after_seconds: Some(RETURN),
                ..Burst::default()
            },
        }),
        recover_after_seconds: RETURN,
        never: Rate::default(),
    }
}

/// More than a quarter of the fleet, all of it in one workspace: nothing less would be stopped. Seconds are a script's that
/// begins at `from`.
pub(super) fn loss_at_once(accounts: u32, from: Timestamp) -> PlannedBurst {
    let into_slot = (from.as_second() + AT_ONCE_FROM).rem_euclid(WATCH_EVERY);
    let at_seconds = AT_ONCE_FROM + WATCH_EVERY - into_slot - BEFORE_WATCH;
    let count = accounts * AT_ONCE_PERCENT / 100;
    PlannedBurst {
        at_seconds: i32::try_from(at_seconds).map_or(0.0, f64::from),
        burst: Burst {
            cause: AT_ONCE.to_owned(),
            count: usize::try_from(count).ok(),
            workspace: Some(WORKSPACES[0].to_owned()),
            recover_after_seconds: Some(Span {
                min: 900,
                max: 1_500,
            }),
            // The watch is to meet all of it at once, and not a webhook at a time.
            quiet: true,
            ..Burst::default()
        },
    }
}

/// The provider's own restart, which most sessions are over within two minutes; its owners bring back the others.
pub(crate) fn daily_restart(from: Timestamp) -> Option<DailyRestart> {
    let at = from.checked_add(DAILY_AFTER).ok()?;
    Some(DailyRestart {
        at: at.to_zoned(TimeZone::UTC).time(),
        credentials: Rate(0.01),
        recover_after_seconds: Some(RETURN),
        // Every session is connecting for a minute or two: told one by one, that would be more losses than are believed.
        quiet: true,
        ..DailyRestart::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loss_at_once_comes_just_before_the_watch_and_is_over_the_limit() {
        for offset in [0, 1, 150, 299, 300] {
            let from = Timestamp::from_second(1_800_000_000 + offset).expect("an instant");
            for accounts in [40, 200, 20_000] {
                let PlannedBurst { at_seconds, burst } = loss_at_once(accounts, from);
                let at = from + Duration::from_secs_f64(at_seconds);
                assert_eq!(at.as_second() % WATCH_EVERY, WATCH_EVERY - BEFORE_WATCH);
                assert!((4_490.0..4_800.0).contains(&at_seconds), "{at_seconds}");
                let count = burst.count.expect("a number");
                assert!(count * 4 > accounts as usize && count * 3 < accounts as usize);
            }
        }
    }
}
