//! `orphans.watch` (R-ORP-1, R-ORP-2, R-ORP-3): finds, and asks nobody; `orphan.link` verifies.

use fleet::{Decide, JobError, Look, Spec};
use jiff::{SignedDuration, Timestamp};
use policy::decision::Decision;
use policy::duplicates::{Listing, Unknown, any_listing};
use policy::duties::of_outcome;
use policy::jobs::{ORPHANS_WATCH, OrphanPages};
use policy::orphans::{OrphanSearch, find, ghosts_alert};
use policy::pill::LINK_PATIENCE;
use policy::schedule::Period;
use store::StoreError;
use store::orphans::Ghosts;

/// Accounts that one job looks at; the next page is a job of its own.
const ACCOUNTS_MAX: i64 = 500;
/// Sessions without an account for longer are reported (R-ORP-3).
const GHOST_AGE: SignedDuration = SignedDuration::from_hours(24);

/// Finds accounts whose handshake ended at the provider but never landed here.
pub(crate) struct OrphansWatch;

/// What a job found.
pub(crate) struct OrphanFacts {
    found: OrphanSearch,
    ghosts: Option<Ghosts>,
    listing: Result<Listing, Unknown>,
}

impl Decide for OrphansWatch {
    const SPEC: Spec = Spec::new(
        ORPHANS_WATCH,
        "Finds accounts whose session is live but never landed here, a page a job",
    )
    // Twice an hour, not once: a tick sees a listing up to five minutes old, and an account must clear within 60
    // minutes of its session being live (R-ORP-1).
    .every(Period::minutes(30))
    .sharded();
    type Payload = OrphanPages;
    type Facts = OrphanFacts;

    async fn gather(look: &Look, payload: OrphanPages) -> Result<OrphanFacts, JobError> {
        Ok(read(look, payload).await?)
    }

    fn decide(facts: OrphanFacts, now: Timestamp) -> Decision {
        let mut decision = find(&facts.found, now);
        decision.duty = Some(of_outcome(ORPHANS_WATCH, &facts.listing));
        let ghosts = facts.ghosts.filter(|ghosts| ghosts.count > 0);
        decision
            .alerts
            .extend(ghosts.map(|ghosts| ghosts_alert(ghosts.count, &ghosts.sample)));
        decision
    }
}

async fn read(look: &Look, page: OrphanPages) -> Result<OrphanFacts, StoreError> {
    let read = look.store.reading(async |tx| {
        let now = tx.now().at;
        let before = |age: SignedDuration| now.checked_sub(age).unwrap_or(Timestamp::MIN);
        let accounts = tx
            .waiting_page(&page, before(LINK_PATIENCE), ACCOUNTS_MAX)
            .await?;
        let is_full = i64::try_from(accounts.len()).is_ok_and(|count| count >= ACCOUNTS_MAX);
        let next = accounts.last().copied().filter(|_| is_full);
        let (accounts, neighbourhood) = tx.neighbourhoods(&accounts).await?;
        let listing = any_listing(tx.newest_listing().await?, now);
        // Ghosts are the whole fleet's: one job of each tick looks for them.
        let ghosts = match (page.shards.first, page.after) {
            (0, None) => Some(tx.ghosts(before(GHOST_AGE)).await?),
            _ => None,
        };
        Ok(OrphanFacts {
            found: OrphanSearch {
                page,
                accounts,
                neighbourhood,
                next,
            },
            ghosts,
            listing,
        })
    });
    read.await
}
