//! A worker of removals, whose jobs are rung without a broker.

use crate::provider::KEY;
use fleet::Context;
use fleet::Pipeline;
use policy::jobs::{Queue, REMOVALS_EXECUTE, REMOVALS_LOOK, REMOVALS_PROVE};
use secrecy::SecretString;
use std::sync::Arc;
use store::Store;
use store::guards::ClockKind;
use tokio_util::sync::CancellationToken;

/// Kinds of job of the queue, for tests that ring them by name.
pub const KINDS: [&str; 3] = [
    REMOVALS_LOOK.name,
    REMOVALS_EXECUTE.name,
    REMOVALS_PROVE.name,
];

pub(super) fn of(store: Store, enabled: bool, base: &str) -> Arc<Pipeline> {
    let mut config = provider::Config::new(base, SecretString::from(KEY));
    config.total_timeout = crate::provider::CALL_TIMEOUT;
    let tools = duties::tools(&[Queue::Removals], &config, enabled, ClockKind::StandIn);
    let tools = tools.expect("the interlock");
    let context = Context::new(
        store,
        crate::provider::client_of(base, crate::provider::CALL_TIMEOUT),
        "worker:removals:test".to_owned(),
        CancellationToken::new(),
    );
    let context = Arc::new(context.with_tools(tools));
    Arc::new(Pipeline::new(context, duties::roster()))
}
