use super::*;
use crate::sends::samples::{always, hours, invites, last, office, outage, plus, sender, when};
use crate::sends::sender::{Cooldown, Probe, SendingRules};
use crate::sends::slot::next_instant;
use jiff::SignedDuration;

fn now() -> Timestamp {
    when("2026-11-23T12:00:00Z")
}

fn said(sender: &Sender, facts: &ActionFacts) -> String {
    let slot = next_instant(sender, facts, now());
    let answer = answer(&slot, facts.action, facts, sender, now());
    println!("{answer}");
    answer
}

fn berlin() -> Sender {
    Sender {
        rules: office("Europe/Berlin"),
        ..sender()
    }
}

/// So many sends, so many minutes apart, the oldest then.
fn counted(number: i32, apart: i64, oldest: &str) -> Vec<Timestamp> {
    let apart = SignedDuration::from_mins(apart);
    (0..number)
        .map(|it| plus(when(oldest), apart * it))
        .collect()
}

fn held(reason: &str, until: Option<&str>) -> SendHold {
    SendHold {
        reason: reason.to_owned(),
        until: until.map(when),
    }
}

#[test]
fn r_cap_4_a_no_names_the_rule_its_figures_and_the_next_slot_in_the_owners_zone() {
    let full = invites(30, 100, &counted(100, 70, "2026-11-17T08:14:00Z"));
    assert_eq!(
        said(&berlin(), &full),
        "no: invite weekly cap 100/100, next slot Tue 24 Nov 09:14 Europe/Berlin"
    );
}

#[test]
fn r_cap_4_a_yes_shows_what_is_used() {
    let facts = invites(
        15,
        80,
        &[
            counted(17, 60, "2026-11-19T08:00:00Z"),
            counted(3, 60, "2026-11-23T08:00:00Z"),
        ]
        .concat(),
    );
    assert_eq!(
        said(&berlin(), &facts),
        "yes: invite now, 3/15 today, 20/80 this week"
    );
}

#[test]
fn r_cap_4_the_rule_that_says_no_for_longest_is_named() {
    // The day's cap frees in the night; then the window is what is waited for.
    let facts = invites(2, 80, &counted(2, 10, "2026-11-23T00:30:00Z"));
    assert_eq!(
        said(&berlin(), &facts),
        "no: invite daily cap 2/2, next slot Tue 24 Nov 09:00 Europe/Berlin"
    );
}

#[test]
fn r_cap_4_of_two_rules_that_say_no_now_the_longer_one_is_named() {
    // It is one in the morning there; the window opens before the day's cap frees.
    let far = Sender {
        rules: office("Pacific/Auckland"),
        ..sender()
    };
    let facts = invites(1, 80, &[when("2026-11-23T11:00:00Z")]);
    assert_eq!(
        said(&far, &facts),
        "no: invite daily cap 1/1, next slot Wed 25 Nov 09:00 Pacific/Auckland"
    );
}

#[test]
fn r_cap_4_every_rule_has_its_words() {
    let none = invites(15, 80, &[]);
    let mut cooled = none.clone();
    cooled.cooldown = Some(Cooldown {
        until: when("2026-11-23T14:00:00Z"),
        code: "cannot_resend_yet".to_owned(),
        streak: 2,
    });
    let mut new = berlin();
    (new.rules.ramp_start, new.rules.ramp_step) = (1, 1);
    new.first_connected_at = Some(when("2026-11-23T08:00:00Z"));
    let one = invites(15, 80, &[when("2026-11-23T10:00:00Z")]);
    let back = Sender {
        outage: Some(outage(48, when("2026-11-23T08:00:00Z"))),
        ..berlin()
    };
    let two = invites(4, 80, &counted(2, 5, "2026-11-23T10:00:00Z"));
    let on_hold = Sender {
        holds: vec![held("protective", Some("2026-11-23T14:30:00Z"))],
        ..berlin()
    };
    let spaced = Sender {
        last: Some(last(7, now())),
        ..berlin()
    };
    let far = Sender {
        rules: office("Pacific/Auckland"),
        ..sender()
    };
    for (sender, facts, expected) in [
        (
            &on_hold,
            &none,
            "no: invite held (protective), next slot Mon 23 Nov 15:30 Europe/Berlin",
        ),
        (
            &berlin(),
            &cooled,
            "no: invite cooling down after cannot_resend_yet, 2 refusals in a row, next slot Mon 23 Nov 15:00 Europe/Berlin",
        ),
        (
            &new,
            &one,
            "no: invite ramp of a new account 1/1 a day, next slot Tue 24 Nov 09:00 Europe/Berlin",
        ),
        (
            &back,
            &two,
            "no: invite ramp after an outage 2/2 a day, next slot Tue 24 Nov 11:00 Europe/Berlin",
        ),
        (
            &far,
            &none,
            "no: invite outside its sending window, next slot Tue 24 Nov 09:00 Pacific/Auckland",
        ),
    ] {
        assert_eq!(said(sender, facts), expected);
    }
    assert!(said(&spaced, &none).starts_with("no: invite spacing of "));
}

