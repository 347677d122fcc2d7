//! Where the mail server is, and how it is spoken to.

use crate::session::hello;
use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, TlsParameters};
use policy::notices::MailOutcome;
use secrecy::{ExposeSecret as _, SecretString};
use std::fmt;
use std::time::Duration;
use url::Url;

/// Ports of submission: inside TLS, and with STARTTLS.
const PORTS: (u16, u16) = (465, 587);
/// Time of a mail itself and the answer to it.
const MAIL_WITHIN: Duration = Duration::from_secs(30);

/// A mail server, its login and our sender. Its `Debug` hides all but the host.
#[derive(Clone)]
pub struct Server {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) secured: Secured,
    pub(crate) login: Option<Credentials>,
    pub(crate) from: Mailbox,
    /// Time of a mail and the answer to it, 30 s unless said.
    pub mail_within: Duration,
}

/// Encryption of a connection.
#[derive(Clone)]
pub(crate) enum Secured {
    /// From its first byte.
    Tls(TlsParameters),
    /// By STARTTLS, or nothing is said.
    StartTls(TlsParameters),
    /// Not at all: a server on this machine.
    Plain,
}

/// A mail server that cannot be used. No part of the URL is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailConfigError {
    /// Not a URL of the expected form.
    #[error("use smtps://user:password@host:465 or smtp://user:password@host:587")]
    Url,
    /// A login that everybody on the way could read.
    #[error("a login goes over TLS only: use smtps://, or smtp:// without ?tls=none")]
    PlainLogin,
    /// Mails that everybody on the way could read.
    #[error("?tls=none is for a server on this machine: use smtps://, or smtp:// without it")]
    PlainAway,
    /// Our sender is no address.
    #[error("use a sender like `Relink <notices@example.com>`")]
    From,
    /// No certificates to trust.
    #[error("the CA file holds no usable certificate, or this machine trusts none")]
    Ca,
}

impl Server {
    /// Reads `RELINK_SMTP_URL` and `RELINK_MAIL_FROM`. `ca_pem` holds certificates to trust instead of this machine's own.
    pub fn parse(
        url: &SecretString,
        from: &str,
        ca_pem: Option<&[u8]>,
    ) -> Result<Self, MailConfigError> {
        let url = Url::parse(url.expose_secret().trim()).map_err(|_| MailConfigError::Url)?;
        let host = url.host_str().ok_or(MailConfigError::Url)?.to_owned();
        let login = login(&url)?;
        let is_path_empty = matches!(url.path(), "" | "/");
        let (secured, port) = match (url.scheme(), url.query()) {
            ("smtps", None) if is_path_empty => (Secured::Tls(tls(&host, ca_pem)?), PORTS.0),
            ("smtp", None) if is_path_empty => (Secured::StartTls(tls(&host, ca_pem)?), PORTS.1),
            ("smtp", Some("tls=none")) if is_path_empty => {
                may_be_plain(&host, login.as_ref())?;
                (Secured::Plain, PORTS.1)
            }
            _ => return Err(MailConfigError::Url),
        };
        Ok(Self {
            port: url.port().unwrap_or(port),
            host,
            secured,
            login,
            from: from.trim().parse().map_err(|_| MailConfigError::From)?,
            mail_within: MAIL_WITHIN,
        })
    }
}

impl Server {
    /// Host without the brackets that an address of IPv6 has in a URL.
    pub(crate) fn bare_host(&self) -> &str {
        bare(&self.host)
    }

    /// Host and port, as a person reads them.
    pub fn address(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// Connects, logs in and says goodbye; at an error, the place of it.
    pub async fn hello(&self) -> Result<(), MailOutcome> {
        hello(self).await
    }
}

fn may_be_plain(host: &str, login: Option<&Credentials>) -> Result<(), MailConfigError> {
    if login.is_some() {
        return Err(MailConfigError::PlainLogin);
    }
    let is_here = matches!(host, "localhost" | "127.0.0.1" | "[::1]" | "::1");
    is_here.then_some(()).ok_or(MailConfigError::PlainAway)
}

fn login(url: &Url) -> Result<Option<Credentials>, MailConfigError> {
    let (user, password) = (url.username(), url.password());
    match (user.is_empty(), password) {
        (true, None) => Ok(None),
        (false, Some(password)) => {
            let (user, password) = (decoded(user)?, decoded(password)?);
            Ok(Some(Credentials::new(user, password)))
        }
        (true, Some(_)) | (false, None) => Err(MailConfigError::Url),
    }
}

/// Text of a URL's part, with `%40` for `@`.
fn decoded(part: &str) -> Result<String, MailConfigError> {
    let mut bytes = vec![];
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next(), rest.next()].map(|it| {
            let digit = it.and_then(|it| char::from(it).to_digit(16));
            digit.and_then(|it| u8::try_from(it).ok())
        });
        let [Some(high), Some(low)] = digits else {
            return Err(MailConfigError::Url);
        };
        bytes.push(high * 16 + low);
    }
    String::from_utf8(bytes).map_err(|_| MailConfigError::Url)
}

fn bare(host: &str) -> &str {
    host.trim_matches(['[', ']'])
}

fn tls(host: &str, ca_pem: Option<&[u8]>) -> Result<TlsParameters, MailConfigError> {
    let mut builder = TlsParameters::builder(bare(host).to_owned());
    if let Some(pem) = ca_pem {
        let trusted = Certificate::from_pem(pem).map_err(|_| MailConfigError::Ca)?;
        builder = builder
            .certificate_store(CertificateStore::None)
            .add_root_certificate(trusted);
    }
    builder.build().map_err(|_| MailConfigError::Ca)
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("host", &self.host)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(url: &str, from: &str) -> Result<Server, MailConfigError> {
        Server::parse(&SecretString::from(url), from, None)
    }

    #[test]
    fn a_server_is_read_and_a_login_never_goes_in_the_clear() {
        use MailConfigError as E;
        let from = "Relink <notices@example.com>";
        let read = |url: &str| parsed(url, from).map(|it| (it.host, it.port, it.login.is_some()));
        for (url, wanted) in [
            (
                "smtps://u:p%40ss@mail.example",
                Ok(("mail.example", 465, true)),
            ),
            ("smtp://u:p@mail.example", Ok(("mail.example", 587, true))),
            (
                "smtp://mail.example:2525",
                Ok(("mail.example", 2525, false)),
            ),
            (
                "smtp://127.0.0.1:2525?tls=none",
                Ok(("127.0.0.1", 2525, false)),
            ),
            ("smtp://u:p@127.0.0.1?tls=none", Err(E::PlainLogin)),
            ("smtp://mail.example?tls=none", Err(E::PlainAway)),
            ("smtp://mail.example?tls=opportunistic", Err(E::Url)),
            ("smtp://user@mail.example", Err(E::Url)),
            ("smtp://u:p%4@mail.example", Err(E::Url)),
            ("http://mail.example", Err(E::Url)),
            ("mail.example", Err(E::Url)),
        ] {
            let wanted = wanted.map(|(host, port, login)| (host.to_owned(), port, login));
            assert_eq!(read(url), wanted, "{url}");
        }
        assert_eq!(
            parsed("smtps://mail.example", "nobody").map(drop),
            Err(E::From)
        );
        let shown = format!("{:?}", parsed("smtps://u:hush@mail.example", from));
        assert!(!shown.contains("hush"), "{shown}");
    }
}
