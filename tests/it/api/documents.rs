//! The documents say what there is, all of it, and nothing else.

use super::Desk;
use super::scopes::filled;
use reqwest::Method;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use tests::database::Database;

/// `get /v1/flags`, of everything that the document has.
fn operations(document: &Value) -> BTreeSet<(String, String)> {
    let paths = document["paths"].as_object().expect("paths").iter();
    let each = paths.flat_map(|(path, item)| {
        let methods = item.as_object().expect("an item").keys();
        methods.map(|method| (path.clone(), method.to_uppercase()))
    });
    each.collect()
}

/// Every `$ref` in it.
fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(to) if name == "$ref" => found.push(to.clone()),
                    value => references(value, found),
                }
            }
        }
        Value::Array(all) => all.iter().for_each(|it| references(it, found)),
        _ => {}
    }
}

#[tokio::test]
async fn every_route_is_in_its_document_and_the_other_way_round() {
    let database = Database::fresh().await;
    let desk = Desk::over(&database, &[]).await;
    for (base, routes) in [
        (&desk.product, api::product_routes()),
        (&desk.ops, api::ops_routes()),
    ] {
        let document = desk.get(&format!("{base}/v1/openapi.json"), "").await;
        let document = &document.is(200).body;
        let said = operations(document);
        let own = ("/v1/openapi.json".to_owned(), "GET".to_owned());
        let table = routes
            .iter()
            .map(|it| (it.path.to_owned(), it.method.to_string()));
        assert_eq!(said, table.chain([own]).collect::<BTreeSet<_>>());
        // And the sockets agree: what is said is there, and no other method of its paths is.
        let paths: BTreeSet<&String> = said.iter().map(|it| &it.0).collect();
        for path in paths {
            for method in [
                Method::GET,
                Method::POST,
                Method::PUT,
                Method::PATCH,
                Method::DELETE,
            ] {
                let url = format!("{base}{}", filled(path));
                let status = desk
                    .ask(method.clone(), &url, "", None)
                    .await
                    .status
                    .as_u16();
                let is_said = said.contains(&(path.clone(), method.to_string()));
                let there = if path.ends_with("openapi.json") {
                    200
                } else {
                    401
                };
                assert_eq!(status, if is_said { there } else { 405 }, "{method} {path}");
            }
        }
        let ids: Vec<&Value> = said
            .iter()
            .map(|(path, method)| &document["paths"][path][method.to_lowercase()]["operationId"])
            .collect();
        let different: BTreeSet<&str> = ids.iter().map(|it| it.as_str().expect("an id")).collect();
        assert_eq!(different.len(), ids.len(), "{ids:?}");
        let mut all = vec![];
        references(document, &mut all);
        for to in all {
            let place = to.strip_prefix('#').expect("of this document");
            assert!(document.pointer(place).is_some(), "{to} leads nowhere");
        }
    }
    let own = "the router is made of the table";
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/api/src/door.rs");
    let source = std::fs::read_to_string(source).expect("the source");
    assert_eq!(
        source.matches(".route(").count(),
        2,
        "{own}, and the document"
    );
}

#[tokio::test]
async fn both_documents_are_valid_openapi_3_1() {
    let database = Database::fresh().await;
    let desk = Desk::over(&database, &[]).await;
    let folder = tempfile::tempdir().expect("a folder");
    let mut files = vec![];
    for (name, base) in [("product.json", &desk.product), ("ops.json", &desk.ops)] {
        let document = desk.get(&format!("{base}/v1/openapi.json"), "").await;
        let file = folder.path().join(name);
        std::fs::write(&file, document.body.to_string()).expect("write it");
        files.push(file);
    }
    let broken = folder.path().join("broken.json");
    std::fs::write(
        &broken,
        r#"{"openapi":"3.1.0","info":{"title":"x"},"paths":{}}"#,
    )
    .expect("write it");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("npm/openapi.mjs");
    let check = |files: &[std::path::PathBuf]| {
        let ran = Command::new("node").arg(&script).args(files).output();
        let ran = ran.expect("node, with the packages of tests/npm");
        let said = String::from_utf8_lossy(&ran.stdout).into_owned();
        (
            ran.status.success(),
            said + &String::from_utf8_lossy(&ran.stderr),
        )
    };
    let (is_valid, said) = check(&files);
    assert!(
        is_valid && said.matches("valid, OpenAPI 3.1").count() == 2,
        "{said}"
    );
    let (is_valid, said) = check(&[broken]);
    assert!(
        !is_valid && said.contains("version"),
        "the checker checks: {said}"
    );
}
