//! The mail server: whether it answers and knows us. No mail is given to it.

use super::finding::Findings;
use super::settings::Settings;
use policy::notices::MailOutcome;

pub(super) async fn look(settings: &Settings, findings: &mut Findings) {
    let Some(server) = &settings.mail else {
        let why = "RELINK_SMTP_URL is not set, or wrong: owners get no mails, and their notices say `no_mail_server`";
        return findings.not_asked("mail", why);
    };
    match server.hello().await {
        Ok(()) => findings.ok("mail", format!("{server:?} answers and knows our login")),
        Err(outcome) => {
            let (at, code) = match outcome {
                MailOutcome::PutOff {
                    code,
                    trouble: Some(trouble),
                } => (trouble.as_str(), code),
                _ => ("connect", None),
            };
            let code = code.map_or(String::new(), |code| format!(" ({code})"));
            let saw = format!("{server:?} fails at {at}{code}");
            let todo = "see whether RELINK_SMTP_URL names the server and its login, whether this machine may reach it, and RELINK_SMTP_CA_FILE";
            findings.fail("mail", saw, todo);
        }
    }
}
