//! A walk over every page of a list.

use super::Unclear;
use crate::unipile::decode::{Lacks, list};
use crate::unipile::door::Cut;
use crate::unipile::http::Http;
use crate::unipile::reply::{Reply, shape};
use crate::unipile::routes::Route;
use crate::{Cause, ProviderError};
use jiff::Timestamp;
use policy::ids::SessionId;
use serde_json::Value;
use std::collections::HashSet;
use std::ops::ControlFlow;

/// Most pages that one read-back asks for, over all its lists.
const PAGES_MAX: u16 = 50;

/// Items of a page; every list takes as many. A page that is too long is asked for again in halves, and those behind it
/// grow again.
const LIMIT: u16 = 100;

/// The pages that one read-back may ask for.
pub(super) struct Walker<'a> {
    http: &'a Http,
    session: &'a SessionId,
    pages_left: u16,
    limit: u16,
}

/// A page of a list.
pub(super) struct Page {
    /// An item that cannot be read is no object.
    pub(super) items: Vec<Value>,
    /// Instant of the answer by the provider's own clock, to the second; none where it did not say.
    pub(super) answered_at: Option<Timestamp>,
    next: Option<String>,
}

/// A list: its route, the id in its path, and what it calls itself.
pub(super) struct List<'a> {
    pub(super) route: Route,
    pub(super) id: &'a str,
    pub(super) object: &'static str,
}

impl<'a> Walker<'a> {
    pub(super) fn new(http: &'a Http, session: &'a SessionId) -> Self {
        Self {
            http,
            session,
            pages_left: PAGES_MAX,
            limit: LIMIT,
        }
    }

    /// Shows each page to `read` until it has what it wants; `None` after a complete walk in which it had not.
    pub(super) async fn walk<T>(
        &mut self,
        list: &List<'_>,
        mut read: impl FnMut(&Page) -> ControlFlow<T> + Send,
    ) -> Result<Option<T>, Unclear> {
        let mut seen = HashSet::new();
        let mut cursor = None;
        loop {
            let page = self.page(list, cursor.as_deref()).await?;
            if let ControlFlow::Break(found) = read(&page) {
                return Ok(Some(found));
            }
            match page.next {
                None => return Ok(None),
                Some(next) if !seen.insert(next.clone()) => {
                    return Err("the list's cursors run in a circle".into());
                }
                next => cursor = next,
            }
        }
    }

    async fn page(&mut self, of: &List<'_>, cursor: Option<&str>) -> Result<Page, Unclear> {
        loop {
            let Some(left) = self.pages_left.checked_sub(1) else {
                return Err(format!("more than {PAGES_MAX} pages").as_str().into());
            };
            self.pages_left = left;
            match self.page_of(of, cursor).await {
                Err(error) if matches!(error.cause, Cause::TooLong(_)) && self.limit > 1 => {
                    self.limit /= 2;
                }
                answered => {
                    self.limit = (self.limit * 2).min(LIMIT);
                    return self.own(answered?);
                }
            }
        }
    }

    async fn page_of(&self, of: &List<'_>, cursor: Option<&str>) -> Result<Page, ProviderError> {
        let limit = self.limit.to_string();
        let mut request = self
            .http
            .request(&of.route, of.id)?
            .query(&[("account_id", self.session.0.as_str()), ("limit", &limit)]);
        if let Some(cursor) = cursor {
            request = request.query(&[("cursor", cursor)]);
        }
        let read = |reply: &Reply<'_>| {
            let lacks = |Lacks(what)| shape(&of.route, reply.status, what);
            let cut = reply.cut().filter(|_| self.limit == 1);
            let page = match cut {
                Some(cut) => unread_page(cut),
                None => list(&reply.text(&of.route)?, of.object),
            };
            // This answer may let a send be repeated, so only a plain 200 will do.
            if reply.status != 200 {
                return Err(lacks(Lacks("status 200")));
            }
            let (items, next) = page.map_err(lacks)?;
            Ok(Page {
                items,
                answered_at: reply.date,
                next,
            })
        };
        self.http.call_reading(&of.route, request, read).await
    }

    fn own(&self, page: Page) -> Result<Page, Unclear> {
        let other = |item: &Value| {
            let named = item.get("account_id").and_then(Value::as_str);
            named.is_some_and(|named| named != self.session.0)
        };
        if page.items.iter().any(other) {
            return Err("the list shows another session's".into());
        }
        Ok(page)
    }
}

/// A page of one item that is too long to be read. Its name is not believed: whatever it is, it proves nothing.
fn unread_page(cut: &Cut) -> Result<(Vec<Value>, Option<String>), Lacks> {
    Ok((vec![Value::Null], cut.next_cursor()?))
}
