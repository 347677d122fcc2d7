//! Notices that cannot be read.

use super::*;

#[test]
fn r_job_3_a_notice_that_cannot_be_read_makes_room_for_others() {
    let unread = NoticeTry {
        notice: first(2).notice,
        tries: 3,
    };
    let facts = PlanFacts {
        due: vec![first(1)],
        unread: vec![unread],
        ..PlanFacts::default()
    };
    let decided = plan(&facts, noon());
    assert_eq!(mails(&decided), [1]);
    let left = decided.notices.changes.iter();
    let left = left.filter(|it| it.notice == unread.notice);
    let [left] = left.collect::<Vec<_>>()[..] else {
        panic!("one change: {:?}", decided.notices);
    };
    assert_eq!(
        (left.seen, left.then),
        (left.then, (NoticeState::Planned, 3))
    );
    assert_eq!(left.due_at, Some(noon() + WHILE_UNREAD));
}
