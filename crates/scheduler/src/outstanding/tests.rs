use super::*;
use crate::relay::Lanes;
use jiff::Timestamp;
use store::lane::Lane;

const PATIENCE: Duration = Duration::from_secs(30);
const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn lane() -> LaneKey {
    let lane = Lane {
        workspace: Uuid::nil(),
        kind: "x".to_owned(),
    };
    Lanes::default().key(&lane).expect("a key")
}

fn ids(numbers: &[u128]) -> Vec<Uuid> {
    numbers.iter().copied().map(Uuid::from_u128).collect()
}

/// Rings for jobs, in one doorbell.
fn ring(outstanding: &mut Outstanding, jobs: &[u128], attempt: i16, now: Instant) {
    let jobs: Vec<DueJob> = ids(jobs)
        .into_iter()
        .map(|id| DueJob {
            id,
            kind: "x".to_owned(),
            run_at: NOW,
            attempt,
            careful: false,
            traceparent: None,
        })
        .collect();
    outstanding.rang(jobs.iter().map(|job| (job, lane())), false, now);
}

fn waits(number: u128, attempt: i16) -> OpenJob {
    OpenJob {
        id: Uuid::from_u128(number),
        is_waiting: true,
        attempt,
        run_at: NOW,
    }
}

fn live(outstanding: &Outstanding) -> Vec<u128> {
    let mut ids: Vec<u128> = outstanding.live_ids().iter().map(Uuid::as_u128).collect();
    ids.sort_unstable();
    ids
}

#[test]
fn r_job_4_a_ring_whose_doorbell_still_lies_in_its_queue_is_not_repeated() {
    let mut outstanding = Outstanding::new(PATIENCE);
    let start = Instant::now();
    ring(&mut outstanding, &[1, 2], 0, start);
    ring(&mut outstanding, &[3], 0, start);
    assert_eq!(outstanding.check_at(), Some(start + EARLY));
    let mut now = start;
    let mut asked = 0;
    // An hour without a worker: both doorbells are there whenever the queue is asked, and that is seldom.
    while now < start + Duration::from_hours(1) {
        now = outstanding.check_at().expect("three jobs");
        assert!(outstanding.judge(Some(2), now).is_empty());
        asked += 1;
    }
    assert_eq!(live(&outstanding), [1, 2, 3]);
    assert!((8..20).contains(&asked), "asked {asked} times");
    // One is gone: the elder.
    now = outstanding.check_at().expect("three jobs");
    assert_eq!(outstanding.judge(Some(1), now).len(), 2);
    assert_eq!(live(&outstanding), [3]);
    assert!(outstanding.is_unanswered(Uuid::from_u128(1), now));
    assert!(!outstanding.is_unanswered(Uuid::from_u128(3), now));
}

#[test]
fn r_job_4_nothing_is_lost_early_unless_the_queue_is_empty_and_then_ever_more_seldom() {
    let mut outstanding = Outstanding::new(PATIENCE);
    let start = Instant::now();
    ring(&mut outstanding, &[1], 0, start);
    ring(&mut outstanding, &[2], 0, start);
    assert!(outstanding.judge(Some(0), start + EARLY / 2).is_empty());
    assert!(outstanding.judge(Some(1), start + EARLY).is_empty());
    assert_eq!(outstanding.check_at(), Some(start + PATIENCE));
    // Both were prefetched by a worker that is frozen since.
    let mut outstanding = Outstanding::new(PATIENCE);
    let mut now = start;
    let mut rings = 0;
    while now < start + Duration::from_mins(20) {
        ring(&mut outstanding, &[1, 2], 0, now);
        rings += 1;
        now = outstanding.check_at().expect("a ring");
        assert_eq!(outstanding.judge(Some(0), now).len(), 2);
    }
    assert!((6..12).contains(&rings), "rung {rings} times");
}

#[test]
fn r_job_4_a_queue_that_nobody_can_ask_is_rung_in_again_after_patience() {
    let mut outstanding = Outstanding::new(PATIENCE);
    let start = Instant::now();
    ring(&mut outstanding, &[1], 0, start);
    assert!(outstanding.judge(None, start + EARLY).is_empty());
    assert_eq!(outstanding.judge(None, start + PATIENCE).len(), 1);
}

