use super::*;
use crate::ids::CampaignId;
use crate::samples::{account, at, workspace};
use crate::sends::samples::{hours, plus, send_id};
use proptest::prelude::*;
use uuid::Uuid;

mod ends;
mod late;
mod protect;

fn facts() -> SettleFacts {
    SettleFacts {
        send: send_id(7),
        account: account(1),
        workspace: workspace(1),
        campaign: Some(CampaignId(Uuid::from_u128(3))),
        state: SendState::Sending,
        code: None,
        action: Action::Invite,
        has_scarce_note: false,
        note_streak: 0,
        silence_streak: 0,
        odd_before: false,
        cooldown_streak: 0,
        recent: vec![],
        campaign_recent: vec![],
        probing: false,
    }
}

fn now() -> Timestamp {
    at(754)
}

fn refusal(class: Class, code: &str) -> Outcome {
    Outcome::Refused {
        class,
        code: code.to_owned(),
        retry_after: None,
    }
}

fn untold_one() -> Outcome {
    Outcome::Untold {
        why: "timed out".to_owned(),
    }
}

fn not_sent_one() -> Outcome {
    Outcome::NotSent {
        why: "connection refused".to_owned(),
    }
}

fn receipt() -> Receipt {
    Receipt {
        reference: Some("invitation-1".to_owned()),
        chat: Some("chat-1".to_owned()),
        usage: Some(75),
    }
}

/// Settles and returns the one settlement with the rest.
#[track_caller]
fn one(facts: &SettleFacts, outcome: &Outcome) -> (Settlement, Settled) {
    let settled = settle(facts, outcome, now());
    let [settlement] = settled.decision.sends.settlements.as_slice() else {
        panic!("one settlement: {settled:?}");
    };
    (settlement.clone(), settled)
}

fn alerts(settled: &Settled) -> Vec<(&'static str, String)> {
    let alerts = settled.decision.alerts.iter();
    alerts.map(|it| (it.code, it.subject.clone())).collect()
}

fn again(after: SignedDuration) -> NextStep {
    let at = plus(now(), after);
    NextStep::Again { at, odd: false }
}

#[test]
fn r_cap_5_a_sent_one_advances_and_keeps_what_the_provider_named() {
    let settled = settle(&facts(), &Outcome::Sent(receipt()), now());
    let settlement = Settlement {
        account: account(1),
        send: send_id(7),
        from: SendState::Sending,
        to: SendState::Sent,
        refund: false,
        code: "sent".to_owned(),
        blame: None,
        note: String::new(),
        reference: Some("invitation-1".to_owned()),
        chat: Some("chat-1".to_owned()),
        usage: Some(75),
        look_at: None,
        enrollment: NextStep::Advance,
    };
    let decision = Decision {
        sends: SendChanges {
            settlements: vec![settlement],
            ..SendChanges::default()
        },
        ..Decision::nothing(now())
    };
    let dead = None;
    assert_eq!(settled, Settled { decision, dead });
}

#[test]
fn r_cap_7_a_success_ends_a_row_of_refusals() {
    let facts = SettleFacts {
        cooldown_streak: 3,
        ..facts()
    };
    let (_, settled) = one(&facts, &Outcome::Sent(receipt()));
    let [cooldown] = settled.decision.sends.cooldowns.as_slice() else {
        panic!("one cooldown: {settled:?}");
    };
    assert_eq!((cooldown.streak, cooldown.until), (0, now()));
}

#[test]
fn r_cap_5_what_nobody_told_is_unknown_keeps_its_capacity_and_is_looked_for() {
    let unreadable = [Class::Indeterminate, Class::Unreadable, Class::Mismatch];
    let outcomes = unreadable.map(|class| refusal(class, "502"));
    for outcome in outcomes.iter().chain([&untold_one()]) {
        let (settlement, settled) = one(&facts(), outcome);
        assert_eq!(settlement.to, SendState::Unknown);
        assert!(!settlement.refund, "{outcome:?}");
        assert_eq!(settlement.look_at, Some(at(754 + 120)));
        assert_eq!(settlement.enrollment, NextStep::Keep);
        assert_eq!(settled.dead, None);
        assert_eq!(
            (settled.decision.jobs, settled.decision.sends.cooldowns),
            (vec![], vec![])
        );
    }
}

