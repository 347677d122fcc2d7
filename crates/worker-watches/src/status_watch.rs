//! `status.watch` (R-ST-2, R-WAT-1, R-WAT-3): lists the provider's sessions.

use fleet::{Chain, JobError, Look, Spec};
use jiff::{SignedDuration, Timestamp};
use policy::chain::Step;
use policy::jobs::{STATUS_WATCH, WatchPages};
use policy::listing;
use policy::listing::{Before, Pages, Trouble};
use policy::schedule::{Period, ranges};
use policy::session::Session;
use provider::{Cause, Class, LIMIT_MAX, Page, ProviderError, Unreadable};
use serde_json::Value;
use serde_json::json;
use std::collections::HashSet;
use std::time::{Duration, Instant};
use store::StoreError;

/// Pages that one job reads at most; memory does not grow with the fleet.
const PAGES_MAX: u32 = 40;
/// A step that has read this long hands the rest to the next, well inside its limit.
const READING_MAX: Duration = Duration::from_secs(25);

/// Reads the list, some pages a step; the cursor is the checkpoint.
pub(crate) struct StatusWatch;

impl Chain for StatusWatch {
    const SPEC: Spec = Spec::new(
        STATUS_WATCH,
        "Lists the provider's sessions, some pages a job",
    )
    .every(Period::minutes(5))
    .first_payload(first_page);
    type Checkpoint = WatchPages;
    type Facts = Pages;

    async fn gather(look: &Look, payload: WatchPages) -> Result<Pages, JobError> {
        let tx = look.read().await?;
        let rows = tx.fleet_rows().await?;
        let is_open = tx.start_run(payload.slot).await?;
        tx.finish().await?;
        let mut pages = Pages {
            slot: payload.slot,
            pages_before: payload.pages,
            pages: 0,
            seen_at: look.now().await?,
            sessions: vec![],
            unnamed: vec![],
            cursors: vec![],
            next: payload.cursor,
            trouble: None,
            before: Before::default(),
            ranges: ranges(rows),
            is_over: !is_open,
        };
        if is_open {
            if let Some(lead) = list(look, &mut pages).await {
                let tx = look.read().await?;
                tx.note_clock_lead(payload.slot, lead).await?;
                tx.finish().await?;
            }
            if pages.trouble.is_none() {
                compare_with_earlier_jobs(look, &mut pages).await?;
            }
        }
        Ok(pages)
    }

    fn step(facts: Pages, now: Timestamp) -> Step<WatchPages> {
        listing::decide(facts, now)
    }

    fn cause(checkpoint: &WatchPages) -> String {
        listing::cause(checkpoint)
    }
}

fn first_page(slot: Timestamp) -> Value {
    json!(WatchPages {
        slot,
        cursor: None,
        pages: 0
    })
}

/// Reads on from `pages.next` until the list, the time or the number of pages ends, or something is wrong. How far the
/// provider's clock was ahead of ours at the first page, within a second and the time of a call.
async fn list(look: &Look, pages: &mut Pages) -> Option<SignedDuration> {
    let began = Instant::now();
    let mut lead = None;
    let mut met: HashSet<String> = pages.next.iter().cloned().collect();
    let mut limit = LIMIT_MAX;
    while pages.pages < PAGES_MAX && began.elapsed() < READING_MAX {
        let cursor = pages.next.as_deref();
        let page = match look.provider.list_sessions(cursor, limit).await {
            Ok(page) => page,
            // The cursor is of the place, the limit of the call: half of them from here may fit.
            Err(error) if is_too_long(&error) && limit > 1 => {
                limit /= 2;
                continue;
            }
            Err(error) => {
                pages.trouble = Some(refused(&error));
                return lead;
            }
        };
        let ahead = |at: Timestamp| at.duration_since(pages.seen_at);
        lead = lead.or_else(|| page.answered_at.filter(|_| pages.pages == 0).map(ahead));
        limit = (limit * 2).min(LIMIT_MAX);
        take(page, pages);
        let Some(cursor) = &pages.next else {
            return lead;
        };
        if !met.insert(cursor.clone()) {
            pages.trouble = Some(Trouble::CursorLoop {
                cursor: cursor.clone(),
            });
            return lead;
        }
        pages.cursors.push(cursor.clone());
    }
    lead
}

fn is_too_long(error: &ProviderError) -> bool {
    matches!(error.cause, Cause::TooLong(_)) && error.status == Some(200)
}

/// An item that can be named is there, in a state that we do not know; one that cannot may be anybody's.
fn take(page: Page, pages: &mut Pages) {
    let Page {
        sessions,
        cursor,
        unreadable,
        answered_at: _,
    } = page;
    pages.pages += 1;
    pages.next = cursor;
    pages.sessions.extend(sessions);
    for Unreadable { id, why } in unreadable {
        match id {
            Some(id) => {
                let seen_at = pages.seen_at;
                let named = Session::unreadable(id, why, seen_at);
                pages.sessions.push(named);
            }
            None => pages.unnamed.push(why),
        }
    }
}

fn refused(error: &ProviderError) -> Trouble {
    Trouble::Refused {
        why: fleet::chain(error),
        our_key: error.class() == Class::OurKey,
    }
}

async fn compare_with_earlier_jobs(look: &Look, pages: &mut Pages) -> Result<(), StoreError> {
    let known = look.store.reading(async |tx| {
        let cursors = tx.known_cursors(pages.slot, &pages.cursors).await?;
        let before = tx.known_before(pages.slot, &pages.sessions).await?;
        Ok::<_, StoreError>((cursors, before))
    });
    let (cursors, before) = known.await?;
    pages.before = before;
    let again = cursors.into_iter().next();
    pages.trouble = again.map(|cursor| Trouble::CursorLoop { cursor });
    Ok(())
}
