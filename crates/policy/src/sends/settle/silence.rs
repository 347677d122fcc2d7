//! When nothing of an account reaches the provider: its actions rest, each time in a row twice as long, so that what gives
//! its capacity back is bounded all the same (R-CAP-1).

use super::SettleFacts;
use crate::decision::{Alert, Decision};
use crate::sends::call::Outcome;
use crate::sends::decided::Silence;
use crate::sends::refusals;
use jiff::SignedDuration;
use serde_json::json;

/// The first rest.
const REST_MINUTES: i64 = 1;
/// Doubling ends here.
const REST_MINUTES_MAX: i64 = 60;
/// So many in a row are no accident: about a quarter of an hour.
const ALERTED_FROM: u16 = 4;

/// Notes an end that gave its capacity back, and one that shows that calls arrive again.
pub(super) fn note(
    decision: &mut Decision,
    facts: &SettleFacts,
    outcome: &Outcome,
    refunded: bool,
) {
    if !refunded {
        decision.sends.silences.extend(over(decision, facts));
        return;
    }
    let streak = facts.silence_streak.saturating_add(1);
    let until = refusals::wait(decision.at, rest(streak), None);
    decision.sends.silences.push(Silence {
        account: facts.account,
        until,
        streak,
    });
    if let (Outcome::NotSent { why }, true) = (outcome, ALERTED_FROM <= streak) {
        // One trouble, whichever account ran into it: the row counts how often.
        decision.alerts.push(Alert {
            code: "nothing_leaves",
            subject: "sends".to_owned(),
            detail: json!({ "account": facts.account, "in_a_row": streak, "why": why }),
        });
    }
}

fn over(decision: &Decision, facts: &SettleFacts) -> Option<Silence> {
    (0 < facts.silence_streak).then_some(Silence {
        account: facts.account,
        until: decision.at,
        streak: 0,
    })
}

/// 1, 2, 4 minutes and so on, at most an hour.
fn rest(streak: u16) -> SignedDuration {
    let doublings = u32::from(streak.saturating_sub(1)).min(6);
    let minutes = REST_MINUTES << doublings;
    SignedDuration::from_mins(minutes.min(REST_MINUTES_MAX))
}
