//! A step of a trace, which is measured if traces are told.

use crate::{export, ids};
use opentelemetry::trace::{
    Link, Span as _, SpanBuilder, SpanContext, SpanId, SpanKind, Status, TraceContextExt as _,
    TraceFlags, TraceId, TraceState, Tracer as _,
};
use opentelemetry::{Context, KeyValue, Value};
use opentelemetry_sdk::trace::Span as Measured;
use policy::trace::TraceParent;

/// What a span is to its neighbours, by OpenTelemetry's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Work of our own.
    Internal,
    /// A call that we make.
    Client,
    /// A request that we answer.
    Server,
    /// Makes a job, or rings for it.
    Producer,
    /// Runs jobs.
    Consumer,
}

/// What is told of a span beside its place and its times.
#[derive(Debug)]
pub struct Details {
    /// Of few different ones, and never with an id in it.
    pub name: String,
    /// What it is to its neighbours.
    pub kind: Kind,
    /// Steps that it has to do with, also of other traces.
    pub links: Vec<TraceParent>,
    /// By OpenTelemetry's names where it has one.
    pub attributes: Vec<(&'static str, Value)>,
}

/// A step that began; it ends when this is dropped.
#[derive(Debug)]
pub struct Span {
    place: TraceParent,
    measured: Option<Measured>,
}

impl Span {
    /// Begins at `place`, below `parent` if there is one; without it, `place` begins a trace. `details` is only asked
    /// where traces are told.
    pub fn begin(
        place: TraceParent,
        parent: Option<TraceParent>,
        details: impl FnOnce() -> Details,
    ) -> Self {
        let Some(tracer) = export::tracer() else {
            return Self {
                place,
                measured: None,
            };
        };
        let Details {
            name,
            kind,
            links,
            attributes,
        } = details();
        let attributes = attributes
            .into_iter()
            .map(|(key, value)| KeyValue::new(key, value));
        let builder = SpanBuilder::from_name(name)
            .with_kind(kind.into())
            .with_links(links.into_iter().map(link).collect())
            .with_attributes(attributes);
        let around = match parent {
            Some(parent) => Context::new().with_remote_span_context(context(parent)),
            None => Context::new(),
        };
        let measured = ids::of(place, || tracer.build_with_context(builder, &around));
        Self {
            place: place.sampled(measured.span_context().is_sampled()),
            measured: Some(measured),
        }
    }

    /// Its place, for rows, messages, log lines and the spans below it.
    pub fn place(&self) -> TraceParent {
        self.place
    }

    /// Whether anybody is told of it.
    pub fn is_told(&self) -> bool {
        self.measured.is_some() && self.place.is_sampled()
    }

    /// Says something more of it.
    pub fn set(&mut self, key: &'static str, value: impl Into<Value>) {
        if let Some(measured) = &mut self.measured {
            measured.set_attribute(KeyValue::new(key, value));
        }
    }

    /// It failed; `kind` is of few different words.
    pub fn fail(&mut self, kind: &str) {
        if let Some(measured) = &mut self.measured {
            measured.set_attribute(KeyValue::new("error.type", kind.to_owned()));
            measured.set_status(Status::error(""));
        }
    }
}

fn context(step: TraceParent) -> SpanContext {
    SpanContext::new(
        TraceId::from_bytes(step.trace()),
        SpanId::from_bytes(step.span()),
        TraceFlags::default().with_sampled(step.is_sampled()),
        true,
        TraceState::default(),
    )
}

fn link(step: TraceParent) -> Link {
    Link::with_context(context(step))
}

impl From<Kind> for SpanKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Internal => Self::Internal,
            Kind::Client => Self::Client,
            Kind::Server => Self::Server,
            Kind::Producer => Self::Producer,
            Kind::Consumer => Self::Consumer,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_traces_are_not_told_a_span_only_knows_its_place() {
        let place = TraceParent::new([1; 16], [2; 8]).expect("a place");
        let asked = std::cell::Cell::new(false);
        let mut span = Span::begin(place, None, || {
            asked.set(true);
            Details {
                name: String::new(),
                kind: Kind::Internal,
                links: vec![],
                attributes: vec![],
            }
        });
        span.set("key", 1);
        span.fail("timeout");
        assert_eq!((span.place(), span.is_told()), (place, false));
        assert!(!asked.get(), "nobody asks for details that nobody hears");
    }
}
