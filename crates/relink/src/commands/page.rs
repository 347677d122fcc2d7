//! Pages of lists for people and for programs, and lines that stream.

use super::Failure;
use clap::Args;
use serde::Serialize;
use std::io::{ErrorKind, Write};
use store::views::{PAGE_MAX, Page};

/// How much of a list, and how.
#[derive(Args)]
pub(crate) struct Size {
    /// Rows at most, 1 to 1000.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=i64::from(PAGE_MAX)))]
    pub(crate) limit: u32,
    /// The answer as JSON: `rows`, and `next` for `--after`.
    #[arg(long)]
    pub(crate) json: bool,
}

/// A page as a program reads it, or as `table` shows it; `none` where it is empty.
pub(crate) fn show<T: Serialize>(
    page: &Page<T>,
    as_json: bool,
    none: &str,
    table: impl FnOnce(&[T]) -> String,
) -> Result<(), Failure> {
    if as_json {
        println!("{}", serde_json::to_string_pretty(page)?);
        return Ok(());
    }
    if page.rows.is_empty() {
        println!("{none}");
    } else {
        print!("{}", table(&page.rows));
    }
    if let Some(next) = &page.next {
        println!("more: --after {next}");
    }
    Ok(())
}

/// `text`, or a dash where there is none.
pub(crate) fn or_dash(text: Option<&str>) -> String {
    text.filter(|text| !text.is_empty())
        .unwrap_or("-")
        .to_owned()
}

/// Standard output, a line at a time; whoever reads may stop reading.
pub(crate) struct Lines(std::io::Stdout);

impl Lines {
    pub(crate) fn new() -> Self {
        Self(std::io::stdout())
    }

    /// False: nobody reads any more.
    pub(crate) fn write(&mut self, line: &str) -> Result<bool, Failure> {
        let mut out = self.0.lock();
        match writeln!(out, "{line}").and_then(|()| out.flush()) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
