use super::*;
use crate::samples::{account, at, workspace};
use crate::sends::samples::send_id;
use proptest::prelude::*;

const MINUTE: i64 = 60;
const HOUR: i64 = 3_600;

fn facts() -> ResolveFacts {
    ResolveFacts {
        send: send_id(7),
        account: account(1),
        workspace: workspace(1),
        campaign: None,
        action: Action::Invite,
        sending_at: at(0),
        looks: 0,
        absences: 0,
        last_look: None,
        cooldown_streak: 0,
    }
}

fn hidden() -> Trace {
    Trace::Unclear {
        why: "503".to_owned(),
    }
}

#[track_caller]
fn looked(decision: &Decision) -> (bool, Option<Timestamp>) {
    assert_eq!(decision.sends.settlements, []);
    let [look] = decision.sends.looks.as_slice() else {
        panic!("one look: {decision:?}");
    };
    assert_eq!((look.account, look.send), (account(1), send_id(7)));
    (look.absent, look.next)
}

#[track_caller]
fn settled(decision: &Decision) -> &Settlement {
    assert_eq!(decision.sends.looks, []);
    let [settlement] = decision.sends.settlements.as_slice() else {
        panic!("one settlement: {decision:?}");
    };
    assert_eq!(
        (settlement.from, settlement.refund),
        (SendState::Unknown, false)
    );
    settlement
}

#[test]
fn r_cap_6_a_found_one_was_sent_and_its_enrollment_advances() {
    let receipt = Receipt {
        reference: Some("invitation-1".to_owned()),
        ..Receipt::default()
    };
    let refused_before = ResolveFacts {
        cooldown_streak: 2,
        absences: 1,
        ..facts()
    };
    let decision = resolve(&refused_before, &Trace::Found(receipt), at(30 * HOUR));
    let it = settled(&decision);
    assert_eq!((it.to, it.code.as_str()), (SendState::Sent, "found"));
    assert_eq!(it.reference.as_deref(), Some("invitation-1"));
    assert_eq!(it.enrollment, NextStep::Advance);
    assert_eq!(decision.sends.cooldowns[0].streak, 0);
}

#[test]
fn r_cap_6_an_absence_counts_five_minutes_after_the_call_and_after_the_look_before() {
    for (now, last_look, absences, counts, next) in [
        (2 * MINUTE, None, 0, false, 5 * MINUTE),
        (5 * MINUTE - 1, None, 0, false, 5 * MINUTE),
        (5 * MINUTE, None, 0, true, 10 * MINUTE),
        // Too early looks do not put the first one off.
        (5 * MINUTE, Some(2 * MINUTE), 0, true, 10 * MINUTE),
        (9 * MINUTE, Some(5 * MINUTE), 1, false, 10 * MINUTE),
        (10 * MINUTE - 1, Some(5 * MINUTE), 1, false, 10 * MINUTE),
    ] {
        let facts = ResolveFacts {
            last_look: last_look.map(at),
            absences,
            ..facts()
        };
        let decision = resolve(&facts, &Trace::Absent, at(now));
        assert_eq!(
            looked(&decision),
            (counts, Some(at(next))),
            "at {now} after {last_look:?}"
        );
    }
}

#[test]
fn r_cap_6_the_second_absence_proves_it_keeps_its_capacity_and_asks_for_a_new_send() {
    let once = ResolveFacts {
        looks: 1,
        absences: 1,
        last_look: Some(at(5 * MINUTE)),
        ..facts()
    };
    let now = at(10 * MINUTE);
    let decision = resolve(&once, &Trace::Absent, now);
    let it = settled(&decision);
    assert_eq!((it.to, it.code.as_str()), (SendState::Failed, "absent"));
    let again = NextStep::Again {
        at: now,
        odd: false,
    };
    assert_eq!(it.enrollment, again);
}

#[test]
fn r_cap_6_an_unclear_look_is_repeated_less_and_less_often() {
    for (looks, minutes) in [
        (0, 5),
        (1, 10),
        (2, 20),
        (3, 40),
        (4, 80),
        (5, 120),
        (6, 120),
        (u16::MAX, 120),
    ] {
        let facts = ResolveFacts { looks, ..facts() };
        let decision = resolve(&facts, &hidden(), at(HOUR));
        let next = at(HOUR + minutes * MINUTE);
        assert_eq!(
            looked(&decision),
            (false, Some(next)),
            "after {looks} looks"
        );
        assert_eq!(decision.alerts, []);
    }
    // The last one is at 24 hours, not two hours later.
    let decision = resolve(
        &ResolveFacts {
            looks: 9,
            ..facts()
        },
        &hidden(),
        at(23 * HOUR),
    );
    assert_eq!(looked(&decision), (false, Some(at(24 * HOUR))));
}

