//! Too many failures: of an account, of a campaign.

use super::*;
use crate::campaigns::PauseReason;

/// `failed` of `of` sends before speak of `blame`.
fn history(blame: Blame, failed: usize, of: usize) -> Vec<Option<Blame>> {
    (0..of)
        .map(|number| (number < failed).then_some(blame))
        .collect()
}

fn limit() -> Outcome {
    refusal(Class::AccountCap, "limit_exceeded")
}

fn is_held(recent: Vec<Option<Blame>>, outcome: &Outcome) -> bool {
    let (_, settled) = one(&SettleFacts { recent, ..facts() }, outcome);
    !settled.decision.sends.holds.is_empty()
}

fn is_paused(campaign_recent: Vec<Option<Blame>>, outcome: &Outcome) -> bool {
    let facts = SettleFacts {
        campaign_recent,
        ..facts()
    };
    let (_, settled) = one(&facts, outcome);
    !settled.decision.campaigns.pauses.is_empty()
}

#[test]
fn r_cap_8_more_than_a_fifth_of_at_least_ten_holds_the_account_for_six_hours() {
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
            is_held(history(Blame::Account, failed, of), &limit()),
            held,
            "1 + {failed} of 1 + {of}"
        );
    }
    // A good one does not: but it may be the tenth.
    let good = Outcome::Sent(receipt());
    assert!(is_held(history(Blame::Account, 3, 9), &good));
    assert!(!is_held(history(Blame::Account, 2, 9), &good));
    let facts = SettleFacts {
        recent: history(Blame::Account, 2, 9),
        ..facts()
    };
    let (_, settled) = one(&facts, &limit());
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
    let mut old_failures = vec![None; 49];
    old_failures.extend([Some(Blame::Account); 200]);
    assert!(!is_held(old_failures, &limit()));
    // 10 of 50 are not too many; one more before them would make it 11 of 51.
    let mut at_the_edge = history(Blame::Account, 9, 49);
    at_the_edge.push(Some(Blame::Account));
    assert!(!is_held(at_the_edge, &limit()));
}

/// Every outcome of a call, with a history of the same in which nothing went well: the account is held exactly by what
/// speaks of it, and the campaign paused by what speaks of it or, many as they are, of its prospects.
#[test]
fn r_cap_8_only_what_speaks_of_an_account_or_a_campaign_stops_it() {
    let refusals = Class::ALL.map(|class| refusal(class, "code"));
    for outcome in refusals.iter().chain([&untold_one(), &not_sent_one()]) {
        let (settlement, _) = one(&facts(), outcome);
        let all = |blame: Option<Blame>| vec![blame; 49];
        let held = settlement.blame == Some(Blame::Account);
        let restricted = matches!(
            outcome,
            Outcome::Refused {
                class: Class::Restricted,
                ..
            }
        );
        assert_eq!(
            is_held(all(settlement.blame), outcome),
            held || restricted,
            "{outcome:?}"
        );
        let paused = matches!(settlement.blame, Some(Blame::Campaign | Blame::Prospect));
        assert_eq!(
            is_paused(all(settlement.blame), outcome),
            paused,
            "{outcome:?}"
        );
    }
}

#[test]
fn r_cap_8_everyday_refusals_of_prospects_pause_no_campaign_and_half_of_twenty_do() {
    let gone = refusal(Class::ProspectGone, "no_connection_with_recipient");
    for (failed, of, paused) in [
        (17, 18, false),
        (9, 19, false),
        (10, 19, true),
        (24, 49, false),
        (25, 49, true),
    ] {
        let recent = history(Blame::Prospect, failed, of);
        assert_eq!(
            is_paused(recent.clone(), &gone),
            paused,
            "1 + {failed} of 1 + {of}"
        );
        assert!(!is_held(recent, &gone), "prospects are not their account");
    }
}

#[test]
fn r_cap_8_a_probing_send_holds_again_only_when_it_speaks_of_the_account() {
    for (outcome, held) in [
        (limit(), true),
        (untold_one(), false),
        (refusal(Class::ProspectGone, "invalid_recipient"), false),
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
    let wrong = refusal(Class::BadRequest, "invalid_message");
    let failing = SettleFacts {
        campaign_recent: history(Blame::Campaign, 2, 9),
        ..facts()
    };
    let (_, settled) = one(&failing, &wrong);
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
    let (_, settled) = one(&facts(), &wrong);
    assert_eq!(
        (settled.decision.campaigns.pauses, settled.decision.alerts),
        (vec![], vec![])
    );
    let nobodys = SettleFacts {
        campaign: None,
        ..failing
    };
    assert_eq!(one(&nobodys, &wrong).1.decision.campaigns.pauses, []);
}
