//! Bodies with odd things in them.

use crate::content;
use crate::control::{Health, Odd};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};

/// Oddities by session.
#[derive(Debug, Default)]
pub(crate) struct Oddities(HashMap<String, Odd>);

/// Stands in an answer for the raw text with that number, until it is written.
fn mark(number: usize) -> String {
    format!("\u{1}raw {number}\u{1}")
}

impl Oddities {
    /// From now on these; one without any oddity is as usual again.
    pub(crate) fn set(&mut self, odd: Vec<Odd>) {
        for one in odd {
            self.0.insert(one.session.clone(), one);
        }
    }

    /// Writes a list or an account, with what is odd about its sessions.
    pub(crate) fn written(&self, mut answer: Value) -> String {
        let mut texts = vec![];
        if !self.0.is_empty() {
            match answer.get_mut("items").and_then(Value::as_array_mut) {
                Some(items) => {
                    let odd = items
                        .drain(..)
                        .flat_map(|item| self.items(item, &mut texts));
                    let odd: Vec<_> = odd.collect();
                    *items = odd;
                }
                None => self.change(&mut answer, &mut texts),
            }
        }
        let marked = |text: String, (number, raw): (usize, &String)| {
            text.replace(
                &Value::from(mark(number)).to_string(),
                &format!("\"{raw}\""),
            )
        };
        texts.iter().enumerate().fold(answer.to_string(), marked)
    }

    fn items(&self, mut item: Value, texts: &mut Vec<String>) -> Vec<Value> {
        let again = self.of(&item).map_or(0, |odd| odd.again);
        self.change(&mut item, texts);
        vec![item; again + 1]
    }

    fn change(&self, account: &mut Value, texts: &mut Vec<String>) {
        let Some(odd) = self.of(account).cloned() else {
            return;
        };
        apply(account, &sizes(&odd, account));
        apply(account, &odd.account);
        let raw = raw(&odd.raw, texts);
        apply(account, &raw);
    }

    fn of(&self, account: &Value) -> Option<&Odd> {
        self.of_session(account.get("id")?.as_str()?)
    }

    /// Its own, or everybody's.
    fn of_session(&self, session: &str) -> Option<&Odd> {
        self.0.get(session).or_else(|| self.0.get(""))
    }

    /// State by which the profile of a session's owner answers in place of its own.
    pub(crate) fn profile_health(&self, session: &str) -> Option<Health> {
        self.of_session(session)?.me_health
    }

    /// The profile of a session's owner, with what is odd about it.
    pub(crate) fn profile(&self, session: &str, mut profile: Value) -> Value {
        if let Some(odd) = self.of_session(session) {
            apply(&mut profile, &odd.me);
        }
        profile
    }
}

/// Members of an account whose sizes were asked for.
fn sizes(odd: &Odd, account: &Value) -> Map<String, Value> {
    let Odd {
        signature_bytes,
        organizations,
        ballast_bytes,
        ..
    } = odd;
    let name = account.get("name").and_then(Value::as_str);
    let signature = |bytes| content::signature(name.unwrap_or_default(), "Odd", bytes);
    let members = [
        (
            "signatures",
            signature_bytes.map(|bytes| vec![signature(bytes)].into()),
        ),
        (
            "connection_params.im.organizations",
            organizations.map(|count| content::organizations_of(0, count).into()),
        ),
        (
            "ballast",
            ballast_bytes.map(|bytes| content::ballast(bytes).into()),
        ),
    ];
    let asked = members.into_iter();
    asked
        .filter_map(|(key, value)| Some((key.to_owned(), value?)))
        .collect()
}

fn raw(raw: &BTreeMap<String, String>, texts: &mut Vec<String>) -> Map<String, Value> {
    let mut marked = Map::new();
    for (key, text) in raw {
        marked.insert(key.clone(), mark(texts.len()).into());
        texts.push(text.clone());
    }
    marked
}

fn apply(to: &mut Value, changes: &Map<String, Value>) {
    for (path, value) in changes {
        let mut place = &mut *to;
        let mut keys = path.split('.').peekable();
        while let Some(key) = keys.next() {
            let Some(map) = place.as_object_mut() else {
                break;
            };
            if keys.peek().is_some() {
                place = map.entry(key).or_insert_with(|| Value::Object(Map::new()));
                continue;
            }
            if value.is_null() {
                map.remove(key);
            } else {
                map.insert(key.to_owned(), value.clone());
            }
            break;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_odd_session_is_written_as_told_and_no_other_is() {
        let mut oddities = Oddities::default();
        let odd = json!({
            "session": "b", "account": {"type": null, "connection_params.im.id": 7}, "raw": {"name": "Ann \\ud83d"},
            "me": {"email": null}, "again": 1,
        });
        oddities.set(vec![serde_json::from_value(odd).expect("an oddity")]);
        let item = |id: &str| json!({"id": id, "type": "LINKEDIN", "name": "Ann"});
        let list = json!({"items": [item("a"), item("b")], "cursor": null});
        let odd = r#"{"connection_params":{"im":{"id":7}},"id":"b","name":"Ann \ud83d"}"#;
        let usual = item("a").to_string();
        let written = format!(r#"{{"cursor":null,"items":[{usual},{odd},{odd}]}}"#);
        assert_eq!(oddities.written(list), written);
        assert_eq!(oddities.written(item("b")), odd);
        let profile = |id| oddities.profile(id, json!({"email": "a@b", "x": 1}));
        assert_eq!(profile("b"), json!({"x": 1}));
        assert_eq!(profile("a"), json!({"email": "a@b", "x": 1}));
    }

    #[test]
    fn sizes_hold_for_everybody_who_has_none_of_their_own() {
        let mut oddities = Oddities::default();
        let odd = json!([
            { "signature_bytes": 5_000, "ballast_bytes": 900 }, { "session": "b", "organizations": 2, "me_health": "OK" },
        ]);
        oddities.set(serde_json::from_value(odd).expect("oddities"));
        let item = |id: &str| json!({"id": id, "name": "Ann", "signatures": []});
        let written =
            |id| -> Value { serde_json::from_str(&oddities.written(item(id))).expect("JSON") };
        let (a, b) = (written("a"), written("b"));
        assert_eq!(
            a["signatures"][0]["content"].as_str().map(str::len),
            Some(5_000)
        );
        assert!(a["ballast"].to_string().len() >= 900);
        assert_eq!((&b["signatures"], b.get("ballast")), (&json!([]), None));
        assert_eq!(
            b["connection_params"]["im"]["organizations"]
                .as_array()
                .map(Vec::len),
            Some(2)
        );
        assert_eq!(oddities.profile_health("a"), None);
        assert_eq!(oddities.profile_health("b"), Some(Health::Ok));
    }
}
