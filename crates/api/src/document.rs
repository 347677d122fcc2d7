//! What the OpenAPI document says of one route: schemas from the types that are read and written.

use axum::http::Method;
use operations::Operation;
use serde::Serialize;
use serde_json::{Map, Value, json};
use store::operators::Scope;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

/// Statuses that any route may answer with.
const ALWAYS: [(&str, &str); 5] = [
    ("401", "The token is not in force, or there is none."),
    ("403", "The token does not have the scope."),
    ("422", "A field is wrong; `field` names it."),
    ("429", "Too many requests; see `Retry-After`."),
    (
        "503",
        "The database does not answer, or too many requests are being answered.",
    ),
];
/// Statuses that only acts may answer with.
const OF_ACTS: [(&str, &str); 5] = [
    ("400", "The body is no JSON object."),
    ("408", "The body did not arrive in time."),
    ("409", "The thing is not in a state for it."),
    ("413", "The body is larger than 64 KiB."),
    ("415", "The body is not said to be JSON."),
];
const MISSING: (&str, &str) = ("404", "There is no such thing.");

type Schemas = Vec<(String, RefOr<Schema>)>;

/// What the document says of a view.
pub(crate) fn view<Q: ToSchema, V: ToSchema>(
    path: &'static str,
    scope: Scope,
    summary: &str,
) -> (Value, Schemas) {
    let mut schemas = vec![];
    V::schemas(&mut schemas);
    let (in_path, in_query) = split(path, object::<Q>());
    let mut parameters = in_path.parameters("path");
    parameters.extend(in_query.parameters("query"));
    let mut operation = operation(&Method::GET, path, scope, summary, &V::schema());
    operation["parameters"] = Value::Array(parameters);
    responses(&mut operation, ALWAYS.into_iter().chain([MISSING]));
    (operation, schemas)
}

/// What the document says of an act.
pub(crate) fn act<O: Operation + ToSchema>(
    method: &Method,
    path: &'static str,
    summary: &str,
) -> (Value, Schemas) {
    asked::<O>(method, (path, O::SCOPE, summary), &Answer::schema())
}

/// Statuses that only acts answer with that ask the provider.
const OUTWARD: [(&str, &str); 3] = [
    ("424", "The provider refused; see `provider_type`."),
    ("502", "The provider does not work; nothing changed."),
    ("504", "The provider did not answer in time; nothing changed."),
];

/// What the document says of an act that asks the provider, and makes `V`: 201, or 200 of what is there already.
pub(crate) fn outward<B: ToSchema, V: ToSchema>(
    (path, scope, summary): (&'static str, Scope, &str),
) -> (Value, Schemas) {
    let made = V::schema();
    let known = json!({ "oneOf": [made, Answer::schema()] });
    let (mut operation, mut schemas) = asked::<B>(&Method::POST, (path, scope, summary), &known);
    V::schemas(&mut schemas);
    let mut created = operation["responses"]["200"].clone();
    created["description"] = json!("Made.");
    created["content"]["application/json"]["schema"] = json!(made);
    operation["responses"]["201"] = created;
    operation["responses"]["200"]["description"] = json!("There already; or a dry run.");
    responses(&mut operation, OUTWARD.into_iter());
    (operation, schemas)
}

fn asked<B: ToSchema>(
    method: &Method,
    (path, scope, summary): (&'static str, Scope, &str),
    answer: &impl Serialize,
) -> (Value, Schemas) {
    let mut schemas = vec![];
    B::schemas(&mut schemas);
    let (in_path, mut in_body) = split(path, object::<B>());
    let reason = json!({ "type": "string", "minLength": 1,
        "description": "Why; it is kept with the act for good." });
    let dry_run = json!({ "type": "boolean", "default": false,
        "description": "Everything is checked and done, and then rolled back." });
    in_body.properties.insert("reason".to_owned(), reason);
    in_body.properties.insert("dry_run".to_owned(), dry_run);
    in_body.required.push("reason".to_owned());
    let mut operation = operation(method, path, scope, summary, answer);
    operation["parameters"] = Value::Array(in_path.parameters("path"));
    operation["requestBody"] = json!({
        "required": true,
        "content": { "application/json": { "schema": {
            "type": "object",
            "properties": in_body.properties,
            "required": in_body.required,
            "additionalProperties": false,
        } } },
    });
    let statuses = ALWAYS.into_iter().chain(OF_ACTS).chain([MISSING]);
    responses(&mut operation, statuses);
    (operation, schemas)
}

/// What an act answers with; what was made stands beside it, by name.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read for its schema alone")]
struct Answer {
    /// It is done, and committed.
    done: bool,
    /// It was asked for as a dry run: nothing is written.
    dry_run: bool,
    /// In words.
    says: String,
    /// The act's row in `operator_audit`; absent of a dry run.
    audit: Option<uuid::Uuid>,
}

fn operation(
    method: &Method,
    path: &str,
    scope: Scope,
    summary: &str,
    answer: &impl Serialize,
) -> Value {
    let name = path.trim_start_matches("/v1/").replace(['{', '}'], "");
    let id = format!("{}_{}", method.as_str().to_lowercase(), name);
    let scope = scope.as_str();
    json!({
        "operationId": id.replace(['/', '.'], "_"),
        "summary": summary,
        "description": format!("Needs the scope `{scope}`."),
        "security": [{ "token": [scope] }],
        "responses": { "200": {
            "description": "Done, or shown.",
            "headers": { "x-request-id": { "schema": { "type": "string" } } },
            "content": { "application/json": { "schema": answer } },
        } },
    })
}

fn responses(operation: &mut Value, statuses: impl Iterator<Item = (&'static str, &'static str)>) {
    for (status, what) in statuses {
        operation["responses"][status] = problem(what);
    }
}

pub(crate) fn problem(what: &str) -> Value {
    json!({
        "description": what,
        "content": { "application/problem+json": {
            "schema": { "$ref": "#/components/schemas/Problem" },
        } },
    })
}

/// Some fields of a type.
#[derive(Default)]
struct Fields {
    properties: Map<String, Value>,
    required: Vec<String>,
}

impl Fields {
    fn parameters(&self, place: &str) -> Vec<Value> {
        let one = |(name, schema): (&String, &Value)| {
            let is_required = place == "path" || self.required.contains(name);
            json!({ "name": name, "in": place, "required": is_required, "schema": schema,
                "description": schema["description"] })
        };
        let mut all: Vec<Value> = self.properties.iter().map(one).collect();
        for parameter in &mut all {
            let parameter = parameter.as_object_mut();
            if let Some(it) = parameter.filter(|it| it["description"].is_null()) {
                it.remove("description");
            }
        }
        all
    }
}

fn object<T: PartialSchema>() -> Fields {
    let schema = json!(T::schema());
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let required = required.iter().filter_map(|it| it.as_str());
    Fields {
        properties: schema["properties"]
            .as_object()
            .cloned()
            .unwrap_or_default(),
        required: required.map(ToOwned::to_owned).collect(),
    }
}

/// Fields whose names stand in the path, and the others.
fn split(path: &str, all: Fields) -> (Fields, Fields) {
    let is_in_path = |name: &String| path.contains(&format!("{{{name}}}"));
    let (mut in_path, mut others) = (Fields::default(), Fields::default());
    for (name, schema) in all.properties {
        let place = if is_in_path(&name) {
            &mut in_path
        } else {
            &mut others
        };
        place.properties.insert(name, schema);
    }
    let (required, rest) = all.required.into_iter().partition(is_in_path);
    (in_path.required, others.required) = (required, rest);
    (in_path, others)
}
