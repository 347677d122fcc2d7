use super::*;
use crate::ConsumerState::{self, Connecting, Consuming, Stopped};

fn board(queues: usize) -> Board<ConsumerState> {
    let names = ["watches", "sweeps", "sends"];
    Board::new("consumer", names.into_iter().take(queues).map(Arc::from))
}

fn whole(board: &Board<ConsumerState>) -> ConsumerState {
    *board.whole().borrow()
}

fn broken() -> BrokerError {
    BrokerError::Mismatch {
        what: "queue",
        name: "sweeps".to_owned(),
    }
}

#[test]
fn r_q_5_the_whole_waits_for_no_broken_line() {
    let waiting = board(3);
    waiting.enter(0, Consuming);
    waiting.fail(1, &broken(), true);
    assert_eq!(whole(&waiting), Connecting, "sends may come in a moment");
    waiting.enter(2, Consuming);
    assert_eq!(whole(&waiting), Consuming, "sweeps is known to be broken");
    waiting.fail(2, &broken(), false);
    assert_eq!(whole(&waiting), Consuming, "one line up is enough");
    waiting.fail(0, &broken(), false);
    assert_eq!(whole(&waiting), Connecting);
    let late = board(2);
    late.enter(0, Consuming);
    late.sum_at(Instant::now() + GRACE, false);
    assert_eq!(
        whole(&late),
        Consuming,
        "a line that hangs is not waited for"
    );
    late.enter(0, Stopped);
    assert_eq!(whole(&late), Connecting);
    late.enter(1, Stopped);
    assert_eq!(whole(&late), Stopped);
}

#[test]
fn r_q_5_a_broken_queue_is_named_since_it_broke() {
    let board = board(2);
    board.enter(0, Consuming);
    board.enter(1, Consuming);
    let told = board.whole();
    let up_since = board.lines().borrow()[1].since;
    board.fail(1, &broken(), true);
    let since = board.lines().borrow()[1].since;
    assert!(up_since < since);
    board.fail(1, &broken(), true);
    let lines = board.lines();
    let sweeps = lines.borrow()[1].clone();
    assert_eq!((&*sweeps.queue, sweeps.since), ("sweeps", since));
    let why = sweeps.why.as_deref().unwrap_or_default();
    assert!(why.contains("other arguments"), "{why}");
    assert!(told.has_changed().is_ok());
    assert_eq!(board.take_revived().len(), 2, "both came up at first");
    assert!(board.take_revived().is_empty());
}

#[test]
fn r_job_4_each_line_that_comes_up_again_is_told() {
    let board = board(2);
    board.enter(0, Consuming);
    board.enter(1, Consuming);
    board.take_revived();
    let mut told = board.whole();
    told.mark_unchanged();
    board.fail(1, &broken(), false);
    assert_eq!(told.has_changed().ok(), Some(false));
    board.enter(1, Consuming);
    assert_eq!(told.has_changed().ok(), Some(true));
    assert_eq!(board.take_revived(), [Arc::from("sweeps")]);
    assert!(board.may_say() && !board.may_say(), "once for all lines");
}
