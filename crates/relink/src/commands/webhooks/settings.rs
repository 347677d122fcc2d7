//! Settings of the provider's webhooks: what they bear, and where they are sent.

use crate::commands::minting::public_urls;
use fleet::config::Reader;
use secrecy::{ExposeSecret as _, SecretString};

const SECRET: &str = "RELINK_WEBHOOK_SECRET";
const PREVIOUS: &str = "RELINK_WEBHOOK_SECRET_PREVIOUS";
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

/// Secrets that webhooks are let in with: of now, and of before.
pub(crate) fn webhook_secrets(reader: &mut Reader<'_>) -> Vec<SecretString> {
    let secrets = [SECRET, PREVIOUS].map(|name| {
        let secret = reader.optional_secret(name)?;
        check_length(reader, name, &secret);
        Some(secret)
    });
    secrets.into_iter().flatten().collect()
}

fn check_length(reader: &mut Reader<'_>, name: &str, secret: &SecretString) {
    let length = secret.expose_secret().len();
    // One that is missing is a mistake already.
    if (1..SECRET_BYTES_MIN).contains(&length) {
        let what = format!("has {length} characters; use {SECRET_BYTES_MIN} or more");
        reader.mistake(name, what);
    }
}

/// Address that webhooks are sent to.
pub(crate) fn webhook_url(reader: &mut Reader<'_>) -> String {
    let urls = public_urls(reader);
    urls.map_or_else(String::new, |it| it.provider_webhook().to_string())
}
