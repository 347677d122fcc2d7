//! Old snapshots, and the dead rows that they keep in the table of jobs.

use super::finding::Findings;
use ::fleet::chain;
use store::Store;
use store::snapshots::HeldRows;

/// Transactions since the oldest snapshot; at a thousand a second a quarter of an hour.
const AGE_MAX: i64 = 1_000_000;
/// Dead rows of jobs; each look at a queue that reads past them is a quarter of a second slower.
const DEAD_MAX: i64 = 1_000_000;

pub(super) async fn look(store: &Store, findings: &mut Findings) {
    let name = "database snapshots";
    match store.reading(async |tx| tx.held_rows().await).await {
        Ok(held) => judge(name, &held, findings),
        Err(error) => findings.not_asked(name, chain(&error)),
    }
}

fn judge(name: &str, held: &HeldRows, findings: &mut Findings) {
    let HeldRows {
        age,
        holder,
        dead_rows,
    } = held;
    let by = match holder.as_str() {
        "" => "nobody holds one".to_owned(),
        holder => format!("{holder} holds one of {age} transactions ago"),
    };
    let saw = format!("{by}; {dead_rows} dead rows of jobs");
    if AGE_MAX < *age {
        let todo = "end it (`select pg_terminate_backend(PROCESS)`, `rollback prepared`, `select pg_drop_replication_slot(…)`): dead rows are kept for it, and every look reads past them";
        findings.warn(name, saw, todo);
    } else if DEAD_MAX < *dead_rows {
        let todo = "see whether autovacuum runs on relink.jobs (pg_stat_progress_vacuum), or run `vacuum relink.jobs`";
        findings.warn(name, saw, todo);
    } else {
        findings.ok(name, saw);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_snapshot_and_many_dead_rows_are_warned_of_with_who_holds_it() {
        for (age, dead_rows, warnings) in [
            (0, 0, 0),
            (AGE_MAX, DEAD_MAX, 0),
            (AGE_MAX + 1, 0, 1),
            (0, DEAD_MAX + 1, 1),
        ] {
            let holder = "process 7 of ada (psql)".to_owned();
            let held = HeldRows {
                age,
                holder,
                dead_rows,
            };
            let mut findings = Findings::default();
            judge("database snapshots", &held, &mut findings);
            let text = findings.text();
            assert!(
                text.contains(&format!("{warnings} warnings, 0 failed")),
                "{age}: {text}"
            );
            assert!(text.contains("process 7 of ada (psql)"), "{text}");
        }
    }
}
