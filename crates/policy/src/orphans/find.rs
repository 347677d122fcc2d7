//! Finding: which accounts have a session that is theirs, each to be verified by a job of its own (R-ORP-1).

use super::alerts::news;
use super::{Finding, LinkOrphan, Neighbourhood, Waiting, matches};
use crate::decision::{Decision, NewJob};
use crate::ids::AccountId;
use crate::jobs::{ORPHANS_WATCH, OrphanPages};
use crate::links::LandedBy;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::collections::BTreeSet;

/// Between two verifications that one range of shards asks for: the provider sees a trickle, however many wait.
const PACE: SignedDuration = SignedDuration::from_millis(500);
/// Time over which a tick spreads its verifications; with the listing's age and the tick's period an account that waits
/// is linked within the hour (R-ORP-1).
const SPREAD_MAX: SignedDuration = SignedDuration::from_mins(15);

/// What a page of waiting accounts came to.
#[derive(Clone, Debug)]
pub struct OrphanSearch {
    /// The page.
    pub page: OrphanPages,
    /// Accounts of the page.
    pub accounts: Vec<AccountId>,
    /// Those accounts, and the sessions and the accounts around them.
    pub neighbourhood: Neighbourhood,
    /// Last account of the page, if there may be more behind it.
    pub next: Option<AccountId>,
}

/// Asks for one verification an account that has a session, and for the next page; alerts about what is no match.
pub fn find(found: &OrphanSearch, now: Timestamp) -> Decision {
    let OrphanSearch {
        page,
        accounts,
        neighbourhood,
        next,
    } = found;
    let mut decision = Decision::nothing(now);
    let mut asked = page.asked;
    let own: BTreeSet<&AccountId> = accounts.iter().collect();
    for finding in matches(neighbourhood, now) {
        // Others are looked at in their own range's turn.
        if !own.contains(&finding.account()) {
            continue;
        }
        if let Finding::Match {
            account,
            session,
            proof,
        } = &finding
        {
            let of = |it: &&Waiting| it.row.account == *account;
            let Some(waiting) = neighbourhood.waiting.iter().find(of) else {
                continue;
            };
            let link = LinkOrphan {
                account: *account,
                session: session.clone(),
                proof: *proof,
                found_by: LandedBy::Watcher,
            };
            let cause = format!("orphan.link@{}#{account}", page.slot);
            decision
                .jobs
                .push(link.job(cause, waiting.row.workspace, turn(asked, now)));
            asked = asked.saturating_add(1);
        } else {
            decision.alerts.extend(news(neighbourhood, &finding));
        }
    }
    decision.jobs.extend(next.map(|after| {
        let rest = OrphanPages {
            after: Some(after),
            asked,
            ..*page
        };
        NewJob {
            kind: ORPHANS_WATCH,
            cause: format!("orphans.watch@{}#{}>{after}", page.slot, page.shards),
            workspace: None,
            account: None,
            run_at: now,
            payload: json!(rest),
        }
    }));
    decision
}

/// When the verification may run that comes after so many others of its range.
fn turn(asked: u32, now: Timestamp) -> Timestamp {
    let wait = PACE.saturating_mul(i32::try_from(asked).unwrap_or(i32::MAX));
    now.saturating_add(wait.min(SPREAD_MAX)).unwrap_or(now)
}

#[cfg(test)]
mod tests;
