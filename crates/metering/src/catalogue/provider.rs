//! What is asked of the provider: by workers, and by the API for links.

use super::{Exporter, Metric};
use crate::labels::{ANSWERED, ROUTE};

const BY: &[Exporter] = &[Exporter::Worker, Exporter::Api];

pub(super) const METRICS: &[Metric] = &[
    Metric::counter(
        "relink_provider_calls_total",
        "Calls of the provider by what its answer means; all but removals, which are counted by themselves",
    )
    .labels(&[ROUTE, ANSWERED])
    .by(BY),
    Metric::histogram(
        "relink_provider_call_duration_seconds",
        "From the request to the whole answer, whatever it was",
    )
    .labels(&[ROUTE])
    .by(BY),
];
