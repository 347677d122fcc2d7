//! A mail as HTML: no image, no script, nothing from elsewhere.

use super::{Draft, Entry};
use html_escape::encode_double_quoted_attribute as attribute;
use html_escape::encode_text as escaped;

/// The whole page.
pub(super) fn page(draft: &Draft) -> String {
    let Draft {
        greeting,
        before,
        accounts,
        after,
        small,
    } = draft;
    let paragraph = |text: &String| format!("<p>{}</p>\n", escaped(text));
    let before: String = before.iter().map(paragraph).collect();
    let accounts: String = accounts.iter().map(account).collect();
    let after: String = after.iter().map(paragraph).collect();
    let small: String = small
        .iter()
        .map(|(text, url)| line(text, url.as_deref()))
        .collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<body style=\"font-family:sans-serif;max-width:36em\">\n<p>{}</p>\n{before}{accounts}{after}<hr>\n<p style=\"color:#666;font-size:small\">\n{small}</p>\n</body>\n</html>\n",
        escaped(greeting)
    )
}

fn account(entry: &Entry) -> String {
    let Entry {
        title,
        happened,
        link,
    } = entry;
    let link = link.as_ref().map_or(String::new(), |link| {
        format!("<br><a href=\"{}\">Sign in again</a>", attribute(link))
    });
    format!(
        "<p><b>{}</b><br>{}{link}</p>\n",
        escaped(title),
        escaped(happened)
    )
}

fn line(text: &str, url: Option<&str>) -> String {
    let url = url.map_or(String::new(), |url| {
        format!(" <a href=\"{}\">{}</a>", attribute(url), escaped(url))
    });
    format!("{}{url}<br>\n", escaped(text))
}
