//! What proves the provider's webhooks: the secret that they were registered with. Callbacks are proved by the minter's keys.

use crate::tally::Tally;
use axum::http::HeaderMap;
use policy::events::SECRET_HEADER;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq as _};

/// Secrets in force, and how often something came without.
pub(crate) struct Proofs {
    /// Of each secret in force its digest, so that a comparison takes the same time whatever is shown.
    webhooks: Vec<[u8; 32]>,
    pub(crate) tally: Tally,
}

impl Proofs {
    pub(crate) fn new(webhook_secrets: &[SecretString]) -> Self {
        let secrets = webhook_secrets.iter();
        Self {
            webhooks: secrets
                .map(|it| digest(it.expose_secret().as_bytes()))
                .collect(),
            tally: Tally::default(),
        }
    }

    /// Whether the headers bear one secret, once, and it is one in force.
    pub(crate) fn is_webhook(&self, headers: &HeaderMap) -> bool {
        let mut shown = headers.get_all(SECRET_HEADER).iter();
        let (Some(only), None) = (shown.next(), shown.next()) else {
            return false;
        };
        let only = digest(only.as_bytes());
        // All of them are compared, whichever it is.
        let known = self.webhooks.iter().map(|secret| secret.ct_eq(&only));
        known.fold(Choice::from(0), |one, other| one | other).into()
    }
}

fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn r_lnk_2_a_webhook_bears_one_secret_that_is_in_force() {
        let of = |secrets: &[&str]| {
            let secrets: Vec<_> = secrets.iter().map(|it| SecretString::from(*it)).collect();
            Proofs::new(&secrets)
        };
        let rotated = of(&["new-secret", "old-secret"]);
        for (shown, proofs, is_good) in [
            (&["new-secret"][..], &rotated, true),
            (&["old-secret"], &rotated, true),
            (&["older-secret"], &rotated, false),
            (&["new-secre"], &rotated, false),
            (&["new-secret", "new-secret"], &rotated, false),
            (&["new-secret", "x"], &rotated, false),
            (&[], &rotated, false),
            (&[""], &rotated, false),
            (&[""], &of(&[]), false),
            (&["new-secret"], &of(&[]), false),
        ] {
            let mut headers = HeaderMap::new();
            for value in shown {
                headers.append(SECRET_HEADER, HeaderValue::from_static(value));
            }
            assert_eq!(proofs.is_webhook(&headers), is_good, "{shown:?}");
        }
    }
}
