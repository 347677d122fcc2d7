//! Settings of whoever mints hosted links.

use super::Failure;
use fleet::config::Reader;
use linking::{Keys, Minter, PublicUrls};
use provider::Unipile;
use std::sync::Arc;
use store::Store;

const KEY: &str = "RELINK_SECRETS_KEY";
const KEY_PREVIOUS: &str = "RELINK_SECRETS_KEY_PREVIOUS";
const PUBLIC_URL: &str = "RELINK_PUBLIC_URL";

/// Everything that a minter needs beside the database; null where something of it is missing, which is a mistake then.
pub(crate) struct MintSettings {
    provider: provider::Config,
    parts: Option<(Keys, PublicUrls)>,
}

impl MintSettings {
    /// A minter on that login.
    pub(crate) fn minter(self, store: Store) -> Result<Minter, Failure> {
        let Some((keys, urls)) = self.parts else {
            return Err(Failure::new("the settings of links were not read"));
        };
        let provider = Unipile::new(self.provider)?;
        Ok(Minter::new(store, Arc::new(provider), keys, urls))
    }
}

/// Reads the provider, the key and the addresses, all of which must be set.
pub(crate) fn settings(reader: &mut Reader<'_>) -> MintSettings {
    let provider = reader.provider();
    let (keys, urls) = (keys(reader), public_urls(reader));
    MintSettings {
        provider,
        parts: keys.zip(urls),
    }
}

pub(crate) fn keys(reader: &mut Reader<'_>) -> Option<Keys> {
    let now = reader.secret(KEY, "32 random bytes, which names of links are signed with");
    let before = reader.optional_secret(KEY_PREVIOUS);
    match Keys::parse(&now, before.as_ref()) {
        Ok(keys) => Some(keys),
        // What is missing is said already.
        Err(_) if secrecy::ExposeSecret::expose_secret(&now).is_empty() => None,
        Err(error) => {
            reader.mistake(KEY, error);
            None
        }
    }
}

/// Addresses at which the listener for links is reached from outside.
pub(crate) fn public_urls(reader: &mut Reader<'_>) -> Option<PublicUrls> {
    let expected = "an address like https://links.example";
    let public = reader.value(PUBLIC_URL, String::new(), expected);
    let callbacks = reader.value("RELINK_CALLBACK_URL", public.clone(), expected);
    let pages = reader.value("RELINK_PAGE_URL", public, expected);
    if callbacks.is_empty() || pages.is_empty() {
        let what = "is missing: where the provider and owners reach RELINK_API_WEBHOOKS_ADDRESS";
        reader.mistake(PUBLIC_URL, what);
        return None;
    }
    match PublicUrls::parse(&callbacks, &pages) {
        Ok(urls) => Some(urls),
        Err(error) => {
            reader.mistake(PUBLIC_URL, error);
            None
        }
    }
}
