//! What the tests, the fixture and the bench share: databases, a fleet in the process, servers, waiting for events.

pub mod amqp;
pub mod cast;
pub mod checker;
pub mod clock;
pub mod database;
pub mod desk;
pub mod eventually;
pub mod fleet_run;
pub mod interlock;
pub mod ledger;
pub mod life;
pub mod otlp;
pub mod pair;
pub mod parrot;
pub mod printed;
pub mod process;
pub mod prometheus;
pub mod promql;
pub mod provider;
pub mod rig;
pub mod roster;
pub mod scraped;
pub mod sends;
pub mod site;
pub mod size;
pub mod tcp;
