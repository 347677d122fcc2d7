//! How spans reach their collector: the program's own HTTP client, on the program's own runtime.

use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::runtime::Handle;

/// A collector that takes longer is taken for one that is away; the SDK's own time-out is the same.
const CALL_MAX: Duration = Duration::from_secs(10);
/// Longest answer that is read.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// Sends from the SDK's thread, which has no runtime of its own.
#[derive(Debug)]
pub(crate) struct Client {
    inner: Arc<Inner>,
    runtime: Handle,
}

#[derive(Debug)]
struct Inner {
    client: reqwest::Client,
    is_failing: AtomicBool,
}

/// What did not work, without an address or a header: either may hold a secret.
#[derive(Debug, thiserror::Error)]
enum SendError {
    #[error("the collector could not be reached")]
    Unreached,
    #[error("the collector's answer is too long")]
    TooLong,
    #[error("the runtime ended")]
    Ended,
}

impl Client {
    /// Must be called inside a tokio runtime.
    pub(crate) fn new() -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(3))
            .timeout(CALL_MAX)
            .build()?;
        Ok(Self {
            inner: Arc::new(Inner {
                client,
                is_failing: AtomicBool::new(false),
            }),
            runtime: Handle::current(),
        })
    }
}

impl Inner {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, SendError> {
        let sent = self.exchange(request).await;
        let fails = !matches!(&sent, Ok(answer) if answer.status().is_success());
        // Told once when it begins and once when it ends, and not at each batch.
        if fails != self.is_failing.swap(fails, Ordering::Relaxed) {
            match &sent {
                Ok(answer) if fails => {
                    tracing::info!(
                        status = answer.status().as_u16(),
                        "traces are lost: the collector refuses them"
                    );
                }
                Err(error) => tracing::info!(%error, "traces are lost"),
                Ok(_) => tracing::info!("traces reach their collector again"),
            }
        }
        sent
    }

    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, SendError> {
        let request = reqwest::Request::try_from(request).map_err(|_| SendError::Unreached)?;
        let answer = self.client.execute(request).await;
        let mut answer = answer.map_err(|_| SendError::Unreached)?;
        let status = answer.status();
        let mut body = Vec::new();
        while let Some(part) = answer.chunk().await.map_err(|_| SendError::Unreached)? {
            if body.len() + part.len() > ANSWER_BYTES_MAX {
                return Err(SendError::TooLong);
            }
            body.extend_from_slice(&part);
        }
        let mut response = Response::new(Bytes::from(body));
        *response.status_mut() = status;
        Ok(response)
    }
}

impl HttpClient for Client {
    fn send_bytes<'life, 'sent>(
        &'life self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'sent>>
    where
        'life: 'sent,
        Self: 'sent,
    {
        let inner = Arc::clone(&self.inner);
        let sending = self.runtime.spawn(async move { inner.send(request).await });
        Box::pin(async move {
            let sent = sending.await.map_err(|_| SendError::Ended)?;
            Ok(sent?)
        })
    }
}
