//! How the provider's webhooks stand to what this fleet wants of it. Pure.

use policy::events::Source;
use provider::RegisteredWebhook;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// Bytes of the mark that tells one secret's webhooks from another's; who reads it knows nothing of the secret.
const MARK_BYTES: usize = 6;

policy::words! {
    /// State of a webhook at the provider.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) enum WebhookState {
        /// Tells this fleet, with the secret in force.
        Current = "current",
        /// Tells this fleet with another secret than the one in force: of before a rotation, or made by hand.
        Stale = "stale",
        /// Would tell this fleet, and is switched off.
        Off = "off",
        /// Tells somebody else, or of something that is not used here.
        Foreign = "foreign",
    }
}

/// What this fleet wants to be told, and how.
pub(crate) struct Wanted {
    /// Address of the links listener from outside.
    pub(crate) url: String,
    /// Mark of the secret in force.
    mark: String,
}

impl Wanted {
    pub(crate) fn new(url: String, secret: &SecretString) -> Self {
        let mut digest = Sha256::new();
        digest.update(b"relink webhook mark 1\0");
        digest.update(secret.expose_secret().as_bytes());
        let mut mark = String::new();
        for byte in digest.finalize().iter().take(MARK_BYTES) {
            // Writing to a string cannot fail.
            write!(mark, "{byte:02x}").ok();
        }
        Self { url, mark }
    }

    /// Display name of a source's webhook. The provider shows no secret back, so the name says which it was made with.
    pub(crate) fn name(&self, source: Source) -> String {
        format!("relink {source} {}", self.mark)
    }
}

/// Webhooks, each with its state, and what lacks one.
pub(crate) struct Standing {
    pub(crate) webhooks: Vec<(WebhookState, RegisteredWebhook)>,
    /// Sources that have none that is current.
    pub(crate) lacking: Vec<Source>,
}

impl Standing {
    /// Those in this state.
    pub(crate) fn in_state(&self, state: WebhookState) -> impl Iterator<Item = &RegisteredWebhook> {
        let all = self.webhooks.iter();
        all.filter(move |(is, _)| *is == state).map(|(_, it)| it)
    }
}

/// Judges every webhook that the provider lists.
pub(crate) fn judge(wanted: &Wanted, all: Vec<RegisteredWebhook>) -> Standing {
    let state = |it: &RegisteredWebhook| match Source::parse(&it.source) {
        Some(source) if Source::WEBHOOKS.contains(&source) && it.url == wanted.url => {
            if it.name != wanted.name(source) {
                WebhookState::Stale
            } else if it.is_enabled {
                WebhookState::Current
            } else {
                WebhookState::Off
            }
        }
        _ => WebhookState::Foreign,
    };
    let webhooks: Vec<_> = all.into_iter().map(|it| (state(&it), it)).collect();
    let has = |source: &Source| {
        let is_it = |(state, it): &(WebhookState, RegisteredWebhook)| {
            *state == WebhookState::Current && it.source == source.as_str()
        };
        webhooks.iter().any(is_it)
    };
    let lacking = Source::WEBHOOKS.into_iter().filter(|it| !has(it)).collect();
    Standing { webhooks, lacking }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn webhook(source: &str, url: &str, name: &str, is_enabled: bool) -> RegisteredWebhook {
        RegisteredWebhook {
            id: "w".to_owned(),
            source: source.to_owned(),
            url: url.to_owned(),
            name: name.to_owned(),
            is_enabled,
        }
    }

    #[test]
    fn r_lnk_2_a_source_has_its_webhook_by_address_name_and_switch() {
        let wanted =
            |secret: &str| Wanted::new("https://x/w".to_owned(), &SecretString::from(secret));
        let (new, old) = (wanted("of now"), wanted("of before"));
        let name = new.name(Source::AccountStatus);
        assert_ne!(name, old.name(Source::AccountStatus));
        assert!(!name.contains("of now"), "{name}");
        for (source, url, name, is_enabled, state, lacking) in [
            (
                "account_status",
                "https://x/w",
                name.as_str(),
                true,
                WebhookState::Current,
                2,
            ),
            (
                "account_status",
                "https://x/w",
                &name,
                false,
                WebhookState::Off,
                3,
            ),
            (
                "account_status",
                "https://x/w",
                "",
                true,
                WebhookState::Stale,
                3,
            ),
            ("users", "https://x/w", &name, true, WebhookState::Stale, 3),
            (
                "account_status",
                "https://y/w",
                &name,
                true,
                WebhookState::Foreign,
                3,
            ),
            ("email", "https://x/w", "", true, WebhookState::Foreign, 3),
            (
                "callback",
                "https://x/w",
                "",
                true,
                WebhookState::Foreign,
                3,
            ),
        ] {
            let found = judge(&new, vec![webhook(source, url, name, is_enabled)]);
            assert_eq!(found.webhooks[0].0, state, "{source} {url} {name}");
            assert_eq!(found.lacking.len(), lacking, "{source} {url} {name}");
        }
        let all =
            Source::WEBHOOKS.map(|it| webhook(it.as_str(), "https://x/w", &new.name(it), true));
        assert_eq!(judge(&new, all.to_vec()).lacking, []);
        assert_eq!(judge(&old, all.to_vec()).lacking, Source::WEBHOOKS);
    }
}
