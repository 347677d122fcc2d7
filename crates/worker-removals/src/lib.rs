//! What is done on the queue `removals` (docs/removals.md): looking at a session that operators want removed, the one
//! attempt, and proving what nobody saw end. The only room that may depend on `removal`, and so the only one that can
//! name the call.

mod removals_execute;
mod removals_look;
mod removals_prove;

use fleet::Entry;
use fleet::Tools;
use fleet::acting;
use fleet::deciding;
use provider::{Config, ConfigError};
use removal::{Interlock, KillSwitch};
use store::guards::ClockKind;
use store::{Store, StoreError};

/// Every job of this queue.
pub const ROSTER: &[Entry] = &[
    acting::<removals_execute::RemovalsExecute>(),
    deciding::<removals_look::RemovalsLook>(),
    deciding::<removals_prove::RemovalsProve>(),
];

/// Tools that a worker of this queue brings along. `enabled` is what `RELINK_REMOVALS_ENABLED` said (gate 1).
/// `clock` says whether the database's must be the real one.
pub fn tools(config: &Config, enabled: bool, clock: ClockKind) -> Result<Tools, ConfigError> {
    let switch = KillSwitch::at_start(enabled.then_some("true"));
    metrics::gauge!("relink_removals_enabled").set(if switch.is_on() { 1.0 } else { 0.0 });
    Interlock::new(config, switch, clock).map(|interlock| Tools::default().with(interlock))
}

/// The self-test at the start (gate 6): what it finds is logged, and alerted; each attempt tests again.
pub async fn self_test(store: &Store, tools: &Tools) -> Result<Vec<String>, StoreError> {
    let Some(interlock) = tools.get::<Interlock>() else {
        return Ok(vec![]);
    };
    let tx = store.begin().await?;
    match test_in(&tx, interlock).await {
        Ok(findings) => {
            tx.finish().await?;
            for finding in &findings {
                tracing::error!("removals are refused: {finding}");
            }
            Ok(findings)
        }
        Err(error) => {
            tx.abandon().await;
            Err(error)
        }
    }
}

async fn test_in(tx: &store::Tx, interlock: &Interlock) -> Result<Vec<String>, StoreError> {
    let findings = interlock.process(tx).await?.self_test;
    if !findings.is_empty() {
        tx.raise(&[policy::interlock::guards_alert(&findings)])
            .await?;
    }
    Ok(findings)
}
