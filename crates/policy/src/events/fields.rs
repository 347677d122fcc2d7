//! Fields of a body that anybody may have written, taken one by one and only in the form that they must have.

use super::Malformed;
use serde_json::{Map, Value};

/// Bytes of a word of the provider's (`CREATION_SUCCESS`, an instant) at most.
const WORD_BYTES_MAX: usize = 64;
/// Bytes of an id of theirs at most; those seen are 22 long, a person's up to 60.
const ID_BYTES_MAX: usize = 200;
/// Bytes of a signed name at most.
const TEXT_BYTES_MAX: usize = 512;

/// A JSON object.
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    pub(super) fn of(bytes: &[u8]) -> Result<Self, Malformed> {
        serde_json::from_slice(bytes)
            .map(Self)
            .map_err(|_| Malformed::NotAnObject)
    }

    /// An object inside it.
    pub(super) fn object(&self, name: &str) -> Option<Self> {
        self.0.get(name)?.as_object().cloned().map(Self)
    }

    /// A word of theirs, which must be there.
    pub(super) fn word(&self, name: &'static str) -> Result<String, Malformed> {
        let found = self.0.get(name).and_then(word);
        found.ok_or(Malformed::Field(name))
    }

    /// A text that must be there, without any form of its own.
    pub(super) fn text(&self, name: &'static str) -> Result<String, Malformed> {
        let found = self.0.get(name).and_then(Value::as_str);
        let found = found.filter(|text| !text.is_empty() && text.len() <= TEXT_BYTES_MAX);
        found.map(str::to_owned).ok_or(Malformed::Field(name))
    }

    /// An id of theirs; none where it is absent, null or empty.
    pub(super) fn id(&self, name: &'static str) -> Result<Option<String>, Malformed> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(value) => id(value).map(Some).ok_or(Malformed::Field(name)),
        }
    }

    /// Begins what is kept of it.
    pub(super) fn kept(&self) -> Kept<'_> {
        Kept {
            from: self,
            fields: Map::new(),
        }
    }
}

/// Fields that are kept. One of another form than it must have is left out.
pub(super) struct Kept<'a> {
    from: &'a Fields,
    fields: Map<String, Value>,
}

impl Kept<'_> {
    pub(super) fn put(&mut self, name: &str, text: &str) {
        self.fields.insert(name.to_owned(), text.into());
    }

    pub(super) fn keep_word(&mut self, name: &str) {
        if let Some(text) = self.from.0.get(name).and_then(word) {
            self.put(name, &text);
        }
    }

    pub(super) fn keep_id(&mut self, name: &str) {
        if let Some(text) = self.from.0.get(name).and_then(id) {
            self.put(name, &text);
        }
    }

    /// An id inside an object, under the object's name.
    pub(super) fn keep_id_of(&mut self, object: &str, name: &str) {
        let found = self.from.0.get(object).and_then(|it| it.get(name));
        if let Some(text) = found.and_then(id) {
            self.put(object, &text);
        }
    }

    pub(super) fn into_value(self) -> Value {
        Value::Object(self.fields)
    }
}

/// Letters, digits and what stands between them in words and instants; nothing that a sentence or an address needs.
fn word(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    let is_plain = |it: u8| it.is_ascii_alphanumeric() || b"_-.:+".contains(&it);
    let is_word = !text.is_empty() && text.len() <= WORD_BYTES_MAX && text.bytes().all(is_plain);
    is_word.then(|| text.to_owned())
}

/// Opaque, but without anything that breaks a line or a row.
fn id(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    let is_bad = |it: char| it.is_control() || it.is_whitespace();
    let is_id = !text.is_empty() && text.len() <= ID_BYTES_MAX && !text.contains(is_bad);
    is_id.then(|| text.to_owned())
}
