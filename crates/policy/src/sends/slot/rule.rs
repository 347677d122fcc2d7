//! The rules that can move an instant, each by itself.

use super::Window;
use crate::sends::by_hand;
use crate::sends::ramp::{self, Bound};
use crate::sends::sender::{ActionFacts, Sender};
use crate::sends::spacing;
use jiff::{SignedDuration, Timestamp};
use std::borrow::Cow;

/// Both rolling windows have the sender's slack on top: a request reaches the provider that much after its reservation
/// at most, and there, too, no window may hold more than the cap.
pub(super) fn day(sender: &Sender) -> SignedDuration {
    SignedDuration::from_hours(24).saturating_add(sender.slack)
}

pub(super) fn week(sender: &Sender) -> SignedDuration {
    SignedDuration::from_hours(7 * 24).saturating_add(sender.slack)
}

/// A rule that says "not yet", with its figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A hold that ends by itself.
    Hold {
        /// The word in our tables.
        reason: String,
    },
    /// The provider refused the action (R-CAP-7).
    Cooldown {
        /// Its code.
        code: String,
        /// Refusals in a row.
        streak: u16,
    },
    /// The daily cap (R-CAP-1).
    DailyCap(Figures),
    /// The daily allowance of a new account (R-CAP-3).
    Ramp(Figures),
    /// The daily allowance after an outage (R-HEAL-4).
    OutageRamp(Figures),
    /// The weekly cap (R-CAP-1).
    WeeklyCap(Figures),
    /// The pause after the newest send (R-CAP-3).
    Spacing {
        /// How long it is.
        gap: SignedDuration,
    },
    /// Sending window and active weekdays (R-CAP-3).
    Window,
}

/// How much of an allowance is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figures {
    /// Sends inside the rolling window, those made by hand among them.
    pub used: u32,
    /// Sends that it may hold.
    pub allowed: u32,
}

impl Rule {
    /// The word in metrics and tables.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Hold { .. } => "hold",
            Self::Cooldown { .. } => "cooldown",
            Self::DailyCap(_) => "daily_cap",
            Self::Ramp(_) => "ramp",
            Self::OutageRamp(_) => "outage_ramp",
            Self::WeeklyCap(_) => "weekly_cap",
            Self::Spacing { .. } => "spacing",
            Self::Window => "window",
        }
    }
}

/// A rule that forbids an instant.
pub(super) struct Push {
    pub(super) rule: Rule,
    /// The first later instant that it allows; none if it never does.
    pub(super) until: Option<Timestamp>,
}

/// What the rules are asked with.
pub(super) struct RuleInput<'a> {
    pub(super) sender: &'a Sender,
    pub(super) facts: &'a ActionFacts,
    pub(super) window: &'a Window,
}