#[test]
fn r_cap_5_what_never_left_this_machine_gives_its_capacity_back_and_is_no_failure() {
    let bad = SettleFacts {
        recent: vec![Some(Blame::Account); 49],
        campaign_recent: vec![Some(Blame::Campaign); 49],
        probing: true,
        ..facts()
    };
    for outcome in [
        not_sent_one(),
        refusal(Class::OurKey, "missing_credentials"),
        refusal(Class::Transient, "425"),
    ] {
        let (settlement, settled) = one(&bad, &outcome);
        assert!(settlement.refund, "{outcome:?}");
        let (holds, pauses) = (
            &settled.decision.sends.holds,
            &settled.decision.campaigns.pauses,
        );
        assert!(holds.is_empty() && pauses.is_empty(), "{outcome:?}");
        assert!(matches!(
            settlement.enrollment,
            NextStep::Again { odd: false, .. }
        ));
    }
    let (settlement, _) = one(&facts(), &not_sent_one());
    assert_eq!(settlement.to, SendState::Failed);
    assert_eq!(settlement.enrollment, again(SignedDuration::from_mins(5)));
}

#[test]
fn r_cap_7_a_limit_of_the_account_rests_the_action_six_hours_doubling_to_seventy_two() {
    for (streak, rest) in [
        (0, 6),
        (1, 12),
        (2, 24),
        (3, 48),
        (4, 72),
        (5, 72),
        (u16::MAX, 72),
    ] {
        let facts = SettleFacts {
            cooldown_streak: streak,
            ..facts()
        };
        let (settlement, settled) = one(&facts, &refusal(Class::AccountCap, "cannot_resend_yet"));
        let expected = NewCooldown {
            account: account(1),
            cooled: Cooled::Action(Action::Invite),
            until: plus(now(), hours(rest)),
            code: "cannot_resend_yet".to_owned(),
            streak: streak.saturating_add(1),
        };
        assert_eq!(settled.decision.sends.cooldowns, [expected]);
        assert_eq!(
            (settlement.to, settlement.refund),
            (SendState::Refused, false)
        );
        assert_eq!(settlement.enrollment, again(hours(rest)));
    }
}

#[test]
fn r_cap_7_the_providers_wish_lengthens_a_cooldown_and_never_shortens_it() {
    for (theirs, rest) in [(1, 6), (6, 6), (7, 7), (100, 100)] {
        let outcome = Outcome::Refused {
            class: Class::AccountCap,
            code: "429".to_owned(),
            retry_after: Some(hours(theirs)),
        };
        let (settlement, settled) = one(&facts(), &outcome);
        assert_eq!(
            settled.decision.sends.cooldowns[0].until,
            plus(now(), hours(rest))
        );
        assert_eq!(settlement.enrollment, again(hours(rest)));
    }
}

#[test]
fn r_cap_7_a_degraded_product_rests_without_doubling_and_is_alerted() {
    for streak in [0, 1, 4] {
        let facts = SettleFacts {
            cooldown_streak: streak,
            ..facts()
        };
        let (_, settled) = one(&facts, &refusal(Class::Degraded, "feature_not_subscribed"));
        let cooldown = &settled.decision.sends.cooldowns[0];
        assert_eq!(
            (cooldown.until, cooldown.streak),
            (plus(now(), hours(6)), streak.max(1))
        );
        let subject = format!("account {}", account(1));
        assert_eq!(alerts(&settled), [("account_degraded", subject)]);
    }
}

#[test]
fn r_cap_7_refusals_of_a_prospect_concern_that_prospect_alone() {
    for (class, rest) in [(Class::ProspectLater, 24), (Class::InvitedBefore, 21 * 24)] {
        let later = refusal(class, "already_invited_recently");
        let (settlement, settled) = one(&facts(), &later);
        let at = plus(now(), hours(rest));
        assert_eq!(settlement.enrollment, NextStep::Again { at, odd: true });
        assert!(settled.decision.sends.cooldowns.is_empty() && settled.decision.alerts.is_empty());
        let before = SettleFacts {
            odd_before: true,
            ..facts()
        };
        let (settlement, settled) = one(&before, &later);
        assert!(matches!(settlement.enrollment, NextStep::Stop { .. }));
        assert_eq!(settled.dead, None, "an everyday end");
    }
    let gone = refusal(Class::ProspectGone, "blocked_recipient");
    let (settlement, settled) = one(&facts(), &gone);
    let why = "refused for good: blocked_recipient".to_owned();
    assert_eq!(settlement.enrollment, NextStep::Stop { why });
    assert!(settled.decision.sends.cooldowns.is_empty() && settled.dead.is_none());
    assert!(!settlement.refund);
}

#[test]
fn r_cap_7_a_refused_session_is_looked_at_at_once_and_only_once_a_minute() {
    for class in [Class::Reconnect, Class::Gone] {
        let (settlement, settled) = one(&facts(), &refusal(class, "disconnected_account"));
        let [job] = settled.decision.jobs.as_slice() else {
            panic!("one job: {settled:?}");
        };
        let id = account(1);
        assert_eq!(
            job.cause,
            format!("account.check:{id}@2026-03-01T10:12:00Z")
        );
        assert_eq!(
            (job.kind, job.run_at, job.account),
            (ACCOUNT_CHECK, now(), Some(id))
        );
        let payload: CheckAccount =
            serde_json::from_value(job.payload.clone()).expect("its payload");
        let code = "disconnected_account".to_owned();
        assert_eq!(payload, CheckAccount { account: id, code });
        assert_eq!(settlement.enrollment, again(SignedDuration::from_mins(15)));
    }
}

