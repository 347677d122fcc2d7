use super::*;
use mailing::{Letter, Mailer, Server};
use policy::notices::{MailAddress, MailOutcome};

fn letter(name: &str) -> Letter {
    Letter {
        name: name.to_owned(),
        subject: "Ada needs you".to_owned(),
        text: "Hello,\n.\n..two dots\nSign in again: http://127.0.0.1:1/r/p1.abc\n".to_owned(),
        html: "<p>Hello</p>".to_owned(),
        opt_out: None,
        at: jiff::Timestamp::UNIX_EPOCH,
    }
}

async fn deliver(mailbox: &Mailbox, name: &str, to: &str) -> MailOutcome {
    let server = Server::parse(&mailbox.url().into(), "Relink <notices@example.com>", None);
    let mailer = Mailer::new(server.expect("its address"));
    let readers = [MailAddress(to.to_owned())];
    let told = mailer.deliver(&letter(name), &readers).await;
    told.first().expect("one reader").outcome
}

#[tokio::test]
async fn r_lnk_7_each_mail_lies_in_a_file_of_its_own_and_is_found_by_its_reader() {
    let dir = std::env::temp_dir().join(format!("relink-mailbox-{}", std::process::id()));
    let mailbox = Mailbox::open(&dir, false).await;
    let mailbox = mailbox.unwrap_or_else(|error| panic!("{error}"));
    for (name, to) in [("a.1.0", "Ada@example.net"), ("b.1.0", "ben@example.net")] {
        let taken = deliver(&mailbox, name, to).await;
        assert_eq!(taken, MailOutcome::Accepted { code: 250 });
    }
    let shelf = mailbox.shelf();
    assert_eq!(shelf.count(), 2);
    let found = shelf.newest_to("ada@example.net").expect("a mail");
    assert!(found.contains("Message-ID: <a.1.0@example.com>"), "{found}");
    assert!(found.contains("\r\n.\r\n..two dots\r\n"), "{found}");
    assert!(shelf.newest_to("nobody@example.net").is_none());
    let texts = shelf.texts().unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(texts.len(), 2);
    drop(mailbox);
    // With the data of a run its mails stay, without it they go.
    for (are_kept, count) in [(true, 2), (false, 0)] {
        let again = Mailbox::open(&dir, are_kept).await;
        let again = again.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(again.shelf().count(), count);
    }
    std::fs::remove_dir_all(&dir).expect("it was made here");
}
