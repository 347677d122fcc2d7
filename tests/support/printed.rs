//! Pages of `docs` that tests print.

use std::path::Path;

/// Holds `docs/NAME` against the page that `source` makes. With `UPDATE_DOCS=1` it is written first.
#[track_caller]
pub fn is_as_printed(name: &str, page: &str, source: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../docs")
        .join(name);
    #[expect(
        clippy::disallowed_methods,
        reason = "how a person asks a test to write its page"
    )]
    let rewrite = std::env::var_os("UPDATE_DOCS").is_some_and(|value| value == "1");
    if rewrite {
        std::fs::write(&path, page).expect("write the page");
    }
    let shown = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        shown == page,
        "docs/{name} is not what {source} say; UPDATE_DOCS=1 writes it:\n{page}"
    );
}
