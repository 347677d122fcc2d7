//! Reading the provider's list of sessions to its end, or saying why that failed (R-WAT-3).
//!
//! Only a list that was read to its end is compared with anything. A provider that fails, an empty list, a cursor that
//! comes twice, a list without end and one that rested too long are inconclusive: the run ends and flips nothing. One item that cannot be read is
//! one item (R-WAT-4): present in an unknown state where it can be named, counted and alerted where it cannot.

mod batch;
mod mark;
mod news;
mod odd;

pub use batch::Batch;
pub use mark::CursorMark;
pub use news::{
    Comparability, ListedRun, NEWS_LIFE, RunState, comparability, proves_absence, too_late,
};
pub use odd::OddItems;

use crate::chain::Step;
use crate::decision::{Alert, Decision, NewJob};
use crate::ids::SessionId;
use crate::jobs::{CompareRun, ListedSoFar, STATUS_COMPARE, WatchPages};
use crate::watch::RunStep;
use jiff::Timestamp;
use odd::NAMED_MAX;
use serde_json::json;

/// Items without a name with which a run's absences still open cases. Each of them may be an account that looks absent,
/// so it costs that account's case three answers of its own, and nobody's status: only those answers make `missing`. More
/// of them is a list that we cannot read; then absence from it means nothing.
pub const UNNAMED_MAX: u32 = 5;
/// Pages in a row that must not all be of sessions that the run has just met.
const PAGES_OF_NOTHING_NEW: u32 = 8;
/// Sessions that a list may have beyond twice those of the longest list of a day.
const SESSIONS_BEYOND: u64 = 1_000_000;
/// Pages that a list may have beyond that: one of a single session each is what halving comes to.
const PAGES_BEYOND: u64 = 1_000;

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
    /// The list is no news any more.
    Late {
        /// Explanation for people.
        why: String,
    },
}

/// What one job of a run read.
#[derive(Clone, Debug, PartialEq)]
pub struct Pages {
    /// What the job was asked.
    pub asked: WatchPages,
    /// Pages read now.
    pub pages: u32,
    /// Number under which the sessions were written.
    pub writer: i32,
    /// Sessions written.
    pub sessions: u64,
    /// Items that could not be read.
    pub odd: OddItems,
    /// Sessions that the database refused, each with its SQLSTATE. They are present.
    pub refused: Vec<(SessionId, String)>,
    /// Pages at the end that held nothing new.
    pub stale_pages: u32,
    /// Where to go on; none after the last page.
    pub next: Option<String>,
    /// Cursor by which a list that goes round is found; none before the first.
    pub mark: Option<CursorMark>,
    /// What went wrong, if something did.
    pub trouble: Option<Trouble>,
    /// Sessions of the longest complete list of the last day.
    pub known: u64,
    /// This run has been listed or ended already: a job that came late.
    pub is_over: bool,
}

impl Pages {
    /// Nothing read yet of what a job was asked.
    pub fn unread(asked: WatchPages) -> Self {
        Self {
            pages: 0,
            writer: 0,
            sessions: 0,
            odd: OddItems::default(),
            refused: vec![],
            stale_pages: 0,
            next: asked.cursor.clone(),
            mark: asked.so_far.as_ref().map(|it| it.mark.clone()),
            trouble: None,
            known: 0,
            is_over: false,
            asked,
        }
    }

    /// Notes where the list goes on, and whether it has been there.
    pub fn turn_page(&mut self, next: Option<String>, is_news: bool) {
        self.pages += 1;
        self.stale_pages = if is_news { 0 } else { self.stale_pages + 1 };
        if let Some(cursor) = &next {
            let is_met = match &mut self.mark {
                Some(mark) => mark.is_met(cursor),
                none => {
                    *none = Some(CursorMark::new(cursor));
                    false
                }
            };
            if is_met {
                let cursor = cursor.clone();
                self.trouble = Some(Trouble::CursorLoop { cursor });
            }
        }
        self.next = next;
    }

