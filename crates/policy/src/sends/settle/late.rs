//! Outcomes that are known after others have noted that nobody knows, or have decided: the run that called was cut off from
//! the database, and lives (R-CAP-5).

use super::{SettleFacts, nothing};
use crate::decision::Alert;
use crate::sends::SendState;
use crate::sends::decided::{NextStep, Settlement};
use crate::sends::resolve::ASSUMED;
use crate::settled::Settled;
use jiff::Timestamp;
use serde_json::json;

/// Adapts the end of a call to a send that is not `sending` any more. `told` is the end as it would have been in time: what
/// it says of the account, its campaign and its job is said in any case.
pub(super) fn settle(facts: &SettleFacts, mut told: Settled, now: Timestamp) -> Settled {
    let Some(ended) = told.decision.sends.settlements.pop() else {
        return told;
    };
    match facts.state {
        SendState::Sending => told.decision.sends.settlements.push(ended),
        _ if says_nothing_new(facts, &ended) => return nothing(now),
        SendState::Unknown => told.decision.sends.settlements.push(Settlement {
            from: SendState::Unknown,
            // Once unknown its capacity stays taken: others may have counted on that.
            refund: false,
            ..ended
        }),
        SendState::Sent | SendState::Failed if contradicts(facts, &ended) => {
            told.decision.alerts.push(contradiction(facts, &ended));
        }
        SendState::Sent
        | SendState::Refused
        | SendState::Failed
        | SendState::Planned
        | SendState::Reserved
        | SendState::Cancelled => {}
    }
    told
}

/// Nobody told, or this very end is written already.
fn says_nothing_new(facts: &SettleFacts, ended: &Settlement) -> bool {
    let is_written = ended.to == facts.state && facts.code.as_deref() == Some(&*ended.code);
    ended.to == SendState::Unknown || is_written
}

/// Whether its step goes twice, or is left out, by what was decided meanwhile. An assumed view harms nobody either way.
fn contradicts(facts: &SettleFacts, ended: &Settlement) -> bool {
    let is_on = facts.state == SendState::Sent;
    let goes_on = ended.enrollment == NextStep::Advance;
    is_on != goes_on && facts.code.as_deref() != Some(ASSUMED)
}

/// What was decided stands, for others have gone on from it; a person hears that it was wrong.
fn contradiction(facts: &SettleFacts, ended: &Settlement) -> Alert {
    Alert {
        code: "send_contradicted",
        subject: format!("send {}", facts.send),
        detail: json!({
            "account": facts.account, "workspace": facts.workspace, "campaign": facts.campaign, "action": facts.action,
            "decided": facts.state.as_str(), "decided_code": facts.code,
            "answered": ended.to.as_str(), "answered_code": ended.code,
        }),
    }
}
