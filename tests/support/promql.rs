//! What a query of Prometheus names, read closely enough to hold it against the catalogue; whether it is PromQL at all,
//! Prometheus itself says.

/// A series that a query asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    /// As the query writes it, without a range.
    pub text: String,
    /// The name of the metric.
    pub metric: String,
    /// Its labels with what they are compared with; alternatives of a regular expression one by one.
    pub matchers: Vec<(String, String)>,
}

/// Every series of ours that a query asks for.
pub fn selectors(query: &str) -> Vec<Selector> {
    let mut found = vec![];
    let mut rest = query;
    while let Some(start) = rest.find(is_of_a_name) {
        let quoted = rest.find('"').filter(|quote| *quote < start);
        if let Some(quote) = quoted {
            let after = &rest[quote + 1..];
            rest = after.split_once('"').map_or("", |(_, behind)| behind);
            continue;
        }
        let word = &rest[start..];
        let end = word.find(|it| !is_of_a_name(it)).unwrap_or(word.len());
        let (name, behind) = word.split_at(end);
        rest = behind;
        if !(name.starts_with("relink_") || name.starts_with("relink:") || name == "up") {
            continue;
        }
        let braced = behind
            .strip_prefix('{')
            .and_then(|inner| inner.split_once('}'));
        let (labels, text) = braced.map_or(("", name.to_owned()), |(labels, _)| {
            (labels, format!("{name}{{{labels}}}"))
        });
        rest = braced.map_or(rest, |(_, behind)| behind);
        found.push(Selector {
            text,
            metric: name.to_owned(),
            matchers: matchers(labels),
        });
    }
    found
}

/// Labels that a query sums by or matches on.
pub fn groupings(query: &str) -> Vec<String> {
    let mut found = vec![];
    for word in ["by", "without", "on", "ignoring", "group_left"] {
        for (at, _) in query.match_indices(word) {
            let is_word = !query[..at].ends_with(is_of_a_name);
            let listed = query[at + word.len()..].trim_start().strip_prefix('(');
            if let Some((labels, _)) = listed.filter(|_| is_word).and_then(|it| it.split_once(')'))
            {
                let labels = labels.split(',').map(str::trim);
                found.extend(labels.filter(|it| !it.is_empty()).map(str::to_owned));
            }
        }
    }
    found
}

/// Labels that a legend or a sentence shows: `{{queue}}`, `{{ $labels.queue }}`.
pub fn shown(text: &str) -> Vec<String> {
    let parts = text.split("{{").skip(1);
    let inner = parts.filter_map(|part| Some(part.split_once("}}")?.0.trim()));
    inner
        .filter(|it| !it.starts_with("$value"))
        .map(|it| it.trim_start_matches("$labels.").to_owned())
        .collect()
}

fn matchers(labels: &str) -> Vec<(String, String)> {
    let parts = labels.split("\",").filter(|part| !part.trim().is_empty());
    parts
        .flat_map(|part| {
            let (label, value) = part.split_once(['=', '!']).expect("a label and a value");
            let label = label.trim().to_owned();
            let value = value.trim_start_matches(['=', '~']);
            let words = value.trim_matches('"').split('|');
            let words: Vec<_> = words.map(|it| (label.clone(), it.to_owned())).collect();
            words
        })
        .collect()
}

fn is_of_a_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_' || letter == ':'
}
