//! The suite: real PostgreSQL, real RabbitMQ, the simulator as the provider.

mod audit_attacks;
mod audit_attempts;
mod audit_commit;
mod audit_proxy;
mod audit_verify;
mod catalogue;
mod schema;
mod tidy;
