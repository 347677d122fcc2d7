//! Whom we tell what took how long: traces, by OTLP over HTTP, where `OTEL_EXPORTER_OTLP_ENDPOINT` is set. The only crate
//! that names `opentelemetry`.
//!
//! A [`Span`] always knows its place in a trace, which rows, messages and log lines carry; whether it is also measured
//! and told is decided once, at the start ([`install`]). Where it is not, a span costs the copy of 25 bytes.
//!
//! Nothing here holds anybody up: what cannot be told is dropped, and the end waits for [`FLUSH_MAX`] at most. What a
//! span says is numbers, closed words and our own ids; never a text of the provider's or of a person's.

mod export;
mod http;
mod ids;
mod span;

pub use export::{Exporting, FLUSH_MAX, InstallError, install};
pub use opentelemetry::Value;
pub use span::{Details, Kind, Span};
