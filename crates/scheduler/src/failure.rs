//! Which errors say that the database is away, and which only that one duty cannot be done.

use store::{Fault, StoreError};

/// Server's codes and classes that speak of the connection or of the whole server: lost, refused, ending, read-only.
const OF_THE_SERVER: [&str; 3] = ["08", "57P", "25006"];

/// Whether it says that the database, or the way to it, is away. Everything else is the trouble of whoever asked.
pub(crate) fn is_away(error: &StoreError) -> bool {
    match error {
        StoreError::Pool(_) | StoreError::RolledBack | StoreError::OutcomeUnknown(_) => true,
        StoreError::Query { .. } => error.sqlstate().map_or_else(
            || error.fault() == Fault::Transient,
            |code| OF_THE_SERVER.iter().any(|class| code.starts_with(class)),
        ),
        _ => false,
    }
}
