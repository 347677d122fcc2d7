//! Mail servers that fail, each at another place: the doctor says at which, and what to correct.

use super::certificates::serve;
use super::patient::{Report, examine, text};
use crate::notices::exim::{Exim, PASSWORD, certificate};
use std::collections::BTreeMap;
use std::net::TcpListener;
use tests::size;

async fn looked_at(url: &str, ca_file: Option<&str>) -> Report {
    let mut settings = BTreeMap::from([
        ("RELINK_SMTP_URL".to_owned(), url.to_owned()),
        (
            "RELINK_MAIL_FROM".to_owned(),
            "Relink <notices@example.com>".to_owned(),
        ),
    ]);
    if let Some(file) = ca_file {
        settings.insert("RELINK_SMTP_CA_FILE".to_owned(), file.to_owned());
    }
    let report = examine(&settings).await;
    for secret in [PASSWORD, "hu%40sh", "guessed"] {
        assert!(!report.text.contains(secret), "{}", report.text);
    }
    report
}

#[track_caller]
fn fails(report: &Report, place: &str, todo: &str) {
    let found = report.bad("mail").expect("a finding");
    let saw = text(found, "saw");
    assert!(saw.starts_with("localhost:"), "{saw}");
    assert!(saw.ends_with(&format!("fails at {place}")), "{saw}");
    assert!(text(found, "todo").contains(todo), "{found}");
    assert_ne!(report.code, Some(0));
}

#[tokio::test]
async fn r_lnk_7_the_doctor_says_at_what_a_mail_server_fails() {
    let closed = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = closed.local_addr().expect("its number").port();
    drop(closed);
    let report = looked_at(&format!("smtp://u:guessed@localhost:{port}"), None).await;
    fails(&report, "connect", "may reach it");
    let port = serve(400);
    let report = looked_at(&format!("smtps://u:guessed@localhost:{port}"), None).await;
    fails(&report, "tls", "RELINK_SMTP_CA_FILE");
}

#[tokio::test]
async fn r_lnk_7_the_doctor_logs_in_to_a_real_mail_server() {
    if !size::is_full() {
        return;
    }
    let exim = Exim::start().await;
    let ca_file = exim.ca_file();
    let ca_file = ca_file.to_str();
    let room = tempfile::tempdir().expect("a room");
    let strangers = room.path().join("strangers.pem");
    std::fs::write(&strangers, certificate().0).expect("write");
    for url in exim.urls() {
        let report = looked_at(&url, ca_file).await;
        assert!(report.bad("mail").is_none(), "{}", report.text);
        let well = report.in_state("ok").concat();
        assert!(well.contains("knows our login"), "{}", report.text);
        let wrong = looked_at(&url.replace("hu%40sh", "guessed"), ca_file).await;
        fails(&wrong, "login (535)", "password");
        for ca_file in [None, strangers.to_str()] {
            let refused = looked_at(&url, ca_file).await;
            fails(&refused, "tls", "RELINK_SMTP_CA_FILE");
        }
    }
    assert_eq!(exim.mailbox(), "", "no mail is given to it");
}
