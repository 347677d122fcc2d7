use super::*;
use crate::sends::samples::{hours, invites, last, office, outage, plus, send_id, sender, when};
use crate::sends::sender::{Cooldown, SendHold};

mod greedy;
mod properties;

const NOW: &str = "2026-11-24T12:00:00Z";

fn now() -> Timestamp {
    when(NOW)
}

/// So many sends, ending an hour ago, a minute apart.
fn counted(number: i64) -> Vec<Timestamp> {
    let one = |minute| plus(now(), SignedDuration::from_mins(-60 - minute));
    (0..number).rev().map(one).collect()
}

#[track_caller]
fn check(sender: &Sender, facts: &ActionFacts, at: &str, rule: Option<&str>) -> Option<Rule> {
    let Slot::At {
        at: seen,
        rule: said,
    } = next_instant(sender, facts, now())
    else {
        panic!("an instant: {:?}", next_instant(sender, facts, now()));
    };
    assert_eq!(seen.to_string(), when(at).to_string());
    assert_eq!(said.as_ref().map(Rule::as_str), rule);
    said
}

#[track_caller]
fn check_never(sender: &Sender, facts: &ActionFacts, reason: &str) {
    match next_instant(sender, facts, now()) {
        Slot::Never(seen) => assert_eq!(seen.as_str(), reason),
        slot @ Slot::At { .. } => panic!("never for {reason}: {slot:?}"),
    }
}

#[test]
fn r_cap_4_what_nothing_forbids_may_go_now() {
    check(&sender(), &invites(15, 80, &[]), NOW, None);
    check(&sender(), &invites(15, 80, &counted(14)), NOW, None);
    let probing = Sender {
        probe: Probe::Due,
        ..sender()
    };
    check(&probing, &invites(15, 80, &[]), NOW, None);
}

#[test]
fn r_cap_4_each_rule_moves_the_instant_and_is_named() {
    let facts = invites(15, 80, &[]);
    let held = |reason: &str, until: &str| SendHold {
        reason: reason.to_owned(),
        until: Some(when(until)),
    };
    let two = Sender {
        holds: vec![
            held("protective", "2026-11-24T14:00:00Z"),
            held("operator", "2026-11-24T13:00:00Z"),
        ],
        ..sender()
    };
    let rule = check(&two, &facts, "2026-11-24T14:00:00Z", Some("hold"));
    let reason = "protective".to_owned();
    assert_eq!(rule, Some(Rule::Hold { reason }));

    let cooled = ActionFacts {
        cooldown: Some(Cooldown {
            until: when("2026-11-24T18:00:00Z"),
            code: "cannot_resend_yet".to_owned(),
            streak: 1,
        }),
        ..facts.clone()
    };
    check(&sender(), &cooled, "2026-11-24T18:00:00Z", Some("cooldown"));
    // The second at which they end is free again.
    let over = ActionFacts {
        cooldown: cooled.cooldown.map(|it| Cooldown { until: now(), ..it }),
        ..facts.clone()
    };
    check(&sender(), &over, NOW, None);

    let night = Sender {
        rules: office("America/New_York"),
        ..sender()
    };
    check(&night, &facts, "2026-11-24T14:00:00Z", Some("window"));
}

#[test]
fn r_cap_1_a_full_day_waits_until_its_oldest_send_is_a_day_old() {
    let facts = invites(15, 80, &counted(15));
    let rule = check(&sender(), &facts, "2026-11-25T10:46:00Z", Some("daily_cap"));
    let (used, allowed) = (15, 15);
    assert_eq!(rule, Some(Rule::DailyCap(Figures { used, allowed })));
    // Over the cap, as after it was lowered: until enough are gone.
    let lowered = invites(13, 80, &counted(15));
    check(
        &sender(),
        &lowered,
        "2026-11-25T10:48:00Z",
        Some("daily_cap"),
    );
    let slack = Sender {
        slack: SignedDuration::from_secs(90),
        ..sender()
    };
    check(&slack, &facts, "2026-11-25T10:47:30Z", Some("daily_cap"));
}

#[test]
fn r_cap_1_a_full_week_waits_until_its_oldest_send_is_a_week_old() {
    let days = (1..=4).rev().map(|day| plus(now(), hours(-24 * day)));
    let days: Vec<_> = days.collect();
    let rule = check(
        &sender(),
        &invites(2, 4, &days),
        "2026-11-27T12:00:00Z",
        Some("weekly_cap"),
    );
    let (used, allowed) = (4, 4);
    assert_eq!(rule, Some(Rule::WeeklyCap(Figures { used, allowed })));
    check(&sender(), &invites(2, 5, &days), NOW, None);
}

