//! Whom we trust.

use crate::ConfigError;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;

/// TLS with ring, named here and not installed for the process. Without a CA file this machine's roots are read, but
/// only when they are needed: a machine without any can still speak plain HTTP to a simulator.
pub(crate) fn config(ca_pem: Option<&[u8]>, https: bool) -> Result<ClientConfig, ConfigError> {
    let roots = match ca_pem {
        Some(pem) => own(pem)?,
        None if https => machine()?,
        None => RootCertStore::empty(),
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

fn own(pem: &[u8]) -> Result<RootCertStore, ConfigError> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|_| ConfigError::Ca)?;
        roots.add(certificate).map_err(|_| ConfigError::Ca)?;
    }
    if roots.is_empty() {
        return Err(ConfigError::Ca);
    }
    Ok(roots)
}

fn machine() -> Result<RootCertStore, ConfigError> {
    let mut roots = RootCertStore::empty();
    // Some machines carry a certificate or two that no library reads; the others still serve.
    let (added, _) =
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if added == 0 {
        return Err(ConfigError::NoRoots);
    }
    Ok(roots)
}
