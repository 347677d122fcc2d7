//! The provider's new sessions, listed once for all attempts whose session nobody has named.

use super::LandedBy;
use crate::decision::{Decision, NewJob};
use crate::jobs::{LINKS_LIST, Tick};
use crate::orphans::{Finding, LinkOrphan, Neighbourhood, Waiting, finding};
use jiff::Timestamp;
use serde_json::json;

/// Seconds in which every look shares one list.
const TOGETHER_S: i64 = 10;

/// What one list came to.
#[derive(Clone, Debug)]
pub struct NewSessions {
    /// What the job was asked.
    pub asked: Tick,
    /// Accounts whose attempt is open and has no session, and all around them; null where the list was not complete.
    pub neighbourhood: Option<Neighbourhood>,
}

/// The list that looks at `now` ask for: made once nobody else can ask for it, so that it shows what each of them waits for.
pub fn list_job(now: Timestamp) -> NewJob {
    let second = (now.as_second().div_euclid(TOGETHER_S) + 1) * TOGETHER_S;
    let slot = Timestamp::from_second(second).unwrap_or(now);
    NewJob {
        kind: LINKS_LIST,
        cause: format!("{}@{slot}", LINKS_LIST.name),
        workspace: None,
        account: None,
        run_at: slot,
        payload: json!(Tick { slot }),
    }
}

/// Asks for the verification of every session that is proven to be an open attempt's. What is no proof is left to the watch
/// for orphans, which says so when the owner has had time.
pub fn listed(found: &NewSessions, now: Timestamp) -> Decision {
    let mut decision = Decision::nothing(now);
    let Some(neighbourhood) = &found.neighbourhood else {
        return decision;
    };
    let link = |waiting: &Waiting| {
        let row = &waiting.row;
        let Finding::Match {
            account,
            session,
            proof,
        } = finding(neighbourhood, row.account)?
        else {
            return None;
        };
        let link = LinkOrphan {
            account,
            session,
            proof,
            found_by: LandedBy::Look,
        };
        let cause = format!("orphan.link@{}#{account}", found.asked.slot);
        Some(link.job(cause, row.workspace, now))
    };
    decision
        .jobs
        .extend(neighbourhood.waiting.iter().filter_map(link));
    decision
}
