//! What a process carries for its queues, beyond a store and a provider.

use crate::{Need, Postbox, on_queue};
use fleet::Tools;
use policy::jobs::Queue;
use provider::{Config, ConfigError};
use store::guards::ClockKind;
use store::{Store, StoreError};

/// Tools that workers of these queues carry. `removals_enabled` is gate 1 (`RELINK_REMOVALS_ENABLED`); `clock` says
/// whether the database's clock must be the real one.
pub fn tools(
    queues: &[Queue],
    provider: &Config,
    removals_enabled: bool,
    clock: ClockKind,
) -> Result<Tools, ConfigError> {
    if any_needs(queues, Need::Interlock) {
        worker_removals::tools(provider, removals_enabled, clock)
    } else {
        Ok(Tools::default())
    }
}

/// Tools that workers of these queues carry to mail with; without a postbox notices are not mailed, and say so.
pub fn mail_tools(queues: &[Queue], postbox: Option<Postbox>) -> Tools {
    worker_notices::tools(postbox.filter(|_| any_needs(queues, Need::Mail)))
}

/// Tests the tools against the database once, and answers what was found wrong; the findings are logged and alerted too.
pub async fn self_test(store: &Store, tools: &Tools) -> Result<Vec<String>, StoreError> {
    worker_removals::self_test(store, tools).await
}

fn any_needs(queues: &[Queue], need: Need) -> bool {
    queues
        .iter()
        .any(|queue| on_queue(*queue).needs.contains(&need))
}
