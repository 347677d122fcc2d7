//! What the OpenAPI document says of one route: schemas from the types that are read and written.

mod answers;
mod made;
mod outward;
mod shape;

use axum::http::Method;
use operations::Operation;
use operations::text::REASON_MAX;
use serde_json::{Map, Value, json};
use shape::{fitted, not_null};
use store::operators::Scope;
use utoipa::ToSchema;

pub(crate) use answers::{components, headers, problem};
pub(crate) use made::{Made, Ruled};
pub(crate) use outward::outward;

/// Texts that are a reason: without U+0000, and with a letter in it that somebody sees.
const REASON: &str = r"^[^\u0000]*[^\u0000-\u0020\u007f-\u00a0\u00ad\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff\ufff9-\ufffb][^\u0000]*$";

/// Schemas by their names.
pub(crate) type Schemas = Vec<(String, Value)>;

/// What the document says of a view.
pub(crate) fn view<Q: ToSchema, V: ToSchema>(
    path: &'static str,
    scope: Scope,
    summary: &str,
) -> (Value, Schemas) {
    let mut schemas = named::<Q>();
    schemas.extend(named::<V>());
    let (in_path, in_query) = split(path, object::<Q>());
    let mut parameters = in_path.parameters("path");
    parameters.extend(in_query.parameters("query"));
    let answer = answer_name::<V>(path);
    schemas.push((answer.clone(), fitted(json!(V::schema()))));
    let mut operation = operation(&Method::GET, path, scope, summary);
    operation["parameters"] = Value::Array(parameters);
    operation["responses"] = answers::of_route(&answer, &answers::codes_of_views());
    (operation, schemas)
}

/// What the document says of an act.
pub(crate) fn act<O: Operation + ToSchema>(
    method: &Method,
    path: &'static str,
    summary: &'static str,
) -> (Value, Schemas) {
    asked::<O>(method, (path, O::SCOPE, summary))
}

fn asked<B: ToSchema>(
    method: &Method,
    (path, scope, summary): (&'static str, Scope, &'static str),
) -> (Value, Schemas) {
    let mut schemas = named::<B>();
    let (in_path, mut in_body) = split(path, object::<B>());
    let reason = json!({ "type": "string", "minLength": 1, "maxLength": REASON_MAX, "pattern": REASON,
        "description": "Why; it is kept with the act for good." });
    let dry_run = json!({ "type": "boolean", "default": false,
        "description": "Everything is checked and done, and then rolled back." });
    in_body.properties.insert("reason".to_owned(), reason);
    in_body.properties.insert("dry_run".to_owned(), dry_run);
    in_body.required.push("reason".to_owned());
    let asked = act_name(method, path, "Request");
    let body = json!({
        "type": "object",
        "properties": in_body.properties,
        "required": in_body.required,
        "additionalProperties": false,
    });
    schemas.push((asked.clone(), body));
    let answer = act_name(method, path, "Done");
    schemas.push((answer.clone(), made::done(&[])));
    let mut operation = operation(method, path, scope, summary);
    operation["parameters"] = Value::Array(in_path.parameters("path"));
    operation["requestBody"] = json!({
        "required": true,
        "content": { "application/json": { "schema": reference(&asked) } },
    });
    operation["responses"] = answers::of_route(&answer, &answers::codes_of_acts());
    (operation, schemas)
}

/// `#/components/schemas/…`.
pub(crate) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// Schemas that a type refers to.
fn named<T: ToSchema>() -> Schemas {
    let mut schemas = vec![];
    T::schemas(&mut schemas);
    let schemas = schemas.into_iter();
    schemas
        .map(|(name, schema)| (name, fitted(json!(schema))))
        .collect()
}

fn operation(method: &Method, path: &str, scope: Scope, summary: &str) -> Value {
    let name = path.trim_start_matches("/v1/").replace(['{', '}'], "");
    let id = format!("{}_{}", method.as_str().to_lowercase(), name);
    let scope = scope.as_str();
    json!({
        "operationId": id.replace(['/', '.'], "_"),
        "summary": summary,
        "description": format!("Needs the scope `{scope}`."),
        "tags": [tag(path)],
        "security": [{ "token": [scope] }],
    })
}

/// Area that a path is of: its first word.
pub(crate) fn tag(path: &str) -> &str {
    let rest = path.trim_start_matches("/v1/");
    rest.split(['/', '.']).next().unwrap_or(rest)
}

/// Name of an act's own schema: `PostDeadRedriveRequest`.
pub(crate) fn act_name(method: &Method, path: &str, what: &str) -> String {
    let method = method.as_str().to_lowercase();
    format!("{}{}{what}", capital(&method), camel(path))
}

/// Name of a view's answer: its type's, or for a list of something its path's.
fn answer_name<V: ToSchema>(path: &str) -> String {
    if std::any::type_name::<V>().contains('<') {
        format!("{}List", camel(path))
    } else {
        V::name().into_owned()
    }
}

/// `/v1/campaigns/{id}/enrollments` as `CampaignsEnrollments`.
fn camel(path: &str) -> String {
    let words = path.trim_start_matches("/v1/").split(['/', '.', '_']);
    let words = words.filter(|word| !word.starts_with('{'));
    words.map(capital).collect()
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|it| it.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
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
            let mut schema = not_null(schema.clone());
            let about = schema
                .as_object_mut()
                .and_then(|it| it.remove("description"));
            let mut parameter = json!({ "name": name, "in": place, "required": is_required,
                "schema": schema });
            if let Some(about) = about {
                parameter["description"] = about;
            }
            parameter
        };
        self.properties.iter().map(one).collect()
    }
}

fn object<T: ToSchema>() -> Fields {
    let schema = fitted(json!(T::schema()));
    let mut fields = Fields::default();
    // Of flattened fields, each part has some.
    let parts = schema["allOf"].as_array().cloned();
    for part in parts.unwrap_or_else(|| vec![schema]) {
        let required = part["required"].as_array().into_iter().flatten();
        let required = required.filter_map(|it| it.as_str());
        fields.required.extend(required.map(ToOwned::to_owned));
        let properties = part["properties"].as_object().cloned();
        fields.properties.extend(properties.unwrap_or_default());
    }
    fields
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
