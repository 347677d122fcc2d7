//! One way to import and to lay out modules, in every crate: `use` one module a line, `name.rs` beside `name/`.

use super::{show, sources, without};

#[test]
fn a_module_with_children_stands_beside_their_folder() {
    let wrong: Vec<String> = ["crates", "tests"]
        .into_iter()
        .flat_map(|root| sources(root, "rs"))
        .map(|file| show(&file))
        .filter(|name| name.ends_with("/mod.rs"))
        .collect();
    assert_eq!(wrong, [] as [String; 0], "name.rs beside name/, no mod.rs");
}

#[test]
fn an_import_names_one_module() {
    let mut wrong = vec![];
    for file in ["crates", "tests"]
        .into_iter()
        .flat_map(|root| sources(root, "rs"))
    {
        let text = without("//", &file);
        for import in imports(&text).filter(|import| is_nested(import)) {
            let shown = import.split_whitespace().collect::<Vec<_>>().join(" ");
            wrong.push(format!("{}: use {shown}", show(&file)));
        }
    }
    assert_eq!(wrong, [] as [String; 0], "no braces within braces");
}

/// What stands between `use` and its semicolon, wherever a line begins with it.
fn imports(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.split_inclusive('\n').scan(0, |at, line| {
        let begin = *at;
        *at += line.len();
        Some((begin, line))
    });
    lines.filter_map(move |(begin, line)| {
        let (before, _) = line.split_once("use ")?;
        let is_import =
            before.trim().is_empty() || before.starts_with("pub") && before.ends_with(' ');
        let rest = &text[begin + before.len() + "use ".len()..];
        is_import.then(|| rest.split(';').next().unwrap_or_default())
    })
}

/// Whether a group holds a group; a group of `crate`'s or of another module's own items is one line.
fn is_nested(import: &str) -> bool {
    import.matches('{').count() > 1
}

#[test]
fn groups_within_groups_are_told_from_groups() {
    let text = "pub(crate) use a::{b, c};\nuse std::{\n    fs,\n    io::{self, Read},\n};\nlet use_it = {};\n";
    let found: Vec<bool> = imports(text).map(is_nested).collect();
    assert_eq!(found, [false, true]);
}
