//! What attempts that are over have left.

use super::*;

/// A first link of account `number` whose attempt is over.
fn over(number: u128) -> Waiting {
    with(first(number), |it| {
        it.row.status = Status::ReconnectNeeded;
        it.attempt = None;
    })
}

#[test]
fn r_orp_2_what_a_try_left_is_bound_by_its_person_alone() {
    assert_eq!(
        found(vec![over(1)], vec![free(1)]),
        [is(1, 1, Proof::Declared)]
    );
    let nobody = with(over(1), |it| it.declared = None);
    assert_eq!(found(vec![nobody], vec![free(1)]), [], "and nobody is told");
    assert_eq!(found(vec![over(1)], vec![free(2)]), [], "another person");
    let twin = with(free(1), |it| it.session.id = session_id(8));
    assert_eq!(found(vec![over(1)], vec![free(1), twin.clone()]), []);
    // Its own session is lost; a second login of the same person is well.
    let lost = with(again(1), |it| {
        it.row.status = Status::ReconnectNeeded;
        it.attempt = None;
    });
    let own = with(free(1), |it| it.session.health = Health::Credentials);
    assert_eq!(
        found(vec![lost.clone()], vec![own, twin.clone()]),
        [is(1, 8, Proof::SameIdentity)]
    );
    let forgotten = with(lost, |it| it.tries.clear());
    assert_eq!(found(vec![forgotten], vec![twin]), [], "a day later");
}

#[test]
fn r_orp_2_a_try_counts_in_its_own_time_alone() {
    let twice = with(over(1), |it| {
        it.tries = vec![time(0, 1800), time(20_000, 21_800)];
    });
    let ends = [(1_000, 1), (10_000, 0), (20_500, 1), (30_000, 0)];
    for (made, times) in ends {
        let session = with(free(1), |it| it.session.created_at = at(made));
        let findings = found(vec![twice.clone()], vec![session]);
        assert_eq!(findings.len(), times, "{made}");
    }
}

#[test]
fn r_orp_2_who_is_at_it_competes_and_who_was_does_not() {
    let silent = |it| with(it, |it: &mut Waiting| it.declared = None);
    let beside_one_at_it = found(vec![first(1), silent(first(2))], vec![free(1)]);
    assert!(
        beside_one_at_it.contains(&unsure(1, &[1])),
        "{beside_one_at_it:?}"
    );
    let beside_one_that_was = found(vec![first(1), silent(over(2))], vec![free(1)]);
    assert_eq!(beside_one_that_was, [is(1, 1, Proof::Declared)]);
    // Who said to be the same person competes for as long as the name is good.
    let same = with(over(2), |it| it.declared = first(1).declared);
    let beside_the_same = found(vec![first(1), same], vec![free(1)]);
    assert_eq!(beside_the_same, [unsure(1, &[1])]);
}