#[test]
fn r_cap_7_a_restricted_account_is_held_until_a_person_ends_it() {
    let (_, settled) = one(&facts(), &refusal(Class::Restricted, "account_restricted"));
    let [hold] = settled.decision.sends.holds.as_slice() else {
        panic!("one hold: {settled:?}");
    };
    assert_eq!((hold.reason, hold.until), (HoldReason::Restricted, None));
    let subject = format!("account {}", account(1));
    assert_eq!(alerts(&settled), [("account_restricted", subject)]);
}

#[test]
fn r_cap_7_our_key_is_one_alert_for_all_accounts() {
    let (settlement, settled) = one(&facts(), &refusal(Class::OurKey, "missing_credentials"));
    assert_eq!(alerts(&settled), [("provider_key", "sends".to_owned())]);
    assert_eq!(settlement.enrollment, again(SignedDuration::from_mins(15)));
    assert!(settlement.refund);
}

#[test]
fn r_cap_7_an_unknown_refusal_is_tried_once_more_and_then_is_a_dead_letter() {
    let odd = refusal(Class::Unknown, "moon_in_retrograde");
    let (settlement, settled) = one(&facts(), &odd);
    let later = plus(now(), hours(1));
    assert_eq!(
        settlement.enrollment,
        NextStep::Again {
            at: later,
            odd: true
        }
    );
    assert_eq!(settled.dead, None);
    let before = SettleFacts {
        odd_before: true,
        ..facts()
    };
    let (settlement, settled) = one(&before, &odd);
    assert!(matches!(settlement.enrollment, NextStep::Stop { .. }));
    assert!(
        settled
            .dead
            .is_some_and(|it| it.contains("moon_in_retrograde"))
    );
    // A wrong call is not tried again at all.
    let (settlement, settled) = one(&facts(), &refusal(Class::BadRequest, "invalid_parameters"));
    assert!(matches!(settlement.enrollment, NextStep::Stop { .. }));
    assert!(settled.dead.is_some());
}

fn outcomes() -> impl Strategy<Value = Outcome> {
    let class = prop::sample::select(Class::ALL.to_vec());
    let refused =
        (class, prop::option::of(-10_i64..10_000_000)).prop_map(|(class, secs)| Outcome::Refused {
            class,
            code: "code".to_owned(),
            retry_after: secs.map(SignedDuration::from_secs),
        });
    prop_oneof![
        1 => Just(Outcome::Sent(receipt())),
        1 => Just(untold_one()),
        1 => Just(not_sent_one()),
        6 => refused,
    ]
}

proptest! {
    #[test]
    fn r_cap_5_every_end_is_one_settlement_in_a_state_that_sending_leads_to(
        outcome in outcomes(), odd_before: bool, cooldown_streak: u16, probing: bool,
        recent in prop::collection::vec(prop::option::of(prop::sample::select(Blame::ALL.to_vec())), 0..60),
    ) {
        let facts = SettleFacts {
            odd_before, cooldown_streak, probing, campaign_recent: recent.clone(), recent, ..facts()
        };
        let (it, settled) = one(&facts, &outcome);
        let after_sending = [SendState::Sent, SendState::Refused, SendState::Failed, SendState::Unknown];
        prop_assert!(after_sending.contains(&it.to) && it.from == SendState::Sending);
        // An unknown one is looked for, kept and neither refunded nor repeated; nothing else is looked for.
        let unknown = it.to == SendState::Unknown;
        prop_assert_eq!(it.look_at.is_some(), unknown);
        prop_assert_eq!(it.enrollment == NextStep::Keep, unknown);
        prop_assert!(!(unknown && it.refund));
        // One step on, exactly when it was sent or its aim was reached already; nothing in the past; a dead letter ends its step.
        let reached = it.to == SendState::Sent || it.note == Class::AimReached.as_str();
        prop_assert_eq!(it.enrollment == NextStep::Advance, reached);
        if let NextStep::Again { at, .. } = it.enrollment {
            prop_assert!(at > now());
        }
        let stopped = matches!(it.enrollment, NextStep::Stop { .. });
        prop_assert!(settled.dead.is_none() || stopped);
        let all_later = settled.decision.sends.cooldowns.iter().all(|it| it.streak == 0 || it.until > now());
        prop_assert!(all_later);
    }
}
