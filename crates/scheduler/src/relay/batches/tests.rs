use super::*;
use crate::relay::Lanes;
use jiff::Timestamp;
use store::lane::Lane;

fn chosen(lanes: &mut Lanes, workspace: u128, kind: &str, number: u128, age_s: i64) -> Chosen {
    let lane = Lane {
        workspace: Uuid::from_u128(workspace),
        kind: kind.to_owned(),
    };
    Chosen {
        lane: lanes.key(&lane).expect("a key"),
        job: DueJob {
            id: Uuid::from_u128(number),
            kind: kind.to_owned(),
            run_at: Timestamp::from_second(-age_s).expect("an instant"),
            attempt: 0,
            careful: false,
            traceparent: None,
        },
    }
}

fn numbers(jobs: &[Chosen]) -> Vec<u128> {
    jobs.iter().map(|it| it.job.id.as_u128()).collect()
}

#[test]
fn r_job_6_an_answer_that_is_cut_off_anywhere_is_fair() {
    let mut lanes = Lanes::default();
    // Forty floods of jobs that are an hour old, and three quiet workspaces whose jobs are new.
    let mut jobs: Vec<Chosen> = Vec::new();
    for flood in 1..=40 {
        jobs.extend((0..30).map(|nth| chosen(&mut lanes, flood, "a", flood * 100 + nth, 3_600)));
    }
    jobs.extend((1..=3).map(|quiet| chosen(&mut lanes, 100 + quiet, "a", quiet, 0)));
    let order = numbers(&in_turn(jobs));
    for quiet in 1..=3 {
        let place = order.iter().position(|it| *it == quiet).expect("in it");
        assert!(place < 43, "{quiet} comes as number {place}");
    }
    assert_eq!(order.len(), 40 * 30 + 3);
}

#[test]
fn r_job_6_kinds_of_one_workspace_share_its_turn() {
    let mut lanes = Lanes::default();
    let jobs = vec![
        chosen(&mut lanes, 1, "a", 11, 90),
        chosen(&mut lanes, 1, "a", 12, 80),
        chosen(&mut lanes, 1, "a", 13, 70),
        chosen(&mut lanes, 1, "b", 14, 1),
        chosen(&mut lanes, 2, "a", 21, 0),
        chosen(&mut lanes, 2, "a", 22, 0),
    ];
    assert_eq!(numbers(&in_turn(jobs)), [11, 21, 14, 22, 12, 13]);
}

#[test]
fn doorbells_hold_one_kind_up_to_its_batch_and_what_failed_rings_alone() {
    let sizes = HashMap::from([("many", 2), ("single", 1)]);
    let mut lanes = Lanes::default();
    let mut job = |number, kind, careful| {
        let mut it = chosen(&mut lanes, 1, kind, number, 0);
        it.job.careful = careful;
        it
    };
    let due = vec![
        job(1, "many", false),
        job(2, "single", false),
        job(3, "many", false),
        job(4, "many", true),
        job(5, "many", false),
        job(6, "single", false),
        job(7, "unknown", false),
    ];
    let bells: Vec<(String, Vec<u128>)> = batches(due, &sizes)
        .into_iter()
        .map(|bell| (bell.kind.clone(), numbers(&bell.jobs)))
        .collect();
    let expected = [
        ("many", vec![1, 3]),
        ("single", vec![2]),
        ("many", vec![4]),
        ("many", vec![5]),
        ("single", vec![6]),
        ("unknown", vec![7]),
    ];
    assert_eq!(bells, expected.map(|(kind, jobs)| (kind.to_owned(), jobs)));
}
