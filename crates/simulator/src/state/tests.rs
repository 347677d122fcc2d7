use super::*;

fn fleet(count: usize) -> Fleet {
    let mut fleet = Fleet::new(Chance::new(1));
    for _ in 0..count {
        fleet
            .create(NewSession::default(), Timestamp::UNIX_EPOCH)
            .expect("there is room");
    }
    fleet
}

fn ids(sessions: &[&Session]) -> Vec<String> {
    sessions.iter().map(|session| session.id.clone()).collect()
}

#[test]
fn pages_follow_the_order_of_creation_and_skip_what_is_gone() {
    let mut fleet = fleet(5);
    let all = ids(&fleet.page(None, usize::MAX, 9).0);
    fleet
        .change(
            &all[1],
            &Change {
                gone: true,
                ..Change::default()
            },
            Timestamp::UNIX_EPOCH,
        )
        .expect("it exists");
    let (first, next) = fleet.page(None, usize::MAX, 2);
    assert_eq!(ids(&first), [all[0].clone(), all[2].clone()]);
    let (second, end) = fleet.page(next, usize::MAX, 2);
    assert_eq!((ids(&second), end), (all[3..].to_vec(), None));
}

#[test]
fn a_full_last_page_has_no_cursor() {
    assert_eq!(fleet(4).page(None, usize::MAX, 4).1, None);
}

#[test]
fn a_change_says_what_was_lost_and_what_is_told() {
    let mut fleet = fleet(1);
    let id = fleet.id_at(0).to_owned();
    let lost = fleet
        .change(
            &id,
            &into_health(Health::Credentials),
            Timestamp::UNIX_EPOCH,
        )
        .expect("it exists");
    assert_eq!(
        (lost.message.as_deref(), lost.lost, lost.reconnected),
        (Some("CREDENTIALS"), true, false)
    );
    let again = fleet
        .change(
            &id,
            &into_health(Health::Credentials),
            Timestamp::UNIX_EPOCH,
        )
        .expect("it exists");
    assert_eq!(again, Effect::default(), "the same word again is no news");
    let back = fleet
        .change(&id, &into_health(Health::Ok), Timestamp::UNIX_EPOCH)
        .expect("it exists");
    assert_eq!(
        (back.message.as_deref(), back.reconnected),
        (Some("OK"), true)
    );
}

#[test]
fn a_session_is_well_from_its_last_change_of_health_or_person() {
    let mut fleet = fleet(1);
    let id = fleet.id_at(0).to_owned();
    let at = |second| Timestamp::from_second(second).expect("an instant");
    let mut after = |change: &Change, second| {
        fleet.change(&id, change, at(second)).expect("it exists");
        fleet.any(&id).and_then(|session| session.well_since)
    };
    let ok = into_health(Health::Ok);
    assert_eq!(after(&ok, 10), Some(at(0)), "nothing changed");
    assert_eq!(after(&into_health(Health::Error), 20), None);
    assert_eq!(after(&ok, 30), Some(at(30)));
    let taken = Change {
        identity: Some("another".to_owned()),
        ..Change::default()
    };
    assert_eq!(after(&taken, 40), Some(at(40)));
    assert_eq!(after(&taken, 50), Some(at(40)), "the same person again");
}

#[test]
fn a_deleted_session_never_comes_back() {
    let mut fleet = fleet(1);
    let id = fleet.id_at(0).to_owned();
    assert!(fleet.delete(&id) && !fleet.delete(&id));
    fleet.change(
        &id,
        &Change {
            back: true,
            ..Change::default()
        },
        Timestamp::UNIX_EPOCH,
    );
    assert!(fleet.live(&id).is_none() && fleet.any(&id).is_some());
}
