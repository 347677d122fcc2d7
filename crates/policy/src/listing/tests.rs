use super::*;
use crate::samples::{session, session_id};
use crate::schedule::ranges;

fn pages() -> Pages {
    Pages {
        slot: Timestamp::UNIX_EPOCH,
        pages_before: 0,
        pages: 2,
        seen_at: Timestamp::UNIX_EPOCH,
        sessions: vec![],
        unnamed: vec![],
        cursors: vec!["a".to_owned()],
        next: None,
        trouble: None,
        before: Before::default(),
        ranges: ranges(10_000),
        is_over: false,
    }
}

fn refused(our_key: bool) -> Pages {
    Pages {
        trouble: Some(Trouble::Refused {
            why: "503".to_owned(),
            our_key,
        }),
        ..pages()
    }
}

#[test]
fn r_wat_3_only_a_complete_list_is_compared() {
    let Step {
        decision,
        next,
        seen,
    } = decide(pages(), Timestamp::UNIX_EPOCH);
    assert_eq!((next, seen), (None, 0));
    assert_eq!(decision.jobs.len(), 4);
    assert!(decision.jobs.iter().all(|job| job.kind == STATUS_COMPARE));
    assert!(matches!(
        decision.run,
        Some(RunStep::Listed {
            complete: Some(4),
            ..
        })
    ));

    let Step { decision, next, .. } = decide(
        Pages {
            next: Some("b".to_owned()),
            ..pages()
        },
        Timestamp::UNIX_EPOCH,
    );
    assert_eq!(decision.jobs, []);
    let next = next.expect("more pages");
    assert_eq!((next.cursor.as_deref(), next.pages), (Some("b"), 2));
    assert_eq!(cause(&next), "status.watch@1970-01-01T00:00:00Z/page-2");
    assert!(matches!(
        decision.run,
        Some(RunStep::Listed { complete: None, .. })
    ));
}

#[test]
fn r_wat_3_trouble_ends_the_run_and_flips_nothing() {
    let round = Pages {
        trouble: Some(Trouble::CursorLoop {
            cursor: "a".to_owned(),
        }),
        ..pages()
    };
    let cases = [
        (refused(false), None),
        (refused(true), Some("provider_key")),
        (round, Some("cursor_loop")),
    ];
    for (facts, code) in cases {
        let Step { decision, next, .. } = decide(facts, Timestamp::UNIX_EPOCH);
        assert_eq!(next, None);
        assert!(
            decision.jobs.is_empty()
                && decision.status.flips.is_empty()
                && decision.cases.opened.is_empty()
        );
        assert!(matches!(decision.run, Some(RunStep::Inconclusive { .. })));
        assert_eq!(decision.alerts.first().map(|alert| alert.code), code);
    }
}

/// A list of `pages` pages with more behind them, of these sessions and items.
fn more(pages: u32, sessions: &[u128], unnamed: usize) -> Pages {
    Pages {
        pages,
        sessions: sessions.iter().map(|it| session(*it)).collect(),
        unnamed: vec!["no readable id".to_owned(); unnamed],
        next: Some("b".to_owned()),
        ..self::pages()
    }
}

fn listed(facts: Pages) -> (Vec<Session>, u32, Vec<Alert>) {
    let Step { decision, .. } = decide(facts, Timestamp::UNIX_EPOCH);
    let Some(RunStep::Listed {
        sessions, unnamed, ..
    }) = decision.run
    else {
        panic!("not listed: {:?}", decision.run)
    };
    (sessions, unnamed, decision.alerts)
}

/// Watch A3, C11: one item is one item; the rest counts.
#[test]
fn r_wat_4_an_item_without_a_name_is_counted_and_alerted() {
    let (sessions, unnamed, alerts) = listed(more(1, &[1, 2], 3));
    assert_eq!((sessions.len(), unnamed), (2, 3));
    assert_eq!(alerts[0].code, "unreadable_list");
    assert_eq!(alerts[0].detail["unnamed"], 3);
    let (_, unnamed, alerts) = listed(more(1, &[1, 2], 0));
    assert_eq!((unnamed, alerts), (0, vec![]));
    let (_, _, alerts) = listed(more(1, &[1], 10_000));
    let items = alerts[0].detail["items"].as_array().map(Vec::len);
    assert_eq!(items, Some(NAMED_MAX), "an alert is bounded");
}

