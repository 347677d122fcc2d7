//! The OpenAPI document (3.1) of a listener, made from its routes.

use crate::document::{Schemas, components, headers, tag};
use crate::problem::Body;
use crate::route::Route;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::{PartialSchema, ToSchema};

/// Where each listener shows its own document.
pub(crate) const PATH: &str = "/v1/openapi.json";

/// The document of one listener.
pub(crate) fn document((title, about): (&str, &str), routes: &[Route]) -> Value {
    let mut schemas: BTreeMap<String, Value> = problems().into_iter().collect();
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for route in routes {
        schemas.extend(route.schemas.iter().cloned());
        let item = paths.entry(route.path).or_default();
        let method = route.method.as_str().to_lowercase();
        item.insert(method, route.operation.clone());
    }
    paths
        .entry(PATH)
        .or_default()
        .insert("get".to_owned(), own());
    let answers = used(&json!(paths), components());
    let tags: BTreeSet<&str> = paths.keys().map(|path| tag(path)).collect();
    let tags = tags.into_iter().map(|name| {
        let about = format!("Paths that begin with `/v1/{name}`.");
        json!({ "name": name, "description": about })
    });
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "description": about,
            "version": env!("CARGO_PKG_VERSION"),
            "contact": { "name": "Whoever runs this installation" },
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/", "description": "Where this document was read." }],
        "tags": tags.collect::<Vec<_>>(),
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": answers,
            "headers": headers(),
            "securitySchemes": { "token": {
                "type": "http",
                "scheme": "bearer",
                "description": "An operator's or a product's token, rlo_…",
            } },
        },
    })
}

/// Answers that some route refers to.
fn used(paths: &Value, mut answers: Value) -> Value {
    let text = paths.to_string();
    if let Some(all) = answers.as_object_mut() {
        all.retain(|name, _| text.contains(&format!("#/components/responses/{name}\"")));
    }
    answers
}

/// What problems are made of.
fn problems() -> Schemas {
    let mut schemas = vec![];
    Body::schemas(&mut schemas);
    schemas.push(("Problem".to_owned(), Body::schema()));
    let schemas = schemas.into_iter();
    schemas
        .map(|(name, schema)| (name, json!(schema)))
        .collect()
}

fn own() -> Value {
    json!({
        "operationId": "get_openapi_json",
        "summary": "This document",
        "description": "Needs no token.",
        "tags": [tag(PATH)],
        "security": [],
        "responses": {
            "200": {
                "description": "OpenAPI 3.1",
                "headers": { "X-Request-Id": { "$ref": "#/components/headers/RequestId" } },
                "content": { "application/json": { "schema": { "type": "object" } } },
            },
            "400": { "$ref": "#/components/responses/BadRequest" },
            "405": { "$ref": "#/components/responses/MethodNotAllowed" },
            "429": { "$ref": "#/components/responses/TooManyRequests" },
            "500": { "$ref": "#/components/responses/InternalServerError" },
            "503": { "$ref": "#/components/responses/ServiceUnavailable" },
        },
    })
}
