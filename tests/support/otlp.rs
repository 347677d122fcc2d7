//! A collector of traces on loopback, which keeps what it is told.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use axum::{Router, serve};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

/// A span as it arrived; ids in hexadecimal.
#[derive(Clone, Debug)]
pub struct Told {
    /// `service.name` of its process.
    pub service: String,
    /// Its name.
    pub name: String,
    /// Its kind's number in OTLP: 1 internal, 2 server, 3 client, 4 producer, 5 consumer.
    pub kind: i32,
    /// Its trace.
    pub trace: String,
    /// Itself.
    pub span: String,
    /// Above it; empty for none.
    pub parent: String,
    /// Trace and span of each link.
    pub links: Vec<(String, String)>,
    /// What it says.
    pub attributes: BTreeMap<String, String>,
    /// It failed.
    pub is_error: bool,
}

#[derive(Default)]
struct Kept {
    spans: Vec<Told>,
    bytes: Vec<u8>,
    authorizations: Vec<String>,
}

/// The collector; it ends with the test's runtime.
pub struct Collector {
    base: String,
    kept: Arc<Mutex<Kept>>,
}

impl Collector {
    /// Listens on a loopback port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("its address"));
        let kept = Arc::<Mutex<Kept>>::default();
        let app = Router::new()
            .route("/v1/traces", post(keep))
            .with_state(Arc::clone(&kept));
        tokio::spawn(async move { serve(listener, app).await });
        Self { base, kept }
    }

    /// For `OTEL_EXPORTER_OTLP_ENDPOINT`.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Every span so far.
    pub fn spans(&self) -> Vec<Told> {
        self.kept.lock().expect("no panic").spans.clone()
    }

    /// Every body so far, as it came.
    pub fn bytes(&self) -> Vec<u8> {
        self.kept.lock().expect("no panic").bytes.clone()
    }

    /// The `authorization` of each request.
    pub fn authorizations(&self) -> Vec<String> {
        self.kept.lock().expect("no panic").authorizations.clone()
    }
}

async fn keep(State(kept): State<Arc<Mutex<Kept>>>, headers: HeaderMap, body: Bytes) {
    let request = ExportTraceServiceRequest::decode(body.as_ref()).expect("OTLP");
    let mut kept = kept.lock().expect("no panic");
    kept.bytes.extend_from_slice(&body);
    let authorization = headers.get("authorization").and_then(|it| it.to_str().ok());
    kept.authorizations.extend(authorization.map(str::to_owned));
    for resource in request.resource_spans {
        let attributes = resource
            .resource
            .map(|it| it.attributes)
            .unwrap_or_default();
        let service = texts(attributes).remove("service.name").unwrap_or_default();
        let spans = resource
            .scope_spans
            .into_iter()
            .flat_map(|scope| scope.spans);
        kept.spans.extend(spans.map(|span| told(&service, span)));
    }
}

fn told(service: &str, span: Span) -> Told {
    let links = span.links.iter();
    Told {
        service: service.to_owned(),
        kind: span.kind,
        trace: hex(&span.trace_id),
        span: hex(&span.span_id),
        parent: hex(&span.parent_span_id),
        links: links
            .map(|link| (hex(&link.trace_id), hex(&link.span_id)))
            .collect(),
        is_error: span.status.is_some_and(|status| status.code == 2),
        attributes: texts(span.attributes),
        name: span.name,
    }
}

fn texts(attributes: Vec<KeyValue>) -> BTreeMap<String, String> {
    let text = |value: Option<AnyValue>| match value.and_then(|it| it.value) {
        Some(any_value::Value::StringValue(text)) => text,
        Some(any_value::Value::IntValue(number)) => number.to_string(),
        other => format!("{other:?}"),
    };
    attributes
        .into_iter()
        .map(|one| (one.key, text(one.value)))
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
