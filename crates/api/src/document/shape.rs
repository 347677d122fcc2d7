//! Schemas as the library below writes them, in the plainer shape that readers of the document take best.

use serde_json::{Value, json};

/// The same schema with each choice of one taken, at any depth.
pub(super) fn fitted(mut schema: Value) -> Value {
    match &mut schema {
        Value::Object(fields) => {
            let one = fields.get("oneOf").and_then(|it| it.as_array());
            if let Some([only]) = one.map(Vec::as_slice) {
                let only = only.clone();
                fields.remove("oneOf");
                for (name, value) in only.as_object().into_iter().flatten() {
                    fields.entry(name.clone()).or_insert_with(|| value.clone());
                }
            }
            for value in fields.values_mut() {
                *value = fitted(value.take());
            }
        }
        Value::Array(all) => {
            for value in all {
                *value = fitted(value.take());
            }
        }
        _ => {}
    }
    schema
}

/// The same schema without null: in a path and in a query nothing is null, it is left out.
pub(super) fn not_null(mut schema: Value) -> Value {
    let Some(fields) = schema.as_object_mut() else {
        return schema;
    };
    if let Some(kinds) = fields.get_mut("type").and_then(|it| it.as_array_mut()) {
        kinds.retain(|kind| kind != "null");
        if let [only] = kinds.as_slice() {
            let only = only.clone();
            fields.insert("type".to_owned(), only);
        }
    }
    if let Some(choice) = fields.get_mut("oneOf").and_then(|it| it.as_array_mut()) {
        choice.retain(|one| *one != json!({ "type": "null" }));
    }
    fitted(schema)
}

#[cfg(test)]
mod tests {
    use super::{fitted, not_null};
    use serde_json::json;

    #[test]
    fn a_choice_of_one_is_no_choice_and_a_parameter_is_not_null() {
        let word =
            json!({ "description": "Which.", "oneOf": [{ "type": "null" }, { "$ref": "#/x" }] });
        assert_eq!(fitted(word.clone()), word);
        assert_eq!(
            not_null(word),
            json!({ "description": "Which.", "$ref": "#/x" })
        );
        let number = json!({ "type": ["integer", "null"], "minimum": 1 });
        assert_eq!(not_null(number), json!({ "type": "integer", "minimum": 1 }));
    }
}
