//! The end of a run: everything is stopped but what is counted, then it is counted.

use super::Stage;
use crate::commands::Failure;
use crate::up::letters::Letter;
use crate::up::owners::OwnersNote;
use crate::up::progress::say;
use crate::up::report::{Causes, Judged, Links, Pace, Provider, Report, Rows, Standings};
use jiff::Timestamp;

/// Most lost jobs and dead letters that are read by name.
const ODD_JOBS_MAX: i64 = 40;

impl Stage {
    /// Stops scheduling and working, then counts.
    pub(crate) async fn finish(&mut self) -> Result<Report, Failure> {
        // What is seen later was not there to be seen.
        let at = self.now().await?;
        let owners = self.rest_owners().await;
        say("stopping the scheduler, the workers and the API");
        let mut unclean = vec![];
        // All but the simulator, whose counts are needed still.
        let others = self.children.drain(1..).chain(self.ensuring.take());
        for child in others {
            if let Err(end) = child.stop().await {
                say(&end.to_string());
                unclean.push(end);
            }
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
        let judged = Judged {
            standings,
            causes: self.causes().await?,
            links: self.links(owners, pace.lost_before()).await?,
            pace,
        };
        let audit = self.store.verify_audit().await?;
        let answers = self.operator.answers().to_vec();
        let report = Report::new(&rows, &audit, &provider, &judged, unclean);
        Ok(report.with_answers(answers))
    }

    async fn rows(&self, lost_before: Timestamp) -> Result<Rows, Failure> {
        let counted = self.store.reading(async |tx| {
            Ok::<_, store::StoreError>(Rows {
                totals: tx.totals(lost_before).await?,
                alerts: tx.open_alerts(20).await?,
                sends: tx.send_totals(self.from).await?,
                windows: tx.send_windows().await?,
                odd_jobs: tx.odd_jobs(lost_before, ODD_JOBS_MAX).await?,
            })
        });
        Ok(counted.await?)
    }

    async fn links(&self, owners: OwnersNote, overdue_before: Timestamp) -> Result<Links, Failure> {
        let totals = self
            .store
            .reading(async |tx| tx.link_totals(self.from, overdue_before).await);
        let keys = self.front.keys()?;
        let mails = self.front.mails().texts()?;
        Ok(Links {
            totals: totals.await?,
            letters: mails.iter().map(|it| Letter::read(it, &keys)).collect(),
            minted: self.control.links().await?,
            owners,
        })
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
