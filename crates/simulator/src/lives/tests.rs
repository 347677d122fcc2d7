use super::*;
use crate::control::{Health, NewSession};
use crate::state::{Fleet, into_health};

fn curves(shape: f64, aged_hours: f64) -> Lives {
    Lives {
        curves: vec![
            LifeCurve {
                kind: Some(Kind::Linkedin),
                shape,
                scale_hours: 100.0,
                ..LifeCurve::default()
            },
            LifeCurve {
                tier: Some(Tier::Premium),
                shape,
                scale_hours: 1.0,
                ..LifeCurve::default()
            },
        ],
        aged_hours,
        ..Lives::default()
    }
}

fn fleet(count: usize, kind: Kind) -> Fleet {
    let mut fleet = Fleet::new(Chance::new(1));
    for _ in 0..count {
        let new = NewSession {
            kind,
            ..NewSession::default()
        };
        fleet.create(new, at(0)).expect("there is room");
    }
    fleet
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("an instant")
}

fn pulses(fleet: &Fleet) -> Vec<Pulse> {
    let healthy = fleet.healthy();
    healthy.map(|(index, it)| Pulse::of(index, it)).collect()
}

fn book(seed: u64) -> Lifebook {
    Lifebook::open(Chance::new(seed), None).expect("no file")
}

/// Planned lengths of lives from birth, in hours.
fn lengths(book: &Lifebook) -> Vec<f64> {
    let planned = book.lines().filter_map(|life| {
        let end = life.planned_end?;
        Some(end.duration_since(life.born).as_secs_f64() / HOUR)
    });
    planned.collect()
}

#[test]
fn r_ana_1_lives_follow_the_curve_that_was_stated() {
    let fleet = fleet(10_000, Kind::Linkedin);
    for shape in [0.7, 1.0, 2.0] {
        let mut book = book(7);
        book.load(Some(curves(shape, 0.0)), &pulses(&fleet), at(0));
        let lengths = lengths(&book);
        assert_eq!(lengths.len(), 10_000);
        for hours in [30.0_f64, 100.0, 200.0] {
            let living = lengths.iter().filter(|it| **it > hours).count();
            let wanted = (-(hours / 100.0).powf(shape)).exp() * 10_000.0;
            let off = (f64::from(u32::try_from(living).expect("few")) - wanted).abs();
            assert!(
                off < 200.0,
                "shape {shape}: {living} of {wanted} reach {hours} h"
            );
        }
    }
}

#[test]
fn r_ana_1_a_session_that_enters_old_has_lived_that_long_already() {
    let fleet = fleet(2_000, Kind::Linkedin);
    let mut book = book(7);
    book.load(Some(curves(2.0, 500.0)), &pulses(&fleet), at(0));
    let mut oldest = 0.0_f64;
    for life in book.lines() {
        assert!(life.born <= life.entered && Some(life.entered) <= life.planned_end);
        let age = life.entered.duration_since(life.born).as_secs_f64() / HOUR;
        oldest = oldest.max(age);
    }
    assert!((480.0..=500.0).contains(&oldest), "{oldest}");
}

#[test]
fn the_same_seed_plans_the_same_lives_whatever_came_between() {
    let fleet = fleet(50, Kind::Linkedin);
    let planned = |seed, others: usize| {
        let mut book = book(seed);
        let mut pulses = pulses(&fleet);
        pulses.rotate_left(others);
        book.load(Some(curves(1.5, 48.0)), &pulses, at(0));
        book.lines().cloned().collect::<Vec<_>>()
    };
    assert_eq!(planned(1, 0), planned(1, 20));
    assert_ne!(planned(1, 0), planned(2, 0));
}

#[test]
fn a_life_ends_where_its_owner_is_needed_and_another_begins_when_they_came() {
    let mut fleet = fleet(1, Kind::Linkedin);
    let id = fleet.id_at(0).to_owned();
    let mut book = book(7);
    book.load(Some(curves(1.0, 0.0)), &pulses(&fleet), at(0));
    let mut becomes = |health, second, why: &str| {
        fleet
            .change(&id, &into_health(health), at(second))
            .expect("it exists");
        let session = fleet.any(&id).expect("it exists");
        book.saw(&Pulse::of(0, session), at(second), why);
        let all = book.lines().cloned();
        all.map(|it| (it.born, it.died, it.cause))
            .collect::<Vec<_>>()
    };
    let first = (at(0), Some(at(30)), Some("burst".to_owned()));
    assert_eq!(
        becomes(Health::Error, 10, "script").len(),
        1,
        "a restart may cure it"
    );
    assert_eq!(becomes(Health::Ok, 20, "restart")[0].1, None);
    let over = becomes(Health::Credentials, 30, "burst");
    assert_eq!(over, std::slice::from_ref(&first));
    let second = (at(40), None, None);
    assert_eq!(becomes(Health::Ok, 40, "owner"), [first, second]);
    assert_eq!(book.under_way(), 1);
}

#[test]
fn a_life_is_due_at_its_end_and_only_where_a_curve_fits() {
    let fleet = fleet(3, Kind::Linkedin);
    let mut book = book(7);
    book.load(Some(curves(1.0, 0.0)), &pulses(&fleet), at(0));
    let first = book.next_at().expect("one ends first");
    assert_eq!(book.take_due(first - SignedDuration::from_secs(1)), None);
    assert_eq!(book.take_due(first).map(|(_, life)| life), Some(1));
    let mailboxes = self::fleet(3, Kind::Mail);
    book.load(Some(curves(1.0, 0.0)), &pulses(&mailboxes), at(0));
    assert_eq!((book.under_way(), book.next_at()), (3, None));
    book.load(None, &pulses(&mailboxes), at(0));
    assert!(!book.is_on() && book.lines().next().is_none());
}
