//! Certificates that end soon: shown by a server that speaks nothing but TLS.

use super::patient::{Report, examine, text};
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection};
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::Arc;
use tests::site::secure;

#[expect(
    clippy::disallowed_methods,
    reason = "certificates are judged by the machine's clock"
)]
fn today() -> jiff::civil::Date {
    jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date()
}

/// Parameters of a certificate for `localhost` that ends in so many days.
pub(super) fn ending_in(days: i64) -> CertificateParams {
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
    let end = today()
        .checked_add(jiff::Span::new().days(days))
        .expect("a day");
    let (month, day) = (
        u8::try_from(end.month()).expect("a month"),
        u8::try_from(end.day()).expect("a day"),
    );
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(i32::from(end.year()), month, day);
    params
}

/// Answers every connection with that certificate, on a thread that ends with the test.
pub(super) fn serve(days: i64) -> u16 {
    let key = KeyPair::generate().expect("a key");
    let certificate = ending_in(days).self_signed(&key).expect("a certificate");
    let chain = vec![CertificateDer::from(certificate.der().to_vec())];
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("a server");
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("its number").port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            if let Ok(mut tls) = ServerConnection::new(Arc::clone(&config)) {
                // The look breaks off: that is how it is meant.
                tls.complete_io(&mut stream).ok();
            }
        }
    });
    port
}

async fn looked_at(days: i64) -> Report {
    let port = serve(days);
    let settings = [
        (
            "RELINK_AMQP_URL",
            format!("amqps://user:hush-hush@localhost:{port}/%2f"),
        ),
        ("RELINK_PROVIDER_URL", format!("https://localhost:{port}")),
        ("RELINK_PROVIDER_API_KEY", "hush-hush".to_owned()),
    ];
    let settings: BTreeMap<String, String> = settings
        .map(|(name, value)| (name.to_owned(), value))
        .into();
    let report = examine(&settings).await;
    assert!(!report.text.contains("hush-hush"));
    report
}

#[tokio::test]
async fn certificates_that_end_soon_are_named_before_they_end() {
    secure();
    for (days, state, saw) in [
        (-3, "fail", "has expired on"),
        (6, "fail", "is good for 5 days"),
        (20, "warn", "is good for 19 days"),
        (60, "ok", "is good for 59 days"),
    ] {
        let report = looked_at(days).await;
        for name in ["broker certificate", "provider certificate"] {
            let found = report.findings.iter().find(|one| one["name"] == name);
            let found = found.unwrap_or_else(|| panic!("{name}: {}", report.text));
            assert_eq!(text(found, "state"), state, "{name}, {days} days: {found}");
            assert!(
                text(found, "saw").contains(saw),
                "{name}, {days} days: {found}"
            );
            if state == "fail" {
                println!(
                    "| a certificate with {days} days left | `{name}` | {} | {} |",
                    text(found, "saw"),
                    text(found, "todo")
                );
            }
        }
    }
}
