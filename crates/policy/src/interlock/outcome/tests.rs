use super::super::samples::{REMOVAL, done};
use super::*;
use crate::jobs::{LookAtRemoval, REMOVALS_PROVE};
use crate::samples::at;
use serde_json::json;

fn unclear() -> Answer {
    let why = "503 errors/no_answer".to_owned();
    Answer::Inconclusive { why }
}

fn called(after: Answer) -> Outcome {
    let said = "200".to_owned();
    Outcome::Called { said, after }
}

/// The removal's new state with its note, and whether it must be proved.
#[track_caller]
fn check(outcome: &Outcome, proof: Proof, note: &str, proved: bool) {
    let settled = settle(REMOVAL, outcome, at(7));
    assert_eq!(settled.dead, None);
    assert_eq!(
        settled.decision.alerts,
        [],
        "the table's trigger raises them"
    );
    assert_eq!(settled.decision.at, at(7));
    let (steps, jobs) = done(&settled.decision);
    let note = note.to_owned();
    let step = RemovalStep::Settled {
        removal: REMOVAL,
        proof,
        note,
    };
    assert_eq!(steps, [step]);
    assert_eq!(jobs.len(), usize::from(proved));
}

#[test]
fn r_del_1_only_a_get_that_says_gone_proves_a_removal() {
    let deleted = "DELETE: 200; GET after it: 404 Account not found";
    check(&called(Answer::Gone), Proof::Deleted, deleted, false);
    let present = "DELETE: 200; GET after it: 200";
    check(&called(Answer::Present), Proof::Unknown, present, true);
    let unsure = "DELETE: 200; GET after it: 503 errors/no_answer";
    check(&called(unclear()), Proof::Unknown, unsure, true);
}

#[test]
fn r_del_1_what_never_left_this_machine_needs_no_proof() {
    let why = "the kill switch is off".to_owned();
    let outcome = Outcome::NotSent { why };
    check(&outcome, Proof::NotSent, "the kill switch is off", false);
}

#[test]
fn r_del_1_a_worker_that_vanished_leaves_an_unknown_removal() {
    let note = "the worker that was about to call did not live to tell";
    check(&Outcome::Vanished, Proof::Unknown, note, true);
}

#[test]
fn r_del_1_an_unknown_removal_is_looked_at_a_minute_later() {
    let settled = settle(REMOVAL, &Outcome::Vanished, at(7));
    let [job] = settled.decision.jobs.as_slice() else {
        panic!("one job: {settled:?}");
    };
    assert_eq!((job.kind, job.run_at), (REMOVALS_PROVE, at(67)));
    assert_eq!(job.cause, format!("removals.prove@{REMOVAL}/1"));
    let removal = REMOVAL;
    assert_eq!(job.payload, json!(LookAtRemoval { removal, number: 1 }));
    assert_eq!((job.workspace, job.account), (None, None));
}

#[test]
fn the_words_in_our_tables_are_these() {
    use super::super::Seen;
    let proofs = [Proof::Deleted, Proof::Unknown, Proof::NotSent, Proof::Kept];
    assert_eq!(
        proofs.map(Proof::as_str),
        ["deleted", "unknown", "not_sent", "kept"]
    );
    let seen = [
        Seen::Gone,
        Seen::Duplicate,
        Seen::Present,
        Seen::Inconclusive,
    ];
    let words = ["gone", "duplicate", "present", "inconclusive"];
    assert_eq!(seen.map(Seen::as_str), words);
    assert_eq!(seen.map(|it| json!(it)), words.map(|it| json!(it)));
}
