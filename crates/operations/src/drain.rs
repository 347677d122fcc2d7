//! Waiting until nothing of a scope runs: woken by what ends, with a look of its own each second for what ends silently.

use crate::Refused;
use std::time::{Duration, Instant};
use store::Store;
use store::depths::COUNTED_MAX;
use store::listen::Listener;
use store::pauses::{PauseScope, Running};

/// A look that nothing asked for: a run that fails rings no bell.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// How the waiting ended.
#[derive(Clone, Debug)]
pub struct Drained {
    /// What runs still; nothing, unless the time ran out.
    pub left: Running,
    /// How long it took.
    pub took: Duration,
}

impl Drained {
    /// Nothing of the scope runs.
    pub fn is_drained(&self) -> bool {
        self.left.leased == 0 && self.left.sets.is_empty()
    }

    /// In words.
    pub fn says(&self) -> String {
        let Running {
            leased,
            names,
            sets,
            started,
        } = &self.left;
        let took = self.took.as_secs_f64();
        let waiting = match started {
            0 => String::new(),
            COUNTED_MAX.. => format!(
                "; at least {COUNTED_MAX} jobs have started once and wait to be tried again"
            ),
            many => format!("; {many} jobs have started once and wait to be tried again"),
        };
        if self.is_drained() {
            return format!("drained: nothing of it runs, after {took:.1} s{waiting}");
        }
        let named = names.join(", ");
        format!(
            "not drained after {took:.1} s: {leased} jobs are leased ({named}), {} sets of jobs run{waiting}",
            sets.len()
        )
    }
}

/// Waits until what of `over` had started runs no more, or for as long as `patience`. Called after the pause is
/// committed; without a pause new work is waited for too.
pub async fn drained(
    store: &Store,
    over: &PauseScope,
    patience: Duration,
) -> Result<Drained, Refused> {
    let began = Instant::now();
    let listener = Listener::connect(store.config()).await?;
    let mut left = look(store, over).await?;
    loop {
        let took = began.elapsed();
        let drained = Drained { left, took };
        if drained.is_drained() || patience <= took {
            return Ok(drained);
        }
        let wait = HEARTBEAT.min(patience.saturating_sub(took));
        // Whether rung for or not: it looks again.
        tokio::time::timeout(wait, listener.wait()).await.ok();
        let now = look(store, over).await?;
        // Sets that began after the first look began after the pause: they are of something else.
        let sets = now.sets.intersection(&drained.left.sets).cloned().collect();
        left = Running { sets, ..now };
    }
}

async fn look(store: &Store, over: &PauseScope) -> Result<Running, Refused> {
    let found = store.reading(async |tx| tx.running(over).await);
    Ok(found.await?)
}
