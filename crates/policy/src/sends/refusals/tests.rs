use super::*;
use crate::samples::at;

#[test]
fn r_cap_7_the_table_has_every_class_once() {
    assert_eq!(REFUSALS.len(), Class::ALL.len());
    for class in Class::ALL {
        let rows = REFUSALS.iter().filter(|it| it.class == class);
        assert_eq!(rows.count(), 1, "{class:?}");
        assert_eq!(of(class).class, class);
    }
}

#[test]
fn r_cap_7_what_each_refusal_means_is_that_of_the_specification() {
    use OnAccount::{Check, CoolDown, Nothing, Rest, Restrict};
    use OnStep::{Advance, AfterCooldown, Again, Dead, End, Keep, Once, OnceThenEnd};
    let table = Class::ALL.map(|class| {
        let row = of(class);
        (row.account, row.step)
    });
    let expected = [
        (Nothing, Again(MINUTES_15)),
        (Check, Again(MINUTES_15)),
        (Check, Again(MINUTES_15)),
        (Restrict, Again(HOUR)),
        (Rest, AfterCooldown),
        (CoolDown, AfterCooldown),
        (Nothing, End),
        (Nothing, Advance),
        (Nothing, OnceThenEnd(WEEKS_3)),
        (Nothing, OnceThenEnd(DAY)),
        (Nothing, Again(MINUTES_15)),
        (Check, Again(MINUTES_15)),
        (Nothing, Dead),
        (Nothing, End),
        (Nothing, Keep),
        (Nothing, Keep),
        (Nothing, Keep),
        (Nothing, Once(HOUR)),
    ];
    assert_eq!(table, expected);
}

#[test]
fn r_cap_5_only_what_did_not_reach_linkedin_gives_its_capacity_back() {
    let refunded = REFUSALS.iter().filter(|it| it.refund).map(|it| it.class);
    let refunded: Vec<_> = refunded.collect();
    let expected = [
        Class::OurKey,
        Class::Transient,
        Class::Gone,
        Class::Unsayable,
    ];
    assert_eq!(refunded, expected);
    // Nobody knows of an unknown one, so nothing of it may come back or be done again.
    for row in REFUSALS.iter().filter(|it| it.state == SendState::Unknown) {
        assert!(!row.refund && row.step == OnStep::Keep, "{row:?}");
    }
    for row in REFUSALS.iter().filter(|it| it.step == OnStep::Keep) {
        assert_eq!(row.state, SendState::Unknown);
    }
}

#[test]
fn r_cap_7_a_cooldown_is_six_hours_and_doubles_to_seventy_two() {
    for (streak, hours) in [
        (0, 6),
        (1, 6),
        (2, 12),
        (3, 24),
        (4, 48),
        (5, 72),
        (6, 72),
        (u16::MAX, 72),
    ] {
        assert_eq!(
            cooldown(streak),
            SignedDuration::from_hours(hours),
            "{streak}"
        );
    }
}

#[test]
fn r_cap_7_the_providers_wish_lengthens_a_wait_and_never_shortens_it() {
    let secs = SignedDuration::from_secs;
    for (theirs, expected) in [
        (None, 100),
        (Some(secs(-5)), 100),
        (Some(secs(0)), 100),
        (Some(secs(99)), 100),
        (Some(secs(100)), 100),
        (Some(secs(101)), 101),
        (Some(SignedDuration::MAX), 31 * 86_400),
    ] {
        assert_eq!(wait(at(0), secs(100), theirs), at(expected), "{theirs:?}");
    }
}
