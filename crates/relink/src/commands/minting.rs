//! What a process needs that makes links: the provider, the key of the fleet, and where we are reached from outside.

use super::Failure;
use super::webhooks::{keys, public_urls};
use fleet::chain;
use fleet::config::Reader;
use linking::{Keys, Minter, PublicUrls};
use provider::Unipile;
use std::sync::Arc;
use store::Store;

/// Settings of a process that makes links; each that lacks is a mistake.
pub(crate) struct MintingSettings {
    provider: provider::Config,
    keys: Option<Keys>,
    urls: Option<PublicUrls>,
}

/// Reads them.
pub(crate) fn minting(reader: &mut Reader<'_>) -> MintingSettings {
    let (keys, urls) = (keys(reader), public_urls(reader));
    if keys.is_none() {
        let what = "is missing, or wrong: the key of the fleet's links, 32 random bytes as hex or base64";
        reader.mistake("RELINK_SECRETS_KEY", what);
    }
    if urls.is_none() {
        let what = "is missing: where owners and the provider reach us, like https://links.example";
        reader.mistake("RELINK_PUBLIC_URL", what);
    }
    MintingSettings {
        provider: reader.provider(),
        keys,
        urls,
    }
}

impl MintingSettings {
    /// A minter; nothing is asked of anybody yet.
    pub(crate) fn minter(self, store: Store) -> Result<Minter, Failure> {
        let lacks = || Failure::new("RELINK_SECRETS_KEY or RELINK_PUBLIC_URL is missing");
        let (keys, urls) = self.keys.zip(self.urls).ok_or_else(lacks)?;
        let provider = Unipile::new(self.provider);
        let provider = provider.map_err(|error| Failure::new(chain(&error)))?;
        Ok(Minter::new(store, Arc::new(provider), keys, urls))
    }
}
