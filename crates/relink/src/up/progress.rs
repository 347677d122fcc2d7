//! Progress of `up`, for a person who waits.

/// Says on standard error what is being done, so that standard output holds only results.
pub(crate) fn say(what: &str) {
    eprintln!("relink up: {what}");
}
