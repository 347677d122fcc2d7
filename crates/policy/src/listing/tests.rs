use super::*;
use crate::samples::{at, session, session_id};
use crate::session::Session;

fn asked() -> WatchPages {
    WatchPages {
        slot: Timestamp::UNIX_EPOCH,
        cursor: None,
        pages: 0,
        so_far: None,
    }
}

fn pages() -> Pages {
    Pages {
        pages: 2,
        writer: 7,
        mark: Some(CursorMark::new("a")),
        ..Pages::unread(asked())
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
    } = decide(&pages(), Timestamp::UNIX_EPOCH);
    assert_eq!((next, seen), (None, 0));
    let causes: Vec<_> = decision.jobs.iter().map(|job| job.cause.as_str()).collect();
    assert_eq!(causes, ["status.compare@1970-01-01T00:00:00Z/0"]);
    assert!(matches!(
        decision.run,
        Some(RunStep::Listed {
            is_complete: true,
            writer: 7,
            ..
        })
    ));

    let Step { decision, next, .. } = decide(
        &Pages {
            next: Some("b".to_owned()),
            sessions: 250,
            ..pages()
        },
        at(60),
    );
    assert_eq!(decision.jobs, []);
    let next = next.expect("more pages");
    assert_eq!((next.cursor.as_deref(), next.pages), (Some("b"), 2));
    let so_far = ListedSoFar {
        at: at(60),
        sessions: 250,
        mark: CursorMark::new("a"),
    };
    assert_eq!(next.so_far, Some(so_far));
    assert_eq!(cause(&next), "status.watch@1970-01-01T00:00:00Z/page-2");
    assert!(matches!(
        decision.run,
        Some(RunStep::Listed {
            is_complete: false,
            ..
        })
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
    let late = Pages {
        trouble: Some(Trouble::Late {
            why: "old".to_owned(),
        }),
        ..pages()
    };
    let unread = Pages::unread(asked());
    let cases = [
        (unread, None),
        (late, None),
        (refused(false), None),
        (refused(true), Some("provider_key")),
        (round, Some("cursor_loop")),
    ];
    for (facts, code) in cases {
        let Step { decision, next, .. } = decide(&facts, Timestamp::UNIX_EPOCH);
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

/// Watch A3, C11: one item is one item; the rest counts.
#[test]
fn r_wat_4_odd_items_are_counted_and_some_are_named() {
    let mut odd = OddItems::default();
    assert_eq!(odd.alert(), None);
    for number in 0..1_000 {
        let id = session_id(number);
        odd.note_named(&Session::unreadable(
            id,
            "no readable type".to_owned(),
            at(0),
        ));
    }
    let unnamed = |count: u32| {
        let mut odd = odd.clone();
        for _ in 0..count {
            odd.note_unnamed("no readable id".to_owned());
        }
        odd
    };
    let Step { decision, .. } = decide(
        &Pages {
            odd: unnamed(3),
            ..pages()
        },
        at(0),
    );
    assert!(matches!(
        decision.run,
        Some(RunStep::Listed { unnamed: 3, .. })
    ));
    let detail = &decision.alerts[0].detail;
    assert_eq!(decision.alerts[0].code, "unreadable_list");
    assert_eq!(
        (&detail["unnamed"], &detail["named"]),
        (&json!(3), &json!(1_000))
    );
    let named = json!({ "session": session_id(0), "why": "no readable type" });
    assert_eq!(detail["sessions"][0], named);
    let alert = unnamed(10_000).alert().expect("an alert");
    for list in ["items", "sessions"] {
        let items = alert.detail[list].as_array().map(Vec::len);
        assert_eq!(items, Some(NAMED_MAX), "an alert is bounded");
    }
}

#[test]
fn r_wat_4_of_a_session_named_twice_the_last_readable_counts() {
    let named = |name: &str| Session {
        name: name.to_owned(),
        ..session(1)
    };
    let odd = || Session::unreadable(session_id(1), "odd".to_owned(), Timestamp::UNIX_EPOCH);
    for (told, counts) in [
        ([named("a"), named("b")], "b"),
        ([named("a"), odd()], "a"),
        ([odd(), named("a")], "a"),
        ([odd(), odd()], ""),
    ] {
        let mut batch = Batch::default();
        assert!(batch.take(vec![session(2)]));
        let [first, second] = told;
        assert!(batch.take(vec![first]));
        assert!(!batch.take(vec![second]), "nothing new");
        assert!(batch.take(vec![session(2), session(3)]));
        let sessions = batch.turn();
        let shown: Vec<_> = sessions.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(shown, ["Person 2", counts, "Person 3"]);
        // The next batch writes a session of this one again, and knows that it is no news.
        assert!(!batch.take(vec![session(3)]));
        assert_eq!(batch.turn().len(), 1);
    }
}

#[track_caller]
fn check_end(facts: &Pages, why: Option<&str>) {
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
    let turned = |news: &[bool]| {
        let mut facts = Pages::unread(asked());
        for (page, is_news) in news.iter().enumerate() {
            facts.turn_page(Some(format!("{page}")), *is_news);
        }
        facts
    };
    let nothing = Some("8 pages held nothing new");
    check_end(&turned(&[false; 8]), nothing);
    check_end(&turned(&[false; 7]), None);
    check_end(
        &turned(&[false, false, false, false, true, false, false, false]),
        None,
    );
    assert!(turned(&[false; 8]).is_read() && !turned(&[false; 7]).is_read());

    let long = |pages, sessions, known| Pages {
        asked: WatchPages {
            pages,
            so_far: Some(ListedSoFar {
                at: at(0),
                sessions,
                mark: CursorMark::new("a"),
            }),
            ..asked()
        },
        known,
        pages: 1,
        sessions: 1,
        next: Some("b".to_owned()),
        ..self::pages()
    };
    check_end(&long(999, 0, 0), None);
    check_end(&long(1000, 0, 0), Some("more than 1000 pages"));
    check_end(&long(1019, 0, 10), None);
    check_end(&long(1020, 0, 10), Some("more than 1020 pages"));
    check_end(&long(0, 1_000_019, 10), None);
    let sessions = Some("more than 1000020 sessions");
    check_end(&long(0, 1_000_020, 10), sessions);
    // The last page ends it, however long it was.
    let last = Pages {
        next: None,
        ..long(9_999, 9_999_999, 0)
    };
    let Step { decision, .. } = decide(&last, at(0));
    assert!(matches!(decision.run, Some(RunStep::Listed { .. })));
}

/// Watch C8: a cursor that leads back, wherever in the list.
#[test]
fn r_wat_4_cursors_that_go_round_are_found_across_jobs() {
    let mut so_far = None;
    let mut turned = 0;
    'jobs: for _ in 0..20 {
        let mut facts = Pages::unread(WatchPages { so_far, ..asked() });
        for _ in 0..3 {
            // Ten pages, then the third again.
            let page = if turned < 10 {
                turned
            } else {
                3 + (turned - 3) % 7
            };
            facts.turn_page(Some(page.to_string()), true);
            turned += 1;
            if facts.is_read() {
                check_end(&facts, Some("cursor 7 came twice"));
                break 'jobs;
            }
        }
        so_far = decide(&facts, at(0)).next.expect("more").so_far;
    }
    assert_eq!(turned, 15);
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
    assert_eq!(decide(&late, Timestamp::UNIX_EPOCH), nothing);
}
