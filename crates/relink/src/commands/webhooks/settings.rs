//! Settings of what callers without a token are known by, and of where they reach us.

use api::LinkSecrets;
use fleet::config::Reader;
use linking::{Keys, PublicUrls};
use secrecy::{ExposeSecret as _, SecretString};

const SECRET: &str = "RELINK_WEBHOOK_SECRET";
const PREVIOUS: &str = "RELINK_WEBHOOK_SECRET_PREVIOUS";
const KEY: &str = "RELINK_SECRETS_KEY";
const KEY_PREVIOUS: &str = "RELINK_SECRETS_KEY_PREVIOUS";
/// Shorter ones can be guessed.
const SECRET_BYTES_MIN: usize = 24;

/// Secret that webhooks are registered with; a mistake where it is not set.
pub(crate) fn webhook_secret(reader: &mut Reader<'_>) -> SecretString {
    let secret = reader.secret(
        SECRET,
        "the secret of the provider's webhooks, 24 characters or more",
    );
    check_length(reader, SECRET, &secret);
    secret
}

/// Everything that the links listener proves its callers by. What is not set proves nobody.
pub(crate) fn links(reader: &mut Reader<'_>) -> LinkSecrets {
    let mut optional = |name| {
        let secret = reader.optional_secret(name)?;
        check_length(reader, name, &secret);
        Some(secret)
    };
    let webhook_secrets = [optional(SECRET), optional(PREVIOUS)];
    LinkSecrets {
        keys: keys(reader),
        webhook_secrets: webhook_secrets.into_iter().flatten().collect(),
    }
}

fn check_length(reader: &mut Reader<'_>, name: &str, secret: &SecretString) {
    let length = secret.expose_secret().len();
    // One that is missing is a mistake already.
    if (1..SECRET_BYTES_MIN).contains(&length) {
        let what = format!("has {length} characters; use {SECRET_BYTES_MIN} or more");
        reader.mistake(name, what);
    }
}

/// Keys of names, where there are any.
fn keys(reader: &mut Reader<'_>) -> Option<Keys> {
    let now = reader.optional_secret(KEY);
    let before = reader.optional_secret(KEY_PREVIOUS);
    let keys = Keys::parse(&now?, before.as_ref());
    keys.map_err(|error| reader.mistake(KEY, error)).ok()
}

/// Where we are reached from outside; none where nobody said.
pub(crate) fn public_urls(reader: &mut Reader<'_>) -> Option<PublicUrls> {
    let expected = "an address like https://links.example";
    let public = reader.value("RELINK_PUBLIC_URL", String::new(), expected);
    let callbacks = reader.value("RELINK_CALLBACK_URL", public.clone(), expected);
    let pages = reader.value("RELINK_PAGE_URL", public, expected);
    if callbacks.is_empty() && pages.is_empty() {
        return None;
    }
    let urls = PublicUrls::parse(&callbacks, &pages);
    urls.map_err(|error| reader.mistake("RELINK_PUBLIC_URL", error)).ok()
}

/// Address of webhooks; a mistake where nobody said where we are.
pub(crate) fn webhook_url(reader: &mut Reader<'_>) -> String {
    let urls = public_urls(reader);
    if urls.is_none() {
        reader.mistake("RELINK_PUBLIC_URL", "is missing: where the provider reaches the links listener");
    }
    urls.map_or_else(String::new, |it| it.provider_webhook().to_string())
}
