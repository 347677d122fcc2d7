//! Deciding once whether traces are told, and ending it.

use crate::http::Client;
use crate::ids::Ours;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{SpanExporter, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use std::sync::OnceLock;
use std::time::Duration;

/// How long the end waits for spans to be taken; what is not, is lost.
pub const FLUSH_MAX: Duration = Duration::from_secs(3);
/// Nothing is told unless it is set; the SDK reads it too, and the other standard variables beside it.
const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const DISABLED: &str = "OTEL_SDK_DISABLED";
const SERVICE: &str = "OTEL_SERVICE_NAME";

static TRACER: OnceLock<SdkTracer> = OnceLock::new();

/// Why traces cannot be told, though they are to be.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// The client could not be made.
    #[error("set up the HTTP client towards the traces' collector")]
    Client(#[source] reqwest::Error),
    /// The standard variables do not make sense; their values may hold secrets and are not shown.
    #[error("set up the traces' export: look at OTEL_EXPORTER_OTLP_ENDPOINT and _HEADERS")]
    Export,
    /// Once a process.
    #[error("traces are told already")]
    Twice,
}

/// Traces are told until [`Exporting::end`].
#[derive(Debug)]
pub struct Exporting {
    provider: Option<SdkTracerProvider>,
}

/// Begins to tell traces if the environment asks for it. `service` is the name unless the environment has another. Must
/// be called inside a tokio runtime, after the process's TLS is set up.
pub fn install(service: &'static str) -> Result<Exporting, InstallError> {
    if setting(ENDPOINT).is_none() || setting(DISABLED).is_some_and(|word| word == "true") {
        return Ok(Exporting { provider: None });
    }
    let client = Client::new().map_err(InstallError::Client)?;
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(client)
        .build()
        .map_err(|_| InstallError::Export)?;
    let mut resource = Resource::builder();
    if setting(SERVICE).is_none() {
        resource = resource.with_service_name(service);
    }
    let provider = SdkTracerProvider::builder()
        .with_id_generator(Ours::default())
        .with_resource(resource.build())
        .with_batch_exporter(exporter)
        .build();
    TRACER
        .set(provider.tracer("relink"))
        .map_err(|_| InstallError::Twice)?;
    Ok(Exporting {
        provider: Some(provider),
    })
}

impl Exporting {
    /// Tells what is left, for [`FLUSH_MAX`] at most.
    pub async fn end(self) {
        let Some(provider) = self.provider else {
            return;
        };
        // The SDK blocks its caller meanwhile, and its sends need this runtime.
        let ending = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(FLUSH_MAX));
        let ended = tokio::time::timeout(FLUSH_MAX + Duration::from_millis(500), ending).await;
        if !matches!(ended, Ok(Ok(Ok(())))) {
            tracing::info!("the last traces were not taken");
        }
    }
}

/// Who tells; none where nobody listens.
pub(crate) fn tracer() -> Option<&'static SdkTracer> {
    TRACER.get()
}

#[expect(
    clippy::disallowed_methods,
    reason = "these variables are OpenTelemetry's, which reads them in the same way"
)]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
