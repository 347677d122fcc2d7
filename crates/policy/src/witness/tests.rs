//! The table of comparisons: what the broker may say, beside what the database may know.

use super::*;

const MARKS: [u128; 3] = [30, 29, 28];

fn at(minutes: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes)
}

/// A database that was raised to 30 at minute 100.
fn own() -> Own {
    Own {
        number: 30,
        marks: MARKS.map(Uuid::from_u128).to_vec(),
        raised_at: Some(at(100)),
        is_of_cluster: true,
        copy_why: None,
        is_adopting: false,
    }
}

fn witness(number: i64, mark: u128) -> Seen {
    Seen::Said(Witness {
        number,
        mark: Uuid::from_u128(mark),
    })
}

fn is_copy(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Copy(_))
}

#[test]
fn r_res_1_equal_or_at_most_two_behind_goes_on_whatever_the_gap() {
    for minutes in [100, 101, 116, 100 + 24 * 60] {
        let compared = |seen| compare(&own(), seen, at(minutes), 1.0);
        assert_eq!(compared(witness(30, 30)), Verdict::Raise(31));
        let again = Witness {
            number: 30,
            mark: Uuid::from_u128(30),
        };
        assert_eq!(compared(witness(29, 29)), Verdict::PutAgain(again));
        assert_eq!(compared(witness(28, 28)), Verdict::PutAgain(again));
    }
}

#[test]
fn r_res_1_a_witness_that_is_ahead_or_of_another_raise_tells_a_copy() {
    for minutes in [100, 101, 200] {
        for seen in [
            witness(31, 31),
            witness(300, 1),
            witness(30, 7),
            witness(29, 7),
            witness(28, 30),
        ] {
            let verdict = compare(&own(), seen, at(minutes), 1.0);
            assert!(is_copy(&verdict), "{seen:?}: {verdict:?}");
        }
    }
}

#[test]
fn r_res_1_a_missing_witness_was_the_broker_without_a_gap_and_a_copy_after_one() {
    for seen in [Seen::Missing, witness(27, 27), witness(0, 1)] {
        assert_eq!(compare(&own(), seen, at(115), 1.0), Verdict::Raise(31));
        assert!(is_copy(&compare(&own(), seen, at(116), 1.0)), "{seen:?}");
        let elsewhere = Own {
            is_of_cluster: false,
            ..own()
        };
        assert!(is_copy(&compare(&elsewhere, seen, at(101), 1.0)));
    }
    // A minute of the machine is no gap, however fast the clock runs.
    let after = at(100) + SignedDuration::from_secs(60 * 600);
    let compared = |now| compare(&own(), Seen::Missing, now, 600.0);
    assert_eq!(compared(after), Verdict::Raise(31));
    assert!(is_copy(&compared(after + SignedDuration::from_secs(1))));
}

#[test]
fn r_res_1_what_another_holds_is_waited_for_and_then_tells_a_copy() {
    let held = |is_lasting| compare(&own(), Seen::Held { is_lasting }, at(100), 1.0);
    assert_eq!(held(false), Verdict::Wait);
    assert!(is_copy(&held(true)));
}

#[test]
fn r_res_1_a_database_that_was_never_raised_begins_unless_the_broker_knows_another() {
    let new = Own {
        number: 0,
        marks: vec![],
        raised_at: None,
        is_of_cluster: false,
        ..own()
    };
    assert_eq!(compare(&new, Seen::Missing, at(0), 1.0), Verdict::Raise(1));
    assert!(is_copy(&compare(&new, witness(5, 5), at(0), 1.0)));
}

#[test]
fn r_res_1_a_copy_rests_until_it_is_adopted_and_then_passes_its_witness() {
    let copy = Own {
        copy_why: Some("restored".to_owned()),
        ..own()
    };
    for seen in [Seen::Missing, witness(30, 30), witness(40, 40)] {
        assert_eq!(
            compare(&copy, seen, at(100), 1.0),
            Verdict::Rest("restored".to_owned())
        );
    }
    let adopted = Own {
        is_adopting: true,
        ..own()
    };
    let compared = |seen| compare(&adopted, seen, at(9_000), 1.0);
    assert_eq!(compared(Seen::Missing), Verdict::Raise(31));
    assert_eq!(compared(witness(40, 40)), Verdict::Raise(41));
    assert_eq!(compared(witness(20, 20)), Verdict::Raise(31));
    // Beside a fleet that lives nobody is adopted.
    assert!(is_copy(&compared(Seen::Held { is_lasting: true })));
}
