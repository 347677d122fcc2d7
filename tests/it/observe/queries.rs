//! How tests read queries of Prometheus.

use tests::promql::{groupings, selectors, shown};

#[test]
fn a_query_tells_its_series_and_its_labels() {
    let query = r#"sum by (queue, le) (rate(relink_a_total{state!="x", kind!~"b.c|d"}[5m])) > on () label_replace(up, "relink_no", "$1", "k", "(.+)")"#;
    let found = selectors(query);
    let texts: Vec<&str> = found.iter().map(|it| it.text.as_str()).collect();
    assert_eq!(
        texts,
        [r#"relink_a_total{state!="x", kind!~"b.c|d"}"#, "up"]
    );
    let pair = |label: &str, value: &str| (label.to_owned(), value.to_owned());
    let wanted = [pair("state", "x"), pair("kind", "b.c"), pair("kind", "d")];
    assert_eq!(found[0].matchers, wanted);
    assert_eq!(groupings(query), ["queue", "le"]);
    assert_eq!(
        shown("{{queue}} of {{ $labels.kind }}: {{ $value | x }}"),
        ["queue", "kind"]
    );
}
