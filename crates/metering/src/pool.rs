//! The pool of connections to the database.

use crate::scrape::Probe;
use metrics::gauge;
use store::Store;

/// Tells how the store's pool stands whenever it is asked for.
pub fn pool(store: Store) -> Probe {
    let count = |count: usize| u32::try_from(count).map_or(f64::MAX, f64::from);
    Box::new(move || {
        let status = store.connections();
        gauge!("relink_database_connections", "state" => "idle").set(count(status.idle));
        gauge!("relink_database_connections", "state" => "in_use").set(count(status.in_use));
        gauge!("relink_database_connections_max").set(count(status.max));
        gauge!("relink_database_waiters").set(count(status.waiting));
        String::new()
    })
}
