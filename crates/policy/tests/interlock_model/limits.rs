//! Parts of the program besides the gates, each of which is needed; and what the model rests on.

use crate::checked::{GATES, MEANT, ONCE, THREE};
use crate::variant::{Variant, Without};
use crate::{assert_lost, scopes};

#[test]
fn interlock_model_r_del_1_the_second_judgement_the_exclusion_and_the_permits_age_are_needed() {
    let world = || scopes::minutes(false);
    assert_lost(Without::SecondJudgement, GATES, world());
    assert_lost(Without::Exclusion, ONCE, world());
    assert_lost(Without::PermitAge, MEANT, world());
}

#[test]
fn interlock_model_r_del_1_without_the_watchman_a_clock_that_steps_opens_the_cap() {
    assert_lost(Without::Watchman, THREE, scopes::clocks(2));
}

#[test]
fn interlock_model_r_del_1_a_watchman_who_reads_first_when_asked_first_is_none() {
    assert_lost(Without::FirstReading, THREE, scopes::clocks(2));
}

#[test]
fn interlock_model_r_del_1_a_clock_that_steps_while_nobody_looks_opens_the_cap() {
    let world = Variant {
        all_blind: true,
        ..scopes::clocks(3)
    };
    assert_lost(Without::Nothing, THREE, world);
}
