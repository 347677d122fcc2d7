//! Telling whether a session changed between two lists without keeping both.

use super::Session;

const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

/// FNV-1a: the hash of one text is that text's for ever, whatever the build.
struct Hash(u64);

impl Hash {
    /// Takes in a text and that it ends; no text has the byte 0xff.
    fn text(&mut self, text: &str) {
        for byte in text.bytes().chain([0xff]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(PRIME);
        }
    }

    fn texts(&mut self, texts: &[String]) {
        for text in texts {
            self.text(text);
        }
        self.text("");
    }

    fn maybe(&mut self, text: Option<&str>) {
        self.text(if text.is_some() { "+" } else { "-" });
        self.text(text.unwrap_or_default());
    }
}

impl Session {
    /// Hash of all that a list says of the session. The same in each build, or every new one would write the whole fleet
    /// anew. Of a session that could not be read, the time at which it was tried is no news.
    pub fn fingerprint(&self) -> i64 {
        let Self {
            id,
            kind,
            name,
            health,
            words,
            odd,
            side,
            identity,
            handle,
            created_at,
        } = self;
        let mut hash = Hash(OFFSET);
        for text in [&id.0, kind, name, health.as_str()] {
            hash.text(text);
        }
        hash.texts(words);
        hash.texts(odd);
        hash.maybe(side.map(super::Health::as_str));
        hash.maybe(identity.as_ref().map(|person| person.0.as_str()));
        hash.maybe(handle.as_deref());
        if self.is_readable() {
            for byte in created_at.as_microsecond().to_be_bytes() {
                hash.0 = (hash.0 ^ u64::from(byte)).wrapping_mul(PRIME);
            }
        }
        hash.0.cast_signed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{Identity, SessionId};
    use crate::samples::{at, session, session_id};
    use crate::session::Health;
    use std::collections::BTreeSet;

    #[test]
    fn fnv_1a_is_as_published() {
        let mut hash = Hash(OFFSET);
        for byte in b"foobar" {
            hash.0 = (hash.0 ^ u64::from(*byte)).wrapping_mul(PRIME);
        }
        assert_eq!(hash.0, 0x8594_4171_f739_67e8);
    }

    /// A member that the hash forgot would never be written again once it changes.
    #[test]
    fn every_change_of_a_session_changes_its_fingerprint() {
        let changes: [fn(&mut Session); 14] = [
            |_| {},
            |it| it.id = SessionId("other".to_owned()),
            |it| it.kind = "MAIL".to_owned(),
            |it| it.name.push('x'),
            |it| it.health = Health::Credentials,
            |it| it.words.push(String::new()),
            |it| it.words = vec!["O".to_owned(), "K".to_owned()],
            |it| (it.words, it.odd) = (vec![], vec!["OK".to_owned()]),
            |it| it.odd.push("PONDERING".to_owned()),
            |it| it.side = Some(Health::Ok),
            |it| it.identity = Some(Identity("another".to_owned())),
            |it| it.identity = None,
            |it| it.handle = None,
            |it| it.created_at = at(1),
        ];
        let fingerprint = |change: &fn(&mut Session)| {
            let mut one = session(1);
            change(&mut one);
            one.fingerprint()
        };
        let all: BTreeSet<i64> = changes.iter().map(fingerprint).collect();
        assert_eq!(all.len(), changes.len());
    }

    #[test]
    fn r_wat_4_what_stays_unreadable_is_no_news() {
        let odd = |seen_at| Session::unreadable(session_id(1), "odd".to_owned(), seen_at);
        assert_eq!(odd(at(0)).fingerprint(), odd(at(300)).fingerprint());
        assert_ne!(odd(at(0)).fingerprint(), session(1).fingerprint());
    }
}
