//! Tells this database from a restored copy of it, before anything acts outward (R-RES-1).

use crate::rounds::Work;
use broker::{Found, WitnessQueue};
use fleet::chain;
use policy::decision::Alert;
use policy::duties::LeaderDuty;
use policy::witness::{EVERY, Seen, Verdict, Witness, compare};
use serde_json::json;
use std::time::{Duration, Instant};
use store::scheduler::Leadership;
use store::witness::Looked;
use store::{Store, StoreError, Tx};
use uuid::Uuid;

/// Between two looks at the database, machine time: so long after a server has started again nothing is sent.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Whoever does not lead holds nothing.
const FOLLOWER_RESTS: Duration = Duration::from_secs(5);
/// Heartbeats after which the broker has given free what a dead leader held: it misses two, and then closes the connection.
const HOLD_HEARTBEATS: u32 = 4;

/// Keeps the number raised, and compares it.
pub(crate) struct WitnessWatch {
    store: Store,
    queue: WitnessQueue,
    /// A living leader alone holds it for longer.
    hold_max: Duration,
    /// Since when another holds the witness.
    held_since: Option<Instant>,
}

impl WitnessWatch {
    pub(crate) fn new(store: Store, broker: broker::Config) -> Self {
        Self {
            store,
            hold_max: broker.heartbeat * HOLD_HEARTBEATS,
            queue: WitnessQueue::new(broker),
            held_since: None,
        }
    }

    /// None: the broker does not say.
    async fn seen(&mut self) -> Option<Seen> {
        let found = match self.queue.look().await {
            Ok(found) => found,
            // The publisher says loudly that the broker is away.
            Err(error) => {
                tracing::info!(error = chain(&error), "the witness could not be looked at");
                return None;
            }
        };
        let held_since = match found {
            Found::Held => Some(self.held_since.unwrap_or_else(Instant::now)),
            Found::Nothing | Found::Body(_) => None,
        };
        self.held_since = held_since;
        Some(match found {
            Found::Held => Seen::Held {
                is_lasting: held_since.is_some_and(|since| self.hold_max < since.elapsed()),
            },
            Found::Nothing => Seen::Missing,
            Found::Body(body) => serde_json::from_slice(&body).map_or(Seen::Missing, Seen::Said),
        })
    }

    /// Does what a comparison says; what goes to the broker after the commit.
    async fn obey(
        tx: &Tx,
        verdict: &Verdict,
        alert: &mut Option<Alert>,
    ) -> Result<Option<Witness>, StoreError> {
        let witness = match verdict {
            Verdict::Raise(number) => Witness {
                number: *number,
                mark: Uuid::now_v7(),
            },
            Verdict::PutAgain(witness) => *witness,
            Verdict::Copy(why) => {
                if tx.declare_copy(why).await? {
                    let told = alert.insert(restored_copy(why));
                    tx.raise(std::slice::from_ref(told)).await?;
                }
                return Ok(None);
            }
            // Whoever lifts the pause by hand has not adopted the copy.
            Verdict::Rest(why) => {
                tx.declare_copy(why).await?;
                return Ok(None);
            }
            Verdict::Wait => return Ok(None),
        };
        tx.raise_witness(witness).await?;
        Ok(Some(witness))
    }

    async fn compare(&mut self, seen: Seen, leadership: Leadership) -> Result<(), StoreError> {
        let mut alert = None;
        let tx = self.store.begin().await?;
        tx.fence(leadership).await?;
        let (Looked { own, .. }, rate) = tx.witness().await?;
        let verdict = compare(&own, seen, tx.now().at, rate);
        let witness = Self::obey(&tx, &verdict, &mut alert).await?;
        tx.finish().await?;
        if let (Some(alert), Verdict::Copy(why)) = (alert, &verdict) {
            tracing::error!(why, "this database is a restored copy: nothing is sent");
            metering::count_alerts(&[alert]);
        }
        let Some(witness) = witness else {
            return Ok(());
        };
        if matches!(seen, Seen::Missing) && own.raised_at.is_some() {
            tracing::warn!(
                number = witness.number,
                "the broker lost the witness: written anew"
            );
        }
        let body = serde_json::to_vec(&witness).unwrap_or_default();
        if let Err(error) = self.queue.put(&body).await {
            tracing::info!(error = chain(&error), "the witness could not be put");
        }
        Ok(())
    }
}

impl Work for WitnessWatch {
    const DUTY: LeaderDuty = LeaderDuty::Witness;

    async fn round(&mut self, leadership: Leadership) -> Result<Duration, StoreError> {
        let read = async |tx: &Tx| Ok::<_, StoreError>((tx.witness().await?.0, tx.now().at));
        let (Looked { own, is_here }, now) = self.store.reading(read).await?;
        let is_fresh = own
            .raised_at
            .is_some_and(|at| now.duration_since(at).abs() < EVERY);
        if is_here && is_fresh && own.copy_why.is_none() && !own.is_adopting {
            return Ok(LOOK_EVERY);
        }
        if let Some(seen) = self.seen().await {
            self.compare(seen, leadership).await?;
        }
        Ok(LOOK_EVERY)
    }

    async fn follow(&mut self) -> Duration {
        self.queue.close().await;
        FOLLOWER_RESTS
    }
}

fn restored_copy(why: &str) -> Alert {
    Alert {
        code: "restored_copy",
        subject: "database".to_owned(),
        detail: json!({
            "why": why,
            "look": "docs/operations.md#backup-and-restore; relink adopt",
        }),
    }
}