#[test]
fn r_cap_3_a_ramp_frees_by_its_next_step_before_a_send_grows_old() {
    let mut new = Sender {
        first_connected_at: Some(when("2026-11-23T18:00:00Z")),
        ..sender()
    };
    (new.rules.ramp_start, new.rules.ramp_step) = (2, 1);
    let rule = check(
        &new,
        &invites(15, 80, &counted(2)),
        "2026-11-24T18:00:00Z",
        Some("ramp"),
    );
    let (used, allowed) = (2, 2);
    assert_eq!(rule, Some(Rule::Ramp(Figures { used, allowed })));
}

#[test]
fn r_heal_4_after_an_outage_the_lower_allowance_holds_and_is_named() {
    let back = Sender {
        outage: Some(outage(20 * 24, when("2026-11-24T09:00:00Z"))),
        ..sender()
    };
    let facts = invites(12, 80, &counted(3));
    assert_eq!(allowance_now(&back, &facts, now()), 3);
    // A quarter of 12 is 3, and so is 30 % of it tomorrow at nine: what frees it is the oldest send's age.
    let rule = check(&back, &facts, "2026-11-25T10:58:00Z", Some("outage_ramp"));
    let (used, allowed) = (3, 3);
    assert_eq!(rule, Some(Rule::OutageRamp(Figures { used, allowed })));
}

#[test]
fn r_cap_3_the_gap_after_the_last_send_is_kept_and_is_longer_before_invitations() {
    let busy = Sender {
        last: Some(last(7, now())),
        ..sender()
    };
    for action in [Action::Invite, Action::Message] {
        let facts = ActionFacts {
            action,
            ..invites(15, 80, &[])
        };
        let at = plus(now(), spacing::gap(send_id(7), action));
        check(&busy, &facts, &at.to_string(), Some("spacing"));
        assert_eq!(gap(&busy, action), spacing::gap(send_id(7), action));
    }
    assert_eq!(gap(&sender(), Action::Invite), SignedDuration::ZERO);
}

#[test]
fn r_cap_4_rules_take_turns_until_all_agree() {
    // The cap frees on Saturday night; the window opens on Monday.
    let mut sender = Sender {
        rules: office("Europe/Berlin"),
        ..sender()
    };
    let week: Vec<_> = [
        "2026-11-21T02:00:00Z",
        "2026-11-22T02:00:00Z",
        "2026-11-23T11:00:00Z",
    ]
    .map(when)
    .to_vec();
    let facts = invites(3, 3, &week);
    check(&sender, &facts, "2026-11-30T08:00:00Z", Some("window"));
    let blocking = blocking(&sender, &facts, now());
    let words: Vec<_> = blocking.iter().map(|(it, at)| (it.as_str(), *at)).collect();
    assert_eq!(words, [("weekly_cap", when("2026-11-28T02:00:00Z"))]);
    // It opens, and the gap of a send in the night is not over.
    sender.last = Some(last(7, when("2026-11-30T07:59:59Z")));
    let at = plus(when("2026-11-30T07:59:59Z"), gap(&sender, Action::Invite));
    check(&sender, &facts, &at.to_string(), Some("spacing"));
}

#[test]
fn r_cap_4_what_only_another_event_can_free_never_gets_an_instant() {
    let facts = invites(15, 80, &[]);
    for status in Status::ALL
        .into_iter()
        .filter(|it| *it != Status::Connected)
    {
        check_never(&Sender { status, ..sender() }, &facts, "status");
    }
    let hold = SendHold {
        reason: "restricted".to_owned(),
        until: None,
    };
    let holds = vec![hold];
    check_never(&Sender { holds, ..sender() }, &facts, "hold");
    let is_busy = true;
    check_never(
        &Sender {
            is_busy,
            ..sender()
        },
        &facts,
        "busy",
    );
    let probe = Probe::Pending;
    check_never(&Sender { probe, ..sender() }, &facts, "probing");
    check_never(&sender(), &invites(0, 80, &[]), "no_cap");
    check_never(&sender(), &invites(15, 0, &[]), "no_cap");
    for zone in ["Nowhere/Land", ""] {
        let rules = office(zone);
        check_never(&Sender { rules, ..sender() }, &facts, "bad_rules");
    }
    let mut no_day = sender();
    no_day.rules.days = 0;
    check_never(&no_day, &facts, "bad_rules");
}

#[test]
fn r_cap_2_a_window_keeps_a_send_to_the_last_nanosecond_of_its_width() {
    let facts = invites(1, 80, &[when("2026-11-23T12:00:00.000000001Z")]);
    check(
        &sender(),
        &facts,
        "2026-11-24T12:00:00.000000001Z",
        Some("daily_cap"),
    );
    let facts = invites(1, 80, &[when("2026-11-23T12:00:00Z")]);
    check(&sender(), &facts, NOW, None);
    // A clock that was stepped back: sends of the future count.
    let facts = invites(1, 80, &[when("2026-11-24T13:00:00Z")]);
    check(&sender(), &facts, "2026-11-25T13:00:00Z", Some("daily_cap"));
    assert_eq!(used(&sender(), &facts, now()), (1, 1));
}
