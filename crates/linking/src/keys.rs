//! The one key that links are signed and sealed with, and what is derived from it.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;
use std::fmt;

/// Length of the master key, and of each derived one, in bytes.
const KEY_BYTES: usize = 32;

/// Bytes of a code that are kept: nobody guesses half of 128 bits online, and a name stays short.
pub(crate) const CODE_BYTES: usize = 16;

/// Use of a derived key. A code made for one use is none for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Label {
    /// Names of attempts.
    Name,
    /// Tickets of owners' pages.
    Page,
    /// One-click opt-outs of mails.
    OptOut,
    /// Keys that seal URLs.
    Seal,
    /// Nonces of sealed URLs.
    Nonce,
}

impl Label {
    const fn as_bytes(self) -> &'static [u8] {
        match self {
            Self::Name => b"relink link name 1",
            Self::Page => b"relink page ticket 1",
            Self::OptOut => b"relink opt-out 1",
            Self::Seal => b"relink url seal 1",
            Self::Nonce => b"relink url nonce 1",
        }
    }
}

/// Keys of the fleet: of now, and of before the last rotation. Their `Debug` hides them.
#[derive(Clone)]
pub struct Keys {
    now: Master,
    before: Option<Master>,
}

/// A text that is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key is 32 random bytes, as 64 hex digits or as base64")]
pub struct KeyError;

impl Keys {
    /// Reads `RELINK_SECRETS_KEY`, and `RELINK_SECRETS_KEY_PREVIOUS` where it is set: 32 bytes as hex or base64.
    pub fn parse(now: &SecretString, before: Option<&SecretString>) -> Result<Self, KeyError> {
        Ok(Self {
            now: Master::parse(now)?,
            before: before.map(Master::parse).transpose()?,
        })
    }

    /// Key that signs and seals from now on.
    pub(crate) fn current(&self) -> &Master {
        &self.now
    }

    /// Keys whose signatures and seals are good, the newest first.
    pub(crate) fn in_force(&self) -> impl Iterator<Item = &Master> {
        [Some(&self.now), self.before.as_ref()]
            .into_iter()
            .flatten()
    }

    /// Whether `code` is of these bytes, by any key in force; takes as long for a wrong code as for a right one.
    pub(crate) fn is_code_of(&self, label: Label, signed: &[u8], code: &[u8; CODE_BYTES]) -> bool {
        // Every key is asked, so that the time does not say which.
        let signed_it = |key: &&Master| key.authenticates(label, signed, code);
        self.in_force().filter(signed_it).count() > 0
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").finish_non_exhaustive()
    }
}

/// One master key.
#[derive(Clone)]
pub(crate) struct Master([u8; KEY_BYTES]);

impl Master {
    fn parse(text: &SecretString) -> Result<Self, KeyError> {
        let text = text.expose_secret().trim();
        let bytes = if text.len() == 2 * KEY_BYTES {
            hex(text)
        } else {
            let decoded = BASE64_STANDARD.decode(text);
            let decoded = decoded.or_else(|_| BASE64_URL_SAFE_NO_PAD.decode(text));
            decoded.ok()
        };
        let bytes: Option<[u8; KEY_BYTES]> = bytes.and_then(|it| it.try_into().ok());
        // A key of one byte over and over is a place holder.
        let real = bytes.filter(|it| it.iter().any(|byte| *byte != it[0]));
        real.map(Self).ok_or(KeyError)
    }

    /// Whole code of those bytes. Whoever signs several values frames those whose length may vary.
    pub(crate) fn whole_code(&self, label: Label, signed: &[u8]) -> [u8; KEY_BYTES] {
        self.coded(label, signed).finalize().into_bytes().into()
    }

    /// Code that goes out: the first half.
    pub(crate) fn code(&self, label: Label, signed: &[u8]) -> [u8; CODE_BYTES] {
        let whole = self.whole_code(label, signed);
        let mut code = [0; CODE_BYTES];
        code.copy_from_slice(&whole[..CODE_BYTES]);
        code
    }

    fn authenticates(&self, label: Label, signed: &[u8], code: &[u8; CODE_BYTES]) -> bool {
        self.coded(label, signed)
            .verify_truncated_left(code)
            .is_ok()
    }

    fn coded(&self, label: Label, signed: &[u8]) -> Hmac<Sha256> {
        let mut derived = keyed(&self.0);
        derived.update(label.as_bytes());
        let derived: [u8; KEY_BYTES] = derived.finalize().into_bytes().into();
        let mut coded = keyed(&derived);
        coded.update(signed);
        coded
    }
}

/// A key as long as the hash's block, as HMAC pads it itself.
fn keyed(key: &[u8; KEY_BYTES]) -> Hmac<Sha256> {
    let mut block = [0; 2 * KEY_BYTES];
    block[..KEY_BYTES].copy_from_slice(key);
    Hmac::new(&block.into())
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|it| it.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    Some(
        digits?
            .chunks(2)
            .map(|pair| (pair[0] << 4) | pair[1])
            .collect(),
    )
}

#[cfg(test)]
mod tests;
