//! URLs of hosted pages as they are stored: whoever reads the row cannot open the page.

use crate::keys::{Keys, Label, Master};
use policy::ids::AttemptId;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

impl Keys {
    /// Seals a URL for the row of that attempt. The nonce comes of the text, so that sealing needs no randomness and two
    /// texts never share one.
    pub fn seal_url(&self, attempt: AttemptId, url: &str) -> Vec<u8> {
        let key = self.current();
        let attempt = attempt.0.as_bytes();
        let signed = [attempt.as_slice(), url.as_bytes()].concat();
        let mut nonce = [0; NONCE_LEN];
        nonce.copy_from_slice(&key.whole_code(Label::Nonce, &signed)[..NONCE_LEN]);
        let mut sealed = url.as_bytes().to_vec();
        let appended = sealing(key, attempt).and_then(|sealing| {
            let nonce = Nonce::assume_unique_for_key(nonce);
            let sealed = sealing.seal_in_place_append_tag(nonce, Aad::empty(), &mut sealed);
            sealed.ok()
        });
        match appended {
            Some(()) => [nonce.as_slice(), &sealed].concat(),
            // Never of a URL: only gigabytes are refused. What is empty cannot be opened, and is minted anew.
            None => vec![],
        }
    }

    /// Opens what a key in force sealed for that attempt; null for anything else.
    pub fn open_url(&self, attempt: AttemptId, sealed: &[u8]) -> Option<String> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>()?;
        self.in_force().find_map(|key| {
            let mut open = sealed.to_vec();
            let nonce = Nonce::assume_unique_for_key(*nonce);
            let opening = sealing(key, attempt.0.as_bytes())?;
            let text = opening.open_in_place(nonce, Aad::empty(), &mut open).ok()?;
            String::from_utf8(text.to_vec()).ok()
        })
    }
}

/// A key of its own for each attempt: what is sealed for one opens for no other.
fn sealing(key: &Master, attempt: &[u8]) -> Option<LessSafeKey> {
    let key = key.whole_code(Label::Seal, attempt);
    let key = UnboundKey::new(&CHACHA20_POLY1305, &key).ok()?;
    Some(LessSafeKey::new(key))
}
