//! The OpenAPI document (3.1) of a listener, made from its routes.

use crate::document::problem;
use crate::problem::Problem;
use crate::route::Route;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use store::operators::Scope;
use utoipa::PartialSchema;

/// Where each listener shows its own document.
pub(crate) const PATH: &str = "/v1/openapi.json";

/// The document of one listener.
pub(crate) fn document(title: &str, about: &str, routes: &[Route]) -> Value {
    let mut schemas: BTreeMap<String, Value> = BTreeMap::new();
    schemas.insert("Problem".to_owned(), json!(Problem::schema()));
    // The scope stands in a problem.
    schemas.insert("Scope".to_owned(), json!(Scope::schema()));
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for route in routes {
        for (name, schema) in &route.schemas {
            schemas.insert(name.clone(), json!(schema));
        }
        let item = paths.entry(route.path).or_default();
        let method = route.method.as_str().to_lowercase();
        item.insert(method, route.operation.clone());
    }
    paths
        .entry(PATH)
        .or_default()
        .insert("get".to_owned(), own());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "description": about,
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": { "token": {
                "type": "http",
                "scheme": "bearer",
                "description": "An operator's or a product's token, rlo_…",
            } },
        },
    })
}

fn own() -> Value {
    json!({
        "operationId": "get_openapi_json",
        "summary": "This document",
        "security": [],
        "responses": {
            "200": { "description": "OpenAPI 3.1", "content": { "application/json": {} } },
            "429": problem("Too many requests; see `Retry-After`."),
        },
    })
}

#[cfg(test)]
mod tests {
    use crate::api::{ops_routes, product_routes};
    use serde_json::{Value, json};
    use std::collections::BTreeMap;

    #[test]
    fn a_schemas_name_means_one_schema() {
        for routes in [ops_routes(), product_routes()] {
            let mut known: BTreeMap<String, Value> = BTreeMap::new();
            for (name, schema) in routes.into_iter().flat_map(|route| route.schemas) {
                let schema = json!(schema);
                let before = known.entry(name.clone()).or_insert_with(|| schema.clone());
                assert_eq!(*before, schema, "two types are called {name}");
            }
            assert!(!known.is_empty());
        }
    }
}
