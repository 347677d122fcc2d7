//! Acts that ask the provider: what they make is their answer.

use super::shape::fitted;
use super::{Schemas, act_name, asked, named, reference};
use axum::http::Method;
use serde_json::{Value, json};
use store::operators::Scope;
use utoipa::ToSchema;

/// What the document says of a POST that makes `V`: 201 with it, 200 with one that is there already, or of a dry run.
pub(crate) fn outward<B: ToSchema, V: ToSchema>(
    (path, scope, summary): (&'static str, Scope, &'static str),
) -> (Value, Schemas) {
    let method = Method::POST;
    let (mut operation, mut schemas) = asked::<B>(&method, (path, scope, summary));
    let made = V::name().into_owned();
    schemas.extend(named::<V>());
    schemas.push((made.clone(), fitted(json!(V::schema()))));
    let mut created = operation["responses"]["200"].clone();
    created["description"] = json!("Made.");
    created["content"]["application/json"]["schema"] = reference(&made);
    operation["responses"]["201"] = created;
    let tried = act_name(&method, path, "Done");
    let known = &mut operation["responses"]["200"];
    known["description"] = json!("There already; or a dry run.");
    known["content"]["application/json"]["schema"] =
        json!({ "oneOf": [reference(&made), reference(&tried)] });
    (operation, schemas)
}
