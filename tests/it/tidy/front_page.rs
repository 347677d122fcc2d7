//! The front page is short, and every page's links lead somewhere, those to tests to a test of that name.

use super::tree::{read, root, show, sources};
use std::path::{Path, PathBuf};

/// Bytes of a front page that is read to its end.
const README_BYTES_MAX: usize = 6 * 1024;

/// A link of a page to something in the tree.
struct Link {
    page: PathBuf,
    text: String,
    /// Relative to the page; empty for the page itself.
    path: String,
    /// Heading behind the `#`; empty if there is none.
    heading: String,
}

impl Link {
    fn leads_to_code(&self) -> bool {
        Path::new(&self.path)
            .extension()
            .is_some_and(|ending| ending == "rs")
    }
}

#[test]
fn the_front_page_fits_in_6_kb() {
    let bytes = read(&root().join("README.md")).len();
    assert!(
        bytes <= README_BYTES_MAX,
        "README.md has {bytes} bytes, at most {README_BYTES_MAX} are read to the end"
    );
}

#[test]
fn every_link_leads_to_a_file_a_heading_and_a_test_that_exist() {
    let links: Vec<Link> = pages().iter().flat_map(|page| links_of(page)).collect();
    assert!(links.len() > 50, "{} links are too few", links.len());
    let wrong: Vec<String> = links.iter().filter_map(fault_of).collect();
    assert_eq!(wrong, [] as [String; 0]);
    let readme = links.iter().filter(|link| show(&link.page) == "README.md");
    let promises = readme.filter(|link| link.leads_to_code()).count();
    assert!(
        promises >= 5,
        "the front page links {promises} promises to their tests"
    );
}

fn pages() -> Vec<PathBuf> {
    let mut pages = sources("docs", "md");
    let names = [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
    ];
    pages.extend(names.map(|name| root().join(name)));
    pages
}

/// Prose of a page: everything outside its fences.
fn prose(page: &Path) -> String {
    let text = read(page);
    let parts = text.split("\n```").step_by(2);
    parts.collect::<Vec<_>>().join("\n")
}

fn links_of(page: &Path) -> Vec<Link> {
    let text = prose(page);
    let mut links = vec![];
    for (at, _) in text.match_indices("](") {
        let target = text[at + 2..].split(')').next().unwrap_or_default();
        if target.contains("://") {
            continue;
        }
        let (path, heading) = target.split_once('#').unwrap_or((target, ""));
        let before = &text[..at];
        let label = before.rsplit('[').next().unwrap_or_default();
        links.push(Link {
            page: page.to_owned(),
            text: label.to_owned(),
            path: path.to_owned(),
            heading: heading.to_owned(),
        });
    }
    links
}

fn fault_of(link: &Link) -> Option<String> {
    let target = if link.path.is_empty() {
        link.page.clone()
    } else {
        link.page.with_file_name(&link.path)
    };
    let says = |what: &str| Some(format!("{}: {} {what}", show(&link.page), link.path));
    if !target.exists() {
        return says("does not exist");
    }
    let is_heading = |line: &str| line.starts_with('#') && anchor(line) == link.heading;
    if !link.heading.is_empty() && !prose(&target).lines().any(is_heading) {
        return says(&format!("has no heading #{}", link.heading));
    }
    let test = link.text.trim_matches('`');
    let is_test = link.leads_to_code() && link.text.starts_with('`');
    if is_test && !read(&target).contains(&format!("fn {test}(")) {
        return says(&format!("has no test {test}"));
    }
    None
}

/// Name of a heading in links, as code hosts make it.
fn anchor(line: &str) -> String {
    let title = line.trim_start_matches('#').trim().to_lowercase();
    let kept = title
        .chars()
        .filter(|it| it.is_alphanumeric() || matches!(it, ' ' | '-' | '_'));
    kept.map(|it| if it == ' ' { '-' } else { it }).collect()
}
