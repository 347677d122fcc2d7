//! A duty of the leader in a task of its own: its own time, its own failures, its own delays (R-JOB-8).

use crate::leader::Standing;
use crate::office::{Failure, Office};
use policy::duties::LeaderDuty;
use std::sync::Arc;
use std::time::Duration;
use store::StoreError;
use store::scheduler::Leadership;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// A round that takes longer hangs.
const ROUND_MAX: Duration = Duration::from_mins(1);
/// No failing duty waits longer.
const DELAY_MAX: Duration = Duration::from_mins(1);

/// What the leader does again and again.
pub(crate) trait Work: Send + 'static {
    /// Name of the duty.
    const DUTY: LeaderDuty;
    /// Longest delay after failures.
    const DELAY_MAX: Duration = DELAY_MAX;

    /// Does it once. How long until the next time, machine time.
    fn round(
        &mut self,
        leadership: Leadership,
    ) -> impl Future<Output = Result<Duration, StoreError>> + Send;

    /// What a follower does meanwhile, so that it knows what a leader must if it comes to lead; again after so long,
    /// machine time. Changes nothing in the database.
    fn follow(&mut self) -> impl Future<Output = Duration> + Send {
        std::future::pending()
    }

    /// Asks for a round before its time.
    fn bell(&self) -> Option<Arc<Notify>> {
        None
    }
}

/// Follows until this process leads. None: nobody schedules any more.
async fn followed<W: Work>(work: &mut W, office: &mut Office) -> Option<Standing> {
    let follow = async {
        loop {
            let wait = work.follow().await;
            tokio::time::sleep(wait).await;
        }
    };
    tokio::select! {
        biased;
        standing = office.leads() => standing,
        () = follow => None,
    }
}

/// Does a duty's rounds while this process leads, until `stop`. A new leader begins at once.
pub(crate) async fn run<W: Work>(mut work: W, mut office: Office, stop: CancellationToken) {
    let bell = work.bell().unwrap_or_default();
    while let Some(Some(standing)) = stop
        .run_until_cancelled(followed(&mut work, &mut office))
        .await
    {
        let leadership = standing.leadership;
        let round = tokio::time::timeout(ROUND_MAX, work.round(leadership));
        let Some(ended) = stop.run_until_cancelled(round).await else {
            return;
        };
        let ended = match ended {
            Ok(Ok(wait)) => Ok(wait),
            Ok(Err(error)) => Err(Failure::Store(error)),
            Err(_) => Err(Failure::Hung(ROUND_MAX)),
        };
        let wait = match ended {
            Ok(wait) => {
                office.board.succeeded(W::DUTY);
                wait
            }
            Err(failure) => {
                let noted = office.failed(W::DUTY, failure, W::DELAY_MAX);
                stop.run_until_cancelled(noted).await.unwrap_or_default()
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
            () = office.leads_anew(leadership) => {}
            () = bell.notified() => {}
        }
    }
}
