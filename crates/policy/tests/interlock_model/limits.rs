//! Parts of the program besides the gates, each of which is needed; and what the model rests on.

use crate::checked::{GATES, MEANT, ONCE, THREE};
use crate::variant::{Variant, Without};
use crate::{assert_kept, assert_lost, scopes};

#[test]
fn interlock_model_r_del_1_the_second_judgement_the_exclusion_and_the_permits_age_are_needed() {
    let world = || scopes::minutes(false);
    assert_lost(Without::SecondJudgement, GATES, world());
    assert_lost(Without::Exclusion, ONCE, world());
    assert_lost(Without::PermitAge, MEANT, world());
}

/// The watchman forgets with his process, the database's note is coarse: where one is missing, the other still sees a
/// step of a day.
#[test]
fn interlock_model_r_del_1_of_watchman_and_noted_instant_either_sees_a_clock_that_leaps() {
    assert_lost(Without::WatchmanAndNoted, THREE, scopes::clocks(2));
    assert_lost(Without::FirstReadingAndNoted, THREE, scopes::clocks(2));
    for without in [Without::Watchman, Without::Noted] {
        assert_kept(without, THREE, scopes::clocks(2));
    }
}

/// Both processes begin anew, and the clock leaps before either has looked at it.
#[test]
fn interlock_model_r_del_1_a_clock_that_leaps_while_nobody_looks_is_seen_by_what_was_noted() {
    let world = || Variant {
        all_blind: true,
        ..scopes::clocks(3)
    };
    assert_lost(Without::Noted, THREE, world());
    assert_kept(Without::Nothing, THREE, world());
}
