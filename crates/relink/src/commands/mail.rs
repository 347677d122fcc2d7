//! Settings of mails to owners: the mail server, our sender, and the links that they carry.

use duties::Postbox;
use fleet::config::Reader;
use mailing::{MailConfigError, Mailer, Server};

/// Setting of the mail server; without it nothing is mailed.
const SMTP_URL: &str = "RELINK_SMTP_URL";
const SMTP_CA_FILE: &str = "RELINK_SMTP_CA_FILE";
const MAIL_FROM: &str = "RELINK_MAIL_FROM";

/// What mails are made and given away with; null where no mail server is set.
pub(crate) fn postbox(reader: &mut Reader<'_>) -> Option<Postbox> {
    let server = server(reader)?;
    Some(Postbox {
        mailer: Mailer::new(server),
        keys: super::minting::keys(reader)?,
        urls: super::minting::public_urls(reader)?,
    })
}

/// The mail server; null where none is set, or it cannot be used.
pub(crate) fn server(reader: &mut Reader<'_>) -> Option<Server> {
    let url = reader.optional_secret(SMTP_URL)?;
    let from: String = reader.value(MAIL_FROM, String::new(), "a sender");
    let ca_pem = reader.path(SMTP_CA_FILE).map(std::fs::read);
    let ca_pem = match ca_pem.transpose() {
        Ok(pem) => pem,
        Err(error) => {
            reader.mistake(SMTP_CA_FILE, format!("read it: {error}"));
            None
        }
    };
    match Server::parse(&url, &from, ca_pem.as_deref()) {
        Ok(server) => Some(server),
        Err(error) => {
            reader.mistake(setting_of(error), error);
            None
        }
    }
}

const fn setting_of(error: MailConfigError) -> &'static str {
    match error {
        MailConfigError::Url | MailConfigError::PlainLogin | MailConfigError::PlainAway => SMTP_URL,
        MailConfigError::From => MAIL_FROM,
        MailConfigError::Ca => SMTP_CA_FILE,
    }
}
