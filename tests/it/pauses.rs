//! R-Q-1, R-AUD-4: operators stop work and let it go on, by the real commands, under real workers.

mod acts;
mod covers;
mod drain;
mod flow;
mod races;
mod ramp;
mod sets;
mod shown;

use crate::FIXTURE;
use operations::{Done, Life, Operation, OperationRequest, perform};
use policy::jobs::Queue;
use std::time::Duration;
use store::Store;
use store::jobs::Doorbell;
use store::operators::Scope;
use store::pauses::PauseScope;
use tests::desk::{Desk, REASON};
use tests::look::due_jobs;
use tests::rig::Rig;
use tests::roster::DECIDE;
use uuid::Uuid;

/// A fleet and who stops it.
struct Ground {
    rig: Rig,
    desk: Desk,
    /// As the workers see the database.
    worker: Store,
    /// As operators see it.
    operator: Store,
}

impl Ground {
    async fn shared() -> Self {
        Self::with(Rig::shared(FIXTURE).await).await
    }

    async fn with(rig: Rig) -> Self {
        let scopes = [Scope::Read, Scope::Operate];
        let desk = Desk::of(&rig.site, "ada", &scopes).await;
        let store = |role| Store::new(rig.site.database(role)).expect("a store");
        Self {
            desk,
            worker: store("relink_worker"),
            operator: store("relink_operator"),
            rig,
        }
    }

    /// Does it in this process: no time passes between its commit and its answer.
    async fn perform(&self, operation: &impl Operation) -> Done {
        let asked = OperationRequest {
            token: &self.desk.token,
            reason: REASON,
            dry_run: false,
            log: |_| {},
        };
        let done = perform(&self.operator, &asked, operation).await;
        done.expect("the act")
    }

    async fn pause(&self, over: PauseScope) -> Done {
        let (mode, life) = (store::pauses::Mode::Hold, None::<Life>);
        self.perform(&operations::pauses::Pause { over, mode, life })
            .await
    }

    /// What the relay would ring for.
    async fn due(&self, queue: Queue) -> Vec<Uuid> {
        let tx = self.rig.store.begin().await.expect("begin");
        let due = due_jobs(&tx, queue).await;
        tx.abandon().await;
        due.into_iter().map(|one| one.id).collect()
    }

    /// Leases what may be leased of these jobs, as `by`.
    async fn lease(&self, jobs: &[Uuid], by: &str) -> Vec<Uuid> {
        let tx = self.worker.begin().await.expect("begin");
        let bell = Doorbell {
            kind: DECIDE.name,
            version_max: DECIDE.version,
            jobs,
        };
        let claimed = tx.claim_leasing(&bell, by, Duration::from_mins(1)).await;
        tx.finish().await.expect("commit");
        let claimed = claimed.expect("claim");
        claimed.into_iter().map(|one| one.id.0).collect()
    }

    /// Everything that operators' acts on work write, as text.
    async fn rows(&self) -> String {
        let mut all = String::new();
        for table in ["operator_audit", "pauses", "jobs", "job_failures"] {
            let sql = format!(
                "select coalesce(string_agg(t::text, '\n' order by t::text), '') from relink.{table} t"
            );
            let found = self.rig.owner.query_one(&sql, &[]).await;
            all.push_str(&found.expect("the rows").get::<_, String>(0));
        }
        all
    }
}
