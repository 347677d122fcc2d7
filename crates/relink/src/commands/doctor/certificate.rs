//! Until when a server's certificates are good. The look breaks off before anything is agreed: whether they are trusted
//! is for the real connection to say.

use super::finding::Findings;
use jiff::{SignedDuration, Timestamp};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, Error, SignatureScheme};
use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use x509_cert::Certificate;
use x509_cert::der::Decode;

/// For each step of a look.
const WITHIN: Duration = Duration::from_secs(3);
/// With less than so many days left a certificate should be renewed, or must be.
const WARN_DAYS: i64 = 30;
const FAIL_DAYS: i64 = 7;
/// PostgreSQL's question whether it speaks TLS, and its yes.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];
const YES: u8 = b'S';

/// How a server is asked for TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// TLS from the first byte.
    AtOnce,
    /// PostgreSQL's own.
    Postgres,
}

/// Looks, and says what it saw. `name` is the finding's.
pub(super) async fn look(
    name: &str,
    (host, port): (String, u16),
    manner: Manner,
    findings: &mut Findings,
) {
    let place = host.clone();
    let seen = tokio::task::spawn_blocking(move || shown(&host, port, manner)).await;
    match seen {
        Ok(Ok(Some(chain))) => judge(name, &chain, now(), findings),
        Ok(Ok(None)) => findings.ok(
            name,
            format!("{place} offers no TLS, and none is asked for"),
        ),
        Ok(Err(error)) => findings.not_asked(name, format!("no certificate was shown: {error}")),
        Err(error) => findings.not_asked(name, error.to_string()),
    }
}

fn judge(name: &str, chain: &[CertificateDer<'_>], now: Timestamp, findings: &mut Findings) {
    let ends: Vec<(Timestamp, String)> = chain.iter().filter_map(|one| end(one)).collect();
    let Some((end, subject)) = ends.into_iter().min() else {
        findings.not_asked(name, "the certificate could not be read");
        return;
    };
    let left = end.duration_since(now);
    let days = left.as_hours() / 24;
    let saw = if left.is_negative() {
        format!("{subject} has expired on {end}")
    } else {
        format!("{subject} is good for {days} days, until {end}")
    };
    let limit = |days: i64| SignedDuration::from_hours(24 * days);
    let todo = "renew the server's certificate, and see why nobody renewed it in time";
    if left < limit(FAIL_DAYS) {
        findings.fail(name, saw, todo);
    } else if left < limit(WARN_DAYS) {
        findings.warn(name, saw, todo);
    } else {
        findings.ok(name, saw);
    }
}

/// When one certificate ends, and whose it is.
fn end(der: &CertificateDer<'_>) -> Option<(Timestamp, String)> {
    let certificate = Certificate::from_der(der.as_ref()).ok()?.tbs_certificate;
    let seconds = certificate.validity.not_after.to_unix_duration().as_secs();
    let end = Timestamp::from_second(i64::try_from(seconds).ok()?).ok()?;
    let subject = match certificate.subject.to_string() {
        empty if empty.is_empty() => "the certificate".to_owned(),
        subject => format!("the certificate of {subject}"),
    };
    Some((end, subject))
}

#[expect(
    clippy::disallowed_methods,
    reason = "certificates are judged by the machine's clock, as TLS itself does"
)]
pub(super) fn now() -> Timestamp {
    Timestamp::now()
}

/// What the server shows; none if it speaks no TLS and need not.
fn shown(
    host: &str,
    port: u16,
    manner: Manner,
) -> io::Result<Option<Vec<CertificateDer<'static>>>> {
    let mut addresses = (host, port).to_socket_addrs()?;
    let address = addresses.next().ok_or(io::ErrorKind::NotFound)?;
    let mut stream = TcpStream::connect_timeout(&address, WITHIN)?;
    stream.set_read_timeout(Some(WITHIN))?;
    stream.set_write_timeout(Some(WITHIN))?;
    if manner == Manner::Postgres {
        stream.write_all(&SSL_REQUEST)?;
        let mut answer = [0];
        stream.read_exact(&mut answer)?;
        if answer != [YES] {
            return Ok(None);
        }
    }
    let witness = Arc::new(Witness::default());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&witness) as Arc<dyn ServerCertVerifier>)
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    let mut tls = ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)?;
    let ended = tls.complete_io(&mut stream);
    let seen = witness.0.lock().map(|mut seen| std::mem::take(&mut *seen));
    match (seen, ended) {
        (Ok(seen), _) if !seen.is_empty() => Ok(Some(seen)),
        (_, Err(error)) => Err(error),
        (_, Ok(_)) => Err(io::Error::other("the server showed none")),
    }
}

/// Notes what the server shows, and refuses it: nothing is ever sent over a connection of this.
#[derive(Debug, Default)]
struct Witness(Mutex<Vec<CertificateDer<'static>>>);

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Ok(mut seen) = self.0.lock() {
            let all = std::iter::once(own).chain(others);
            seen.extend(all.map(|one| one.clone().into_owned()));
        }
        Err(Error::General("only looked at".to_owned()))
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("only looked at".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("only looked at".to_owned()))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let provider = rustls::crypto::ring::default_provider();
        provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
