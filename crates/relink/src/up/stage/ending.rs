//! The end of a run: everything is stopped but what is counted, then it is counted.

use super::Stage;
use crate::commands::Failure;
use crate::up::progress::say;
use crate::up::report::{Causes, Pace, Provider, Report, Rows, Standings};
use jiff::Timestamp;

impl Stage {
    /// Stops scheduling and working, then counts.
    pub(crate) async fn finish(&mut self) -> Result<Report, Failure> {
        // What is seen later was not there to be seen.
        let at = self.now().await?;
        say("stopping the scheduler and the workers");
        let mut is_clean = true;
        // All but the simulator, whose counts are needed still.
        for child in self.children.drain(1..) {
            is_clean &= child.stop().await;
        }
        say("counting, asking the referee, and verifying the audit");
        // Whoever was linked meanwhile is judged by the same caps from the beginning.
        self.tell_caps().await?;
        // The last rows are of the time until now.
        let sessions = self.last_witness().await?;
        let provider = Provider {
            counts: self.control.counts().await?,
            verdict: self.control.verdict().await?,
            clock_off_s: self.witness.clock_off().as_secs(),
            lost_at_once: self.lost_at_once().await?,
        };
        let standings = Standings {
            accounts: self.store.reading(async |tx| tx.standings().await).await?,
            sessions,
        };
        let runs = self
            .store
            .reading(async |tx| tx.watch_runs(self.from).await);
        let pace = Pace {
            at,
            speed: self.speed,
            runs: runs.await?,
        };
        let rows = self.rows(pace.lost_before()).await?;
        let causes = self.causes().await?;
        let audit = self.store.verify_audit().await?;
        let answers = self.operator.answers().to_vec();
        let judged = (&standings, &causes, &pace);
        let report = Report::new(&rows, &audit, &provider, judged, is_clean);
        Ok(report.with_answers(answers))
    }

    async fn rows(&self, lost_before: Timestamp) -> Result<Rows, Failure> {
        let counted = self.store.reading(async |tx| {
            Ok::<_, store::StoreError>(Rows {
                totals: tx.totals(lost_before).await?,
                alerts: tx.open_alerts(20).await?,
                sends: tx.send_totals(self.from).await?,
                windows: tx.send_windows().await?,
            })
        });
        Ok(counted.await?)
    }

    async fn causes(&self) -> Result<Causes, Failure> {
        let (holds, pauses) = self
            .store
            .reading(async |tx| {
                let holds = tx.hold_lines(self.from).await?;
                Ok::<_, store::StoreError>((holds, tx.pause_lines(self.from).await?))
            })
            .await?;
        Ok(Causes {
            holds,
            pauses,
            witness: self.witness.clone(),
            restricted: self.restricted.clone(),
        })
    }
}
