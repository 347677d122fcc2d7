//! One conversation with a mail server. Each step has its time, and its place says what an error means: before the mail is
//! given away nobody has it, after it nobody knows.

use crate::server::{Secured, Server};
use lettre::address::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::Mechanism;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;
use policy::notices::{MailOutcome, ServerTrouble};
use std::io::ErrorKind;
use std::time::Duration;
use tokio::time::timeout;

/// Time of each step but the last, connecting included.
const STEP_WITHIN: Duration = Duration::from_secs(10);
/// Time of saying goodbye, which nothing depends on.
const QUIT_WITHIN: Duration = Duration::from_secs(2);

/// Codes to a recipient that say that there is no such mailbox; others refuse the mail, or us.
const NO_MAILBOX: [i16; 6] = [521, 550, 551, 552, 553, 556];

/// Step that did not succeed: the server's codes, where it gave any.
#[derive(Clone, Copy, Debug, Default)]
struct Failed {
    code: Option<i16>,
    reason: Option<Reason>,
}

/// Last two parts of an enhanced code (RFC 3463): what a code of three digits leaves open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Reason {
    subject: u16,
    detail: u16,
}

impl Failed {
    fn of(error: &Error) -> Self {
        // The server's words may quote an address, and stay here.
        let words = std::error::Error::source(error).map(ToString::to_string);
        Self {
            code: code(error),
            reason: words.as_deref().and_then(Reason::read),
        }
    }

    /// Code that says no for good.
    fn permanent(self) -> Option<i16> {
        self.code.filter(|code| (500..600).contains(code))
    }

    fn put_off(self, trouble: Option<ServerTrouble>) -> MailOutcome {
        MailOutcome::PutOff {
            code: self.code,
            trouble,
        }
    }

    /// What a no to a recipient means. 550 is said of relaying and of spam, too: where the server says more, that counts.
    fn of_recipient(self) -> MailOutcome {
        let Some(code) = self.permanent() else {
            return self.put_off(None);
        };
        let is_the_mailbox = match self.reason {
            None | Some(Reason { subject: 0, .. }) => NO_MAILBOX.contains(&code),
            // The seventh and the eighth are about the sender's address.
            Some(Reason { subject: 1, detail }) => !matches!(detail, 7 | 8),
            Some(Reason { subject, detail }) => (subject, detail) == (2, 1),
        };
        if is_the_mailbox {
            MailOutcome::Undeliverable { code }
        } else {
            MailOutcome::Refused { code }
        }
    }
}

impl Reason {
    /// Reads words that begin with such a code, like `5.1.1 no such user`.
    fn read(words: &str) -> Option<Self> {
        let mut parts = words.split_whitespace().next()?.split('.');
        let class = parts.next()?;
        let mut part = || parts.next()?.parse().ok();
        let reason = Self {
            subject: part()?,
            detail: part()?,
        };
        (matches!(class, "4" | "5") && parts.next().is_none()).then_some(reason)
    }
}

/// Gives one mail away for one recipient.
pub(crate) async fn give(server: &Server, to: &Address, mail: &[u8]) -> MailOutcome {
    let mut connection = match open(server).await {
        Ok(connection) => connection,
        Err(outcome) => return outcome,
    };
    let outcome = transact(&mut connection, server, to, mail).await;
    // Whoever does not hear it closes the connection by itself.
    drop(timeout(QUIT_WITHIN, connection.quit()).await);
    outcome
}

/// Connects and logs in, and gives nothing away.
pub(crate) async fn hello(server: &Server) -> Result<(), MailOutcome> {
    let mut connection = open(server).await?;
    drop(timeout(QUIT_WITHIN, connection.quit()).await);
    Ok(())
}

