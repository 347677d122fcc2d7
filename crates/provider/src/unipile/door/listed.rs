//! A list, item by item.

use crate::unipile::decode::{Lacks, cursor, object};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// A list whose items are not read yet: one that is odd spoils no other.
#[derive(Debug, Deserialize)]
pub(crate) struct Listed<'a> {
    object: Option<Value>,
    #[serde(borrow)]
    items: Option<Vec<&'a RawValue>>,
    // Missing is no clear "no more", and not the same as null.
    #[serde(default, deserialize_with = "present")]
    cursor: Option<Value>,
}

/// As much of an item as says which it is.
#[derive(Deserialize)]
struct Named {
    object: Option<String>,
    id: Option<Value>,
}

impl<'a> Listed<'a> {
    /// Reads a list that calls itself `name`; its items as they came, and where its next page begins.
    pub(crate) fn read(
        text: &'a str,
        name: &str,
    ) -> Result<(Vec<&'a RawValue>, Option<String>), Lacks> {
        let Self {
            object: own,
            items,
            cursor: next,
        } = serde_json::from_str(text).map_err(|_| Lacks("JSON"))?;
        let mut head = serde_json::Map::new();
        head.extend(own.map(|own| ("object".to_owned(), own)));
        head.extend(next.map(|next| ("cursor".to_owned(), next)));
        let head = Value::from(head);
        object(&head, name)?;
        let next = cursor(&head)?;
        Ok((items.ok_or(Lacks("items"))?, next))
    }
}

/// An item; where it is more than we can read, no more of it than its name.
pub(crate) fn item(raw: &RawValue) -> Value {
    serde_json::from_str(raw.get()).unwrap_or_else(|_| {
        let Ok(Named { object, id }) = serde_json::from_str(raw.get()) else {
            return Value::Null;
        };
        serde_json::json!({ "object": object, "id": id })
    })
}

fn present<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(from).map(Some)
}
