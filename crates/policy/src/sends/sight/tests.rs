use super::*;
use crate::samples::{account, at, workspace};
use crate::sends::samples::send_id;

const HOUR: i64 = 3_600;
const CALLED: i64 = 100 * HOUR;

fn facts(action: Action) -> ResolveFacts {
    ResolveFacts {
        send: send_id(7),
        account: account(1),
        workspace: workspace(1),
        campaign: None,
        action,
        sending_at: at(CALLED),
        looks: 0,
        absences: 0,
        last_look: None,
        cooldown_streak: 0,
    }
}

fn item(reference: &str, text: Likeness, age: Age) -> Item {
    Item {
        reference: Some(reference.to_owned()),
        chat: Some("c".to_owned()),
        label: None,
        addressee: Addressee::Target,
        text,
        age,
    }
}

fn other(number: u128, reference: Option<&str>) -> OtherSend {
    OtherSend {
        send: send_id(number),
        state: SendState::Sent,
        addressee: Addressee::Target,
        reference: reference.map(Into::into),
        text: Likeness::Unreadable,
        called_at: at(CALLED - HOUR),
    }
}

fn shown(items: &[Item]) -> Sight {
    Sight::Items(Items {
        items: items.to_vec(),
        gap: None,
    })
}

fn judged(action: Action, sight: &Sight, others: &[OtherSend]) -> Trace {
    judge(&facts(action), sight, others, at(CALLED + HOUR))
}

#[track_caller]
fn is_unclear(trace: &Trace, words: &str) {
    match trace {
        Trace::Unclear { why } => assert!(why.contains(words), "{why}"),
        proved => panic!("{proved:?}"),
    }
}

#[track_caller]
fn is_found(trace: &Trace, reference: Option<&str>) {
    match trace {
        Trace::Found(receipt) => assert_eq!(receipt.reference.as_deref(), reference),
        other => panic!("{other:?}"),
    }
}

#[test]
fn r_cap_6_the_text_is_found_whatever_its_time_unless_it_is_long_before() {
    for action in [Action::Message, Action::Inmail] {
        for age in [Age::Since, Age::Before, Age::Untold] {
            let sight = shown(&[item("m-1", Likeness::Same, age)]);
            is_found(&judged(action, &sight, &[]), Some("m-1"));
        }
        let long_ago = shown(&[item("m-1", Likeness::Same, Age::LongBefore)]);
        assert_eq!(judged(action, &long_ago, &[]), Trace::Absent);
    }
}

#[test]
fn r_cap_6_an_own_message_that_nothing_explains_is_unclear() {
    for text in [Likeness::Other, Likeness::Unreadable] {
        for (age, is_absent) in [
            (Age::Since, false),
            (Age::Untold, false),
            (Age::Before, true),
            (Age::LongBefore, true),
        ] {
            let sight = shown(&[item("m-1", text, age)]);
            let trace = judged(Action::Message, &sight, &[]);
            assert_eq!(trace == Trace::Absent, is_absent, "{text:?} {age:?}");
            if !is_absent {
                is_unclear(&trace, "no other send of ours explains it");
            }
            // Another send of ours is it, and nothing else is left.
            let explained = judged(Action::Message, &sight, &[other(8, Some("m-1"))]);
            assert_eq!(explained, Trace::Absent, "{text:?} {age:?}");
            let another = judged(Action::Message, &sight, &[other(8, Some("m-2"))]);
            assert_eq!(another, trace, "{text:?} {age:?}");
        }
    }
    assert_eq!(judged(Action::Message, &shown(&[]), &[]), Trace::Absent);
}

#[test]
fn r_cap_6_the_same_text_of_another_send_of_ours_is_not_this_one() {
    let one = [item("m-1", Likeness::Same, Age::Since)];
    let two = [one[0].clone(), item("m-2", Likeness::Same, Age::Since)];
    // It has a name, and this is another's.
    let trace = judged(Action::Message, &shown(&one), &[other(8, Some("m-1"))]);
    assert_eq!(trace, Trace::Absent);
    is_found(
        &judged(Action::Message, &shown(&two), &[other(8, Some("m-1"))]),
        Some("m-2"),
    );
    // A rival without a name may have said it; two items cannot both be the rival's.
    let rival = other(8, None);
    for state in [SendState::Sending, SendState::Sent, SendState::Unknown] {
        let rival = OtherSend {
            state,
            ..rival.clone()
        };
        is_unclear(
            &judged(Action::Message, &shown(&one), std::slice::from_ref(&rival)),
            "may have said the same",
        );
        is_found(&judged(Action::Message, &shown(&two), &[rival]), None);
    }
    // Not if it said something else, or to somebody else.
    let said_otherwise = OtherSend {
        text: Likeness::Other,
        ..rival.clone()
    };
    is_found(
        &judged(Action::Message, &shown(&one), &[said_otherwise]),
        Some("m-1"),
    );
    let elsewhere = OtherSend {
        addressee: Addressee::Other,
        ..rival
    };
    is_found(
        &judged(Action::Message, &shown(&one), &[elsewhere]),
        Some("m-1"),
    );
}

