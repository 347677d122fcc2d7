//! What a page is asked with: how many rows, and after which.

use operations::{Code, Refused};
use store::views::{ByAge, PAGE_MAX};

/// Rows of a page unless said.
const PAGE: u32 = 100;

/// Rows of a page: from 1 to [`PAGE_MAX`].
pub(super) fn limit(asked: Option<u32>) -> Result<u32, Refused> {
    within("limit", asked.unwrap_or(PAGE), PAGE_MAX)
}

/// Place where the page before ended.
pub(super) fn after(asked: Option<&str>) -> Result<Option<ByAge>, Refused> {
    let read = asked.map(str::parse).transpose();
    read.map_err(|why: String| bad_cursor(&why))
}

/// Refusal of a place that no page of the list gave.
pub(super) fn bad_cursor(why: &str) -> Refused {
    Refused::of_code(Code::BadCursor, format!("after: {why}"))
}

/// A number from 1 to `most`.
pub(super) fn within(field: &str, number: u32, most: u32) -> Result<u32, Refused> {
    if (1..=most).contains(&number) {
        return Ok(number);
    }
    let why = format!("{field}: a whole number from 1 to {most}, not {number}");
    Err(Refused::invalid(why))
}
