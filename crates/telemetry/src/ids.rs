//! Spans have the ids that our rows and log lines name, and not others of the SDK's.

use opentelemetry::trace::{SpanId, TraceId};
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator};
use policy::trace::TraceParent;
use std::cell::Cell;

thread_local! {
    /// Whose turn it is: set right before the SDK makes a span, on the thread that makes it.
    static NEXT: Cell<Option<TraceParent>> = const { Cell::new(None) };
}

/// Makes a span that has this place.
pub(crate) fn of<T>(place: TraceParent, make: impl FnOnce() -> T) -> T {
    NEXT.set(Some(place));
    let span = make();
    NEXT.set(None);
    span
}

/// Gives out the ids of [`of`]; random ones to whoever else makes spans.
#[derive(Debug, Default)]
pub(crate) struct Ours(RandomIdGenerator);

impl IdGenerator for Ours {
    fn new_trace_id(&self) -> TraceId {
        NEXT.get().map_or_else(
            || self.0.new_trace_id(),
            |place| TraceId::from_bytes(place.trace()),
        )
    }

    fn new_span_id(&self) -> SpanId {
        NEXT.get().map_or_else(
            || self.0.new_span_id(),
            |place| SpanId::from_bytes(place.span()),
        )
    }
}