#[test]
fn r_cap_6_a_gap_hides_no_presence_and_proves_no_absence() {
    let seen = |items: &[Item]| {
        let mut seen = Items {
            items: items.to_vec(),
            gap: None,
        };
        seen.lack("503");
        seen.lack("later");
        Sight::Items(seen)
    };
    is_unclear(&judged(Action::Message, &seen(&[]), &[]), "503");
    let it = seen(&[item("m-1", Likeness::Same, Age::Since)]);
    is_found(&judged(Action::Message, &it, &[]), Some("m-1"));
}

/// A copy of an e-mail of ours to somebody else.
fn copy(number: u128, called: i64) -> (Item, OtherSend) {
    let reference = format!("t-{number}");
    let item = Item {
        addressee: Addressee::Other,
        ..item(&reference, Likeness::Other, Age::Since)
    };
    let send = OtherSend {
        addressee: Addressee::Other,
        called_at: at(called),
        ..other(number, Some(&reference))
    };
    (item, send)
}

#[test]
fn r_cap_6_a_mailbox_that_keeps_no_copy_proves_no_absence() {
    let (earlier, sent_earlier) = copy(8, CALLED - 2 * HOUR);
    let (last, sent_last) = copy(9, CALLED - HOUR);
    let (next, sent_next) = copy(10, CALLED + HOUR / 2);
    let (newest, sent_newest) = copy(11, CALLED + HOUR - 1);
    let absent = |items: &[&Item], others: &[&OtherSend]| {
        let items: Vec<Item> = items.iter().copied().cloned().collect();
        let others: Vec<OtherSend> = others.iter().copied().cloned().collect();
        let trace = judged(Action::Email, &shown(&items), &others);
        if trace != Trace::Absent {
            is_unclear(&trace, "no copy of our other e-mails");
        }
        trace == Trace::Absent
    };
    assert!(!absent(&[], &[]), "it never sent another");
    assert!(!absent(&[], &[&sent_last]));
    assert!(absent(&[&last], &[&sent_earlier, &sent_last]));
    assert!(
        !absent(&[&earlier], &[&sent_earlier, &sent_last]),
        "it keeps them no more"
    );
    assert!(
        !absent(&[&earlier, &last], &[&sent_earlier, &sent_last, &sent_next]),
        "no more since"
    );
    assert!(absent(&[&next], &[&sent_last, &sent_next]));
    assert!(
        absent(&[&last], &[&sent_last, &sent_newest]),
        "too new to be listed"
    );
    assert!(absent(&[&last, &newest], &[&sent_last, &sent_newest]));
    let unknown = OtherSend {
        state: SendState::Unknown,
        ..sent_last
    };
    assert!(!absent(&[], &[&unknown]));
}

#[test]
fn r_cap_6_an_email_is_its_label_and_where_labels_are_shown_nothing_else() {
    let (copy, sent) = copy(9, CALLED - HOUR);
    let labelled = |number: u128, addressee| Item {
        label: Some(send_id(number)),
        addressee,
        ..item("t-1", Likeness::Other, Age::LongBefore)
    };
    let mine = labelled(7, Addressee::Other);
    is_found(
        &judged(Action::Email, &shown(&[copy.clone(), mine]), &[]),
        Some("t-1"),
    );
    let follow_up = labelled(5, Addressee::Target);
    let trace = judged(
        Action::Email,
        &shown(&[copy.clone(), follow_up.clone()]),
        std::slice::from_ref(&sent),
    );
    assert_eq!(trace, Trace::Absent, "another send's, of whatever time");
    let by_hand = Item {
        reference: None,
        ..item("", Likeness::Same, Age::Since)
    };
    let beside = shown(&[copy.clone(), follow_up, by_hand.clone()]);
    is_unclear(
        &judged(Action::Email, &beside, std::slice::from_ref(&sent)),
        "no other send of ours explains it",
    );
    // Without labels its subject tells, unless an earlier e-mail to the same person may have had the same one.
    let unlabelled = shown(&[copy, by_hand]);
    is_found(
        &judged(Action::Email, &unlabelled, std::slice::from_ref(&sent)),
        None,
    );
    let follow_up = other(5, Some("t-5"));
    is_unclear(
        &judged(Action::Email, &unlabelled, &[sent, follow_up]),
        "may have said the same",
    );
}

#[test]
fn r_cap_6_a_state_tells_alone() {
    for trace in [
        Trace::Absent,
        Trace::Found(Receipt::default()),
        unclear("503"),
    ] {
        let sight = Sight::State(trace.clone());
        assert_eq!(judged(Action::Invite, &sight, &[other(8, None)]), trace);
    }
}