async fn open(server: &Server) -> Result<AsyncSmtpConnection, MailOutcome> {
    let hello = ClientId::Domain(server.from.email.domain().to_owned());
    let (inside, by_command) = match &server.secured {
        Secured::Tls(tls) => (Some(tls.clone()), None),
        Secured::StartTls(tls) => (None, Some(tls.clone())),
        Secured::Plain => (None, None),
    };
    let (host, is_inside) = (server.bare_host(), inside.is_some());
    let connecting = AsyncSmtpConnection::connect_tokio1(
        (host, server.port),
        Some(STEP_WITHIN),
        &hello,
        inside,
        None,
    );
    let connected = match timeout(STEP_WITHIN, connecting).await {
        Err(_) => Err(Failed::default().put_off(Some(ServerTrouble::Connect))),
        Ok(Err(error)) => {
            let trouble = if is_inside && is_of_a_handshake(&error) {
                ServerTrouble::Tls
            } else {
                ServerTrouble::Connect
            };
            Err(Failed::of(&error).put_off(Some(trouble)))
        }
        Ok(Ok(connection)) => Ok(connection),
    };
    let mut connection = connected?;
    if let Some(tls) = by_command {
        let securing = connection.starttls(tls, &hello);
        let secured = timed(STEP_WITHIN, securing).await;
        secured.map_err(|failed| failed.put_off(Some(ServerTrouble::Tls)))?;
    }
    if let Some(login) = &server.login {
        let mechanisms = [Mechanism::Plain, Mechanism::Login];
        let known = timed(STEP_WITHIN, connection.auth(&mechanisms, login)).await;
        known.map_err(|failed| failed.put_off(Some(ServerTrouble::Login)))?;
    }
    Ok(connection)
}

/// Whether encryption could not be agreed on: the library calls every end of a connection that is being made one of the
/// connection, and its TLS says by the kind of the error below it that what it read was not to its liking.
fn is_of_a_handshake(error: &Error) -> bool {
    let below = std::iter::successors(std::error::Error::source(error), |it| it.source());
    let mut below = below.filter_map(|it| it.downcast_ref::<std::io::Error>());
    error.is_tls() || below.any(|it| it.kind() == ErrorKind::InvalidData)
}

async fn transact(
    connection: &mut AsyncSmtpConnection,
    server: &Server,
    to: &Address,
    mail: &[u8],
) -> MailOutcome {
    let from = Mail::new(Some(server.from.email.clone()), vec![]);
    if let Err(failed) = timed(STEP_WITHIN, connection.command(from)).await {
        return failed.put_off(Some(ServerTrouble::Sender));
    }
    let reader = Rcpt::new(to.clone(), vec![]);
    if let Err(failed) = timed(STEP_WITHIN, connection.command(reader)).await {
        return failed.of_recipient();
    }
    if let Err(failed) = timed(STEP_WITHIN, connection.command(Data)).await {
        return match failed.permanent() {
            Some(code) => MailOutcome::Refused { code },
            None => failed.put_off(None),
        };
    }
    // From the first byte on the server may have it, whatever becomes of the connection. Only its own no says otherwise.
    match timed(server.mail_within, connection.message(mail)).await {
        Ok(answer) => MailOutcome::Accepted {
            code: code_of(&answer),
        },
        Err(Failed { code: None, .. }) => MailOutcome::Unanswered,
        Err(failed) => match failed.permanent() {
            Some(code) => MailOutcome::Refused { code },
            None => failed.put_off(None),
        },
    }
}

async fn timed<T>(
    within: Duration,
    step: impl Future<Output = Result<T, Error>>,
) -> Result<T, Failed> {
    match timeout(within, step).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(Failed::of(&error)),
        Err(_) => Err(Failed::default()),
    }
}

fn code(error: &Error) -> Option<i16> {
    let code = u16::from(error.status()?);
    i16::try_from(code).ok()
}

fn code_of(answer: &Response) -> i16 {
    i16::try_from(u16::from(answer.code())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r_lnk_7_only_a_no_about_the_mailbox_is_the_owner_s() {
        let (gone, refused) = (true, false);
        for (code, words, wanted) in [
            (550, "no such user", gone),
            (550, "5.1.1 <a@example.net>: user unknown", gone),
            (550, "5.1.10 null MX", gone),
            (550, "5.2.1 mailbox disabled", gone),
            (550, "5.0.0 no", gone),
            (550, "5.7.1 relaying denied", refused),
            (550, "5.1.8 sender's domain", refused),
            (552, "5.2.2 mailbox full", refused),
            (554, "rejected", refused),
            (554, "5.1.1 no such user", gone),
            (550, "5.1 user", gone),
            (550, "10.20.30.40 is listed", gone),
            (550, "", gone),
        ] {
            let failed = Failed {
                code: Some(code),
                reason: Reason::read(words),
            };
            let outcome = if wanted == gone {
                MailOutcome::Undeliverable { code }
            } else {
                MailOutcome::Refused { code }
            };
            assert_eq!(failed.of_recipient(), outcome, "{code} {words}");
        }
        let later = Failed {
            code: Some(450),
            reason: Reason::read("4.2.0 greylisted"),
        };
        let put_off = MailOutcome::PutOff {
            code: Some(450),
            trouble: None,
        };
        assert_eq!(later.of_recipient(), put_off);
    }
}
