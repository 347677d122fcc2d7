//! Schemas of the documents: a name means one of them, and every answer has a name. Here and not beside the document, where
//! every handler of every route would be compiled a second time for them.

use serde_json::Value;
use std::collections::BTreeMap;

#[test]
fn a_schemas_name_means_one_schema() {
    for routes in [api::ops_routes(), api::product_routes()] {
        let mut known: BTreeMap<String, Value> = BTreeMap::new();
        for (name, schema) in routes.into_iter().flat_map(|route| route.schemas) {
            let before = known.entry(name.clone()).or_insert_with(|| schema.clone());
            assert_eq!(*before, schema, "two types are called {name}");
        }
        assert!(!known.is_empty());
    }
}

#[test]
fn r_api_2_every_answer_of_the_document_has_a_name() {
    let [(_, product), (_, ops)] = api::documents();
    for (document, routes) in [(ops, api::ops_routes()), (product, api::product_routes())] {
        let schemas = document["components"]["schemas"].as_object();
        assert!(schemas.is_some_and(|it| it.contains_key("Problem")));
        for route in &routes {
            let method = route.method.as_str().to_lowercase();
            let operation = &document["paths"][route.path][&method];
            let answer = &operation["responses"]["200"]["content"]["application/json"];
            let to = answer["schema"]["$ref"].as_str().unwrap_or_default();
            let place = to.trim_start_matches('#');
            assert!(document.pointer(place).is_some(), "{method} {}", route.path);
        }
    }
}
