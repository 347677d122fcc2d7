//! What the leader does beside ticking: the rescue of runs whose worker vanished, and the alert about jobs that no
//! worker knows.

use fleet::{Entry, chain};
use jiff::SignedDuration;
use metrics::counter;
use policy::decision::Alert;
use serde_json::json;
use store::{Store, StoreError};

/// Runs rescued at once; what is left over, the next round takes.
const BATCH: i64 = 500;
/// Jobs that no worker took for so long are alerted (R-JOB-5).
const LEFT_ALERTED: SignedDuration = SignedDuration::from_mins(15);

/// One round. Both parts may be done twice without harm, so no lease is needed.
pub(crate) async fn round(store: &Store, roster: &[Entry]) -> Result<(), StoreError> {
    let limits: Vec<(&str, i16)> = roster
        .iter()
        .map(|entry| (entry.spec.kind.name, entry.spec.failures_max))
        .collect();
    let tx = store.begin().await?;
    let rescued = tx.rescue(&limits, BATCH).await?;
    let mut alerts = Vec::new();
    if rescued.again + rescued.dead > 0 {
        tracing::warn!(
            again = rescued.again,
            dead = rescued.dead,
            "rescued jobs whose worker vanished"
        );
        counter!("relink_job_rescues_total", "reason" => "vanished").increment(rescued.again);
        counter!("relink_job_rescues_total", "reason" => "exhausted").increment(rescued.dead);
        counter!("relink_dead_letters_total", "reason" => "vanished").increment(rescued.dead);
    }
    if rescued.dead > 0 {
        let detail =
            json!({ "jobs": rescued.dead, "why": "their workers vanished again and again" });
        alerts.push(Alert {
            code: "dead_letter",
            subject: "vanished".to_owned(),
            detail,
        });
    }
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
