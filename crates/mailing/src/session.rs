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
use std::time::Duration;
use tokio::time::timeout;

/// Time of each step but the last, connecting included.
const STEP_WITHIN: Duration = Duration::from_secs(10);
/// Time of saying goodbye, which nothing depends on.
const QUIT_WITHIN: Duration = Duration::from_secs(2);

/// Codes to a recipient that say that there is no such mailbox; others refuse the mail, or us.
const NO_MAILBOX: [i16; 6] = [521, 550, 551, 552, 553, 556];

/// Step that did not succeed: the server's code, where it gave one.
#[derive(Clone, Copy, Debug)]
struct Failed(Option<i16>);

impl Failed {
    /// Code that says no for good.
    fn permanent(self) -> Option<i16> {
        self.0.filter(|code| (500..600).contains(code))
    }

    fn put_off(self, trouble: Option<ServerTrouble>) -> MailOutcome {
        MailOutcome::PutOff {
            code: self.0,
            trouble,
        }
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
    let host = server.host.trim_matches(['[', ']']);
    let connecting = AsyncSmtpConnection::connect_tokio1(
        (host, server.port),
        Some(STEP_WITHIN),
        &hello,
        inside,
        None,
    );
    let connected = match timeout(STEP_WITHIN, connecting).await {
        Err(_) => Err(Failed(None).put_off(Some(ServerTrouble::Connect))),
        Ok(Err(error)) => {
            let trouble = if error.is_tls() {
                ServerTrouble::Tls
            } else {
                ServerTrouble::Connect
            };
            Err(Failed(code(&error)).put_off(Some(trouble)))
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
        return match failed.permanent() {
            Some(code) if NO_MAILBOX.contains(&code) => MailOutcome::Undeliverable { code },
            Some(code) => MailOutcome::Refused { code },
            None => failed.put_off(None),
        };
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
        Err(Failed(None)) => MailOutcome::Unanswered,
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
        Ok(Err(error)) => Err(Failed(code(&error))),
        Err(_) => Err(Failed(None)),
    }
}

/// The server's code; its words may quote an address, and stay here.
fn code(error: &Error) -> Option<i16> {
    let code = u16::from(error.status()?);
    i16::try_from(code).ok()
}

fn code_of(answer: &Response) -> i16 {
    i16::try_from(u16::from(answer.code())).unwrap_or_default()
}
