//! What workers of `removals` count of the interlock (docs/removals.md).

use super::Metric;
use crate::labels::{ATTEMPT, GATE, REMOVAL_END, SENT};
use policy::jobs::Queue::Removals;

pub(super) const METRICS: &[Metric] = &[
    Metric::gauge(
        "relink_removals_enabled",
        "1 where this process's kill switch lets removals pass (gate 1)",
    )
    .only_on(Removals),
    Metric::counter(
        "relink_removal_attempts_total",
        "Attempts to remove a session by their verdict",
    )
    .labels(&[ATTEMPT])
    .only_on(Removals),
    Metric::counter(
        "relink_removal_refusals_total",
        "Gates that refused a removal; one attempt may be refused by several",
    )
    .labels(&[GATE])
    .only_on(Removals),
    Metric::counter(
        "relink_removal_calls_total",
        "Permitted removals by whether the request left this machine",
    )
    .labels(&[SENT])
    .only_on(Removals),
    Metric::counter(
        "relink_removals_ended_total",
        "Removals by how they ended, and those proved later once more",
    )
    .labels(&[REMOVAL_END])
    .only_on(Removals),
];
