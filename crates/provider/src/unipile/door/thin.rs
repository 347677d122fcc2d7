//! What is kept of a body while it is read.

use super::mended;
use crate::unipile::decode::{Lacks, cursor};
use serde_json::{Value, json};

/// Keys whose values nothing of ours reads, anywhere in an answer: long, or not ours to have (a proxy's password).
const UNUSED: [&[u8]; 10] = [
    b"signatures",
    b"organizations",
    b"premiumFeatures",
    b"groups",
    b"proxy",
    b"body",
    b"body_plain",
    b"attachments",
    b"work_experience",
    b"posts",
];
/// Longest text that is kept, in bytes; a message has at most some 8,000 characters, each in six bytes at worst.
const TEXT_BYTES_MAX: usize = 64 << 10;
/// Longest key that is looked at.
const KEY_BYTES_MAX: usize = 32;
/// Longest of what is noted on the way.
const NOTED_BYTES_MAX: usize = 16 << 10;

/// What was noted of a list that was too long to keep.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cut {
    /// JSON of its cursor.
    pub(crate) cursor: Vec<u8>,
    /// JSON of the id of its first item.
    pub(crate) id: Vec<u8>,
}

impl Cut {
    /// Where the page behind it begins.
    pub(crate) fn next_cursor(&self) -> Result<Option<String>, Lacks> {
        let next = noted_json(&self.cursor).ok_or(Lacks("cursor"))?;
        cursor(&json!({ "cursor": next }))
    }

    /// First item, of which no more than its id is known.
    pub(crate) fn first_item(&self) -> Value {
        json!({ "id": noted_json(&self.id) })
    }
}

fn noted_json(json: &[u8]) -> Option<Value> {
    serde_json::from_str(&mended(json)).ok()
}

/// Takes a body piece by piece. Of space one is kept, long texts are cut, unused values become null; of the rest at most
/// so many bytes are kept.
pub(crate) struct Thinner {
    bytes_max: usize,
    kept: Vec<u8>,
    is_full: bool,
    depth: usize,
    at: Place,
    /// The newest text, as long as it may be a key.
    text: Vec<u8>,
    noting: Option<(usize, Note)>,
    noted: Cut,
}

#[derive(Clone, Copy)]
enum Place {
    Between,
    Text { kept: usize, escape: u8 },
    Unused { depth: usize },
    UnusedText { depth: usize, escaped: bool },
}

#[derive(Clone, Copy)]
enum Note {
    Cursor,
    Id,
}

impl Thinner {
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self {
            bytes_max,
            kept: Vec::new(),
            is_full: false,
            depth: 0,
            at: Place::Between,
            text: Vec::new(),
            noting: None,
            noted: Cut::default(),
        }
    }

    /// Whether more came than may be kept.
    pub(crate) fn is_full(&self) -> bool {
        self.is_full
    }

    /// What was kept; where that is not all, what was noted of it.
    pub(crate) fn done(self) -> Result<Vec<u8>, Cut> {
        if self.is_full {
            return Err(self.noted);
        }
        Ok(self.kept)
    }

    pub(crate) fn push(&mut self, piece: &[u8]) {
        for byte in piece {
            self.take(*byte);
        }
    }

    fn take(&mut self, byte: u8) {
        self.at = match self.at {
            Place::Between => self.between(byte),
            Place::Text { kept, escape } => self.text(byte, kept, escape),
            Place::UnusedText { depth, escaped } => match byte {
                b'"' if !escaped => Place::Unused { depth },
                _ => Place::UnusedText {
                    depth,
                    escaped: byte == b'\\' && !escaped,
                },
            },
            Place::Unused { depth } => match byte {
                b'"' => Place::UnusedText {
                    depth,
                    escaped: false,
                },
                b'{' | b'[' => Place::Unused { depth: depth + 1 },
                b'}' | b']' if depth > 0 => Place::Unused { depth: depth - 1 },
                b',' | b'}' | b']' if depth == 0 => self.between(byte),
                _ => Place::Unused { depth },
            },
        };
    }

    fn between(&mut self, byte: u8) -> Place {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => {
                // One stays, or two numbers would become one.
                if self.kept.last() != Some(&b' ') {
                    self.keep(b' ');
                }
                return Place::Between;
            }
            b',' | b'}' | b']' if self.noting.is_some_and(|(depth, _)| depth == self.depth) => {
                self.noting = None;
            }
            _ => {}
        }
        self.keep(byte);
        match byte {
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            b':' => return self.behind_key(),
            b'"' => {
                self.text.clear();
                return Place::Text { kept: 0, escape: 0 };
            }
            _ => {}
        }
        Place::Between
    }

    fn behind_key(&mut self) -> Place {
        if UNUSED.contains(&self.text.as_slice()) {
            for byte in *b"null" {
                self.keep(byte);
            }
            return Place::Unused { depth: 0 };
        }
        let note = match (self.depth, self.text.as_slice()) {
            (1, b"cursor") => Some(Note::Cursor),
            (3, b"id") if self.noted.id.is_empty() => Some(Note::Id),
            _ => None,
        };
        if let Some(note) = note {
            self.noting = Some((self.depth, note));
        }
        Place::Between
    }

    /// Cut between characters and outside an escape, so that what is left is a text.
    fn text(&mut self, byte: u8, kept: usize, escape: u8) -> Place {
        let is_start = escape == 0 && byte & 0xc0 != 0x80;
        if byte == b'"' && escape == 0 {
            self.keep(byte);
            return Place::Between;
        }
        let is_cut = kept == usize::MAX || (is_start && kept >= TEXT_BYTES_MAX);
        if !is_cut {
            self.keep(byte);
            if self.text.len() < KEY_BYTES_MAX {
                self.text.push(byte);
            }
        }
        let escape = match (escape, byte) {
            (0, b'\\') => 1,
            (1, b'u') => 5,
            (0..=2, _) => 0,
            (left, _) => left - 1,
        };
        Place::Text {
            kept: if is_cut { usize::MAX } else { kept + 1 },
            escape,
        }
    }

    fn keep(&mut self, byte: u8) {
        if let Some((_, note)) = self.noting {
            let noted = match note {
                Note::Cursor => &mut self.noted.cursor,
                Note::Id => &mut self.noted.id,
            };
            if noted.len() < NOTED_BYTES_MAX {
                noted.push(byte);
            }
        }
        self.is_full |= self.kept.len() >= self.bytes_max;
        if !self.is_full {
            self.kept.push(byte);
        }
    }
}

#[cfg(test)]
mod tests;