#[test]
fn r_wat_4_an_item_with_a_name_is_present_and_alerted_by_it() {
    let mut facts = more(1, &[1], 0);
    let odd = Session::unreadable(session_id(2), "no readable type".to_owned(), facts.seen_at);
    facts.sessions.push(odd);
    let (sessions, unnamed, alerts) = listed(facts);
    assert_eq!((sessions.len(), unnamed), (2, 0));
    assert_eq!(sessions[1].health, crate::session::Health::Unknown);
    let named = json!([{ "session": session_id(2), "why": "no readable type" }]);
    assert_eq!(alerts[0].detail["sessions"], named);
}

#[test]
fn r_wat_4_of_a_session_named_twice_the_last_readable_counts() {
    let named = |name: &str| Session {
        name: name.to_owned(),
        ..session(1)
    };
    let odd = || Session::unreadable(session_id(1), "odd".to_owned(), Timestamp::UNIX_EPOCH);
    for (told, counts) in [
        (vec![named("a"), named("b")], "b"),
        (vec![named("a"), odd()], "a"),
        (vec![odd(), named("a")], "a"),
        (vec![odd(), odd()], ""),
    ] {
        let mut facts = more(1, &[2], 0);
        facts.sessions.extend(told);
        facts.sessions.push(session(3));
        let (sessions, ..) = listed(facts);
        let shown: Vec<_> = sessions.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(shown, ["Person 2", counts, "Person 3"]);
    }
}

#[track_caller]
fn check_end(facts: Pages, why: Option<&str>) {
    let Step { decision, next, .. } = decide(facts, Timestamp::UNIX_EPOCH);
    let said = match &decision.run {
        Some(RunStep::Inconclusive { why, .. }) => Some(why.as_str()),
        _ => None,
    };
    assert_eq!((said, next.is_none()), (why, why.is_some()));
    assert_eq!(decision.alerts.len(), usize::from(why.is_some()));
}

/// Watch C8: cursors that never end.
#[test]
fn r_wat_4_a_list_without_end_is_inconclusive() {
    let nothing = Some("8 pages held nothing new");
    check_end(more(8, &[], 0), nothing);
    check_end(more(7, &[], 0), None);
    check_end(more(8, &[1], 0), None);
    let met = |met, known| Before { met, known };
    let again = |met| Pages {
        before: met,
        ..more(8, &[1, 2, 1], 0)
    };
    check_end(again(met(2, 9)), nothing);
    check_end(again(met(1, 9)), None);
    let long = |pages_before, known| Pages {
        pages_before,
        before: met(0, known),
        ..more(1, &[1], 0)
    };
    check_end(long(999, 0), None);
    check_end(long(1000, 0), Some("more than 1000 pages"));
    check_end(long(1019, 10), None);
    check_end(long(1020, 10), Some("more than 1020 pages"));
    // The last page ends it, however long it was.
    listed(Pages {
        next: None,
        ..more(8, &[], 0)
    });
}

#[test]
fn r_wat_4_what_the_database_refused_is_named_in_a_form_it_takes() {
    let refused = [(SessionId("a\0b".to_owned()), "22021".to_owned())];
    let alert = set_aside(&refused);
    assert_eq!(alert.code, "unreadable_list");
    let named = json!([{ "session": "a\\0b", "why": "22021" }]);
    assert_eq!(alert.detail["sessions"], named);
}

#[test]
fn a_job_that_comes_late_to_its_run_does_nothing() {
    let late = Pages {
        is_over: true,
        ..pages()
    };
    let nothing = Step::last(Decision::nothing(Timestamp::UNIX_EPOCH));
    assert_eq!(decide(late, Timestamp::UNIX_EPOCH), nothing);
}
