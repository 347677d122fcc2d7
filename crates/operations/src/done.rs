//! What an act did.

use serde_json::{Map, Value, json};

/// A sentence that begins with a participle, and what was made.
#[derive(Clone, Debug)]
pub struct Done {
    says: String,
    made: Vec<(&'static str, Value)>,
}

impl Done {
    /// An act that is described so.
    pub fn new(says: impl Into<String>) -> Self {
        let (says, made) = (says.into(), vec![]);
        Self { says, made }
    }

    /// Adds something that exists only if this was no dry run.
    #[must_use]
    pub fn with(self, name: &'static str, value: &impl ToString) -> Self {
        self.with_json(name, json!(value.to_string()))
    }

    /// Adds something that is more than a text.
    #[must_use]
    pub fn with_json(mut self, name: &'static str, value: Value) -> Self {
        self.made.push((name, value));
        self
    }

    /// What was made, by its name.
    pub fn value(&self, name: &str) -> Option<&Value> {
        let mut named = self.made.iter().filter(|(known, _)| *known == name);
        named.next().map(|(_, value)| value)
    }

    /// For the log.
    pub fn in_short(&self, dry_run: bool) -> String {
        let audit = self.made.iter().find(|(name, _)| *name == "audit");
        match audit {
            Some((_, id)) if !dry_run => format!("done, audit {}", plain(id)),
            _ => "dry run".to_owned(),
        }
    }

    /// For programs: `done`, `dry_run`, `says`, and what was made.
    pub fn json(&self, dry_run: bool) -> Value {
        let made = self.made.iter().filter(|_| !dry_run);
        let mut view: Map<String, Value> = made
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect();
        view.insert("done".to_owned(), json!(!dry_run));
        view.insert("dry_run".to_owned(), json!(dry_run));
        view.insert("says".to_owned(), json!(self.says));
        Value::Object(view)
    }

    /// For people.
    pub fn lines(&self, dry_run: bool) -> String {
        if dry_run {
            return format!("dry run, nothing is written; would have {}\n", self.says);
        }
        let made = self.made.iter();
        let lines: Vec<String> = made
            .map(|(name, value)| format!("  {name:<8} {}\n", plain(value)))
            .collect();
        format!("done: {}\n{}", self.says, lines.concat())
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
