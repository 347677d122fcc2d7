//! `status.watch` (R-ST-2, R-WAT-1, R-WAT-3): lists the provider's sessions.

use fleet::{Chain, JobError, Look, Spec};
use jiff::Timestamp;
use policy::chain::Step;
use policy::jobs::{STATUS_WATCH, WatchPages};
use policy::listing;
use policy::listing::{Pages, Trouble};
use policy::schedule::{Period, ranges};
use policy::session::{Health, Session};
use provider::{Class, LIMIT_MAX, ProviderError, Unreadable};
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
            ranges: ranges(rows),
            is_over: !is_open,
        };
        if is_open {
            list(look, &mut pages).await;
            if pages.trouble.is_none() {
                pages.trouble = loop_with_earlier_jobs(look, &pages).await?;
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

/// Reads on from `pages.next` until the list, the time or the number of pages ends, or something is wrong.
async fn list(look: &Look, pages: &mut Pages) {
    let began = Instant::now();
    let mut met: HashSet<String> = pages.next.iter().cloned().collect();
    while pages.pages < PAGES_MAX && began.elapsed() < READING_MAX {
        let page = match look
            .provider
            .list_sessions(pages.next.as_deref(), LIMIT_MAX)
            .await
        {
            Ok(page) => page,
            Err(error) => {
                pages.trouble = Some(refused(&error));
                return;
            }
        };
        pages.pages += 1;
        pages.sessions.extend(page.sessions);
        for item in page.unreadable {
            read_as_unknown(item, pages);
        }
        pages.next = page.cursor;
        let Some(cursor) = &pages.next else { return };
        if !met.insert(cursor.clone()) {
            pages.trouble = Some(Trouble::CursorLoop {
                cursor: cursor.clone(),
            });
            return;
        }
        pages.cursors.push(cursor.clone());
    }
}

/// An item that can be named is there, in a state that we do not know; one that cannot may be anybody's.
fn read_as_unknown(item: Unreadable, pages: &mut Pages) {
    let Some(id) = item.id else {
        pages.unnamed.push(item.why);
        return;
    };
    pages.sessions.push(Session {
        id,
        kind: String::new(),
        name: String::new(),
        health: Health::Unknown,
        words: vec![item.why],
        identity: None,
        handle: None,
        created_at: pages.seen_at,
    });
}

fn refused(error: &ProviderError) -> Trouble {
    Trouble::Refused {
        why: fleet::chain(error),
        our_key: error.class() == Class::OurKey,
    }
}

async fn loop_with_earlier_jobs(look: &Look, pages: &Pages) -> Result<Option<Trouble>, StoreError> {
    let known = look
        .store
        .reading(async |tx| tx.known_cursors(pages.slot, &pages.cursors).await);
    Ok(known
        .await?
        .into_iter()
        .next()
        .map(|cursor| Trouble::CursorLoop { cursor }))
}
