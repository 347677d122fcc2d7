//! Reading the provider's list of sessions to its end, or saying why that failed (R-WAT-3).
//!
//! Only a list that was read to its end is compared with anything. A provider that fails, an empty list, a cursor that
//! comes twice and a list without end are inconclusive: the run ends and flips nothing. One item that cannot be read is
//! one item (R-WAT-4): present in an unknown state where it can be named, counted and alerted where it cannot.

use crate::chain::Step;
use crate::decision::{Alert, Decision, NewJob};
use crate::ids::SessionId;
use crate::jobs::{CompareShards, STATUS_COMPARE, WatchPages};
use crate::schedule::ShardRange;
use crate::session::Session;
use crate::watch::RunStep;
use jiff::Timestamp;
use serde_json::json;
use std::collections::HashMap;

/// Items without a name with which a run's absences still open cases. Each of them may be an account that looks absent,
/// so it costs that account's case three answers of its own, and nobody's status: only those answers make `missing`. More
/// of them is a list that we cannot read; then absence from it means nothing.
pub const UNNAMED_MAX: u32 = 5;
/// Pages of one job that must not all be of sessions that the run has met before.
const PAGES_OF_NOTHING_NEW: u32 = 8;
/// Names of odd items that one alert holds.
const NAMED_MAX: usize = 20;

/// Why a listing cannot be believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The provider did not answer with a list.
    Refused {
        /// What it answered, in short.
        why: String,
        /// It refused *our* key: no account is to blame, and an operator must hear at once.
        our_key: bool,
    },
    /// A cursor came twice: the list goes round.
    CursorLoop {
        /// The cursor.
        cursor: String,
    },
}

/// What the run knew before some pages were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Before {
    /// Sessions of these pages that earlier pages of the run held as well.
    pub met: u64,
    /// Sessions of the newest complete list.
    pub known: u64,
}

/// What one job of a run read.
#[derive(Clone, Debug, PartialEq)]
pub struct Pages {
    /// The run.
    pub slot: Timestamp,
    /// Pages that earlier jobs of the run read.
    pub pages_before: u32,
    /// Pages read now.
    pub pages: u32,
    /// When the reading began.
    pub seen_at: Timestamp,
    /// What they held, in their order; what could only be named is in it ([`Session::unreadable`]).
    pub sessions: Vec<Session>,
    /// Items that could not even be named. Any of them may be anybody's, so absence from this list proves nothing.
    pub unnamed: Vec<String>,
    /// Every cursor that they gave, in order.
    pub cursors: Vec<String>,
    /// Where to go on; none after the last page.
    pub next: Option<String>,
    /// What went wrong, if something did.
    pub trouble: Option<Trouble>,
    /// What was known before them.
    pub before: Before,
    /// How the fleet is cut for the comparison.
    pub ranges: Vec<ShardRange>,
    /// This run has been listed or ended already: a job that came late.
    pub is_over: bool,
}

/// Decides what follows from some pages: more pages, the comparison, or the end of the run.
pub fn decide(mut pages: Pages, now: Timestamp) -> Step<WatchPages> {
    let mut decision = Decision::nothing(now);
    if pages.is_over {
        return Step::last(decision);
    }
    let read = pages.sessions.len() as u64;
    pages.sessions = once_each(pages.sessions);
    if let Some((why, code)) = inconclusive(&pages) {
        decision.alerts.extend(code.map(|code| Alert {
            code,
            subject: "provider".to_owned(),
            detail: json!({ "why": why }),
        }));
        decision.run = Some(RunStep::Inconclusive {
            slot: pages.slot,
            why,
        });
        return Step::last(decision);
    }
    decision.alerts.extend(unreadable(&pages));
    let next = pages.next.clone().map(|cursor| WatchPages {
        slot: pages.slot,
        cursor: Some(cursor),
        pages: pages.pages_before + pages.pages,
    });
    if next.is_none() {
        let ranges = pages.ranges.iter();
        let compared = ranges.map(|shards| compare(pages.slot, *shards, now));
        decision.jobs.extend(compared);
    }
    let complete = next
        .is_none()
        .then_some(u32::try_from(decision.jobs.len()).unwrap_or(u32::MAX));
    decision.run = Some(RunStep::Listed {
        slot: pages.slot,
        seen_at: pages.seen_at,
        unnamed: u32::try_from(pages.unnamed.len()).unwrap_or(u32::MAX),
        sessions: pages.sessions,
        cursors: pages.cursors,
        complete,
    });
    Step {
        decision,
        next,
        seen: read,
    }
}

