//! What a panic may say. Its message is kept only if it stands in the source as it is: one that was put together at run
//! time may quote anything, a message's body as well as a password. Where it happened is always told.

use crate::error::JobError;
use futures_util::FutureExt as _;
use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, Location, PanicHookInfo};

const UNTOLD: &str = "a message made at run time, which is not kept";

thread_local! {
    /// Where this thread panicked last.
    static LAST: Cell<Option<(String, u32)>> = const { Cell::new(None) };
}

/// From now on a panic is a log line, with the fields of the job that it happened in, and its message is not printed.
pub(crate) fn install() {
    std::panic::set_hook(Box::new(|info: &PanicHookInfo<'_>| {
        let place = info.location();
        let at = place.map_or_else(String::new, Location::to_string);
        LAST.set(place.map(|place| (place.file().to_owned(), place.line())));
        tracing::error!(at, said = said(info.payload()), "a panic");
    }));
}

/// Runs to its end or its panic, which becomes an error.
pub(crate) async fn caught<T>(
    work: impl Future<Output = Result<T, JobError>>,
) -> Result<T, JobError> {
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(ended) => ended,
        Err(panic) => Err(JobError::Panicked(text(panic.as_ref()))),
    }
}

/// What may be kept of a panic that was caught on the thread that it happened on.
fn text(panic: &(dyn Any + Send)) -> String {
    match LAST.take() {
        Some((file, line)) => format!("{} ({file}:{line})", said(panic)),
        None => said(panic).to_owned(),
    }
}

fn said(panic: &(dyn Any + Send)) -> &'static str {
    panic
        .downcast_ref::<&'static str>()
        .copied()
        .unwrap_or(UNTOLD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panics_message_is_kept_only_if_it_stands_in_the_source() {
        let secret = std::env::temp_dir();
        let panics = [
            std::panic::catch_unwind(|| panic!("as it is")),
            std::panic::catch_unwind(|| panic!("it was {}", secret.display())),
            std::panic::catch_unwind(|| assert_eq!(secret.display().to_string(), "", "so")),
        ];
        let kept = panics.map(|panic| said(panic.expect_err("it panics").as_ref()));
        assert_eq!(kept, ["as it is", UNTOLD, UNTOLD]);
    }
}
