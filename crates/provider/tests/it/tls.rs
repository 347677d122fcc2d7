//! TLS, on loopback.

use crate::answers::account;
use crate::server::{config, id};
use provider::{Cause, ConfigError, Provider, Unipile};
use rustls::pki_types::PrivateKeyDer;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

/// A blocking HTTPS server that answers each connection once; returns its certificate too.
fn https() -> (SocketAddr, String) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let (tls, listener) = (Arc::new(tls), TcpListener::bind("127.0.0.1:0").unwrap());
    let at = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let session = rustls::ServerConnection::new(Arc::clone(&tls)).unwrap();
            let mut stream = rustls::StreamOwned::new(session, stream);
            // A client that does not trust us ends the handshake; that is its business.
            if stream.read(&mut [0; 4096]).is_ok_and(|read| read > 0) {
                let body = account("a");
                let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
                stream.write_all((head + &body).as_bytes()).unwrap();
            }
        }
    });
    (at, made.cert.pem())
}

#[tokio::test]
async fn a_named_ca_is_trusted_and_another_is_not() {
    let (at, pem) = https();
    let (_, other) = https();
    let with = |pem: &str| {
        let mut config = config(at);
        config.base_url = format!("https://localhost:{}/", at.port());
        config.ca_pem = Some(pem.as_bytes().to_vec());
        Unipile::new(config).unwrap()
    };
    with(&pem).get_session(&id("a")).await.unwrap();
    let error = with(&other).get_session(&id("a")).await.unwrap_err();
    assert!(matches!(error.cause, Cause::Unreached(_)), "{error:?}");
}

#[test]
fn a_ca_file_without_a_certificate_is_refused() {
    for pem in [
        "",
        "nonsense",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        let mut config = config("127.0.0.1:1".parse().unwrap());
        config.ca_pem = Some(pem.into());
        assert!(
            matches!(Unipile::new(config), Err(ConfigError::Ca)),
            "{pem}"
        );
    }
}

#[test]
fn https_with_this_machines_roots_does_not_panic() {
    let mut config = config("127.0.0.1:1".parse().unwrap());
    config.base_url = "https://localhost:1".into();
    // A machine without roots says so; one with roots makes a client.
    assert!(matches!(
        Unipile::new(config),
        Ok(_) | Err(ConfigError::NoRoots)
    ));
}
