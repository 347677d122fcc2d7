//! When too many sends fail: the protective hold of an account (R-CAP-8) and the pause of a campaign (R-CAM-1).

use super::SettleFacts;
use crate::campaigns::{CampaignPause, PauseReason};
use crate::decision::{Alert, Decision};
use crate::holds::{HoldReason, NewHold};
use crate::sends::refusals;
use jiff::SignedDuration;
use serde_json::json;

/// So many sends are looked at.
const SENDS_MAX: usize = 50;
/// With fewer, nothing is said.
const SENDS_MIN: usize = 10;
/// More than one in so many failed: too many.
const FRACTION: usize = 5;
const HOLD: SignedDuration = SignedDuration::from_hours(6);

/// Failures among a number of sends.
struct Failures {
    failed: usize,
    of: usize,
}

/// Holds the account when too many of its sends failed, or the one that had to succeed.
pub(super) fn account(decision: &mut Decision, facts: &SettleFacts, failed: bool) {
    let seen = count(&facts.recent, failed);
    let probe_failed = facts.probing && failed;
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

/// Pauses the campaign when too many of its sends failed.
pub(super) fn campaign(decision: &mut Decision, facts: &SettleFacts, failed: bool) {
    let seen = count(&facts.campaign_recent, failed);
    let Some(campaign) = facts.campaign.filter(|_| seen.are_too_many()) else {
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
fn count(before: &[bool], failed: bool) -> Failures {
    let before = before.get(..SENDS_MAX - 1).unwrap_or(before);
    let earlier = before.iter().filter(|it| **it).count();
    Failures {
        failed: earlier + usize::from(failed),
        of: before.len() + 1,
    }
}

impl Failures {
    fn are_too_many(&self) -> bool {
        self.of >= SENDS_MIN && self.failed * FRACTION > self.of
    }
}
