//! Too many failures: of an account, of a campaign.

use super::*;
use crate::campaigns::PauseReason;

/// `failed` failures among `of` sends before.
fn history(failed: usize, of: usize) -> Vec<bool> {
    (0..of).map(|number| number < failed).collect()
}

fn is_held(recent: Vec<bool>, outcome: &Outcome) -> bool {
    let (_, settled) = one(&SettleFacts { recent, ..facts() }, outcome);
    !settled.decision.sends.holds.is_empty()
}

#[test]
fn r_cap_8_more_than_a_fifth_of_at_least_ten_holds_the_account_for_six_hours() {
    let failure = untold_one();
    for (failed, of, held) in [
        // Before this one, which fails.
        (8, 8, false),
        (1, 9, false),
        (2, 9, true),
        (9, 9, true),
        (2, 14, false),
        (3, 14, true),
        (3, 13, true),
        (9, 49, false),
        (10, 49, true),
        (0, 49, false),
    ] {
        assert_eq!(
            is_held(history(failed, of), &failure),
            held,
            "1 + {failed} of 1 + {of}"
        );
    }
    // A good one does not: but it may be the tenth.
    let good = Outcome::Sent(receipt());
    assert!(is_held(history(3, 9), &good));
    assert!(!is_held(history(2, 9), &good));
    let facts = SettleFacts {
        recent: history(2, 9),
        ..facts()
    };
    let (_, settled) = one(&facts, &failure);
    let hold = NewHold {
        account: account(1),
        reason: HoldReason::Protective,
        until: Some(plus(now(), hours(6))),
        note: "3 of the last 10 sends failed".to_owned(),
    };
    assert_eq!(settled.decision.sends.holds, [hold]);
    let subject = format!("account {}", account(1));
    assert_eq!(alerts(&settled), [("protective_hold", subject)]);
}

#[test]
fn r_cap_8_only_the_newest_fifty_count() {
    let mut old_failures = vec![false; 49];
    old_failures.extend([true; 200]);
    assert!(!is_held(old_failures, &untold_one()));
    // 10 of 50 are not too many; one more before them would make it 11 of 51.
    let mut at_the_edge = history(9, 49);
    at_the_edge.push(true);
    assert!(!is_held(at_the_edge, &untold_one()));
}

#[test]
fn r_cap_8_refusals_of_prospects_count_as_failures() {
    let refused = refusal(Class::ProspectGone, "invalid_recipient");
    assert!(is_held(history(2, 9), &refused));
}

#[test]
fn r_cap_8_a_failed_probing_send_holds_again_at_once() {
    for (outcome, held) in [
        (untold_one(), true),
        (refusal(Class::ProspectGone, "invalid_recipient"), true),
        (refusal(Class::Transient, "425"), false),
        (not_sent_one(), false),
        (Outcome::Sent(receipt()), false),
    ] {
        let facts = SettleFacts {
            probing: true,
            ..facts()
        };
        let (_, settled) = one(&facts, &outcome);
        assert_eq!(
            !settled.decision.sends.holds.is_empty(),
            held,
            "{outcome:?}"
        );
    }
}

#[test]
fn r_cam_1_too_many_failures_pause_the_campaign_and_r_heal_2_only_those_it_is_shown() {
    let failing = SettleFacts {
        campaign_recent: history(2, 9),
        ..facts()
    };
    let (_, settled) = one(&failing, &untold_one());
    let [pause] = settled.decision.campaigns.pauses.as_slice() else {
        panic!("one pause: {settled:?}");
    };
    let campaign = failing.campaign.expect("a campaign");
    assert_eq!(
        (pause.campaign, pause.reason),
        (campaign, PauseReason::FailureRate)
    );
    assert_eq!(
        alerts(&settled),
        [("failure_rate", format!("campaign {campaign}"))]
    );
    // Resumed, the window is empty: one more failure is one of one.
    let (_, settled) = one(&facts(), &untold_one());
    assert_eq!(
        (settled.decision.campaigns.pauses, settled.decision.alerts),
        (vec![], vec![])
    );
    let nobodys = SettleFacts {
        campaign: None,
        ..failing
    };
    assert_eq!(one(&nobodys, &untold_one()).1.decision.campaigns.pauses, []);
}
