//! The provider: whether it answers. Our key is not sent.

use super::certificate::{self, Manner};
use super::finding::Findings;
use super::settings::Settings;

pub(super) async fn look(settings: &Settings, findings: &mut Findings) {
    let Some(config) = &settings.provider else {
        return findings.not_asked("provider", "RELINK_PROVIDER_URL is not set, or wrong");
    };
    let (host, port, is_tls) = match config.place() {
        Ok(place) => place,
        Err(error) => {
            let todo = "write scheme, host and port, like https://api1.unipile.com:13111";
            return findings.fail("provider", error.to_string(), todo);
        }
    };
    if is_tls {
        let place = (host.clone(), port);
        certificate::look("provider certificate", place, Manner::AtOnce, findings).await;
    } else if host != "localhost" && !host.starts_with("127.") && host != "::1" {
        let saw = format!("{host} is spoken to in plain text, the key with it");
        findings.fail(
            "provider certificate",
            saw,
            "write https:// in RELINK_PROVIDER_URL",
        );
    }
    let todo = "see whether RELINK_PROVIDER_URL names the provider, whether this machine may reach it, and RELINK_PROVIDER_CA_FILE";
    match config.hello().await {
        Ok(status) if status < 500 => {
            findings.ok(
                "provider",
                format!("{host}:{port} answers ({status} to a request without our key)"),
            );
        }
        Ok(status) => {
            let todo = "wait, and see the provider's own page about its state";
            findings.warn("provider", format!("{host}:{port} answers {status}"), todo);
        }
        Err(error) => findings.fail("provider", error, todo),
    }
}