/// The window comes last: what the others allow at night waits for the morning.
const RULES: [fn(&RuleInput<'_>, Timestamp) -> Option<Push>; 6] =
    [hold, cooldown, weekly, daily, spaced, hours];

impl RuleInput<'_> {
    /// Every rule that forbids `at`.
    pub(super) fn pushes(&self, at: Timestamp) -> impl Iterator<Item = Push> {
        RULES.iter().filter_map(move |rule| rule(self, at))
    }
}

fn push(rule: Rule, until: Timestamp) -> Push {
    Push {
        rule,
        until: Some(until),
    }
}

fn hold(asked: &RuleInput<'_>, at: Timestamp) -> Option<Push> {
    let holds = asked.sender.holds.iter();
    let timed = holds.filter_map(|it| Some((it.until?, &it.reason)));
    let (until, reason) = timed.max_by_key(|(until, _)| *until)?;
    let reason = reason.clone();
    (until > at).then(|| push(Rule::Hold { reason }, until))
}

fn cooldown(asked: &RuleInput<'_>, at: Timestamp) -> Option<Push> {
    let held = asked.facts.cooldown.as_ref().filter(|it| it.until > at)?;
    let (code, streak) = (held.code.clone(), held.streak);
    Some(push(Rule::Cooldown { code, streak }, held.until))
}

fn weekly(asked: &RuleInput<'_>, at: Timestamp) -> Option<Push> {
    let (sender, facts) = (asked.sender, asked.facts);
    let kept = CountedSends::within(facts, week(sender), at);
    let (figures, until) = kept.over(facts.caps.week)?;
    Some(push(Rule::WeeklyCap(figures), until))
}

fn daily(asked: &RuleInput<'_>, at: Timestamp) -> Option<Push> {
    let (sender, facts) = (asked.sender, asked.facts);
    let allowance = ramp::allowance(facts.caps.day, sender, at);
    let kept = CountedSends::within(facts, day(sender), at);
    // Whatever comes first: enough sends leave the window, or more are allowed in it.
    let rise = ramp::next_rise(facts.caps.day, sender, at);
    let (figures, until) = match allowance.day {
        0 => (kept.figures(0), rise),
        allowed => {
            let (figures, until) = kept.over(allowed)?;
            (figures, Some(rise.map_or(until, |rise| rise.min(until))))
        }
    };
    let rule = match allowance.bound {
        Bound::Cap => Rule::DailyCap(figures),
        Bound::Ramp => Rule::Ramp(figures),
        Bound::Outage => Rule::OutageRamp(figures),
    };
    Some(Push { rule, until })
}

fn spaced(asked: &RuleInput<'_>, at: Timestamp) -> Option<Push> {
    let (sender, facts) = (asked.sender, asked.facts);
    let free = spacing::free_at(sender, facts.action).filter(|free| *free > at)?;
    let gap = super::gap(sender, facts.action);
    Some(push(Rule::Spacing { gap }, free))
}

fn hours(asked: &RuleInput<'_>, at: Timestamp) -> Option<Push> {
    let until = asked.window.opens(at);
    (until != Some(at)).then_some(Push {
        rule: Rule::Window,
        until,
    })
}

/// What a rolling window holds, oldest first, whether Relink or the account's owner did it. It stays until the window's
/// width after it.
pub(super) struct CountedSends<'a> {
    taken: Cow<'a, [Timestamp]>,
    outside: usize,
    width: SignedDuration,
}

impl<'a> CountedSends<'a> {
    /// What the window that ends at `at` holds; a send that a stepped clock puts after `at` is inside, too.
    pub(super) fn within(facts: &'a ActionFacts, width: SignedDuration, at: Timestamp) -> Self {
        Self::of(by_hand::taken(facts), width, at)
    }

    /// What was done by hand of it (R-CAP-10).
    pub(super) fn by_hand_within(
        facts: &'a ActionFacts,
        width: SignedDuration,
        at: Timestamp,
    ) -> Self {
        Self::of(Cow::Borrowed(&facts.by_hand), width, at)
    }

    fn of(taken: Cow<'a, [Timestamp]>, width: SignedDuration, at: Timestamp) -> Self {
        let since = at.checked_sub(width).unwrap_or(Timestamp::MIN);
        let outside = taken.partition_point(|it| *it <= since);
        Self {
            taken,
            outside,
            width,
        }
    }

    fn inside(&self) -> &[Timestamp] {
        self.taken.get(self.outside..).unwrap_or_default()
    }

    /// How many.
    pub(super) fn len(&self) -> usize {
        self.inside().len()
    }

    /// Whether one more than `allowed` would be too many: the figures, and when enough have left for one more.
    fn over(&self, allowed: u32) -> Option<(Figures, Timestamp)> {
        let excess = self.len().checked_sub(usize::try_from(allowed).ok()?)?;
        // A cap of 0 over an empty window never frees; callers rule it out.
        let leaving = self.inside().get(excess)?;
        let until = leaving.checked_add(self.width).unwrap_or(Timestamp::MAX);
        Some((self.figures(allowed), until))
    }

    fn figures(&self, allowed: u32) -> Figures {
        let used = u32::try_from(self.len()).unwrap_or(u32::MAX);
        Figures { used, allowed }
    }
}
