//! The tree that is looked at: its sources and manifests.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Each crate's own dependencies, without those of its tests.
pub(super) fn manifests() -> BTreeMap<String, BTreeSet<String>> {
    let crates = std::fs::read_dir(root().join("crates")).expect("list the crates");
    crates
        .map(|entry| entry.expect("read the crates' directory").path())
        .filter(|path| path.join("Cargo.toml").is_file())
        .map(|path| {
            let text = read(&path.join("Cargo.toml"));
            let name = path.file_name().expect("a name").to_string_lossy();
            let mut section = String::new();
            let mut dependencies = BTreeSet::new();
            for line in text.lines() {
                if let Some(title) = line.trim().strip_prefix('[') {
                    title.trim_end_matches(']').clone_into(&mut section);
                } else if let Some((key, _)) = line.split_once('=')
                    && matches!(section.as_str(), "dependencies" | "build-dependencies")
                {
                    let key = key.trim().trim_end_matches(".workspace");
                    dependencies.insert(key.to_owned());
                }
            }
            (name.into_owned(), dependencies)
        })
        .collect()
}

/// Files that cargo itself names.
pub(super) fn is_root(file: &Path) -> bool {
    let name = show(file);
    let parts: Vec<&str> = name.split('/').collect();
    let last = parts[parts.len() - 1];
    let (["crates", _, in_crate @ ..] | ["tests", in_crate @ ..]) = parts.as_slice() else {
        return true;
    };
    match in_crate {
        ["src", "bin", _]
        | ["src", "bin", _, "main.rs"]
        | ["examples" | "tests", _]
        | ["build.rs"] => true,
        ["src" | "support" | "it" | "bench" | "fixture", _] | ["tests", _, _] => {
            matches!(last, "main.rs" | "lib.rs")
        }
        _ => false,
    }
}

pub(super) fn is_declared(file: &Path) -> bool {
    let stem = file.file_stem().expect("a name").to_string_lossy();
    let folder = file.parent().expect("a folder");
    let mut parents = vec![
        folder.join("lib.rs"),
        folder.join("main.rs"),
        folder.with_extension("rs"),
    ];
    parents.retain(|parent| parent.is_file() && parent != file);
    parents.iter().any(|parent| {
        read(parent).lines().any(|line| {
            let line = line.trim();
            let after = line.strip_suffix(&format!("mod {stem};"));
            after.is_some_and(|visibility| visibility.is_empty() || visibility.starts_with("pub"))
        })
    })
}

pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every file below a folder of the repository with this ending.
pub(super) fn sources(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = vec![];
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("list a folder") {
            let path = entry.expect("read a folder").path();
            let name = path.file_name().expect("a name").to_string_lossy();
            if path.is_dir() && name != "node_modules" && name != "target" {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// A path as the repository names it.
pub(super) fn show(file: &Path) -> String {
    let path = file.strip_prefix(root()).expect("below the repository");
    path.to_string_lossy().into_owned()
}

pub(super) fn read(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// A source without its comments, which begin so: words may be spoken of where they may not be used.
pub(super) fn without(comment: &str, file: &Path) -> String {
    let text = read(file);
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with(comment));
    lines.collect::<Vec<_>>().join("\n")
}
