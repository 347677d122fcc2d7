//! What single acts answer besides, and rules between the fields that they are asked with.

use super::act_name;
use super::answers::problem;
use crate::route::Route;
use operations::Code;
use serde_json::{Map, Value, json};

/// Something that an act made or changed, as its answer has it. Absent of a dry run.
#[derive(Clone, Copy)]
pub(crate) enum Made {
    /// One id, a UUID.
    Id(&'static str),
    /// Several ids, each a UUID.
    Ids(&'static str),
    /// An instant, where there is one.
    Instant(&'static str),
    /// A number, 0 or more.
    Count(&'static str),
    /// A list of words.
    Words(&'static str),
    /// An object of the shape that this function says.
    Object(&'static str, fn() -> Value),
    /// A list of objects of that shape.
    Objects(&'static str, fn() -> Value),
}

impl Made {
    fn field(self) -> (&'static str, Value) {
        let id = json!({ "type": "string", "format": "uuid" });
        let list = |items: Value| json!({ "type": "array", "items": items });
        match self {
            Self::Id(name) => (name, id),
            Self::Ids(name) => (name, list(id)),
            Self::Instant(name) => (name, json!({ "type": "string", "format": "date-time" })),
            Self::Count(name) => (
                name,
                json!({ "type": "integer", "format": "int64", "minimum": 0 }),
            ),
            Self::Words(name) => (name, list(json!({ "type": "string" }))),
            Self::Object(name, shape) => (name, shape()),
            Self::Objects(name, shape) => (name, list(shape())),
        }
    }
}

/// Rule between the fields of a body, in the document alone: the operation refuses what breaks it.
#[derive(Clone, Copy)]
pub(crate) enum Ruled {
    /// One of these, and no other of them.
    OneOf(&'static [&'static str]),
    /// The second field exactly where the first is not this word.
    Unless(&'static str, &'static str, &'static str),
}

impl Ruled {
    fn schema(self) -> Value {
        match self {
            Self::OneOf(names) => {
                let choice = names.iter().map(|name| {
                    json!({ "required": [name],
                    "properties": { *name: { "not": { "type": "null" } } } })
                });
                json!({ "oneOf": choice.collect::<Vec<_>>() })
            }
            Self::Unless(field, word, other) => {
                let is = json!({ "properties": { field: { "const": word } } });
                let none = json!({ "properties": { other: { "type": "null" } } });
                let some = json!({ "required": [other],
                    "properties": { other: { "not": { "type": "null" } } } });
                json!({ "if": is, "then": none, "else": some })
            }
        }
    }
}

/// Answer of an act that makes these.
pub(super) fn done(made: &[Made]) -> Value {
    let text = |about: &str| json!({ "type": "string", "description": about });
    let flag = |about: &str| json!({ "type": "boolean", "description": about });
    let mut fields = Map::new();
    fields.insert("done".to_owned(), flag("It is done, and committed."));
    let about = "It was asked for as a dry run: nothing is written.";
    fields.insert("dry_run".to_owned(), flag(about));
    fields.insert("says".to_owned(), text("In words."));
    let about = "The act's row in `operator_audit`; absent of a dry run.";
    let audit = json!({ "type": "string", "format": "uuid", "description": about });
    fields.insert("audit".to_owned(), audit);
    for one in made {
        let (name, schema) = one.field();
        fields.insert(name.to_owned(), schema);
    }
    json!({ "type": "object", "properties": fields, "required": ["done", "dry_run", "says"] })
}

impl Route {
    /// Says what an act answers with besides.
    pub(crate) fn makes(mut self, made: &[Made]) -> Self {
        let answer = act_name(&self.method, self.path, "Done");
        self.describe(&answer, |schema| *schema = done(made));
        self
    }

    /// Says a rule between the fields of an act's body.
    pub(crate) fn ruled(mut self, rule: Ruled) -> Self {
        let asked = act_name(&self.method, self.path, "Request");
        let rule = rule.schema();
        self.describe(&asked, |schema| {
            for (name, value) in rule.as_object().into_iter().flatten() {
                schema[name.as_str()] = value.clone();
            }
        });
        self
    }

    /// Says codes that this route answers with besides those of every view or act.
    pub(crate) fn may(mut self, codes: &[Code]) -> Self {
        for code in codes {
            let status = code.status().to_string();
            self.operation["responses"][status.as_str()] = problem(*code);
        }
        self.operation["x-problem-codes"] = json!(codes);
        self
    }

    fn describe(&mut self, name: &str, change: impl FnOnce(&mut Value)) {
        let found = self.schemas.iter_mut().find(|(own, _)| own == name);
        if let Some((_, schema)) = found {
            change(schema);
        }
    }
}
