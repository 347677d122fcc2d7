//! Names on both sides of a query: what the code calls a parameter is what its file calls it.

mod code;
mod query;

use super::below;
use code::compared;
use query::agreed;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Parameters from which on a query says their names in its first line and takes them by name.
const NAMED_FROM: usize = 4;

#[test]
fn parameters_have_one_name_in_code_and_query() {
    let queries = queries();
    let mut wrong = vec![];
    for (name, text) in &queries {
        if let Err(why) = agreed(text) {
            wrong.push(format!("sql/{name}.sql: {why}"));
        }
    }
    let mut chains = 0;
    for path in below(&store().join("src"), "rs") {
        let text = std::fs::read_to_string(&path).expect("read a source");
        let file = path.strip_prefix(store()).expect("below").display();
        let (found, complaints) = compared(&text, &queries);
        chains += found;
        wrong.extend(complaints.into_iter().map(|why| format!("{file}: {why}")));
    }
    println!(
        "{} query files, {chains} of them called by name",
        queries.len()
    );
    assert_eq!(wrong, [] as [String; 0]);
}

#[test]
fn exchanged_neighbours_are_found() {
    let query = "-- $1 id · $2 from_status · $3 to_status · $4 at\n\
        update t set at = $4 from unnest($1::uuid[], $2::text[], $3::text[])\n as w(id, from_status, to_status)\n";
    agreed(query).expect("as it should be");
    for (found, other) in [
        ("-- $1 id · $2 from", "-- $1 id · $2 to"),
        (
            "w(id, from_status, to_status)",
            "w(id, to_status, from_status)",
        ),
        ("unnest($1::uuid[], $2", "unnest($1::uuid[], $3"),
        (" · $4 at", ""),
        ("-- $1 id", "-- id"),
    ] {
        assert!(query.contains(found), "{found}");
        agreed(&query.replace(found, other)).expect_err(found);
    }
    let call = "-- $1 id · $2 name · $3 ramp_s · $4 by\n\
        select relink.f(p_id => $1, p_name => $2, p_ramp => make_interval(secs => $3), p_by => $4)";
    agreed(call).expect("as it should be");
    agreed(&call.replace("p_id => $1, p_name => $2", "p_name => $1, p_id => $2"))
        .expect_err("exchanged");
    agreed(&call.replace("p_id => $1", "$1")).expect_err("without a name");

    let queries = BTreeMap::from([("t/flip".to_owned(), query.to_owned())]);
    let code = r#"const FLIP: Sql = sql!("t/flip");
        let wanted = columns(FLIP, flips)
            .with("id", |one| one.account.0)
            // Two texts.
            .with("from_status", |one| format!("({}", one.from))
            .with("to_status", |one| one.to)
            .value("at", at);"#;
    assert_eq!(compared(code, &queries), (1, vec![]));
    for (found, other) in [
        (".with(\"from_status\"", ".with(\"to_status\""),
        (".value(\"at\", at)", ""),
        (
            "columns(FLIP, flips)\n",
            "columns(FLIP, flips); let x = x\n",
        ),
        ("columns(FLIP, flips)", "self.rows(FLIP, &[&a, &b])"),
    ] {
        let changed = code.replacen(found, other, 1);
        assert_ne!(compared(&changed, &queries).1, [] as [String; 0], "{found}");
    }
}

fn store() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/store")
}

/// Texts of the query files, by `table/verb`.
fn queries() -> BTreeMap<String, String> {
    let folder = store().join("sql");
    below(&folder, "sql")
        .into_iter()
        .map(|path| {
            let name = path
                .strip_prefix(&folder)
                .expect("below")
                .with_extension("");
            let text = std::fs::read_to_string(&path).expect("read a query");
            (name.to_string_lossy().into_owned(), text)
        })
        .collect()
}
