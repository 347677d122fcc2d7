use super::*;
use crate::samples::{account, assert_lawful, at, row, session_id, workspace};
use proptest::prelude::*;
use uuid::Uuid;

mod stopped;

const CASE: CaseId = CaseId(Uuid::from_u128(9));

/// A counting poll that starts at that second and takes one.
fn gone(number: u32, start: i64) -> Poll {
    Poll {
        case: CASE,
        number,
        started_at: at(start),
        finished_at: at(start + 1),
        answer: Answer::Gone,
        control: Some(session_id(2)),
        control_answer: Answer::Present,
    }
}

fn unclear() -> Answer {
    Answer::Inconclusive {
        why: "503".to_owned(),
    }
}

fn facts(mut polls: Vec<Poll>) -> CaseFacts {
    let this = polls.pop().expect("at least one poll");
    CaseFacts {
        case: CASE,
        row: row(1, Status::Connected),
        attempt: None,
        session: session_id(1),
        opened_at: at(0),
        earlier: polls,
        this,
        fleet: 100,
        suspects: 1,
        recovered_24h: 0,
        leave: CaseLeave::Breaker,
    }
}

fn three() -> CaseFacts {
    facts(vec![gone(1, 0), gone(2, 61), gone(3, 122)])
}

fn decide(facts: &CaseFacts) -> Decision {
    let decision = poll(facts, facts.this.finished_at);
    assert_lawful(&decision);
    decision
}

/// Verdict, flips, next poll's time and alerts of a decision.
#[track_caller]
fn check(facts: &CaseFacts, verdict: Option<Verdict>, next: Option<i64>, alerts: &[&str]) {
    let decision = decide(facts);
    let verdicts: Vec<_> = decision
        .cases
        .verdicts
        .iter()
        .map(|it| it.verdict)
        .collect();
    assert_eq!(verdicts, Vec::from_iter(verdict));
    let flips = usize::from(verdict == Some(Verdict::Confirmed));
    assert_eq!(decision.status.flips.len(), flips);
    let polls = decision.jobs.iter().filter(|it| it.kind == CONFIRM_POLL);
    let runs: Vec<_> = polls.map(|it| it.run_at).collect();
    assert_eq!(runs, Vec::from_iter(next.map(at)));
    let codes: Vec<_> = decision.alerts.iter().map(|it| it.code).collect();
    assert_eq!(codes, alerts);
    assert_eq!(decision.cases.polls, std::slice::from_ref(&facts.this));
}

#[test]
fn r_del_3_three_spaced_polls_flip_the_account_to_missing_on_their_evidence() {
    check(&three(), Some(Verdict::Confirmed), None, &[]);
    let decision = decide(&three());
    let flip = &decision.status.flips[0];
    assert_eq!(
        (flip.to, flip.cause, flip.version, flip.observed_at),
        (Status::Missing, Cause::ConfirmedMissing, 7, at(122))
    );
    let polls = flip.evidence["polls"].as_array().expect("the polls");
    assert_eq!(polls.len(), 3);
    assert_eq!(polls[0]["answer"], json!({ "answer": "gone" }));
    assert_eq!(decision.on_moved, OnMoved::Retry);
}

#[test]
fn r_del_2_fewer_polls_ask_for_the_next_a_minute_after_they_ended() {
    check(&facts(vec![gone(1, 0)]), None, Some(61), &[]);
    let two = facts(vec![gone(1, 0), gone(2, 61)]);
    check(&two, None, Some(122), &[]);
    let job = &decide(&two).jobs[0];
    assert_eq!(job.cause, format!("confirm.poll@{CASE}/3"));
    assert_eq!(
        job.payload,
        json!(PollCase {
            case: CASE,
            number: 3
        })
    );
    assert_eq!(
        (job.account, job.workspace),
        (Some(account(1)), Some(workspace(1)))
    );
}

#[test]
fn r_del_2_a_poll_a_moment_too_early_starts_the_run_anew() {
    let confirmed = Some(Verdict::Confirmed);
    check(
        &facts(vec![gone(1, 0), gone(2, 61), gone(3, 122)]),
        confirmed,
        None,
        &[],
    );
    check(
        &facts(vec![gone(1, 0), gone(2, 60), gone(3, 121)]),
        None,
        Some(182),
        &[],
    );
    let anew = vec![gone(1, 0), gone(2, 60), gone(3, 121), gone(4, 182)];
    check(&facts(anew), confirmed, None, &[]);
}