#[test]
fn r_cap_4_a_never_says_what_must_happen_first() {
    let none = invites(15, 80, &[]);
    let status = |status| Sender { status, ..sender() };
    let restricted = Sender {
        holds: vec![held("restricted", None), held("operator", None)],
        ..sender()
    };
    let mut nowhere = sender();
    nowhere.rules.zone = "Nowhere".to_owned();
    for (sender, facts, expected) in [
        (
            &status(Status::ReconnectNeeded),
            &none,
            "never: status reconnect_needed: its owner must sign in again",
        ),
        (
            &restricted,
            &none,
            "never: invite: held (restricted, operator) until a person ends it",
        ),
        (
            &sender(),
            &invites(0, 0, &[]),
            "never: invite: its caps are 0 a day and 0 a week",
        ),
        (
            &nowhere,
            &none,
            "never: invite: zone \"Nowhere\" is unknown: use a name of the tz database, such as Europe/Berlin",
        ),
        (
            &Sender {
                is_busy: true,
                ..sender()
            },
            &none,
            "not now: invite: another send of this account is on its way",
        ),
        (
            &Sender {
                probe: Probe::Pending,
                ..sender()
            },
            &none,
            "not now: invite: the probing send after a protective hold is not settled",
        ),
    ] {
        assert_eq!(said(sender, facts), expected);
    }
    for it in Status::ALL
        .into_iter()
        .filter(|it| *it != Status::Connected)
    {
        assert!(said(&status(it), &none).starts_with(&format!("never: status {it}: ")));
    }
}

#[test]
fn r_cap_4_each_rule_has_a_line_with_its_present_value_and_until_when() {
    let back = Sender {
        outage: Some(outage(48, when("2026-11-22T08:00:00Z"))),
        holds: vec![held("protective", Some("2026-11-23T14:30:00Z"))],
        last: Some(last(7, plus(now(), hours(-1)))),
        ..berlin()
    };
    let mut facts = invites(4, 6, &counted(6, 5, "2026-11-23T10:00:00Z"));
    facts.cooldown = Some(Cooldown {
        until: when("2026-11-23T14:00:00Z"),
        code: "429".to_owned(),
        streak: 1,
    });
    let lines = lines(&back, &facts, now());
    println!("{}", lines.join("\n"));
    let expected = [
        "status: connected",
        "holds: protective until Mon 23 Nov 15:30 Europe/Berlin",
        "cooldown: 429, 1 in a row, until Mon 23 Nov 15:00 Europe/Berlin",
        "day: 6/2 (ramp after an outage to 4, more from Thu 26 Nov 09:00 Europe/Berlin), until Tue 24 Nov 11:20 Europe/Berlin",
        "week: 6/6, until Mon 30 Nov 11:00 Europe/Berlin",
        "spacing: free",
        "window: open (09:00–17:00 Europe/Berlin on Mon Tue Wed Thu Fri)",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn r_cap_4_lines_of_a_free_sender_say_so() {
    let lines = lines(&sender(), &invites(15, 80, &[]), now());
    let expected = [
        "status: connected",
        "holds: none",
        "cooldown: none",
        "day: 0/15 (cap)",
        "week: 0/80",
        "spacing: free",
        "window: open (00:00–24:00 UTC on Mon Tue Wed Thu Fri Sat Sun)",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn r_cap_3_a_window_over_midnight_says_that_it_ends_next_day() {
    let rules = SendingRules {
        start_minute: 22 * 60,
        end_minute: 6 * 60,
        days: 0b1_0000,
        ..always()
    };
    let night = Sender { rules, ..sender() };
    let lines = lines(&night, &invites(15, 80, &[]), when("2026-11-28T05:59:00Z"));
    let expected = "window: open (22:00–06:00 of the next day UTC on Fri)";
    assert_eq!(lines.last().map(String::as_str), Some(expected));
}

/// R-SUB-1: a person ends a hold, but only a renewal ends the subscription's.
#[test]
fn r_sub_1_what_would_end_a_hold_is_said_by_its_reason() {
    let none = invites(15, 80, &[]);
    let renewal = "the workspace's subscription is renewed";
    for (reasons, until) in [
        (vec!["restricted"], "a person ends it".to_owned()),
        (vec!["subscription"], renewal.to_owned()),
        (
            vec!["restricted", "subscription"],
            format!("{renewal} and a person ends the rest"),
        ),
    ] {
        let sender = Sender {
            holds: reasons.iter().map(|reason| held(reason, None)).collect(),
            ..sender()
        };
        let all = reasons.join(", ");
        assert_eq!(
            said(&sender, &none),
            format!("never: invite: held ({all}) until {until}")
        );
    }
}
