//! What the documents promise stays promised: a line that is no longer true fails, and a new one is written down.

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

/// Every promise of a document, a line each.
fn promises(document: &Value) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for (path, item) in fields(&document["paths"]) {
        for (method, operation) in fields(item) {
            let name = format!("{} {path}", method.to_uppercase());
            of_operation(&name, operation, &mut lines);
        }
    }
    let components = &document["components"];
    for (name, schema) in fields(&components["schemas"]) {
        of_schema(name, schema, &mut lines);
    }
    for (name, answer) in fields(&components["responses"]) {
        for code in answer["x-problem-codes"].as_array().into_iter().flatten() {
            lines.insert(format!("{name} has the code {code}"));
        }
        for (header, _) in fields(&answer["headers"]) {
            lines.insert(format!("{name} has the header {header}"));
        }
    }
    lines
}

fn of_operation(name: &str, operation: &Value, lines: &mut BTreeSet<String>) {
    for scheme in operation["security"].as_array().into_iter().flatten() {
        lines.insert(format!("{name} needs {}", scheme["token"][0]));
    }
    for asked in operation["parameters"].as_array().into_iter().flatten() {
        let need = if asked["required"] == true {
            NEEDED
        } else {
            "may be left out"
        };
        let (place, field) = (&asked["in"], &asked["name"]);
        let field = format!("{name} {place} {field}");
        lines.insert(format!("{field} {need}"));
        of_schema(&field, &asked["schema"], lines);
    }
    let body = &operation["requestBody"]["content"]["application/json"]["schema"];
    if !body.is_null() {
        lines.insert(format!("{name} is asked with {}", kind(body)));
    }
    for (status, answer) in fields(&operation["responses"]) {
        let schema = &answer["content"]["application/json"]["schema"];
        let what = if schema.is_null() { answer } else { schema };
        lines.insert(format!("{name} answers {status}: {}", kind(what)));
    }
}

/// End of a line about a field that an asker must name.
const NEEDED: &str = "is needed";

fn of_schema(name: &str, schema: &Value, lines: &mut BTreeSet<String>) {
    lines.insert(format!("{name} is {}", kind(schema)));
    for word in schema["enum"].as_array().into_iter().flatten() {
        lines.insert(format!("{name} may be {word}"));
    }
    for limit in [
        "minimum",
        "maximum",
        "minItems",
        "maxItems",
        "maxLength",
        "pattern",
    ] {
        if !schema[limit].is_null() {
            lines.insert(format!("{name} has {limit} {}", schema[limit]));
        }
    }
    for field in schema["required"].as_array().into_iter().flatten() {
        let field = field.as_str().unwrap_or_default();
        let end = if name.ends_with("Request") {
            NEEDED
        } else {
            "is always there"
        };
        lines.insert(format!("{name}.{field} {end}"));
    }
    for (field, schema) in fields(&schema["properties"]) {
        of_schema(&format!("{name}.{field}"), schema, lines);
    }
    if schema["items"].is_object() {
        of_schema(&format!("{name}[]"), &schema["items"], lines);
    }
    for choice in ["allOf", "oneOf", "anyOf"] {
        for (number, part) in schema[choice].as_array().into_iter().flatten().enumerate() {
            of_schema(&format!("{name}/{choice}{number}"), part, lines);
        }
    }
}

/// Kind of a schema, or its name.
fn kind(schema: &Value) -> String {
    if let Some(to) = schema["$ref"].as_str() {
        return to.rsplit('/').next().unwrap_or(to).to_owned();
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds
            .iter()
            .filter_map(Value::as_str)
            .collect::<Vec<_>>()
            .join(" or "),
        kind => kind.as_str().unwrap_or("anything").to_owned(),
    };
    let format = schema["format"].as_str();
    format.map_or(kind.clone(), |format| format!("{kind} ({format})"))
}

fn fields(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

#[test]
fn r_api_2_no_promise_of_a_document_is_taken_back() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("it/api/snapshot");
    #[expect(
        clippy::disallowed_methods,
        reason = "how a person asks a test to write its page"
    )]
    let rewrite = std::env::var_os("UPDATE_DOCS").is_some_and(|value| value == "1");
    for (name, document) in api::documents() {
        let path = folder.join(format!("{name}.txt"));
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let kept: BTreeSet<String> = text.lines().map(ToOwned::to_owned).collect();
        let now = promises(&document);
        let gone: Vec<&String> = kept.difference(&now).collect();
        assert!(
            gone.is_empty(),
            "{name}: no longer so; who asks relies on it. Take a line out by hand if nobody can: {gone:#?}"
        );
        let new: Vec<&String> = now.difference(&kept).collect();
        let is_old = |line: &&&String| {
            let of = line.split(' ').take(2).collect::<Vec<_>>().join(" ");
            let of = of.split('.').next().unwrap_or(&of).to_owned();
            kept.iter().any(|one| one.starts_with(&of))
        };
        let harder: Vec<_> = new
            .iter()
            .filter(|it| it.ends_with(NEEDED))
            .filter(is_old)
            .collect();
        assert!(
            harder.is_empty(),
            "{name}: who asks did not need it: {harder:#?}"
        );
        if rewrite {
            let lines: Vec<&str> = now.iter().map(String::as_str).collect();
            std::fs::write(&path, lines.join("\n") + "\n").expect("write it");
            continue;
        }
        assert!(
            new.is_empty(),
            "{name}: new; UPDATE_DOCS=1 writes them down: {new:#?}"
        );
    }
}

#[test]
fn r_api_2_the_snapshot_notices_what_is_taken_back() {
    let [_, (_, document)] = api::documents();
    let whole = promises(&document);
    for place in [
        "/paths/~1v1~1pauses/post",
        "/paths/~1v1~1accounts/get/parameters/0",
        "/components/schemas/PostPausesDone/properties/pause",
        "/components/schemas/AccountStatus/enum/0",
        "/components/responses/TooManyRequests/headers/Retry-After",
        "/components/responses/NotFound/x-problem-codes/0",
    ] {
        let mut cut = document.clone();
        let (parent, name) = place.rsplit_once('/').expect("a place");
        match cut.pointer_mut(parent).expect(place) {
            Value::Object(fields) => drop(fields.remove(name).expect(place)),
            Value::Array(all) => drop(all.remove(name.parse().expect("a number"))),
            _ => panic!("{place}"),
        }
        let gone = whole.difference(&promises(&cut)).count();
        assert!(gone > 0, "{place} went unnoticed");
    }
}

#[test]
fn r_api_2_every_code_is_answered_by_some_line_and_stands_in_the_docs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let docs = std::fs::read_to_string(root.join("docs/api.md")).expect("docs/api.md");
    let mut source = String::new();
    for file in files(&root.join("crates")) {
        let is_list =
            file.ends_with("operations/src/code.rs") || file.ends_with("document/answers.rs");
        if !is_list && file.extension().is_some_and(|it| it == "rs") {
            source += &std::fs::read_to_string(&file).expect("a source");
        }
    }
    for code in operations::Code::ALL {
        assert!(
            docs.contains(&format!("`{code}`")),
            "{code} is not in docs/api.md"
        );
        let name = format!("Code::{code:?}");
        let is_answered = source.match_indices(&name).any(|(at, _)| {
            let next = source[at + name.len()..].chars().next();
            !next.is_some_and(char::is_alphanumeric)
        });
        assert!(is_answered, "nothing answers {code}");
    }
}

/// Files below a folder.
fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = vec![];
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}
