//! `orphans.watch` (R-ORP-1, R-ORP-2, R-ORP-3).

use crate::asking::verification;
use fleet::{Decide, JobError, Look, Spec};
use jiff::{SignedDuration, Timestamp};
use policy::decision::Decision;
use policy::ids::AccountId;
use policy::jobs::{ORPHANS_WATCH, TickShards};
use policy::orphans::{Finding, Neighbourhood, ghosts_alert, link, matches};
use policy::pill::LINK_PATIENCE;
use policy::schedule::Period;
use policy::verify::Verification;
use store::StoreError;
use store::orphans::Ghosts;

/// Accounts of a range that one job looks at; what is left over, the next hour takes.
const ACCOUNTS_MAX: i64 = 500;
/// Sessions without an account for longer are reported (R-ORP-3).
const GHOST_AGE: SignedDuration = SignedDuration::from_hours(24);

/// Links accounts whose handshake ended at the provider but never landed here.
pub(crate) struct OrphansWatch;

/// What a job found.
pub(crate) struct OrphanFacts {
    neighbourhood: Neighbourhood,
    findings: Vec<Finding>,
    verifications: Vec<(AccountId, Verification)>,
    ghosts: Option<Ghosts>,
}

impl Decide for OrphansWatch {
    const SPEC: Spec = Spec::new(
        ORPHANS_WATCH,
        "Links accounts whose session is live but never landed here",
    )
    // Twice an hour, not once: a tick sees a listing up to five minutes old, and an account must clear within 60
    // minutes of its session being live (R-ORP-1).
    .every(Period::minutes(30))
    .sharded();
    type Payload = TickShards;
    type Facts = OrphanFacts;

    async fn gather(look: &Look, payload: TickShards) -> Result<OrphanFacts, JobError> {
        let (neighbourhood, ghosts) = read(look, payload).await?;
        let findings = matches(&neighbourhood, look.now().await?);
        let mut verifications = Vec::new();
        for finding in &findings {
            if let Finding::Match {
                account, session, ..
            } = finding
            {
                verifications.push((*account, verification(look, session).await?));
            }
        }
        Ok(OrphanFacts {
            neighbourhood,
            findings,
            verifications,
            ghosts,
        })
    }

    fn decide(found: OrphanFacts, now: Timestamp) -> Decision {
        let mut decision = link(
            &found.neighbourhood,
            &found.findings,
            &found.verifications,
            now,
        );
        let ghosts = found.ghosts.filter(|ghosts| ghosts.count > 0);
        decision
            .alerts
            .extend(ghosts.map(|ghosts| ghosts_alert(ghosts.count, &ghosts.sample)));
        decision
    }
}

async fn read(
    look: &Look,
    payload: TickShards,
) -> Result<(Neighbourhood, Option<Ghosts>), StoreError> {
    let found = look.store.reading(async |tx| {
        let now = tx.now().at;
        let before = |age: SignedDuration| now.checked_sub(age).unwrap_or(Timestamp::MIN);
        let neighbourhood = tx
            .neighbourhood(payload.shards, before(LINK_PATIENCE), ACCOUNTS_MAX)
            .await?;
        // Ghosts are the whole fleet's: one job of each tick looks for them.
        let ghosts = match payload.shards.first {
            0 => Some(tx.ghosts(before(GHOST_AGE)).await?),
            _ => None,
        };
        Ok((neighbourhood, ghosts))
    });
    found.await
}
