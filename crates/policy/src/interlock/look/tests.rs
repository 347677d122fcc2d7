use super::super::samples::{HOUR, NANOSECOND, REMOVAL, case, done, plus, warrant};
use super::*;
use crate::samples::{at, identity, session_id};

fn unclear() -> Answer {
    let why = "500".to_owned();
    Answer::Inconclusive { why }
}

/// Look 3 before it ends, and its answers; requested at -100.
fn known(mut facts: GateFacts, session: Answer, control: Answer) -> AfterLook {
    let look = &mut facts.looks[0];
    look.finished_at = None;
    look.seen = None;
    look.control_good = false;
    facts.at = look.started_at;
    AfterLook {
        removal: REMOVAL,
        number: 3,
        requested_at: at(-100),
        facts,
        looked: LookedAt {
            session: (session, Some(identity(1))),
            control: Some((session_id(2), control, Some(identity(1)))),
        },
    }
}

fn third() -> AfterLook {
    known(case(), Answer::Gone, Answer::Present)
}

fn duplicate() -> AfterLook {
    known(warrant(), Answer::Present, Answer::Present)
}

/// What follows a look.
#[derive(Debug, PartialEq)]
enum Then {
    Execute,
    LookAgain,
    Withdrawn(&'static str),
}

/// Judged at 123: what was recorded of the session and of the control, and what follows.
#[track_caller]
fn check(known: &AfterLook, seen: (Seen, &str), control: (bool, &str), then: &Then) {
    check_at(known, at(123), seen, control, then);
}

#[track_caller]
fn check_at(
    known: &AfterLook,
    now: Timestamp,
    (seen, why): (Seen, &str),
    (control_good, control_why): (bool, &str),
    then: &Then,
) {
    let decision = after_look(known, now);
    assert_eq!((decision.at, &decision.alerts), (now, &vec![]));
    let (steps, jobs) = done(&decision);
    let look = RemovalLook {
        removal: REMOVAL,
        number: known.number,
        seen,
        why: why.to_owned(),
        control_good,
        control_why: control_why.to_owned(),
    };
    let mut must = vec![RemovalStep::Looked(look)];
    let (removal, number) = (REMOVAL, known.number + 1);
    let mut must_job = None;
    match then {
        Then::Execute => must_job = Some(execute_job(removal, now)),
        Then::LookAgain => {
            let run_at = plus(now, SignedDuration::from_secs(90));
            must_job = Some(look_job(removal, number, run_at));
        }
        Then::Withdrawn(why) => {
            let why = (*why).to_owned();
            must.push(RemovalStep::Withdrawn { removal, why });
        }
    }
    assert_eq!(steps, must);
    assert_eq!(jobs, Vec::from_iter(must_job));
}

const GONE: (Seen, &str) = (Seen::Gone, "404 Account not found");
const SAME: (Seen, &str) = (Seen::Duplicate, "the control's identity");
const GOOD: (bool, &str) = (true, "200");

#[test]
fn r_del_2_three_looks_that_count_ask_for_the_one_attempt() {
    check(&third(), GONE, GOOD, &Then::Execute);
    check(&duplicate(), SAME, GOOD, &Then::Execute);
    let job = execute_job(REMOVAL, at(123));
    assert_eq!((job.kind, job.run_at), (REMOVALS_EXECUTE, at(123)));
    assert_eq!(job.cause, format!("removals.execute@{REMOVAL}"));
    assert_eq!(job.payload, json!(NameRemoval { removal: REMOVAL }));
    assert_eq!((job.workspace, job.account), (None, None));
}

#[test]
fn r_del_2_fewer_looks_ask_for_the_next() {
    let mut second = third();
    second.facts.looks.truncate(2);
    check(&second, GONE, GOOD, &Then::LookAgain);
    let job = look_job(REMOVAL, 4, at(5));
    assert_eq!((job.kind, job.run_at), (REMOVALS_LOOK, at(5)));
    assert_eq!(job.cause, format!("removals.look@{REMOVAL}/4"));
    let removal = REMOVAL;
    assert_eq!(job.payload, json!(LookAtRemoval { removal, number: 4 }));
    assert_eq!((job.workspace, job.account), (None, None));
}

#[test]
fn r_del_2_a_look_that_does_not_count_is_followed_by_another() {
    let early = |known: &mut AfterLook| {
        known.facts.looks[0].started_at = plus(at(122), -NANOSECOND);
    };
    for (change, seen, control) in [
        (Box::new(early) as Box<dyn Fn(&mut AfterLook)>, GONE, GOOD),
        (
            Box::new(|it| it.looked.session.0 = unclear()),
            (Seen::Inconclusive, "500"),
            GOOD,
        ),
        (
            Box::new(|it| it.looked.control = None),
            GONE,
            (false, "no control"),
        ),
        (Box::new(|it| it.facts.awaited = true), GONE, GOOD),
        (
            Box::new(|it| it.facts.looks[0].control_linked = false),
            GONE,
            GOOD,
        ),
        (
            // The worker asked another session than the look's row names.
            Box::new(|it| it.facts.looks[0].control = Some(session_id(3))),
            GONE,
            (false, "200"),
        ),
    ] {
        let mut known = third();
        change(&mut known);
        check(&known, seen, control, &Then::LookAgain);
    }
}

#[test]
fn r_del_2_a_control_that_does_not_answer_makes_a_404_worth_nothing() {
    for (answer, why) in [(Answer::Gone, GONE.1), (unclear(), "500")] {
        let known = known(case(), Answer::Gone, answer);
        check(&known, GONE, (false, why), &Then::LookAgain);
    }
}

#[test]
fn r_del_2_a_session_that_answers_is_not_removed() {
    let words = "the session answers";
    for (control, said) in [(Answer::Present, GOOD), (unclear(), (false, "500"))] {
        let known = known(case(), Answer::Present, control);
        check(
            &known,
            (Seen::Present, words),
            said,
            &Then::Withdrawn(words),
        );
    }
}

#[test]
fn r_del_4_a_session_that_is_no_duplicate_is_not_removed() {
    let other = "another identity than the control's";
    let mut known_other = duplicate();
    known_other.looked.session.1 = Some(identity(9));
    check(
        &known_other,
        (Seen::Present, other),
        GOOD,
        &Then::Withdrawn(other),
    );

    let unlinked = "the control is not linked";
    let mut known_unlinked = duplicate();
    known_unlinked.facts.looks[0].control_linked = false;
    check(
        &known_unlinked,
        (Seen::Present, unlinked),
        GOOD,
        &Then::Withdrawn(unlinked),
    );

    let alone = "it is the duplicate of no linked session";
    let mut known_alone = duplicate();
    known_alone.looked.control = None;
    let no_control = (false, "no control");
    check(
        &known_alone,
        (Seen::Present, alone),
        no_control,
        &Then::Withdrawn(alone),
    );

    let gone = "the session is gone";
    let known_gone = known(warrant(), Answer::Gone, Answer::Present);
    check(
        &known_gone,
        (Seen::Gone, gone),
        GOOD,
        &Then::Withdrawn(gone),
    );
}

#[test]
fn r_del_4_a_warrant_whose_look_says_nothing_is_looked_at_again() {
    let silent = known(warrant(), unclear(), Answer::Present);
    check(&silent, (Seen::Inconclusive, "500"), GOOD, &Then::LookAgain);
    for (answer, said) in [(Answer::Gone, (false, GONE.1)), (unclear(), (false, "500"))] {
        let known = known(warrant(), Answer::Present, answer);
        let seen = (Seen::Inconclusive, "the control does not answer");
        check(&known, seen, said, &Then::LookAgain);
    }
    let nobody = (Seen::Inconclusive, "nobody told whose session it is");
    for (session, twin) in [
        (None, Some(identity(1))),
        (Some(identity(1)), None),
        (None, None),
    ] {
        let mut known = duplicate();
        known.looked.session.1 = session;
        known.looked.control = Some((session_id(2), Answer::Present, twin));
        check(&known, nobody, GOOD, &Then::LookAgain);
    }
}

#[test]
fn r_del_2_a_request_is_given_up_after_a_day() {
    let (old, why) = (at(123 - 24 * HOUR), "not confirmed within 24h");
    let known = AfterLook {
        requested_at: old,
        ..third()
    };
    check(&known, GONE, GOOD, &Then::Execute);
    let older = AfterLook {
        requested_at: plus(old, -NANOSECOND),
        ..known
    };
    check(&older, GONE, GOOD, &Then::Withdrawn(why));
}

#[test]
fn r_del_2_a_removal_without_ground_is_given_up() {
    let mut unlinked = third();
    unlinked.facts.linked = None;
    let why = "the session's account is not missing but unlinked";
    check(&unlinked, GONE, GOOD, &Then::Withdrawn(why));
    let mut linked = duplicate();
    linked.facts.linked = Some("connected".to_owned());
    let why = "the session is linked to an account, which is connected";
    check(&linked, SAME, GOOD, &Then::Withdrawn(why));
}

#[test]
fn r_del_4_a_dead_warrant_is_judged_by_the_looks_end() {
    let why = "the warrant ended at 2026-03-01T11:00:00Z";
    let dying = plus(at(HOUR), -NANOSECOND);
    check_at(&duplicate(), dying, SAME, GOOD, &Then::Execute);
    check_at(&duplicate(), at(HOUR), SAME, GOOD, &Then::Withdrawn(why));
}

#[test]
fn r_del_2_a_clock_that_goes_back_during_a_look_confirms_nothing() {
    check_at(&third(), at(121), GONE, GOOD, &Then::LookAgain);
}

#[test]
fn r_del_2_a_look_that_is_delivered_twice_decides_once() {
    let mut ended = third();
    ended.facts.looks[0].finished_at = Some(at(123));
    let overtaken = AfterLook {
        number: 9,
        ..third()
    };
    for known in [ended, overtaken] {
        assert_eq!(after_look(&known, at(500)), Decision::nothing(at(500)));
    }
}

#[test]
fn r_del_2_a_look_that_a_newer_one_overtook_is_recorded_as_its_own() {
    let mut known = third();
    known.number = 2;
    known.facts.looks[1].finished_at = None;
    check(&known, GONE, GOOD, &Then::LookAgain);
}
