//! Connections to RabbitMQ: a worker consumes, a scheduler publishes.

use super::{Exporter, Metric};
use crate::labels::{CONNECTED, CONSUMER, PUBLISHER};

const UP: &str = "1 while connected to the broker";
const CONNECTS: &str =
    "Connections to the broker that came up; each after the first is a reconnect";

pub(super) const METRICS: &[Metric] = &[
    Metric::gauge("relink_broker_up", UP).labels(&[CONSUMER]),
    Metric::gauge("relink_broker_up", UP)
        .labels(&[PUBLISHER])
        .by(&[Exporter::Scheduler]),
    Metric::counter("relink_broker_connects_total", CONNECTS).labels(&[CONSUMER]),
    Metric::counter("relink_broker_connects_total", CONNECTS)
        .labels(&[CONNECTED])
        .by(&[Exporter::Scheduler]),
    Metric::counter(
        "relink_broker_acks_lost_total",
        "Settlements that the broker cannot have heard: their messages come again",
    ),
    Metric::gauge(
        "relink_broker_blocked",
        "1 while the broker's alarm forbids publishing",
    )
    .by(&[Exporter::Scheduler]),
    Metric::counter(
        "relink_broker_returned_total",
        "Messages that no queue wanted",
    )
    .by(&[Exporter::Scheduler]),
];
