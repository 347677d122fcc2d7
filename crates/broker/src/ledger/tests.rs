use super::*;
use proptest::prelude::*;
use std::collections::{HashMap, HashSet};

fn id(number: u64) -> Uuid {
    Uuid::from_u128(u128::from(number) + 1)
}

fn told(ledger: &mut Ledger) -> Vec<(Uuid, Verdict)> {
    ledger
        .take_outcomes()
        .map(|outcome| (outcome.message_id, outcome.verdict))
        .collect()
}

fn ledger(count: u64) -> Ledger {
    let mut ledger = Ledger::default();
    for number in 0..count {
        assert_eq!(ledger.sent(id(number), Instant::now()), number);
    }
    ledger
}

#[tokio::test]
async fn a_clean_acknowledgement_is_confirmed_only_after_the_fence() {
    let mut ledger = ledger(2);
    ledger.resolved(1, Reply::Ack, None);
    assert_eq!(told(&mut ledger), []);
    let fence = ledger.fence_wanted().expect("a verdict waits");
    assert_eq!(ledger.fence_wanted(), None, "one fence at a time");
    // Completed earlier by the broker, seen later by us: it carries what belongs to 1.
    ledger.resolved(0, Reply::Ack, Some(id(1)));
    assert_eq!(
        told(&mut ledger),
        [(id(1), Verdict::Returned), (id(0), Verdict::Confirmed)]
    );
    ledger.fenced(fence);
    assert_eq!(told(&mut ledger), []);
    assert_eq!(ledger.entries.len(), 0);
}

#[tokio::test]
async fn what_was_acknowledged_after_the_fence_left_waits_for_the_next_one() {
    let mut ledger = ledger(2);
    ledger.resolved(0, Reply::Ack, None);
    let fence = ledger.fence_wanted().expect("a verdict waits");
    ledger.resolved(1, Reply::Ack, None);
    ledger.fenced(fence);
    assert_eq!(told(&mut ledger), [(id(0), Verdict::Confirmed)]);
    let fence = ledger.fence_wanted().expect("another waits");
    ledger.fenced(fence);
    assert_eq!(told(&mut ledger), [(id(1), Verdict::Confirmed)]);
}

#[tokio::test]
async fn an_acknowledgement_with_anothers_return_waits_for_all_that_was_in_flight() {
    let mut ledger = ledger(3);
    ledger.resolved(1, Reply::Ack, Some(id(0)));
    assert_eq!(told(&mut ledger), [(id(0), Verdict::Returned)]);
    ledger.resolved(0, Reply::Ack, None);
    assert_eq!(told(&mut ledger), []);
    ledger.resolved(2, Reply::Ack, Some(id(1)));
    assert_eq!(
        told(&mut ledger),
        [(id(1), Verdict::Returned), (id(2), Verdict::Confirmed)]
    );
}

#[tokio::test]
async fn silence_is_lost_at_the_time_out_and_a_later_answer_changes_nothing() {
    let mut ledger = Ledger::default();
    let start = Instant::now();
    let limit = Duration::from_secs(5);
    ledger.sent(id(0), start);
    ledger.sent(id(1), start + Duration::from_millis(1));
    ledger.expire(
        start
            + limit
                .checked_sub(Duration::from_nanos(1))
                .expect("positive"),
        limit,
    );
    assert_eq!(told(&mut ledger), []);
    ledger.expire(start + limit, limit);
    assert_eq!(told(&mut ledger), [(id(0), Verdict::Lost)]);
    assert_eq!(ledger.unresolved(), 2);
    ledger.resolved(0, Reply::Ack, None);
    assert_eq!(ledger.fence_wanted(), None);
    ledger.close();
    assert_eq!(told(&mut ledger), [(id(1), Verdict::Lost)]);
}

#[tokio::test]
async fn a_refusal_is_final_at_once() {
    let mut ledger = ledger(1);
    ledger.resolved(0, Reply::Nack, None);
    assert_eq!(told(&mut ledger), [(id(0), Verdict::Nacked)]);
}

/// lapin and the broker in small: returns come first, and each completed confirmation takes the oldest.
#[derive(Default)]
struct Wire {
    line: VecDeque<u64>,
    completed: Vec<(u64, Option<u64>)>,
}

impl Wire {
    fn complete(&mut self, sequence: u64) {
        let carried = self.line.pop_front();
        self.completed.push((sequence, carried));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// docs/findings.md#returns: however the broker groups its confirmations, whatever order they are completed and seen in.
    #[test]
    fn no_unroutable_message_is_confirmed_and_no_good_one_is_returned(
        unroutable in proptest::collection::vec(any::<bool>(), 1..40),
        completion in proptest::collection::vec(any::<u16>(), 40),
        rounds in proptest::collection::vec((1_usize..12, any::<u16>()), 40),
    ) {
        let count = unroutable.len() as u64;
        let mut ledger = ledger(count);
        // All returns known before any confirmation is the hardest case for rule 2; the broker's early
        // ones come before their own confirmation at the latest, which the second half of the loop does.
        let mut order: Vec<u64> = (0..count).collect();
        order.sort_by_key(|&sequence| completion[usize::try_from(sequence).expect("small")]);
        let mut wire = Wire::default();
        let early = completion[0] % 2 == 0;
        if early {
            wire.line.extend((0..count).filter(|&sequence| unroutable[usize::try_from(sequence).expect("small")]));
        }
        for sequence in order {
            if !early && unroutable[usize::try_from(sequence).expect("small")] {
                wire.line.push_back(sequence);
            }
            wire.complete(sequence);
        }
        let mut seen = 0;
        let mut ready: Vec<(u64, Option<u64>)> = Vec::new();
        let mut rounds = rounds.into_iter();
        let mut verdicts = HashMap::new();
        while seen < wire.completed.len() {
            // Some more complete; the futures then come out in any order, and the fence after all of them.
            let (more, shuffle) = rounds.next().unwrap_or((12, 0));
            let until = (seen + more).min(wire.completed.len());
            ready.extend(wire.completed[seen..until].iter().copied());
            seen = until;
            ready.sort_by_key(|(sequence, _)| (sequence * 7919) ^ u64::from(shuffle));
            let late = ready.split_off(usize::from(shuffle) % (ready.len() + 1));
            for (sequence, carried) in ready.drain(..) {
                ledger.resolved(sequence, Reply::Ack, carried.map(id));
            }
            let fence = ledger.fence_wanted();
            for (sequence, carried) in late {
                ledger.resolved(sequence, Reply::Ack, carried.map(id));
            }
            if let Some(fence) = fence {
                ledger.fenced(fence);
            }
            verdicts.extend(told(&mut ledger));
        }
        if let Some(fence) = ledger.fence_wanted() {
            ledger.fenced(fence);
        }
        verdicts.extend(told(&mut ledger));
        let expected: HashSet<Uuid> =
            (0..count).filter(|&it| unroutable[usize::try_from(it).expect("small")]).map(id).collect();
        for number in 0..count {
            let verdict = if expected.contains(&id(number)) { Verdict::Returned } else { Verdict::Confirmed };
            prop_assert_eq!(verdicts.get(&id(number)), Some(&verdict), "message {}", number);
        }
        prop_assert_eq!(ledger.entries.len(), 0);
    }
}
