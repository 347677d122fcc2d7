//! What a real mail server says, with TLS and a login, and where that stands (R-LNK-7). By name alone: `tests/run mail`.

use super::exim::{Exim, certificate, server};
use super::{MINUTE, SOON, Scene};
use jiff::Timestamp;
use mailing::{Letter, Mailer, OptOutUrl, Server};
use policy::notices::{MailAddress, MailOutcome, ServerTrouble};
use tests::eventually::eventually;
use tests::size;

fn letter(name: &str) -> Letter {
    Letter {
        name: name.to_owned(),
        subject: "Grüße".to_owned(),
        text: "Hello\n.\nIt is safe.".to_owned(),
        html: "<p>Hello</p>".to_owned(),
        opt_out: Some(OptOutUrl("https://p.example/o/o1.x".to_owned())),
        at: Timestamp::UNIX_EPOCH,
    }
}

async fn told(server: Server, name: &str, to: &str) -> MailOutcome {
    let to = [MailAddress(to.to_owned())];
    Mailer::new(server).deliver(&letter(name), &to).await[0].outcome
}

#[tokio::test]
async fn r_lnk_7_a_real_mail_server_takes_mails_over_tls_with_a_login() {
    if !size::is_full() {
        return;
    }
    let exim = Exim::start().await;
    let owner = "owner@example.net";
    let put_off = |code, trouble| MailOutcome::PutOff {
        code,
        trouble: Some(trouble),
    };
    let (strangers, _) = certificate();
    for (nth, url) in exim.urls().iter().enumerate() {
        let outcome = told(exim.server(url), &format!("mail-{nth}"), owner).await;
        assert_eq!(outcome, MailOutcome::Accepted { code: 250 });
        let outcome = told(exim.server(url), "nobody's", "nobody@example.net").await;
        assert_eq!(outcome, MailOutcome::Undeliverable { code: 550 });
        let wrong = url.replace("hu%40sh", "wrong");
        let outcome = told(exim.server(&wrong), "a-stranger's", owner).await;
        assert_eq!(outcome, put_off(Some(535), ServerTrouble::Login));
        // Another's certificate is nobody's server.
        let outcome = told(server(url, strangers.as_bytes()), "another's", owner).await;
        assert_eq!(outcome, put_off(None, ServerTrouble::Tls));
        // The certificate is of the name, not of the address.
        let elsewhere = url.replace("localhost", "127.0.0.1");
        let outcome = told(exim.server(&elsewhere), "an-address's", owner).await;
        assert_eq!(outcome, put_off(None, ServerTrouble::Tls));
    }
    let (started, _) = exim.ports;
    let silent = told(
        exim.server(&format!("smtps://localhost:{started}")),
        "inside",
        owner,
    )
    .await;
    assert_eq!(
        silent,
        put_off(None, ServerTrouble::Tls),
        "no TLS from the first byte there"
    );
    let mails = eventually("both mails lie there", SOON, || async {
        let text = exim.mailbox();
        (text.matches("Message-ID: <").count() >= 2).then_some(text)
    })
    .await;
    for part in [
        "Message-ID: <mail-0@example.com>",
        "Message-ID: <mail-1@example.com>",
        "Auto-Submitted: auto-generated",
        "List-Unsubscribe: <https://p.example/o/o1.x>",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
    ] {
        assert!(mails.contains(part), "{part} is not in\n{mails}");
    }
    assert_eq!(mails.matches("Message-ID: <").count(), 2, "{mails}");
}

#[tokio::test]
async fn r_lnk_7_a_notice_says_where_a_real_mail_server_failed() {
    if !size::is_full() {
        return;
    }
    let exim = Exim::start().await;
    let [started, inside] = exim.urls();
    let mut scene = Scene::of(&["owner"]).await;
    scene.work_by(exim.server(&started.replace("hu%40sh", "wrong")));
    scene.lose("owner").await;
    scene.later(MINUTE).await;
    assert_eq!(
        scene.told("owner").await,
        ["first planned", "day_1 planned"]
    );
    assert_eq!(scene.troubles("owner").await, ["535 login"]);
    let (strangers, _) = certificate();
    scene.work_by(server(&inside, strangers.as_bytes()));
    scene.later(MINUTE * 7).await;
    assert_eq!(
        scene.troubles("owner").await,
        ["535 tls"],
        "the last code is kept"
    );
    let addresses = "select count(*) from relink.admin_alerts where detail::text like '%@%' or subject like '%@%'";
    assert_eq!(scene.run.number(addresses, &[]).await, 0);
    assert_eq!(scene.alerts().await, ["mail_server"]);
    scene.work_by(exim.server(&inside));
    scene.later(MINUTE * 12).await;
    assert_eq!(scene.told("owner").await, ["first sent", "day_1 planned"]);
    assert_eq!(scene.troubles("owner").await, ["250"]);
    let id = format!("Message-ID: <{}.", scene.id("owner"));
    eventually("the mail lies there, once", SOON, || async {
        (exim.mailbox().matches(&id).count() == 1).then_some(())
    })
    .await;
    scene.run.is_sound().await;
}
