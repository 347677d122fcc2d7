//! The referee's judgement: from the effects log alone, whatever anybody else counts.

use super::Caps;
use super::effects::Effect;
use super::limits::{DAY, WEEK, in_window};
use crate::control::{
    Action, ActionVerdict, Duplicate, LISTED_MAX, Peak, Verdict, Violation, Window,
};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// An effect, and its place in the log.
type Placed<'a> = (usize, &'a Effect);

/// Judges these effects. `name` tells the id of the session with an index.
pub(crate) fn judge(
    at: Timestamp,
    effects: &[Arc<Effect>],
    caps: &Caps,
    name: &dyn Fn(usize) -> String,
) -> Verdict {
    let mut groups: BTreeMap<(Action, usize), Vec<Placed<'_>>> = BTreeMap::new();
    let mut withdrawn: HashMap<(usize, &str), Vec<usize>> = HashMap::new();
    for (place, effect) in effects.iter().enumerate() {
        let key = (effect.action, effect.session);
        groups.entry(key).or_default().push((place, effect));
        if effect.action == Action::WithdrawInvite {
            let key = (effect.session, &*effect.target);
            withdrawn.entry(key).or_default().push(place);
        }
    }
    let mut judge = Judge {
        caps,
        name,
        withdrawn,
        verdict: Verdict {
            at,
            effects: count(effects.len()),
            actions: Action::ALL
                .map(|action| (action, ActionVerdict::default()))
                .into(),
            duplicated: 0,
            duplicates: Vec::new(),
            violated: 0,
            violations: Vec::new(),
            repeats_refused: 0,
            full: false,
        },
    };
    for ((action, session), mut effects) in groups {
        effects.sort_by_key(|(_, effect)| effect.at);
        judge.windows(action, session, &effects);
        judge.duplicates(action, session, &effects);
    }
    judge.verdict
}

struct Judge<'a> {
    caps: &'a Caps,
    name: &'a dyn Fn(usize) -> String,
    /// Where in the log invitations were withdrawn, by session and target.
    withdrawn: HashMap<(usize, &'a str), Vec<usize>>,
    verdict: Verdict,
}

