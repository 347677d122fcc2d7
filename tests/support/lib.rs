//! What the tests, the fixture and the bench share: databases, a fleet in the process, servers, waiting for events.

pub mod cast;
pub mod database;
pub mod fleet_run;
pub mod provider;
