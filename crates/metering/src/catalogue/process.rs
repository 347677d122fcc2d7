//! What every process says of itself.

use super::{Exporter, Metric, Start};
use crate::labels::{CONNECTION, ERROR_CLASS, GIT, VERSION};

const EVERY: &[Exporter] = &Exporter::ALL;

pub(super) const METRICS: &[Metric] = &[
    Metric::gauge(
        "relink_build_info",
        "1, with the version and the commit of this build",
    )
    .labels(&[VERSION, GIT])
    .by(EVERY)
    .from(Start::Known),
    Metric::gauge(
        "relink_database_connections",
        "Connections to the database that this process holds",
    )
    .labels(&[CONNECTION])
    .by(EVERY),
    Metric::gauge(
        "relink_database_connections_max",
        "Connections to the database that this process may hold",
    )
    .by(EVERY),
    Metric::gauge(
        "relink_database_waiters",
        "Those who wait for a connection to the database",
    )
    .by(EVERY),
    Metric::histogram(
        "relink_database_wait_seconds",
        "From asking for a connection to the database to having it",
    )
    .by(EVERY),
    Metric::counter(
        "relink_database_errors_total",
        "Errors that the database answered with or that cut a connection, by what they speak of",
    )
    .labels(&[ERROR_CLASS])
    .by(EVERY),
];
