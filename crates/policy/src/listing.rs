//! Reading the provider's list of sessions to its end, or saying why that failed (R-WAT-3).
//!
//! Only a list that was read to its end is compared with anything. A provider that fails, an empty list and a cursor
//! that comes twice are inconclusive: the run ends and flips nothing.

use crate::chain::Step;
use crate::decision::{Alert, Decision, NewJob};
use crate::jobs::{CompareShards, STATUS_COMPARE, WatchPages};
use crate::schedule::ShardRange;
use crate::session::Session;
use crate::watch::RunStep;
use jiff::Timestamp;
use serde_json::json;

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
    /// What they held.
    pub sessions: Vec<Session>,
    /// Items that could not even be named. Any of them may be anybody's, so absence from this list proves nothing.
    pub unnamed: Vec<String>,
    /// Every cursor that they gave, in order.
    pub cursors: Vec<String>,
    /// Where to go on; none after the last page.
    pub next: Option<String>,
    /// What went wrong, if something did.
    pub trouble: Option<Trouble>,
    /// How the fleet is cut for the comparison.
    pub ranges: Vec<ShardRange>,
    /// This run has been listed or ended already: a job that came late.
    pub is_over: bool,
}

/// Decides what follows from some pages: more pages, the comparison, or the end of the run.
pub fn decide(pages: Pages, now: Timestamp) -> Step<WatchPages> {
    let mut decision = Decision::nothing(now);
    if pages.is_over {
        return Step::last(decision);
    }
    if let Some(trouble) = &pages.trouble {
        let (why, code) = explain(trouble);
        if let Some(code) = code {
            decision.alerts.push(Alert {
                code,
                subject: "provider".to_owned(),
                detail: json!({ "why": why }),
            });
        }
        decision.run = Some(RunStep::Inconclusive {
            slot: pages.slot,
            why,
        });
        return Step::last(decision);
    }
    if !pages.unnamed.is_empty() {
        decision.alerts.push(Alert {
            code: "unreadable_list",
            subject: "provider".to_owned(),
            detail: json!({ "items": pages.unnamed }),
        });
    }
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
    let seen = pages.sessions.len() as u64;
    decision.run = Some(RunStep::Listed {
        slot: pages.slot,
        seen_at: pages.seen_at,
        sessions: pages.sessions,
        cursors: pages.cursors,
        is_whole: pages.unnamed.is_empty(),
        complete,
    });
    Step {
        decision,
        next,
        seen,
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
mod tests {
    use super::*;
    use crate::schedule::ranges;

    fn pages() -> Pages {
        Pages {
            slot: Timestamp::UNIX_EPOCH,
            pages_before: 0,
            pages: 2,
            seen_at: Timestamp::UNIX_EPOCH,
            sessions: vec![],
            unnamed: vec![],
            cursors: vec!["a".to_owned()],
            next: None,
            trouble: None,
            ranges: ranges(10_000),
            is_over: false,
        }
    }

    fn refused(our_key: bool) -> Pages {
        Pages {
            trouble: Some(Trouble::Refused {
                why: "503".to_owned(),
                our_key,
            }),
            ..pages()
        }
    }

    #[test]
    fn r_wat_3_only_a_complete_list_is_compared() {
        let Step {
            decision,
            next,
            seen,
        } = decide(pages(), Timestamp::UNIX_EPOCH);
        assert_eq!((next, seen), (None, 0));
        assert_eq!(decision.jobs.len(), 4);
        assert!(decision.jobs.iter().all(|job| job.kind == STATUS_COMPARE));
        assert!(matches!(
            decision.run,
            Some(RunStep::Listed {
                complete: Some(4),
                ..
            })
        ));

        let Step { decision, next, .. } = decide(
            Pages {
                next: Some("b".to_owned()),
                ..pages()
            },
            Timestamp::UNIX_EPOCH,
        );
        assert_eq!(decision.jobs, []);
        let next = next.expect("more pages");
        assert_eq!((next.cursor.as_deref(), next.pages), (Some("b"), 2));
        assert_eq!(cause(&next), "status.watch@1970-01-01T00:00:00Z/page-2");
        assert!(matches!(
            decision.run,
            Some(RunStep::Listed { complete: None, .. })
        ));
    }

    #[test]
    fn r_wat_3_trouble_ends_the_run_and_flips_nothing() {
        let round = Pages {
            trouble: Some(Trouble::CursorLoop {
                cursor: "a".to_owned(),
            }),
            ..pages()
        };
        let cases = [
            (refused(false), None),
            (refused(true), Some("provider_key")),
            (round, Some("cursor_loop")),
        ];
        for (facts, code) in cases {
            let Step { decision, next, .. } = decide(facts, Timestamp::UNIX_EPOCH);
            assert_eq!(next, None);
            assert!(
                decision.jobs.is_empty()
                    && decision.status.flips.is_empty()
                    && decision.cases.opened.is_empty()
            );
            assert!(matches!(decision.run, Some(RunStep::Inconclusive { .. })));
            assert_eq!(decision.alerts.first().map(|alert| alert.code), code);
        }
    }

    /// R-WAT-4: what cannot even be named is alerted, and the rest counts.
    #[test]
    fn r_wat_3_an_item_without_a_name_makes_absence_meaningless() {
        let facts = Pages {
            unnamed: vec!["item 3: no id".to_owned()],
            ..pages()
        };
        let Step { decision, .. } = decide(facts, Timestamp::UNIX_EPOCH);
        assert_eq!(decision.alerts[0].code, "unreadable_list");
        assert!(matches!(
            decision.run,
            Some(RunStep::Listed {
                is_whole: false,
                ..
            })
        ));
    }

    #[test]
    fn a_job_that_comes_late_to_its_run_does_nothing() {
        let late = Pages {
            is_over: true,
            ..pages()
        };
        let nothing = Step::last(Decision::nothing(Timestamp::UNIX_EPOCH));
        assert_eq!(decide(late, Timestamp::UNIX_EPOCH), nothing);
    }
}
