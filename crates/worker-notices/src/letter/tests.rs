use super::compose;
use crate::postbox::Postbox;
use jiff::Timestamp;
use linking::{Keys, PublicUrls};
use mailing::{Mailer, Server};
use policy::account::Status;
use policy::ids::{AccountId, WorkspaceId};
use policy::losses::NoticeReason;
use policy::notices::{
    MailAddress, MailPolicy, NoticeEpisode, NoticeFacts, NoticeName, NoticeState, NoticeStep,
    Owner, Tenant,
};

const OWNER: &str = "anna@example.net";

fn postbox() -> Postbox {
    let server = Server::parse(&"smtps://u:p@mail.example".into(), "r@example.com", None);
    let keys = Keys::parse(
        &"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff".into(),
        None,
    );
    Postbox {
        mailer: Mailer::new(server.expect("a server")),
        keys: keys.expect("keys"),
        urls: PublicUrls::parse("https://c.example", "https://p.example").expect("addresses"),
    }
}

fn notice(name: &str, step: NoticeStep) -> NoticeFacts {
    NoticeFacts {
        notice: NoticeName {
            account: AccountId(uuid()),
            episode: 7,
            step,
        },
        state: NoticeState::Planned,
        tries: 1,
        reason: NoticeReason::ReconnectNeeded,
        cause: None,
        created_at: Timestamp::UNIX_EPOCH,
        awaits_look: false,
        was_held: false,
        episode: NoticeEpisode {
            began_at: Timestamp::UNIX_EPOCH,
            ended_at: None,
        },
        status: Status::ReconnectNeeded,
        account_name: name.to_owned(),
        kind: "LINKEDIN".to_owned(),
        owner: Owner {
            address: Some(MailAddress(OWNER.to_owned())),
            name: Some("Anna".to_owned()),
            zone: Some("Europe/Berlin".to_owned()),
            stop: None,
        },
        tenant: Tenant {
            id: WorkspaceId(uuid()),
            name: "Acme".to_owned(),
            support: Some("help@acme.example".to_owned()),
            policy: MailPolicy::Mail,
            is_over: false,
            contacts: vec![MailAddress("team@acme.example".to_owned())],
        },
        told_before_at: None,
    }
}

fn uuid() -> uuid::Uuid {
    uuid::Uuid::from_u128(7)
}

#[test]
fn r_lnk_7_a_mail_says_what_is_safe_and_names_no_deadline() {
    let now = Timestamp::UNIX_EPOCH;
    let one = compose(&postbox(), &[notice("Anna Muster", NoticeStep::First)], now);
    assert_eq!(one.subject, "Anna Muster needs you to sign in again");
    for part in [
        "Hello Anna,",
        "Anna Muster (LinkedIn, Acme)",
        "Since 1 January 1970, 01:00 CET it is signed out.",
        "Invitations that wait, conversations, and each person's place in your campaigns are safe",
        "There is no deadline",
        "Sign in again: https://p.example/r/p1.",
        "Questions: help@acme.example",
        "No more mails about it: https://p.example/o/o1.",
    ] {
        assert!(one.text.contains(part), "{part} is not in\n{}", one.text);
    }
    for forbidden in ["<img", "http://", "src="] {
        assert!(
            !one.html.contains(forbidden),
            "{forbidden} in\n{}",
            one.html
        );
    }
    let later = compose(&postbox(), &[notice("Anna", NoticeStep::Day3)], now);
    assert_eq!(later.subject, "Still: Anna needs you to sign in again");
    let back = compose(&postbox(), &[notice("Anna", NoticeStep::Back)], now);
    assert_eq!(back.subject, "Anna is connected again");
    assert!(!back.text.contains("/r/") && back.text.contains("nothing to do"));
    assert_ne!(one.name, later.name);
}

#[test]
fn r_lnk_7_names_of_others_are_text_and_stay_on_their_line() {
    let odd = "<b>x</b>\r\nBcc: all@example.com\u{202e}moc\0";
    let mut two = [
        notice(odd, NoticeStep::First),
        notice("B", NoticeStep::First),
    ];
    two[0].owner.name = Some("<script>alert(1)</script>".to_owned());
    let letter = compose(&postbox(), &two, Timestamp::UNIX_EPOCH);
    assert_eq!(letter.subject, "2 accounts need you");
    assert!(
        letter.text.contains("<b>x</b> Bcc: all@example.com moc"),
        "{}",
        letter.text
    );
    for forbidden in ["<b>x", "<script", "\u{202e}", "\0"] {
        assert!(!letter.html.contains(forbidden), "{forbidden}");
    }
    let long = compose(
        &postbox(),
        &[notice(&"n".repeat(10_000), NoticeStep::First)],
        Timestamp::UNIX_EPOCH,
    );
    assert!(long.subject.chars().count() < 120);
    let mut unseen = notice("\u{200b}\u{1}", NoticeStep::First);
    unseen.owner.name = Some("\u{2066}".to_owned());
    let letter = compose(&postbox(), &[unseen], Timestamp::UNIX_EPOCH);
    assert_eq!(letter.subject, "Your account needs you to sign in again");
    assert!(letter.text.starts_with("Hello,\n"), "{}", letter.text);
}

#[test]
fn r_lnk_7_a_team_is_told_in_the_owner_s_place_and_cannot_opt_the_owner_out() {
    let mut one = notice("Anna", NoticeStep::First);
    one.owner.address = None;
    let letter = compose(&postbox(), &[one], Timestamp::UNIX_EPOCH);
    assert!(
        letter.text.contains("Please hand the link on"),
        "{}",
        letter.text
    );
    assert!(letter.opt_out.is_none() && !letter.text.contains("/o/"));
}