#[test]
fn r_del_2_whatever_does_not_count_ends_the_run() {
    let changes: [fn(&mut Poll); 8] = [
        |it| it.answer = unclear(),
        |it| it.control_answer = Answer::Gone,
        |it| it.control_answer = unclear(),
        |it| it.control = None,
        |it| it.control = Some(session_id(1)),
        |it| it.case = CaseId(Uuid::from_u128(8)),
        |it| it.started_at = at(-1),
        |it| it.finished_at = at(-2),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        for spoilt in 0..3 {
            let mut polls = vec![gone(1, 0), gone(2, 61), gone(3, 122)];
            change(&mut polls[spoilt]);
            let decision = decide(&facts(polls));
            assert_eq!(
                decision.status.flips,
                [],
                "change {number} of poll {}",
                spoilt + 1
            );
            assert_eq!(decision.cases.verdicts, []);
        }
    }
}

#[test]
fn r_st_2_polls_from_before_the_last_flip_do_not_count() {
    for (since, verdict, next) in [
        (0, Some(Verdict::Confirmed), None),
        (1, None, Some(183)),
        (62, None, Some(183)),
    ] {
        let mut facts = three();
        facts.row.since = at(since);
        check(&facts, verdict, next, &[]);
    }
}

#[test]
fn r_del_2_a_session_that_answers_has_recovered() {
    let mut facts = three();
    facts.this.answer = Answer::Present;
    facts.this.control_answer = unclear();
    check(&facts, Some(Verdict::Recovered), None, &[]);
}

/// R-LNK-10, in both orders: the case was opened before or after the owner began; no poll that comes late makes it missing.
#[test]
fn r_lnk_10_a_case_is_withdrawn_while_its_owner_repairs() {
    for status in Status::ALL {
        for (now, open) in [(0, true), (239, true), (240, false)] {
            let mut facts = three();
            facts.row.status = status;
            let ended = facts.this.finished_at;
            facts.attempt = Some(NewestAttempt {
                link_ends_at: ended - SignedDuration::from_secs(now),
                closed_at: None,
            });
            let decision = decide(&facts);
            let withdrawn = (open && status != Status::Connected)
                || matches!(status, Status::Missing | Status::Disconnected);
            let expected = if withdrawn {
                Verdict::Withdrawn
            } else {
                Verdict::Confirmed
            };
            assert_eq!(
                decision.cases.verdicts[0].verdict, expected,
                "{status} {now}"
            );
            assert_eq!(
                decision.status.flips.is_empty(),
                withdrawn,
                "{status} {now}"
            );
        }
    }
}

/// A session that answers though no list holds it: looked at each time, told at the third.
#[test]
fn r_del_2_a_session_that_lists_leave_out_is_looked_at_and_told_once() {
    for (before, told) in [(0, 0), (1, 0), (2, 1), (3, 0)] {
        let mut facts = three();
        facts.this.answer = Answer::Present;
        facts.recovered_24h = before;
        let decision = decide(&facts);
        let codes: Vec<_> = decision.alerts.iter().map(|it| it.code).collect();
        assert_eq!(codes, ["session_unlisted"][..told].to_vec());
        let kinds: Vec<_> = decision.jobs.iter().map(|it| it.kind).collect();
        assert_eq!(kinds, [ACCOUNT_CHECK]);
    }
}

#[test]
fn r_del_2_a_case_is_withdrawn_when_its_account_has_moved_on() {
    for status in Status::ALL {
        let mut facts = three();
        facts.row.status = status;
        // One that connects has an attempt that began with it.
        let moot = matches!(
            status,
            Status::Missing | Status::Disconnected | Status::Connecting
        );
        let verdict = if moot {
            Verdict::Withdrawn
        } else {
            Verdict::Confirmed
        };
        check(&facts, Some(verdict), None, &[]);
    }
    for session in [None, Some(session_id(3))] {
        let mut facts = three();
        facts.row.session = session;
        check(&facts, Some(Verdict::Withdrawn), None, &[]);
    }
}