#[test]
fn r_job_3_what_waits_for_another_attempt_has_answered_its_ring() {
    let mut outstanding = Outstanding::new(PATIENCE);
    let now = Instant::now();
    ring(&mut outstanding, &[1, 2, 3, 4], 0, now);
    let asked = outstanding.asked(false);
    let later = OpenJob {
        run_at: Timestamp::MAX,
        ..waits(3, 0)
    };
    // One as it was, one failed, one left for later, and one over.
    let returned = outstanding.sift(&asked, &[waits(1, 0), waits(2, 1), later], NOW);
    let mut at: Vec<Timestamp> = returned.iter().map(|it| it.at).collect();
    at.sort_unstable();
    assert_eq!(at, [NOW, Timestamp::MAX]);
    assert_eq!(live(&outstanding), [1]);
}

#[test]
fn r_job_6_a_look_asks_for_one_job_of_each_doorbell_and_then_for_the_taken_ones() {
    let mut outstanding = Outstanding::new(PATIENCE);
    let now = Instant::now();
    ring(&mut outstanding, &[1, 2, 3], 0, now);
    ring(&mut outstanding, &[4, 5, 6], 0, now);
    let heads = outstanding.heads().expect("fewer than the jobs");
    assert_eq!(heads.len(), 2);
    let waiting: Vec<OpenJob> = (1..=6).map(|number| waits(number, 0)).collect();
    assert!(outstanding.answered(&heads, &waiting, NOW).is_empty());
    // The first doorbell was claimed as a whole; of the second, a run failed and waits for another attempt.
    let mut taken = outstanding.answered(&heads, &waiting[3..], NOW);
    taken.sort_unstable();
    assert_eq!(taken, ids(&[1, 2, 3]));
    let again: Vec<OpenJob> = (1..=6)
        .map(|number| waits(number, i16::from(number > 3)))
        .collect();
    let mut failed = outstanding.answered(&heads, &again, NOW);
    failed.sort_unstable();
    assert_eq!(failed, ids(&[4, 5, 6]));
    // Of doorbells with a job each there is nothing to save.
    let mut single = Outstanding::new(PATIENCE);
    ring(&mut single, &[1], 0, now);
    ring(&mut single, &[2], 0, now);
    assert_eq!(single.heads(), None);
}

#[test]
fn r_job_3_a_job_in_a_workers_hands_is_followed_until_it_waits_again() {
    let mut outstanding = Outstanding::new(PATIENCE);
    let now = Instant::now();
    ring(&mut outstanding, &[1, 2], 0, now);
    let leased = |number| OpenJob {
        is_waiting: false,
        ..waits(number, 1)
    };
    let asked = outstanding.asked(false);
    assert_eq!(outstanding.sift(&asked, &[leased(1), leased(2)], NOW), []);
    assert_eq!((outstanding.len(), outstanding.asked(false).len()), (0, 0));
    let asked = outstanding.asked(true);
    assert_eq!(asked.len(), 2);
    let returned = outstanding.sift(&asked, &[leased(1), waits(2, 1)], NOW);
    assert_eq!(returned.len(), 1);
    let asked = outstanding.asked(true);
    assert_eq!(asked, ids(&[1]));
    assert_eq!(outstanding.sift(&asked, &[], NOW), []);
    assert!(outstanding.asked(true).is_empty());
}

#[test]
fn r_job_4_a_ring_that_did_not_arrive_is_forgotten() {
    let mut outstanding = Outstanding::new(PATIENCE);
    let now = Instant::now();
    ring(&mut outstanding, &[1, 2], 0, now);
    assert_eq!(outstanding.forget(&ids(&[1, 9])).len(), 1);
    assert_eq!(live(&outstanding), [2]);
    assert_eq!(outstanding.forget_all().len(), 1);
    assert_eq!(outstanding.len(), 0);
}
