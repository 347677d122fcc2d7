//! What the HTTP API counts. Of the routes, of which there are many, the log speaks.

use super::{Exporter, Metric};
use crate::labels::{EVENT_ROUTE, EVENT_VERDICT, HTTP_OUTCOME, LISTENER, MINT};

const BY: &[Exporter] = &[Exporter::Api];

pub(super) const METRICS: &[Metric] = &[
    Metric::counter(
        "relink_api_requests_total",
        "Requests by what their answer means to whoever asked",
    )
    .labels(&[LISTENER, HTTP_OUTCOME])
    .by(BY),
    Metric::histogram(
        "relink_api_request_duration_seconds",
        "From a request's head to its answer",
    )
    .labels(&[LISTENER])
    .by(BY),
    Metric::counter(
        "relink_callbacks_total",
        "Callbacks of hosted links and webhooks of the provider, by what became of them",
    )
    .labels(&[EVENT_ROUTE, EVENT_VERDICT])
    .by(BY),
    Metric::counter(
        "relink_mints_total",
        "Calls for a link by what they came to; of a new one, and of what the provider did not make, the provider was asked",
    )
    .labels(&[MINT])
    .by(BY),
];
