//! A worker that dies at the provider, as `kill -9` would have it: its runtime ends with everything in it.

use super::{CONNECTIONS_MAX, Life, pipeline, plus};
use crate::eventually::eventually;
use jiff::SignedDuration;
use policy::jobs::SENDS_EXECUTE;
use simulator::control::{ActionFault, ActionFaultKind, Faults, Rate};
use std::time::Duration;
use uuid::Uuid;

const PATIENCE: Duration = Duration::from_secs(10);

impl Life {
    /// Lives on until a send is due, and makes it on a worker of its own that dies when the provider has done its part
    /// and before it answers. False if none was due for a day.
    pub async fn crash(&mut self) -> bool {
        let end = plus(self.now, SignedDuration::from_hours(24));
        while self.now < end {
            self.tick().await;
            let sends = self.run_due_but(Some(SENDS_EXECUTE)).await;
            if sends.is_empty() {
                self.wait(end).await;
                continue;
            }
            self.die_sending(sends).await;
            return true;
        }
        false
    }

    async fn die_sending(&mut self, sends: Vec<Uuid>) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        self.provider.faults(&silent(&self.faults)).await;
        let before = self.struck().await;
        let (store, through) = (
            self.database.narrow_store("relink_worker", CONNECTIONS_MAX),
            self.provider.unipile_within(PATIENCE * 2),
        );
        let run = runtime.spawn(async move {
            let pipeline = pipeline(store, through);
            pipeline.ring(SENDS_EXECUTE.name, &sends).await;
        });
        eventually("the provider has done its part", PATIENCE, || async {
            (before < self.struck().await || run.is_finished()).then_some(())
        })
        .await;
        self.crashes += u64::from(!run.is_finished());
        runtime.shutdown_background();
        self.provider.faults(&self.faults).await;
        self.wake();
    }

    /// Requests that met a fault; what was refused had no effect.
    async fn struck(&self) -> u64 {
        self.provider.counts().await.faults.values().sum()
    }
}

/// Everything is done, and nothing is answered; the provider's clock is as wrong as before.
fn silent(before: &Faults) -> Faults {
    let silence = ActionFault {
        kind: ActionFaultKind::SilenceAfter,
        route: None,
        action: None,
        rate: Rate(1.0),
        times: None,
        ms: None,
    };
    Faults {
        actions: vec![silence],
        skew_seconds: before.skew_seconds,
        ..Faults::default()
    }
}
