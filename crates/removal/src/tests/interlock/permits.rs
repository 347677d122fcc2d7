//! The permit as a type, and its age.

use super::rig::permit;
use crate::{AGE_MAX, Permit};
use std::marker::PhantomData;
use std::time::{Duration, Instant};

/// Whether a type has a trait: the constant of the bounded block hides the one of the trait, where the bound holds.
struct Probe<T>(PhantomData<T>);

trait Unbounded {
    const CLONE: bool = false;
    const DEFAULT: bool = false;
}

impl<T> Unbounded for Probe<T> {}

impl<T: Clone> Probe<T> {
    const CLONE: bool = true;
}

impl<T: Default> Probe<T> {
    const DEFAULT: bool = true;
}

#[test]
fn r_del_1_a_permit_cannot_be_copied_or_made_from_nothing() {
    assert_eq!(
        [Probe::<String>::CLONE, Probe::<String>::DEFAULT],
        [true; 2]
    );
    assert_eq!(
        [Probe::<Permit>::CLONE, Probe::<Permit>::DEFAULT],
        [false; 2]
    );
}

/// What is left of a permit `age` after its start.
fn after(age: Duration) -> Result<String, String> {
    let fresh = permit("s");
    let started = Instant::now();
    let permit = Permit::of_row(fresh.removal(), fresh.session().clone(), started);
    let session = permit.use_up(started + age)?;
    Ok(session.0)
}

#[test]
fn r_del_1_a_permit_holds_for_30_seconds_and_not_a_nanosecond_more() {
    let nanosecond = Duration::from_nanos(1);
    let limit = Duration::from_secs(30);
    assert_eq!(AGE_MAX, limit);
    let less = Duration::new(29, 999_999_999);
    for age in [Duration::ZERO, less, limit] {
        assert_eq!(after(age), Ok("s".to_owned()), "{age:?}");
    }
    for age in [
        limit + nanosecond,
        limit + Duration::from_secs(1),
        limit * 1_000,
    ] {
        let why = after(age).expect_err("it is too old");
        let wanted = format!(
            "the permit is {} ms old, at most 30000 ms may pass",
            age.as_millis()
        );
        assert_eq!(why, wanted);
    }
}

#[test]
fn r_del_1_a_permit_from_the_future_holds_never() {
    let fresh = permit("s");
    let now = Instant::now();
    let started = now + Duration::from_nanos(1);
    let permit = Permit::of_row(fresh.removal(), fresh.session().clone(), started);
    assert!(permit.use_up(now).is_err());
}

#[test]
fn r_del_1_a_permit_names_its_removal_and_its_session() {
    let permit = permit("s");
    assert_eq!(permit.session().0, "s");
    assert_eq!(permit.removal().0.as_u128(), 1);
}
