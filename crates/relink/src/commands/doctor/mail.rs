//! The mail server: whether it answers and knows us. No mail is given to it.

use super::finding::Findings;
use super::settings::Settings;
use policy::notices::{MailOutcome, ServerTrouble};

pub(super) async fn look(settings: &Settings, findings: &mut Findings) {
    let Some(server) = &settings.mail else {
        let why = "RELINK_SMTP_URL is not set, or wrong: owners get no mails, and their notices say `no_mail_server`";
        return findings.not_asked("mail", why);
    };
    match server.hello().await {
        Ok(()) => findings.ok(
            "mail",
            format!("{} answers and knows our login", server.address()),
        ),
        Err(outcome) => {
            let (trouble, code) = match outcome {
                MailOutcome::PutOff {
                    code,
                    trouble: Some(trouble),
                } => (trouble, code),
                _ => (ServerTrouble::Connect, None),
            };
            let code = code.map_or(String::new(), |code| format!(" ({code})"));
            let saw = format!("{} fails at {trouble}{code}", server.address());
            findings.fail("mail", saw, todo(trouble));
        }
    }
}

const fn todo(trouble: ServerTrouble) -> &'static str {
    match trouble {
        ServerTrouble::Connect => {
            "see whether RELINK_SMTP_URL names the server and its port, and whether this machine may reach it"
        }
        ServerTrouble::Tls => {
            "its certificate is not trusted, ended, or of another name than RELINK_SMTP_URL says; RELINK_SMTP_CA_FILE holds the authority of a server of your own; or the port wants smtps:// where smtp:// stands, or the other way round"
        }
        ServerTrouble::Login => {
            "correct the user and the password in RELINK_SMTP_URL (`%40` for @), and see whether the server lets that user in"
        }
        ServerTrouble::Sender => "see whether the server takes mails of RELINK_MAIL_FROM",
    }
}