    /// Whether there is no use in reading on: at the list's end, or in trouble.
    pub fn is_read(&self) -> bool {
        let is_stale = self.stale_pages >= PAGES_OF_NOTHING_NEW;
        self.trouble.is_some() || is_stale || (self.pages > 0 && self.next.is_none())
    }

    fn sessions_in_all(&self) -> u64 {
        let before = self.asked.so_far.as_ref().map_or(0, |it| it.sessions);
        before.saturating_add(self.sessions)
    }
}

/// Decides what follows from some pages: more pages, the comparison, or the end of the run.
pub fn decide(pages: &Pages, now: Timestamp) -> Step<WatchPages> {
    let mut decision = Decision::nothing(now);
    if pages.is_over {
        return Step::last(decision);
    }
    let slot = pages.asked.slot;
    if let Some((why, code)) = inconclusive(pages) {
        decision.alerts.extend(code.map(|code| Alert {
            code,
            subject: "provider".to_owned(),
            detail: json!({ "why": why }),
        }));
        decision.run = Some(RunStep::Inconclusive { slot, why });
        return Step::last(decision);
    }
    decision.alerts.extend(pages.odd.alert());
    if !pages.refused.is_empty() {
        decision.alerts.push(set_aside(&pages.refused));
    }
    let next = pages.next.clone().zip(pages.mark.clone());
    let next = next.map(|(cursor, mark)| WatchPages {
        slot,
        cursor: Some(cursor),
        pages: pages.asked.pages + pages.pages,
        so_far: Some(ListedSoFar {
            at: now,
            sessions: pages.sessions_in_all(),
            mark,
        }),
    });
    if next.is_none() {
        let first = CompareRun {
            slot,
            part: 0,
            is_carried: false,
            after: None,
        };
        decision.jobs.push(compare(first, now));
    }
    decision.run = Some(RunStep::Listed {
        slot,
        writer: pages.writer,
        sessions: pages.sessions,
        unnamed: pages.odd.unnamed(),
        is_complete: next.is_none(),
    });
    Step {
        decision,
        next,
        seen: pages.sessions,
    }
}

/// Why the run ends here, and the alert for it.
fn inconclusive(pages: &Pages) -> Option<(String, Option<&'static str>)> {
    if let Some(trouble) = &pages.trouble {
        return Some(explain(trouble));
    }
    if pages.pages == 0 {
        return Some(("no page was read".to_owned(), None));
    }
    let endless = pages.next.as_ref().and_then(|_| endless(pages))?;
    Some((endless, Some("cursor_loop")))
}

/// Whether the list has an end is known only there; so it is bounded by what a list of sessions could at most need.
fn endless(pages: &Pages) -> Option<String> {
    let stale = pages.stale_pages;
    if stale >= PAGES_OF_NOTHING_NEW {
        return Some(format!("{stale} pages held nothing new"));
    }
    let twice = pages.known.saturating_mul(2);
    let sessions_max = twice.saturating_add(SESSIONS_BEYOND);
    if pages.sessions_in_all() > sessions_max {
        return Some(format!("more than {sessions_max} sessions"));
    }
    let in_all = u64::from(pages.asked.pages) + u64::from(pages.pages);
    let pages_max = twice.saturating_add(PAGES_BEYOND);
    (in_all > pages_max).then(|| format!("more than {pages_max} pages"))
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
        Trouble::CursorLoop { cursor } => {
            (format!("cursor {cursor} came twice"), Some("cursor_loop"))
        }
        Trouble::Refused {
            why,
            our_key: false,
        }
        | Trouble::Late { why } => (why.clone(), None),
    }
}

/// The job that compares a run from there on.
pub fn compare(from: CompareRun, now: Timestamp) -> NewJob {
    NewJob {
        kind: STATUS_COMPARE,
        cause: format!("status.compare@{}/{}", from.slot, from.part),
        workspace: None,
        account: None,
        run_at: now,
        payload: json!(from),
    }
}

#[cfg(test)]
mod tests;
