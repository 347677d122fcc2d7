//! What a process told at `/metrics`, read as Prometheus reads it.

use crate::eventually::eventually;
use crate::process::Process;
use std::collections::BTreeMap;
use std::time::Duration;

/// Labels with their values, by label.
pub type Labels = BTreeMap<String, String>;

/// One answer.
#[derive(Clone, Debug, Default)]
pub struct Scraped {
    /// Each series once, by its own name: a histogram's are `…_bucket`, `…_sum` and `…_count`.
    pub series: BTreeMap<(String, Labels), f64>,
    /// The kind of each metric that is told.
    pub types: BTreeMap<String, String>,
}

impl Scraped {
    /// Reads Prometheus' text format.
    ///
    /// # Panics
    /// If it is not that, or tells a series or a type twice.
    pub fn read(text: &str) -> Self {
        let mut read = Self::default();
        for line in text.lines().filter(|line| !line.is_empty()) {
            if let Some(typed) = line.strip_prefix("# TYPE ") {
                let (name, kind) = typed.split_once(' ').expect("a name and a type");
                let before = read.types.insert(name.to_owned(), kind.to_owned());
                assert_eq!(before, None, "{name} has its type told twice");
            } else if !line.starts_with('#') {
                let (series, value) = line.rsplit_once(' ').expect("a series and a value");
                let value = value
                    .parse()
                    .unwrap_or_else(|_| panic!("{line}: no number"));
                let before = read.series.insert(named(series), value);
                assert_eq!(before, None, "{series} is told twice");
            }
        }
        read
    }

    /// The metric that a series belongs to.
    pub fn metric_of<'a>(&self, series: &'a str) -> &'a str {
        ["_bucket", "_sum", "_count"]
            .into_iter()
            .filter_map(|end| series.strip_suffix(end))
            .find(|name| {
                self.types
                    .get(*name)
                    .is_some_and(|kind| kind == "histogram")
            })
            .unwrap_or(series)
    }

    /// The value of a series.
    pub fn value(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let labels = labels
            .iter()
            .map(|(label, value)| ((*label).to_owned(), (*value).to_owned()))
            .collect();
        self.series.get(&(name.to_owned(), labels)).copied()
    }

    /// The values of all series of a metric, added up.
    pub fn sum(&self, name: &str) -> f64 {
        let of = self.series.iter().filter(|(key, _)| key.0 == name);
        of.map(|(_, value)| value).sum()
    }
}

fn named(series: &str) -> (String, Labels) {
    let Some((name, labels)) = series.split_once('{') else {
        return (series.to_owned(), Labels::new());
    };
    let labels = labels.trim_end_matches('}').split("\",");
    let pairs = labels.map(|pair| {
        let (label, value) = pair.split_once("=\"").expect("a label and a value");
        (label.to_owned(), value.trim_end_matches('"').to_owned())
    });
    (name.to_owned(), pairs.collect())
}

/// Where a `relink` process serves health and metrics, as its log says.
pub async fn address_of(process: &Process) -> String {
    eventually(
        "a process serves metrics",
        Duration::from_mins(1),
        || async {
            let log = process.log();
            let line = log
                .lines()
                .find(|line| line.contains("health and metrics are served"))?;
            let rest = line.split_once("127.0.0.1:")?.1;
            let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
            (!port.is_empty()).then(|| format!("127.0.0.1:{port}"))
        },
    )
    .await
}

/// What a process tells now.
pub async fn scrape(address: &str) -> Scraped {
    Scraped::read(&scraped_text(address).await)
}

/// The same, word for word.
pub async fn scraped_text(address: &str) -> String {
    let client = reqwest::Client::builder().no_proxy().build();
    let answer = client
        .expect("a client")
        .get(format!("http://{address}/metrics"))
        .send();
    let text = answer.await.expect("an answer").text().await;
    text.expect("a text")
}
