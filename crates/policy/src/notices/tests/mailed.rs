//! Ends of mails.

use super::*;
use NoticeState::{Failed, Planned, Sent};

fn told(outcomes: &[MailOutcome]) -> Vec<Recipient> {
    let told = outcomes.iter().map(|outcome| Recipient {
        address: address("x@example.net"),
        outcome: *outcome,
    });
    told.collect()
}

fn settled(outcomes: &[MailOutcome], tries: i32) -> Decision {
    let facts = MailFacts {
        workspace: WorkspaceId(Uuid::from_u128(1)),
        notices: vec![NoticeTry {
            notice: first(1).notice,
            tries,
        }],
    };
    settle(&facts, &told(outcomes), noon()).decision
}

#[test]
fn r_lnk_7_each_answer_of_a_mail_server_has_its_end() {
    let put_off = |trouble| MailOutcome::PutOff {
        code: Some(451),
        trouble,
    };
    let accepted = MailOutcome::Accepted { code: 250 };
    let unknown = MailOutcome::Undeliverable { code: 550 };
    let refused = MailOutcome::Refused { code: 554 };
    for (outcomes, state, why, alerts, stops) in [
        (vec![accepted], Sent, None, "", 0),
        (
            vec![unknown],
            Failed,
            Some(NoticeWhy::Undeliverable),
            "notice_undeliverable",
            1,
        ),
        (
            vec![refused],
            Failed,
            Some(NoticeWhy::Refused),
            "notice_undeliverable",
            0,
        ),
        (vec![put_off(None)], Planned, None, "", 0),
        (
            vec![put_off(Some(ServerTrouble::Login))],
            Planned,
            None,
            "mail_server",
            0,
        ),
        (
            vec![MailOutcome::Unanswered],
            Failed,
            Some(NoticeWhy::Unanswered),
            "",
            0,
        ),
        // Nobody lived to tell.
        (vec![], Failed, Some(NoticeWhy::Unanswered), "", 0),
        // One of a team is enough; what may have been taken is not given again for the others.
        (
            vec![unknown, accepted, put_off(None)],
            Sent,
            None,
            "notice_undeliverable",
            1,
        ),
        (
            vec![put_off(None), MailOutcome::Unanswered],
            Failed,
            Some(NoticeWhy::Unanswered),
            "",
            0,
        ),
        (
            vec![unknown, put_off(None)],
            Planned,
            None,
            "notice_undeliverable",
            1,
        ),
    ] {
        let decided = settled(&outcomes, 1);
        assert_eq!(end(&decided), (state, why), "{outcomes:?}");
        let raised: Vec<&str> = decided.alerts.iter().map(|it| it.code).collect();
        assert_eq!(raised.concat(), alerts, "{outcomes:?}");
        assert_eq!(decided.notices.stopped.len(), stops, "{outcomes:?}");
    }
}

#[test]
fn r_lnk_7_what_is_put_off_is_tried_ever_more_rarely() {
    let waits = [1, 2, 3, 8, 9, 10, 40].map(|tries| retry_after(tries).as_mins());
    assert_eq!(waits, [5, 10, 20, 640, 1280, 1440, 1440]);
    let put_off = MailOutcome::PutOff {
        code: None,
        trouble: None,
    };
    let changed = settled(&[put_off], 2).notices.changes.remove(0);
    assert_eq!(
        (changed.due_at, changed.trouble),
        (Some(noon() + MINUTE * 10), None)
    );
}

#[test]
fn r_lnk_7_the_notice_says_where_the_mail_server_failed() {
    let put_off = |trouble| MailOutcome::PutOff {
        code: None,
        trouble,
    };
    let said = |outcomes: &[MailOutcome]| settled(outcomes, 1).notices.changes[0].trouble;
    for trouble in ServerTrouble::ALL {
        assert_eq!(said(&[put_off(Some(trouble))]), Some(trouble));
    }
    let accepted = MailOutcome::Accepted { code: 250 };
    let unknown = MailOutcome::Undeliverable { code: 550 };
    let tls = put_off(Some(ServerTrouble::Tls));
    assert_eq!(said(&[tls, accepted]), None, "one of a team has it");
    assert_eq!(said(&[unknown, tls]), Some(ServerTrouble::Tls));
}
