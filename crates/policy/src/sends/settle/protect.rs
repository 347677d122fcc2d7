//! When too many sends fail: the protective hold of an account (R-CAP-8) and the pause of a campaign (R-CAM-1).

use super::SettleFacts;
use crate::campaigns::{CampaignPause, PauseReason};
use crate::decision::{Alert, Decision};
use crate::holds::{HoldReason, NewHold};
use crate::sends::blame::Blame;
use crate::sends::refusals;
use jiff::SignedDuration;
use serde_json::json;

/// So many sends are looked at.
const SENDS_MAX: usize = 50;
/// With fewer, nothing is said.
const SENDS_MIN: usize = 10;
/// More than one in so many failed: too many.
const FRACTION: usize = 5;
/// Refusals of prospects are everyday: they say something of a campaign from so many sends on, and when they are half.
const PROSPECTS_MIN: usize = 20;
const HOLD: SignedDuration = SignedDuration::from_hours(6);

/// Failures among a number of sends.
struct Failures {
    failed: usize,
    of: usize,
}

/// Whether so many failures among a number of sends hold an account.
pub(in crate::sends) fn are_too_many(failed: usize, of: usize) -> bool {
    Failures { failed, of }.are_too_many()
}

/// Holds the account when too many of its sends failed by what speaks of it, or the one that had to succeed.
pub(super) fn account(decision: &mut Decision, facts: &SettleFacts, blame: Option<Blame>) {
    let is_its_own = |it: Option<Blame>| it == Some(Blame::Account);
    let seen = count(&facts.recent, blame, is_its_own);
    let probe_failed = facts.probing && is_its_own(blame);
    if !seen.are_too_many() && !probe_failed {
        return;
    }
    let note = if probe_failed {
        "the probing send failed".to_owned()
    } else {
        format!("{} of the last {} sends failed", seen.failed, seen.of)
    };
    let until = refusals::wait(decision.at, HOLD, None);
    decision.alerts.push(Alert {
        code: "protective_hold",
        subject: format!("account {}", facts.account),
        detail: json!({
            "failed": seen.failed, "of": seen.of, "probing": facts.probing, "until": until,
        }),
    });
    decision.sends.holds.push(NewHold {
        account: facts.account,
        reason: HoldReason::Protective,
        until: Some(until),
        note,
    });
}

/// Pauses the campaign when too much of what it says is refused, or half of its prospects are.
pub(super) fn campaign(decision: &mut Decision, facts: &SettleFacts, blame: Option<Blame>) {
    let recent = &facts.campaign_recent;
    let said = count(recent, blame, |it| it == Some(Blame::Campaign));
    let prospects = count(recent, blame, |it| it == Some(Blame::Prospect));
    let seen = if said.are_too_many() {
        said
    } else if prospects.are_half() {
        prospects
    } else {
        return;
    };
    let Some(campaign) = facts.campaign else {
        return;
    };
    decision.alerts.push(Alert {
        code: "failure_rate",
        subject: format!("campaign {campaign}"),
        detail: json!({ "failed": seen.failed, "of": seen.of }),
    });
    decision.campaigns.pauses.push(CampaignPause {
        campaign,
        reason: PauseReason::FailureRate,
        note: format!("{} of the last {} sends failed", seen.failed, seen.of),
    });
}

/// Together with the send that has just ended.
fn count(
    before: &[Option<Blame>],
    ended: Option<Blame>,
    fails: impl Fn(Option<Blame>) -> bool,
) -> Failures {
    let before = before.get(..SENDS_MAX - 1).unwrap_or(before);
    let earlier = before.iter().filter(|it| fails(**it)).count();
    Failures {
        failed: earlier + usize::from(fails(ended)),
        of: before.len() + 1,
    }
}

impl Failures {
    fn are_too_many(&self) -> bool {
        self.of >= SENDS_MIN && self.failed * FRACTION > self.of
    }

    fn are_half(&self) -> bool {
        self.of >= PROSPECTS_MIN && self.failed * 2 > self.of
    }
}
