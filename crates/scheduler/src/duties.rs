//! What the leader does beside ticking: the alert about jobs that no worker knows, and the audit's partitions.

use fleet::chain;
use jiff::SignedDuration;
use policy::decision::Alert;
use serde_json::json;
use store::{Store, StoreError};

/// Jobs that no worker took for so long are alerted (R-JOB-5).
const LEFT_ALERTED: SignedDuration = SignedDuration::from_mins(15);

/// Tells of jobs that no worker knows.
pub(crate) async fn left_behind(store: &Store) -> Result<(), StoreError> {
    let tx = store.begin().await?;
    let mut alerts = Vec::new();
    let before = tx.now().at.saturating_sub(LEFT_ALERTED);
    for left in tx
        .left_behind(before.unwrap_or(jiff::Timestamp::MIN))
        .await?
    {
        let subject = format!("{} version {}", left.kind, left.version);
        let detail = json!({ "jobs": left.jobs, "since": left.since });
        alerts.push(Alert {
            code: "unknown_kind",
            subject,
            detail,
        });
    }
    tx.raise(&alerts).await?;
    tx.finish().await?;
    metering::count_alerts(&alerts);
    Ok(())
}

/// Makes the audit's partitions, months ahead. A failure must not stop the scheduler: rows then go to the default
/// partition, and an operator hears of it.
pub(crate) async fn partitions(store: &Store) -> Result<(), StoreError> {
    let tx = store.begin().await?;
    let Err(error) = tx.make_audit_partitions().await else {
        return tx.finish().await;
    };
    tx.abandon().await;
    tracing::error!(
        error = chain(&error),
        "the audit's partitions could not be made"
    );
    let tx = store.begin().await?;
    let alert = [Alert {
        code: "audit_partitions",
        subject: "account_audit".to_owned(),
        detail: json!({ "error": chain(&error) }),
    }];
    tx.raise(&alert).await?;
    tx.finish().await?;
    metering::count_alerts(&alert);
    Ok(())
}
