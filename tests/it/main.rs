//! The suite: real PostgreSQL, real RabbitMQ, the simulator as the provider.

/// The fixture program: schedulers and workers with tests' jobs.
const FIXTURE: &str = env!("CARGO_BIN_EXE_fixture");

mod audit_attacks;
mod audit_attempts;
mod audit_commit;
mod audit_proxy;
mod audit_verify;
mod catalogue;
mod duplicates;
mod duties;
mod duties_confirm;
mod duties_faults;
mod duties_orphans;
mod faults_config;
mod faults_kill;
mod faults_servers;
mod interlock;
mod interlock_cap;
mod interlock_gates;
mod interlock_operators;
mod jobs;
mod jobs_left;
mod jobs_poison;
mod queues_drain;
mod queues_fair;
mod queues_pause;
mod scheduler;
mod schema;
mod sends;
mod sends_caps;
mod sends_clock;
mod sends_faults;
mod sends_kill;
mod sends_life;
mod sends_lines;
mod sends_planted;
mod sends_protect;
mod sends_refusals;
mod sends_restart;
mod sends_zones;
mod subscriptions;
mod subscriptions_races;
mod tidy;
mod tls;
mod up;
mod why;
