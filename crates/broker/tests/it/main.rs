//! Against a real broker: `RELINK_TEST_AMQP_URL`, which `tests/run` sets.

mod dead;
mod doorbells;
mod faults;
mod isolation;
mod proxy;
mod real_faults;
mod world;