#[test]
fn r_wat_3_too_many_suspects_at_once_and_none_is_called_missing() {
    let open = (None, Some(123 + 3_600), &["missing_breaker"] as &[&str]);
    let closed = (Some(Verdict::Confirmed), None, &[] as &[&str]);
    for (suspects, fleet, (verdict, next, alerts)) in [
        (5, 100, closed),
        (6, 100, open),
        (5, 20, closed),
        (5, 19, open),
        (1, 4, closed),
        (1, 3, open),
        (1, 0, open),
        (i64::MAX, i64::MAX, open),
    ] {
        let facts = CaseFacts {
            fleet,
            suspects,
            ..three()
        };
        check(&facts, verdict, next, alerts);
    }
}

#[test]
fn r_del_2_a_case_without_a_verdict_ends_after_a_day() {
    let day = 24 * 3_600;
    let polled = |start: i64| {
        facts(vec![Poll {
            answer: unclear(),
            ..gone(1, start)
        }])
    };
    check(&polled(day - 1), None, Some(day + 60), &[]);
    check(
        &polled(day),
        Some(Verdict::Expired),
        None,
        &["case_expired"],
    );
    let late = facts(vec![gone(1, day), gone(2, day + 61), gone(3, day + 122)]);
    check(&late, Some(Verdict::Confirmed), None, &[]);
    // One that is stopped waits for an answer, however long.
    let stopped = CaseFacts {
        suspects: 6,
        ..late
    };
    check(
        &stopped,
        None,
        Some(day + 123 + 3_600),
        &["missing_breaker"],
    );
}

#[test]
fn r_del_2_a_poll_that_is_delivered_twice_decides_once() {
    let twice = facts(vec![gone(1, 0), gone(2, 61), gone(2, 122)]);
    assert_eq!(decide(&twice), Decision::nothing(at(123)));
}

fn answer() -> impl Strategy<Value = Answer> {
    prop_oneof![3 => Just(Answer::Gone), 1 => Just(Answer::Present), 1 => Just(unclear())]
}

fn control() -> impl Strategy<Value = Answer> {
    prop_oneof![4 => Just(Answer::Present), 1 => Just(Answer::Gone), 1 => Just(unclear())]
}

proptest! {
    #[test]
    fn r_del_3_nothing_is_confirmed_by_fewer_than_three_counting_polls(
        polls in prop::collection::vec((answer(), control(), 0_i64..130, 0_i64..5), 1..9).prop_shuffle(),
        order in any::<prop::sample::Index>(),
        status in prop::sample::select(Status::ALL.to_vec()),
        since in 0_i64..200, fleet in 0_i64..40, suspects in 0_i64..10,
    ) {
        let mut clock = 0;
        let mut made: Vec<Poll> = (1..).zip(polls).map(|(number, (answer, control_answer, pause, took))| {
            clock += pause;
            let started = clock;
            clock += took;
            Poll { answer, control_answer, finished_at: at(clock), ..gone(number, started) }
        }).collect();
        let turn = order.index(made.len());
        made.rotate_left(turn);
        let facts = CaseFacts {
            row: AccountRow { since: at(since), ..row(1, status) }, fleet, suspects, ..facts(made.clone())
        };
        let decision = decide(&facts);
        let polls = decision.jobs.iter().filter(|it| it.kind == CONFIRM_POLL).count();
        prop_assert_eq!(decision.cases.verdicts.len() + polls, 1, "a verdict or a next poll");
        if let [flip] = decision.status.flips.as_slice() {
            let counting = |it: &&Poll| it.answer == Answer::Gone && it.control_answer == Answer::Present
                && it.started_at >= at(since);
            made.sort_by_key(|it| (it.started_at, it.finished_at, it.number));
            let run: Vec<_> = made.iter().rev().take_while(counting).take(3).collect();
            prop_assert_eq!(run.len(), 3);
            for pair in run.windows(2) {
                prop_assert!(pair[0].started_at.duration_since(pair[1].finished_at).as_secs() >= 60);
            }
            prop_assert!(suspects <= 5 && suspects * 4 <= fleet);
            prop_assert_eq!(flip.to, Status::Missing);
            prop_assert_eq!(decision.cases.verdicts[0].verdict, Verdict::Confirmed);
        } else {
            prop_assert!(decision.cases.verdicts.iter().all(|it| it.verdict != Verdict::Confirmed));
        }
    }
}