/// Each session once, in the list's order. Where it stands twice, as on pages that shift while they are read, what was
/// read last counts; but what could be read at all counts more.
fn once_each(sessions: Vec<Session>) -> Vec<Session> {
    let mut places: HashMap<SessionId, usize> = HashMap::with_capacity(sessions.len());
    let mut once: Vec<Session> = Vec::with_capacity(sessions.len());
    for session in sessions {
        match places.get(&session.id).map(|place| &mut once[*place]) {
            Some(known) if session.is_readable() || !known.is_readable() => *known = session,
            Some(_) => {}
            None => {
                places.insert(session.id.clone(), once.len());
                once.push(session);
            }
        }
    }
    once
}

/// Why the run ends here, and the alert for it.
fn inconclusive(pages: &Pages) -> Option<(String, Option<&'static str>)> {
    if let Some(trouble) = &pages.trouble {
        return Some(explain(trouble));
    }
    let endless = pages.next.as_ref().and_then(|_| endless(pages))?;
    Some((endless, Some("cursor_loop")))
}

/// Whether the list has an end is known only there; so it is bounded by what a list of sessions could at most need.
fn endless(pages: &Pages) -> Option<String> {
    let in_all = u64::from(pages.pages_before) + u64::from(pages.pages);
    let pages_max = 2 * pages.before.known + 1000;
    let fresh = pages.sessions.len() as u64 > pages.before.met || !pages.unnamed.is_empty();
    if !fresh && pages.pages >= PAGES_OF_NOTHING_NEW {
        return Some(format!("{} pages held nothing new", pages.pages));
    }
    (in_all > pages_max).then(|| format!("more than {pages_max} pages"))
}

/// The alert for what could not be read.
fn unreadable(pages: &Pages) -> Option<Alert> {
    let named = || pages.sessions.iter().filter(|it| !it.is_readable());
    let why = |it: &Session| json!({ "session": it.id, "why": it.words.first() });
    if pages.unnamed.is_empty() && named().next().is_none() {
        return None;
    }
    Some(Alert {
        code: "unreadable_list",
        subject: "provider".to_owned(),
        detail: json!({
            "unnamed": pages.unnamed.len(),
            "items": pages.unnamed.iter().take(NAMED_MAX).collect::<Vec<_>>(),
            "named": named().count(),
            "sessions": named().take(NAMED_MAX).map(why).collect::<Vec<_>>(),
        }),
    })
}

/// The alert for sessions that the database refused to record, each with its SQLSTATE. They are present.
pub fn set_aside(refused: &[(SessionId, String)]) -> Alert {
    // Escaped: whatever the database refused in it, the alert is not to fail for as well.
    let shown = |(id, code): &(SessionId, String)| json!({ "session": id.0.escape_debug().to_string(), "why": code });
    Alert {
        code: "unreadable_list",
        subject: "database".to_owned(),
        detail: json!({
            "refused": refused.len(),
            "sessions": refused.iter().take(NAMED_MAX).map(shown).collect::<Vec<_>>(),
        }),
    }
}

/// Cause of the job that reads on from some pages; the job of the first page has its tick's.
pub fn cause(pages: &WatchPages) -> String {
    format!("status.watch@{}/page-{}", pages.slot, pages.pages)
}

fn explain(trouble: &Trouble) -> (String, Option<&'static str>) {
    match trouble {
        Trouble::Refused { why, our_key: true } => (why.clone(), Some("provider_key")),
        Trouble::Refused {
            why,
            our_key: false,
        } => (why.clone(), None),
        Trouble::CursorLoop { cursor } => {
            (format!("cursor {cursor} came twice"), Some("cursor_loop"))
        }
    }
}

fn compare(slot: Timestamp, shards: ShardRange, now: Timestamp) -> NewJob {
    NewJob {
        kind: STATUS_COMPARE,
        cause: format!("status.compare@{slot}#{shards}"),
        workspace: None,
        account: None,
        run_at: now,
        payload: json!(CompareShards { slot, shards }),
    }
}

#[cfg(test)]
mod tests;
