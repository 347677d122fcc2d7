//! Outcomes that come late: after others have noted that nobody knows, or have decided.

use super::*;

fn late(state: SendState, code: &str) -> SettleFacts {
    SettleFacts {
        state,
        code: Some(code.to_owned()),
        ..facts()
    }
}

#[test]
fn r_cap_5_what_is_known_late_ends_what_nobody_knew() {
    let unknown = late(SendState::Unknown, "untold");
    for outcome in [
        Outcome::Sent(receipt()),
        not_sent_one(),
        refusal(Class::AccountCap, "limit_exceeded"),
        refusal(Class::Restricted, "account_restricted"),
        refusal(Class::OurKey, "missing_credentials"),
        refusal(Class::BadRequest, "invalid_parameters"),
        refusal(Class::AimReached, "already_connected"),
    ] {
        let (in_time, told) = one(&facts(), &outcome);
        let (ended, settled) = one(&unknown, &outcome);
        let expected = Settlement {
            from: SendState::Unknown,
            refund: false,
            ..in_time
        };
        assert_eq!(ended, expected, "once unknown, never given back");
        // What it says of the account, its campaign and its job is said all the same.
        let apart = |mut it: Settled| {
            it.decision.sends.settlements.clear();
            it
        };
        assert_eq!(apart(settled), apart(told), "{outcome:?}");
    }
}

#[test]
fn r_cap_5_what_says_no_more_than_the_row_changes_nothing() {
    let unknown = late(SendState::Unknown, "untold");
    for (facts, outcome) in [
        (&unknown, untold_one()),
        (&unknown, refusal(Class::Indeterminate, "504")),
        (&unknown, refusal(Class::Unreadable, "200")),
        (&late(SendState::Sent, "found"), untold_one()),
        (&late(SendState::Failed, "absent"), untold_one()),
        // Its first commit took place, and nobody heard of it.
        (&late(SendState::Sent, "sent"), Outcome::Sent(receipt())),
        (&late(SendState::Failed, "not_sent"), not_sent_one()),
        (
            &late(SendState::Refused, "limit_exceeded"),
            refusal(Class::AccountCap, "limit_exceeded"),
        ),
    ] {
        assert_eq!(
            settle(facts, &outcome, now()),
            nothing(now()),
            "{outcome:?}"
        );
    }
}

#[test]
fn r_cap_5_who_decided_first_stands_and_hears_when_wrong() {
    let limit = refusal(Class::AccountCap, "limit_exceeded");
    let gone = refusal(Class::ProspectGone, "user_unreachable");
    let reached = refusal(Class::AimReached, "already_connected");
    for (state, code, outcome, is_wrong) in [
        (SendState::Failed, "absent", Outcome::Sent(receipt()), true),
        (SendState::Failed, "absent", reached.clone(), true),
        (SendState::Failed, "absent", limit.clone(), false),
        (SendState::Failed, "absent", gone.clone(), false),
        (SendState::Failed, "absent", not_sent_one(), false),
        (SendState::Sent, "found", not_sent_one(), true),
        (SendState::Sent, "found", limit.clone(), true),
        (SendState::Sent, "found", gone, true),
        (SendState::Sent, "found", reached, false),
        (SendState::Sent, "found", Outcome::Sent(receipt()), false),
        // One view too many or too few harms nobody.
        (SendState::Sent, "assumed", limit, false),
    ] {
        let mut told = settle(&facts(), &outcome, now());
        told.decision.sends.settlements.clear();
        let mut settled = settle(&late(state, code), &outcome, now());
        let wrong = settled.decision.alerts.iter().map(|it| it.code);
        let is_told = wrong.clone().any(|code| code == "send_contradicted");
        assert_eq!(is_told, is_wrong, "{code}: {outcome:?}");
        settled
            .decision
            .alerts
            .retain(|it| it.code != "send_contradicted");
        // What the answer says of the account is said all the same, and the send stays as it was decided.
        assert_eq!(settled, told, "{code}: {outcome:?}");
    }
}