impl Judge<'_> {
    /// Every window that ends with one of these effects of one session and action, which are sorted by time.
    fn windows(&mut self, action: Action, session: usize, effects: &[Placed<'_>]) {
        let total = self.verdict.actions.entry(action).or_default();
        total.total += count(effects.len());
        for (window, span) in [(Window::Day, DAY), (Window::Week, WEEK)] {
            let mut peak: Option<(u64, Timestamp)> = None;
            let mut worst: Option<(u64, u64, Timestamp)> = None;
            for (held, at) in rolling(effects, span) {
                if peak.is_none_or(|(most, _)| held > most) {
                    peak = Some((held, at));
                }
                let (day, week) = self.caps.at(session, action, at);
                let cap = match window {
                    Window::Day => day,
                    Window::Week => week,
                };
                let Some(cap) = cap.filter(|&cap| held > cap) else {
                    continue;
                };
                self.verdict.violated += 1;
                if worst.is_none_or(|(count, cap_then, _)| held - cap > count - cap_then) {
                    worst = Some((held, cap, at));
                }
            }
            self.peak(action, session, window, peak);
            if let Some((count, cap, until)) = worst
                && self.verdict.violations.len() < LISTED_MAX
            {
                self.verdict.violations.push(Violation {
                    session: (self.name)(session),
                    action,
                    window,
                    cap,
                    count,
                    until,
                });
            }
        }
    }

    fn peak(
        &mut self,
        action: Action,
        session: usize,
        window: Window,
        peak: Option<(u64, Timestamp)>,
    ) {
        let verdict = self.verdict.actions.entry(action).or_default();
        let known = match window {
            Window::Day => &mut verdict.day,
            Window::Week => &mut verdict.week,
        };
        if let Some((count, until)) = peak
            && known.as_ref().is_none_or(|known| count > known.count)
        {
            *known = Some(Peak {
                count,
                session: (self.name)(session),
                until,
            });
        }
    }

    fn duplicates(&mut self, action: Action, session: usize, effects: &[Placed<'_>]) {
        let mut same: BTreeMap<(&str, Option<[u8; 32]>), Vec<Placed<'_>>> = BTreeMap::new();
        for &(place, effect) in effects {
            // Whatever it says, a second invitation is a second one.
            let text = effect
                .text_digest
                .filter(|_| effect.action != Action::Invite);
            let key = (&*effect.target, text);
            same.entry(key).or_default().push((place, effect));
        }
        for ((target, _), effects) in same.into_iter().filter(|(_, effects)| effects.len() > 1) {
            let extra = count(effects.len() - 1);
            self.verdict.duplicated += extra;
            self.verdict.actions.entry(action).or_default().duplicated += extra;
            if self.verdict.duplicates.len() == LISTED_MAX {
                continue;
            }
            self.verdict.duplicates.push(Duplicate {
                session: (self.name)(session),
                action,
                target: target.to_owned(),
                text_digest: effects[0].1.digest(),
                seqs: effects.iter().map(|(_, effect)| effect.seq).collect(),
                while_pending: action == Action::Invite
                    && self.some_while_pending(session, target, &effects),
            });
        }
    }

    /// Whether between two neighbours among these invitations none was withdrawn.
    fn some_while_pending(&self, session: usize, target: &str, effects: &[Placed<'_>]) -> bool {
        let withdrawn = self.withdrawn.get(&(session, target));
        effects.windows(2).any(|pair| {
            let between = pair[0].0..pair[1].0;
            !withdrawn.is_some_and(|places| places.iter().any(|place| between.contains(place)))
        })
    }
}

/// For each effect its instant, and how many there are in the window that ends with it.
fn rolling<'a>(
    effects: &'a [Placed<'a>],
    span: SignedDuration,
) -> impl Iterator<Item = (u64, Timestamp)> + 'a {
    let mut first = 0;
    let mut next = 0;
    std::iter::from_fn(move || {
        let at = effects.get(next)?.1.at;
        // Effects of the same instant are all in each other's window.
        while effects.get(next + 1).is_some_and(|later| later.1.at == at) {
            next += 1;
        }
        while !in_window(effects[first].1.at, at, span) {
            first += 1;
        }
        next += 1;
        Some((count(next - first), at))
    })
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn effect(hours: i64, target: &str, action: Action) -> Arc<Effect> {
        Arc::new(Effect {
            seq: 1,
            at: Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours),
            session: 0,
            action,
            target: target.into(),
            reference: None,
            text_digest: None,
            is_raw: false,
        })
    }

    fn judged(effects: &[Arc<Effect>], caps: &Caps) -> Verdict {
        judge(Timestamp::UNIX_EPOCH, effects, caps, &|session| {
            session.to_string()
        })
    }

    #[test]
    fn r_cap_2_windows_roll_and_do_not_know_the_calendar() {
        // 23:00 and 01:00 are two calendar days and one window; exactly 24 hours apart are two windows.
        for (hours, day, week) in [
            (vec![23, 25], 2, 2),
            (vec![0, 24], 1, 2),
            (vec![0, 23], 2, 2),
            (vec![0, 7 * 24], 1, 1),
            (vec![0, 7 * 24 - 1], 1, 2),
            (vec![5, 5, 5], 3, 3),
            (vec![30, 1, 10], 2, 3),
        ] {
            let effects: Vec<_> = hours
                .iter()
                .enumerate()
                .map(|(who, &at)| effect(at, &who.to_string(), Action::Invite))
                .collect();
            let verdict = judged(&effects, &Caps::default());
            let invites = &verdict.actions[&Action::Invite];
            let peaks =
                [&invites.day, &invites.week].map(|peak| peak.as_ref().map(|peak| peak.count));
            assert_eq!(peaks, [Some(day), Some(week)], "{hours:?}");
        }
    }

    #[test]
    fn r_cap_2_an_effect_is_judged_by_the_cap_that_held_when_it_happened() {
        let cap = |day| crate::control::Cap {
            session: None,
            action: Action::Invite,
            day: Some(day),
            week: None,
        };
        let hour = |hours| Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours);
        let mut caps = Caps::default();
        caps.set(None, &cap(2), hour(0));
        caps.set(None, &cap(1), hour(100));
        let effects = [1, 2, 103, 104].map(|at| effect(at, &at.to_string(), Action::Invite));
        let verdict = judged(&effects, &caps);
        assert_eq!((verdict.violated, verdict.violations.len()), (1, 1));
        let worst = &verdict.violations[0];
        assert_eq!((worst.cap, worst.count, worst.until), (1, 2, hour(104)));
    }

    #[test]
    fn an_invitation_after_a_withdrawal_is_a_second_one_but_not_while_pending() {
        use Action::{Invite, WithdrawInvite};
        for (actions, pending) in [
            (vec![Invite, Invite], true),
            (vec![Invite, WithdrawInvite, Invite], false),
            (vec![Invite, WithdrawInvite, Invite, Invite], true),
        ] {
            let effects: Vec<_> = actions
                .iter()
                .map(|&action| effect(1, "somebody", action))
                .collect();
            let verdict = judged(&effects, &Caps::default());
            assert_eq!(verdict.duplicates.len(), 1);
            assert_eq!(verdict.duplicates[0].while_pending, pending, "{actions:?}");
        }
    }
}
