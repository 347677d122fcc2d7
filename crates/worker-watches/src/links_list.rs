//! `links.list` (R-LNK-3, R-ORP-2): lists what the provider has, once for all open attempts whose session nobody has named.

use fleet::{Decide, JobError, Look, Spec};
use jiff::Timestamp;
use policy::decision::Decision;
use policy::jobs::{LINKS_LIST, Tick};
use policy::links::{NewSessions, listed};
use policy::session::Session;
use provider::LIMIT_MAX;

/// Pages of one list; a provider with more sessions is left to the watch, for half a list proves nothing.
const PAGES_MAX: usize = 40;
/// Accounts of one list, the newest first; the others are the watch's.
const ACCOUNTS_MAX: i64 = 200;

/// Finds new sessions by proof, as the watch for orphans does, while their owners wait.
pub(crate) struct LinksList;

impl Decide for LinksList {
    const SPEC: Spec = Spec::new(
        LINKS_LIST,
        "Lists the provider's new sessions, once for all open links whose session nobody has named",
    );
    type Payload = Tick;
    type Facts = NewSessions;

    async fn gather(look: &Look, asked: Tick) -> Result<NewSessions, JobError> {
        let unnamed = look
            .store
            .reading(async |tx| tx.unnamed_links(ACCOUNTS_MAX).await);
        let nothing = NewSessions {
            asked,
            neighbourhood: None,
        };
        if unnamed.await?.is_empty() {
            return Ok(nothing);
        }
        let seen_at = look.now().await?;
        let Some(sessions) = whole_list(look).await else {
            return Ok(nothing);
        };
        let tx = look.store.begin().await?;
        tx.note_new_sessions(seen_at, &sessions).await?;
        tx.finish().await?;
        let near = look.store.reading(async |tx| {
            let accounts = tx.unnamed_links(ACCOUNTS_MAX).await?;
            tx.neighbourhoods(&accounts).await
        });
        let (_, neighbourhood) = near.await?;
        Ok(NewSessions {
            asked,
            neighbourhood: Some(neighbourhood),
        })
    }

    fn decide(facts: NewSessions, now: Timestamp) -> Decision {
        listed(&facts, now)
    }
}

/// Every session that the provider lists; none where it did not answer to the end, or could not be read.
async fn whole_list(look: &Look) -> Option<Vec<Session>> {
    let (mut all, mut cursor): (Vec<Session>, Option<String>) = (vec![], None);
    for _ in 0..PAGES_MAX {
        let page = look.provider.list_sessions(cursor.as_deref(), LIMIT_MAX);
        let page = page.await.ok()?;
        if !page.unreadable.is_empty() {
            return None;
        }
        all.extend(page.sessions);
        match page.cursor {
            Some(next) if cursor.as_ref() != Some(&next) => cursor = Some(next),
            Some(_) => return None,
            None => return Some(all),
        }
    }
    None
}
