//! What the simulated provider is told before the fleet starts, and what it shows while it runs.

use super::Stage;
use crate::commands::Failure;
use crate::up::plan::{Plan, everyday};
use jiff::{SignedDuration, Timestamp};
use simulator::control::SessionView;
use std::time::Duration;

/// A provider that does not show its sessions within that time is looked at again later.
const SHOWN_MAX: Duration = Duration::from_secs(5);

/// What the provider showed in one look.
struct Shown {
    at: Timestamp,
    clock_off: SignedDuration,
    sessions: Vec<SessionView>,
}

impl Stage {
    /// Gives the provider its sessions, its people and its troubles, by a script that begins at `from`.
    pub(super) async fn people_provider(
        &mut self,
        plan: &Plan,
        from: Timestamp,
    ) -> Result<(), Failure> {
        self.control.create(plan.sessions.clone()).await?;
        // As early as can be, for its time runs.
        self.control.load(&plan.script_from(from)).await?;
        self.restricted = plan.restricted(from);
        self.control.behave(&everyday::manners()).await?;
        self.control.befall(&plan.faults).await?;
        let known = self.store.reading(async |tx| tx.old_relations().await);
        for (session, members) in everyday::relations(known.await?) {
            self.control.relate(session, members).await?;
        }
        Ok(())
    }

    /// Notes what the provider shows, if it answers in time.
    pub(crate) async fn witness_provider(&mut self) {
        let shown = tokio::time::timeout(SHOWN_MAX, self.shown()).await;
        if let Ok(Ok(shown)) = shown {
            self.witness(&shown);
        }
    }

    /// Notes what the provider shows at the end, and answers it.
    pub(super) async fn last_witness(&mut self) -> Result<Vec<SessionView>, Failure> {
        let shown = self.shown().await?;
        self.witness(&shown);
        Ok(shown.sessions)
    }

    async fn shown(&self) -> Result<Shown, Failure> {
        let clock_off = self.clock_off().await?;
        // A break begins after the look before it.
        let at = self.now().await?;
        Ok(Shown {
            at,
            clock_off,
            sessions: self.control.sessions().await?,
        })
    }

    fn witness(&mut self, shown: &Shown) {
        self.witness.note_clock(shown.clock_off);
        self.witness.note(shown.at, &shown.sessions);
    }
}