#[test]
fn r_cap_6_after_a_day_a_person_is_told_once_and_it_stays_counted() {
    let facts = ResolveFacts {
        looks: 17,
        ..facts()
    };
    let decision = resolve(&facts, &hidden(), at(24 * HOUR));
    assert_eq!(looked(&decision), (false, None));
    let [alert] = decision.alerts.as_slice() else {
        panic!("one alert: {decision:?}");
    };
    assert_eq!(alert.code, "send_unclear");
    assert_eq!(alert.subject, format!("send {}", send_id(7)));
    let before = resolve(&facts, &hidden(), at(24 * HOUR - 1));
    assert_eq!(before.alerts, []);
}

#[test]
fn r_cap_6_what_is_said_is_absent_three_times_ten_minutes_apart() {
    for action in [Action::Message, Action::Inmail, Action::Email] {
        let mut said = ResolveFacts { action, ..facts() };
        let early = resolve(&said, &Trace::Absent, at(10 * MINUTE - 1));
        assert_eq!(looked(&early), (false, Some(at(10 * MINUTE))), "{action}");
        for (absences, minute) in [(0, 10), (1, 20)] {
            said.absences = absences;
            let decision = resolve(&said, &Trace::Absent, at(minute * MINUTE));
            let next = at((minute + 10) * MINUTE);
            assert_eq!(looked(&decision), (true, Some(next)), "{action}");
            said.last_look = Some(at(minute * MINUTE));
        }
        said.absences = 2;
        let decision = resolve(&said, &Trace::Absent, at(30 * MINUTE));
        assert_eq!(settled(&decision).to, SendState::Failed, "{action}");
    }
}

#[test]
fn r_cap_6_a_view_is_assumed_at_the_first_look_and_its_enrollment_advances() {
    let viewed = ResolveFacts {
        action: Action::ProfileView,
        cooldown_streak: 2,
        ..facts()
    };
    for trace in [Trace::Absent, hidden()] {
        let decision = resolve(&viewed, &trace, at(2 * MINUTE));
        let it = settled(&decision);
        assert_eq!((it.to, it.code.as_str()), (SendState::Sent, "assumed"));
        assert_eq!(it.enrollment, NextStep::Advance);
        // Nothing is proved: the provider's refusals go on counting.
        assert_eq!(decision.sends.cooldowns, []);
        let [alert] = decision.alerts.as_slice() else {
            panic!("one alert: {decision:?}");
        };
        let subject = format!("account {}", account(1));
        assert_eq!((alert.code, &alert.subject), ("send_assumed", &subject));
    }
}

#[test]
fn r_cap_6_a_look_that_died_is_followed_by_another_and_told_after_a_day() {
    for action in Action::ALL {
        let facts = ResolveFacts {
            action,
            looks: 2,
            ..facts()
        };
        let decision = lost_look(&facts, at(HOUR));
        assert_eq!(
            looked(&decision),
            (false, Some(at(HOUR + 20 * MINUTE))),
            "{action}"
        );
    }
    let decision = lost_look(&facts(), at(24 * HOUR));
    assert_eq!(looked(&decision), (false, None));
    assert_eq!(decision.alerts[0].code, "send_unclear");
}

proptest! {
    #[test]
    fn r_cap_6_every_history_of_looks_ends_settled_or_alerted_and_failed_only_after_two_late_absences(
        answers in prop::collection::vec(any::<bool>(), 400), first in 120_i64..600,
    ) {
        let mut facts = facts();
        let (mut now, mut absences, mut ended) = (at(first), vec![], false);
        for absent in answers {
            let trace = if absent { Trace::Absent } else { hidden() };
            let decision = resolve(&facts, &trace, now);
            if absent {
                absences.push(now);
            }
            if let [settlement] = decision.sends.settlements.as_slice() {
                prop_assert_eq!(settlement.to, SendState::Failed);
                prop_assert!(absent && absences.len() >= 2);
                let apart = now.duration_since(absences[0]);
                prop_assert!(apart >= SignedDuration::from_mins(5));
                prop_assert!(now.duration_since(facts.sending_at) >= SignedDuration::from_mins(10));
                ended = true;
                break;
            }
            let (counted, next) = looked(&decision);
            facts.looks += 1;
            facts.absences += u16::from(counted);
            facts.last_look = Some(now);
            let Some(next) = next else {
                prop_assert_eq!(decision.alerts.len(), 1);
                ended = true;
                break;
            };
            prop_assert!(next > now && next.duration_since(now) <= SignedDuration::from_hours(2));
            now = next;
        }
        prop_assert!(ended);
        prop_assert!(facts.looks < 40, "{} looks", facts.looks);
    }
}
