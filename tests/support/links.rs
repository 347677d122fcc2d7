//! Links in tests: one key for all processes, and calls for links.

use linking::{Intent, Keys, LastLink, LinkAsk, Minted, Minter, NotMinted, PublicUrls};
use policy::ids::{AccountId, WorkspaceId};
use provider::Provider;
use secrecy::{ExposeSecret as _, SecretString};
use std::sync::Arc;
use store::Store;

/// Key that every process under test signs and seals with.
pub const SECRETS_KEY: &str = "6b65792d63616e6172792d6f662d74686174207465737473207369676e207769";
/// Where every process under test says that it is reached from outside.
pub const PUBLIC_URL: &str = "http://127.0.0.1:8082";

/// Settings that `relink api` needs for links, where a test says nothing else.
pub fn with_settings(arguments: &[&str], settings: &[(String, String)]) -> Vec<(String, String)> {
    let mut all = settings.to_vec();
    if arguments.first() != Some(&"api") {
        return all;
    }
    for (name, value) in [
        ("RELINK_SECRETS_KEY", SECRETS_KEY),
        ("RELINK_PUBLIC_URL", PUBLIC_URL),
        ("RELINK_PROVIDER_URL", "http://127.0.0.1:9"),
        ("RELINK_PROVIDER_API_KEY", crate::provider::KEY),
    ] {
        let is_set = |(other, _): &(String, String)| other.starts_with(name);
        if !settings.iter().any(is_set) {
            all.push((name.to_owned(), value.to_owned()));
        }
    }
    all
}

/// The key that tests sign with.
pub fn keys() -> Keys {
    Keys::parse(&SecretString::from(SECRETS_KEY), None).expect("a key")
}

/// A minter as the API has it, on a store of the operators' login.
pub fn minter(store: Store, provider: Arc<dyn Provider>) -> Minter {
    let urls = PublicUrls::parse(PUBLIC_URL, PUBLIC_URL).expect("URLs");
    Minter::new(store, provider, keys(), urls)
}

/// A call of a product for its owner's way back.
pub fn ask(account: AccountId, workspace: WorkspaceId) -> LinkAsk {
    LinkAsk {
        account,
        workspace,
        by: "token 0a1b2c".to_owned(),
        intent: Intent::Repair,
        last_link: LastLink::Unsaid,
        success_url: None,
        failure_url: None,
    }
}

/// What a call came to, in a line: the URL, and whether it is given again; or the word for why there is none.
pub fn line(ended: &Result<Minted, NotMinted>) -> String {
    match ended {
        Ok(minted) => {
            let how = if minted.is_reused { "reused" } else { "minted" };
            format!("{how} {}", minted.url.expose_secret())
        }
        Err(why) => format!("refused {}", why.word()),
    }
}
