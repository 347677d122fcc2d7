//! What the provider tells: ends of hosted links, and its webhooks (R-LNK-2). Each is kept before it is answered, with
//! exactly 200, and a worker acts on it; what is not proved to be the provider's changes nothing.
//!
//! No address is limited. All of the provider's come from a few, maybe through one proxy with everybody else's, and whoever
//! filled that one's bucket with forgeries would shut them out. A forgery costs a digest, or one look for an attempt.

use crate::app::App;
use crate::methods::post;
use crate::open::{BodyFault, OpenCall, OpenRoute, open};
use crate::problem::Problem;
use crate::tally::Sign;
use axum::Json;
use axum::response::{IntoResponse, Response};
use linking::{AttemptName, Keys};
use metrics::counter;
use operations::Code;
use policy::events::{Malformed, Verdict, read_callback, read_webhook};
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::events::EventAlert;
use store::{StoreError, Tx};

/// Bytes of a body at most; the longest that were seen, of messages, have a few thousand.
const BODY_BYTES_MAX: usize = 64 * 1024;
/// How long the database may take: the provider waits for 30 s, and then sends it again.
const KEEP_WITHIN: Duration = Duration::from_secs(10);

pub(crate) fn routes() -> [OpenRoute; 2] {
    [
        open(post(), "/v1/callbacks/link", callback),
        open(post(), "/v1/webhooks/provider", webhook),
    ]
}

async fn callback(call: OpenCall) -> Response {
    let app = Arc::clone(&call.app);
    let taken = take_callback(&app, call).await;
    answer("callback", taken)
}

async fn webhook(call: OpenCall) -> Response {
    let app = Arc::clone(&call.app);
    let taken = take_webhook(&app, call).await;
    note_signs(&app, &taken).await;
    answer("webhook", taken)
}

/// Why a request was not kept, or kept and not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rejected {
    verdict: Verdict,
    malformed: Option<Malformed>,
}

impl From<Verdict> for Rejected {
    fn from(verdict: Verdict) -> Self {
        Self {
            verdict,
            malformed: None,
        }
    }
}

impl From<Malformed> for Rejected {
    fn from(malformed: Malformed) -> Self {
        Self {
            verdict: Verdict::Malformed,
            malformed: Some(malformed),
        }
    }
}

impl From<BodyFault> for Rejected {
    fn from(fault: BodyFault) -> Self {
        match fault {
            BodyFault::TooLarge(_) => Verdict::TooLarge.into(),
            BodyFault::Slow(_) => Verdict::Slow.into(),
        }
    }
}

async fn take_callback(app: &App, call: OpenCall) -> Result<Verdict, Rejected> {
    let bytes = call.bytes(BODY_BYTES_MAX).await?;
    let callback = read_callback(&bytes)?;
    let name = Keys::parse_name(&callback.name).ok_or(Verdict::Unsigned)?;
    let taken = keep(app, async |tx| {
        let Some(signed) = tx.signed_attempt(name.attempt).await? else {
            return Ok(Verdict::Unknown);
        };
        let of = AttemptName {
            attempt: name.attempt,
            account: signed.account,
            workspace: signed.workspace,
            name_ends_at: signed.name_ends_at,
        };
        if !app.minter.keys().proves(&name, &of) {
            return Ok(Verdict::Unsigned);
        }
        tx.take_callback(name.attempt, &callback).await
    });
    taken.await.map_err(Into::into)
}

/// The secret first: of what does not bear it nothing is read.
async fn take_webhook(app: &App, call: OpenCall) -> Result<Verdict, Rejected> {
    if !app.proofs.is_webhook(&call.headers) {
        return Err(Verdict::Unsigned.into());
    }
    let bytes = call.bytes(BODY_BYTES_MAX).await?;
    let webhook = read_webhook(&bytes)?;
    let taken = keep(app, async |tx| tx.take_webhook(&webhook).await);
    taken.await.map_err(Into::into)
}

/// Takes an event in a transaction of its own; what says that it keeps it is committed when this returns. Given up half way,
/// it may be kept all the same: then it comes again, and is known.
async fn keep(
    app: &App,
    take: impl AsyncFnOnce(&Tx) -> Result<Verdict, StoreError>,
) -> Result<Verdict, Verdict> {
    let kept = tokio::time::timeout(KEEP_WITHIN, async {
        let tx = app.store.begin().await?;
        let verdict = take(&tx).await?;
        if verdict.is_kept() {
            tx.finish().await?;
        } else {
            tx.abandon().await;
        }
        Ok(verdict)
    });
    match kept.await {
        Ok(Ok(verdict)) => Ok(verdict),
        Ok(Err(error)) => Err(unavailable(&error)),
        Err(_) => {
            tracing::warn!("the database did not keep an event in time; it comes again");
            Err(Verdict::Unavailable)
        }
    }
}

fn unavailable(error: &StoreError) -> Verdict {
    tracing::warn!(
        error = fleet::chain(error),
        "an event of the provider's was not kept; it comes again"
    );
    Verdict::Unavailable
}

/// What comes often, and is the sign of a fault only then, is told once.
async fn note_signs(app: &App, taken: &Result<Verdict, Rejected>) {
    let (tally, now) = (&app.proofs.tally, Instant::now());
    let alert = match taken {
        Ok(verdict) => {
            tally.forget(Sign::Refused);
            let is_unlinked = *verdict == Verdict::Unlinked;
            is_unlinked
                .then(|| tally.count(Sign::Unlinked, now))
                .flatten()
        }
        Err(rejected) if rejected.verdict == Verdict::Unsigned => tally.count(Sign::Refused, now),
        Err(_) => None,
    };
    if let Some(alert) = alert
        && let Err(error) = tell(app, alert).await
    {
        tracing::warn!(
            error = fleet::chain(&error),
            code = alert.code,
            "an alert was not raised"
        );
    }
}

async fn tell(app: &App, alert: EventAlert) -> Result<(), StoreError> {
    let tx = app.store.begin().await?;
    tx.note_events(alert).await?;
    tx.finish().await
}

fn answer(route: &'static str, taken: Result<Verdict, Rejected>) -> Response {
    let (verdict, malformed) = match taken {
        Ok(verdict) => (verdict, None),
        Err(Rejected { verdict, malformed }) => (verdict, malformed),
    };
    counter!("relink_callbacks_total", "route" => route, "verdict" => verdict.as_str())
        .increment(1);
    let (code, detail) = match verdict {
        // The provider takes nothing but 200 for an answer.
        Verdict::Stored | Verdict::Again | Verdict::Unlinked => {
            return (axum::http::StatusCode::OK, Json(json!({}))).into_response();
        }
        Verdict::Late => (Code::Expired, "this name has ended; it links nothing"),
        Verdict::Replayed => (
            Code::Conflict,
            "this name was used with another session; it links nothing more",
        ),
        Verdict::Unknown => (Code::NotFound, "there is no such attempt"),
        Verdict::Unsigned => (
            Code::Unauthorized,
            "this is not proved to be the provider's",
        ),
        Verdict::Malformed => (Code::BadRequest, "this is not what the provider sends"),
        Verdict::TooLarge => (Code::TooLarge, "a body has at most 64 KiB"),
        Verdict::Slow => (Code::SlowBody, "the body did not arrive in time"),
        Verdict::Unavailable => {
            return Problem::later("nothing is kept; send it again").into_response();
        }
    };
    let detail = malformed.map_or_else(|| detail.to_owned(), |it| it.to_string());
    Problem::of_code(code, detail).into_response()
}
