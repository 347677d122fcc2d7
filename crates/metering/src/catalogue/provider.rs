//! What workers ask the provider.

use super::Metric;
use crate::labels::{ANSWERED, ROUTE};

pub(super) const METRICS: &[Metric] = &[
    Metric::counter(
        "relink_provider_calls_total",
        "Calls of the provider by what its answer means; all but removals, which are counted by themselves",
    )
    .labels(&[ROUTE, ANSWERED]),
    Metric::histogram(
        "relink_provider_call_duration_seconds",
        "From the request to the whole answer, whatever it was",
    )
    .labels(&[ROUTE]),
];
