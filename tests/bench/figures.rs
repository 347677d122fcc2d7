//! What was measured, as a table and as JSON.

use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// Figures by name, in the order in which they were noted.
#[derive(Debug, Default)]
pub(crate) struct Figures(Vec<(String, f64, &'static str)>);

impl Figures {
    /// Notes one figure. The name says its unit; `unit` is for the table.
    pub(crate) fn note(&mut self, name: &str, value: f64, unit: &'static str) {
        self.0.push((name.to_owned(), value, unit));
    }

    /// One line a figure.
    pub(crate) fn table(&self) -> String {
        let width = self
            .0
            .iter()
            .map(|(name, ..)| name.len())
            .max()
            .unwrap_or(0);
        let mut table = String::new();
        for (name, value, unit) in &self.0 {
            let digits = if value.abs() < 100.0 { 3 } else { 0 };
            // Writing to a string does not fail.
            writeln!(table, "{name:width$}  {value:>12.digits$} {unit}").ok();
        }
        table
    }

    /// One object, figures by name, rounded to thousandths.
    pub(crate) fn json(&self) -> Value {
        let rounded = |value: f64| (value * 1000.0).round() / 1000.0;
        let pairs = self
            .0
            .iter()
            .map(|(name, value, _)| (name.clone(), json!(rounded(*value))));
        Value::Object(pairs.collect::<Map<_, _>>())
    }
}

/// The middle of several values; 0 of none.
pub(crate) fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// The value that `share` of all are not above; 0 of none.
pub(crate) fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index into a short list"
    )]
    let index = ((sorted.len() as f64 * share).ceil() as usize).max(1) - 1;
    sorted.get(index).copied().unwrap_or(0.0)
}
