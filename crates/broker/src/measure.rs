//! The names of this crate's metrics, each once.

/// Connections that came up, by `role`.
pub(crate) const CONNECTS: &str = "relink_broker_connects_total";
/// Settlements that the broker cannot have heard: the messages come again.
pub(crate) const ACKS_LOST: &str = "relink_broker_acks_lost_total";
/// Messages that no queue wanted.
pub(crate) const RETURNED: &str = "relink_broker_returned_total";
/// 1 while the broker's alarm forbids publishing.
pub(crate) const BLOCKED: &str = "relink_broker_blocked";
/// 1 while connected for some queue, by `role`.
pub(crate) const UP: &str = "relink_broker_up";
/// Queues deleted and declared anew because they could not be consumed, by `queue`.
pub(crate) const REBUILDS: &str = "relink_queue_rebuilds_total";
/// 1 while a queue can be published to, by `queue`.
pub(crate) const PUBLISHER_UP: &str = "relink_publisher_up";
