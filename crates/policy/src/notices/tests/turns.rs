//! Turns of mails.

use super::*;

fn turn(known: &[NoticeFacts], means: MailMeans) -> MailTurn {
    let asked: Vec<NoticeTry> = known
        .iter()
        .map(|it| NoticeTry {
            notice: it.notice,
            tries: 1,
        })
        .collect();
    turn_of_mail(&asked, known, means, noon())
}

fn tried(n: u128, state: NoticeState) -> NoticeFacts {
    NoticeFacts {
        state,
        tries: 1,
        ..first(n)
    }
}

#[test]
fn r_lnk_7_a_mail_that_was_given_away_is_not_given_again() {
    let sending = tried(1, NoticeState::Sending);
    let found = turn(&[sending], MailMeans::Server);
    assert!(matches!(found.going, MailGoing::Vanished(_)), "{found:?}");
    for over in [NoticeState::Sent, NoticeState::Failed, NoticeState::Skipped] {
        let found = turn(&[tried(1, over)], MailMeans::Server);
        assert_eq!(found.going, MailGoing::Over, "{over}");
    }
    // Another job was asked for it since.
    let mut moved = tried(1, NoticeState::Planned);
    moved.tries = 2;
    assert_eq!(turn(&[moved], MailMeans::Server).going, MailGoing::Over);
}

#[test]
fn r_lnk_7_a_notice_that_waits_for_a_second_look_is_left_out_of_its_mail() {
    let (mut held, goes) = (
        tried(1, NoticeState::Planned),
        tried(2, NoticeState::Planned),
    );
    held.awaits_look = true;
    let found = turn(&[held.clone(), goes.clone()], MailMeans::Server);
    let MailGoing::Go { notices, .. } = found.going else {
        panic!("{found:?}");
    };
    assert_eq!(
        (notices, found.ended),
        (vec![goes], NoticeChanges::default())
    );
    let found = turn(&[held], MailMeans::Server);
    assert_eq!(
        (found.going, found.ended),
        (MailGoing::Over, NoticeChanges::default())
    );
}

#[test]
fn r_lnk_7_notices_are_looked_at_once_more_before_their_mail() {
    let (mut back, mut moved) = (
        tried(1, NoticeState::Planned),
        tried(3, NoticeState::Planned),
    );
    back.status = Status::Connected;
    let stays = tried(2, NoticeState::Planned);
    moved.owner.address = Some(address("new@example.net"));
    let found = turn(&[back, stays.clone(), moved], MailMeans::Server);
    let MailGoing::Go {
        notices, readers, ..
    } = found.going
    else {
        panic!("{found:?}");
    };
    assert_eq!(
        (notices, readers),
        (vec![stays.clone()], vec![address("owner-2@example.net")])
    );
    let ends = found.ended.changes.iter();
    let ends: Vec<_> = ends.map(|it| (it.then.0, it.why, it.due_at)).collect();
    assert_eq!(
        ends,
        [
            (NoticeState::Skipped, Some(NoticeWhy::CameBack), None),
            (NoticeState::Planned, None, Some(noon()))
        ],
        "what goes to another reader is planned anew"
    );
    let nothing = turn(&[stays], MailMeans::Nothing);
    assert_eq!(nothing.ended.changes[0].why, Some(NoticeWhy::NoMailServer));
}
