//! `status.watch` (R-ST-2, R-WAT-1, R-WAT-3): lists the provider's sessions.

use crate::news::news_max;
use fleet::{Chain, JobError, Look, Spec};
use futures_util::future::try_join;
use jiff::{SignedDuration, Timestamp};
use policy::chain::Step;
use policy::jobs::{STATUS_WATCH, WatchPages};
use policy::listing;
use policy::listing::{Batch, Pages, RunState, Trouble};
use policy::schedule::Period;
use policy::session::Session;
use provider::{Cause, Class, LIMIT_MAX, Page, ProviderError, Unreadable};
use serde_json::Value;
use serde_json::json;
use std::time::{Duration, Instant};
use store::watch::Sighted;

/// Sessions that are read before they are written; memory does not grow with the fleet.
const BATCH_ROWS: usize = 4_000;
/// A step that has read this long hands the rest to the next, well inside its limit.
const READING_MAX: Duration = Duration::from_secs(18);

/// Reads the list; the cursor is the checkpoint. What is read is written batch by batch, while the next one is read, and
/// counts from the end of the step on: what a step leaves behind that died, or was overtaken, is nobody's.
pub(crate) struct StatusWatch;

impl Chain for StatusWatch {
    const SPEC: Spec = Spec::new(
        STATUS_WATCH,
        "Lists the provider's sessions, for 18 s a job",
    )
    .every(Period::minutes(5))
    .first_payload(first_page);
    type Checkpoint = WatchPages;
    type Facts = Pages;

    async fn gather(look: &Look, payload: WatchPages) -> Result<Pages, JobError> {
        let tx = look.read().await?;
        let start = tx.start_listing(payload.slot).await?;
        let now = tx.now();
        tx.finish().await?;
        let trouble = listing::too_late(start.state, &payload, news_max(now), now.at);
        let mut pages = Pages {
            known: start.known,
            is_over: matches!(start.state, RunState::Listed | RunState::Ended),
            trouble,
            ..Pages::unread(payload)
        };
        if let (Some(writer), None) = (start.writer, &pages.trouble) {
            pages.writer = writer;
            let mut reading = Reading::begin(look, pages);
            reading.list().await?;
            pages = reading.pages;
        }
        Ok(pages)
    }

    fn step(facts: Pages, now: Timestamp) -> Step<WatchPages> {
        listing::decide(&facts, now)
    }

    fn cause(checkpoint: &WatchPages) -> String {
        listing::cause(checkpoint)
    }
}

fn first_page(slot: Timestamp) -> Value {
    json!(WatchPages {
        slot,
        cursor: None,
        pages: 0,
        so_far: None,
    })
}

/// One step's reading.
struct Reading<'a> {
    look: &'a Look,
    pages: Pages,
    batch: Batch,
    /// Items asked for at once: half of them where a page is too long.
    limit: u16,
    began: Instant,
}

impl<'a> Reading<'a> {
    fn begin(look: &'a Look, pages: Pages) -> Self {
        Self {
            look,
            pages,
            batch: Batch::default(),
            limit: LIMIT_MAX,
            began: Instant::now(),
        }
    }

    /// Reads on until the list or the time ends, or something is wrong.
    async fn list(&mut self) -> Result<(), JobError> {
        let (look, writer) = (self.look, self.pages.writer);
        let (mut unwritten, mut seen_at) = (vec![], look.now().await?);
        loop {
            let now = look.now().await?;
            let writing = write(look, writer, seen_at, &unwritten);
            let (sighted, ()) = try_join(writing, self.read_batch(now)).await?;
            self.note(sighted);
            (unwritten, seen_at) = (self.batch.turn(), now);
            if self.pages.is_read() || self.began.elapsed() >= READING_MAX {
                break;
            }
        }
        let sighted = write(look, writer, seen_at, &unwritten).await?;
        self.note(sighted);
        Ok(())
    }

    fn note(&mut self, sighted: Sighted) {
        let Sighted {
            sessions,
            refused,
            unnamed,
        } = sighted;
        self.pages.sessions += sessions;
        self.pages.refused.extend(refused);
        for why in unnamed {
            self.pages.odd.note_unnamed(why);
        }
    }

    /// Reads pages from `seen_at` on until they fill a batch.
    async fn read_batch(&mut self, seen_at: Timestamp) -> Result<(), JobError> {
        // One page at least, however long its halving takes: none is no list.
        while self.batch.len() < BATCH_ROWS
            && (self.pages.pages == 0 || self.began.elapsed() < READING_MAX)
        {
            let cursor = self.pages.next.as_deref();
            match self.look.provider.list_sessions(cursor, self.limit).await {
                Ok(page) => {
                    self.note_clock_lead(&page, seen_at).await?;
                    self.limit = (self.limit * 2).min(LIMIT_MAX);
                    self.take(page, seen_at);
                }
                // The cursor is of the place, the limit of the call: half of them from here may fit.
                Err(error) if is_too_long(&error) && self.limit > 1 => self.limit /= 2,
                Err(error) => self.pages.trouble = Some(refused(&error)),
            }
            if self.pages.is_read() {
                break;
            }
        }
        Ok(())
    }

    /// Notes how far the provider's clock was ahead of ours at the first page, within a second and the time of a call.
    async fn note_clock_lead(&self, page: &Page, seen_at: Timestamp) -> Result<(), JobError> {
        if self.pages.pages > 0 {
            return Ok(());
        }
        let Some(at) = page.answered_at else {
            return Ok(());
        };
        let lead: SignedDuration = at.duration_since(seen_at);
        let tx = self.look.read().await?;
        tx.note_clock_lead(self.pages.asked.slot, lead).await?;
        Ok(tx.finish().await?)
    }

    /// An item that can be named is there, in a state that we do not know; one that cannot may be anybody's.
    fn take(&mut self, page: Page, seen_at: Timestamp) {
        let Page {
            mut sessions,
            cursor,
            unreadable,
            answered_at: _,
        } = page;
        let unnamed = self.pages.odd.unnamed();
        for Unreadable { id, why } in unreadable {
            match id {
                Some(id) => {
                    let named = Session::unreadable(id, why, seen_at);
                    self.pages.odd.note_named(&named);
                    sessions.push(named);
                }
                None => self.pages.odd.note_unnamed(why),
            }
        }
        let is_news = self.batch.take(sessions) || self.pages.odd.unnamed() > unnamed;
        self.pages.turn_page(cursor, is_news);
    }
}

/// Writes a batch, in a transaction of its own.
async fn write(
    look: &Look,
    writer: i32,
    seen_at: Timestamp,
    sessions: &[Session],
) -> Result<Sighted, JobError> {
    if sessions.is_empty() {
        return Ok(Sighted::default());
    }
    let tx = look.store.begin().await?;
    let sighted = tx.write_sightings(writer, seen_at, sessions).await?;
    tx.finish().await?;
    Ok(sighted)
}

fn is_too_long(error: &ProviderError) -> bool {
    matches!(error.cause, Cause::TooLong(_)) && error.status == Some(200)
}

fn refused(error: &ProviderError) -> Trouble {
    Trouble::Refused {
        why: fleet::chain(error),
        our_key: error.class() == Class::OurKey,
    }
}
