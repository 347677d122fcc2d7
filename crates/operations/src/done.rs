//! What an act did.

use serde_json::{Map, Value, json};
use std::borrow::Cow;
use store::keys::KeptAnswer;

/// Status of HTTP of every act that is done.
const OK: u16 = 200;

/// A sentence that begins with a participle, and what was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    says: String,
    made: Vec<(Cow<'static, str>, Value)>,
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
        self.made.push((name.into(), value));
        self
    }

    /// What was made, by its name.
    pub fn value(&self, name: &str) -> Option<&Value> {
        let mut named = self.made.iter().filter(|(known, _)| known == name);
        named.next().map(|(_, value)| value)
    }

    /// Answer as it is kept with the act's key, with the order in which it was made.
    pub fn to_kept(&self) -> KeptAnswer {
        KeptAnswer {
            status: OK,
            body: json!({ "says": self.says, "made": self.made }),
            subject: None,
        }
    }

    /// Deeds of an answer that was kept.
    pub fn of_kept(kept: &KeptAnswer) -> Self {
        let made = kept.body["made"].as_array().into_iter().flatten();
        let made = made.filter_map(|one| {
            let name = one[0].as_str()?.to_owned();
            Some((name.into(), one[1].clone()))
        });
        Self {
            says: kept.body["says"].as_str().unwrap_or_default().to_owned(),
            made: made.collect(),
        }
    }

    /// For the log.
    pub fn in_short(&self, dry_run: bool) -> String {
        let audit = self.made.iter().find(|(name, _)| name == "audit");
        match audit {
            Some((_, id)) if !dry_run => format!("done, audit {}", plain(id)),
            _ => "dry run".to_owned(),
        }
    }

    /// For programs: `done`, `dry_run`, `says`, and what was made.
    pub fn json(&self, dry_run: bool) -> Value {
        let made = self.made.iter().filter(|_| !dry_run);
        let mut view: Map<String, Value> = made
            .map(|(name, value)| (name.clone().into_owned(), value.clone()))
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

#[cfg(test)]
mod tests {
    use super::Done;
    use serde_json::json;

    #[test]
    fn r_api_2_a_kept_answer_is_read_back_word_for_word() {
        let done = Done::new("paused queue sends")
            .with("pause", &7)
            .with_json("of", json!([{ "b": 1, "a": null }]))
            .with("audit", &"x");
        let again = Done::of_kept(&done.to_kept());
        assert_eq!(again, done);
        assert_eq!(again.lines(false), done.lines(false));
        assert_eq!(again.json(false), done.json(false));
    }
}
