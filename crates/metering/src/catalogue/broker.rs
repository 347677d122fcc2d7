//! Connections to RabbitMQ: a worker consumes, a scheduler publishes.

use super::{Exporter, Metric};
use crate::labels::{CONNECTED, CONSUMER, PUBLISHER, QUEUE};

const UP: &str = "1 while connected to the broker, for some queue at least";
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
    Metric::gauge(
        "relink_consumer_up",
        "1 while this worker consumes the queue and its connection gives signs of life",
    )
    .labels(&[QUEUE]),
    Metric::gauge(
        "relink_publisher_up",
        "1 while doorbells can be published to the queue",
    )
    .labels(&[QUEUE])
    .by(&[Exporter::Scheduler]),
    Metric::counter(
        "relink_queue_rebuilds_total",
        "Queues deleted and declared anew by this worker because they could be declared and not consumed",
    )
    .labels(&[QUEUE]),
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
