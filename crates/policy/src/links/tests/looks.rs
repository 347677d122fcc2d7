//! Looks, and how long they go on.

use super::*;

pub(super) fn look_at(follow: u16) -> LookAtLink {
    LookAtLink {
        account: account(1),
        attempt: attempt_id(1),
        follow,
    }
}

fn look(case: LinkCase, follow: u16, now: i64) -> Decision {
    let found = LookedAt {
        asked: look_at(follow),
        case: Some(case),
        verification: None,
        owners: vec![],
        earlier: vec![],
    };
    looked(&found, at(now))
}

#[test]
fn r_lnk_3_looks_go_on_while_a_link_may_be_used() {
    // 30 min and the grace.
    for (now, expected) in [(15, true), (2_039, true), (2_040, false)] {
        let decision = look(reconnecting(), 1, now);
        assert_eq!(decision.jobs.len(), usize::from(expected), "{now} s");
    }
    assert_eq!(
        look(reconnecting(), 0, 15).jobs,
        [],
        "one of those that the mint asked for"
    );
    let mut closed = reconnecting();
    closed.attempt.as_mut().expect("one").standing = Standing::Closed;
    assert_eq!(look(closed, 1, 15).jobs, []);
    // Nobody has named a session: a list is asked for, once for all who look within 10 s.
    let causes: Vec<_> = [10, 11, 19, 20]
        .map(|now| look(linking(), 0, now).jobs)
        .into_iter()
        .flatten()
        .map(|job| (job.kind, job.cause))
        .collect();
    assert!(causes.iter().all(|(kind, _)| *kind == LINKS_LIST));
    assert_eq!(causes[0], causes[2]);
    assert_ne!(causes[2], causes[3]);
}

#[test]
fn r_lnk_6_a_login_that_proves_nothing_is_asked_after_less_and_less_often() {
    let mut case = linking();
    case.attempt.as_mut().expect("one").session = Some(id(2));
    let waits = [1, 2, 3, 4, 5, 20].map(|follow| {
        let jobs = look(case.clone(), follow, 0).jobs;
        jobs[0].run_at.duration_since(at(0)).as_secs()
    });
    assert_eq!(waits, [3, 6, 12, 30, 240, 540]);
    // Its profile proved nothing a moment ago: it is not asked for again at once.
    case.known.prior = Some(PriorLook {
        version: 7,
        session: id(2),
        tries: 1,
        next_at: at(240),
    });
    assert!(is_asked_in_vain(&case, &id(2), at(100)));
    assert!(!is_asked_in_vain(&case, &id(2), at(240)));
}
