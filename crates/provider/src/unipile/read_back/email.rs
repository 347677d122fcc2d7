//! An e-mail, in its mailbox.

use super::Unclear;
use super::recent::Recent;
use super::walk::{List, Walker};
use crate::unipile::decode::id;
use crate::unipile::http::Http;
use crate::unipile::routes::traces::EMAILS;
use jiff::Timestamp;
use policy::sends::call::{ReadBack, Receipt, Request};
use serde_json::Value;
use std::ops::ControlFlow;

/// Found by the label that it was sent with; the provider documents none in this list, so where an e-mail has none, by
/// its addressee and subject.
pub(super) async fn sent(http: &Http, asked: &ReadBack) -> Result<Option<Receipt>, Unclear> {
    let list = List {
        route: EMAILS,
        id: "",
        object: "EmailList",
    };
    let mut recent = Recent::new(asked);
    let mut unreadable = false;
    let found = Walker::new(http, &asked.request.session)
        .walk(&list, |items| {
            for item in items {
                let Some(at) = date(item) else {
                    unreadable = true;
                    continue;
                };
                if !recent.note(at) {
                    continue;
                }
                match is_it(item, &asked.request) {
                    Some(true) => return ControlFlow::Break(Some(id(item, "tracking_id"))),
                    Some(false) => {}
                    None => unreadable = true,
                }
            }
            if recent.is_past() {
                return ControlFlow::Break(None);
            }
            ControlFlow::Continue(())
        })
        .await?;
    match found.flatten() {
        Some(reference) => Ok(Some(Receipt {
            reference,
            ..Receipt::default()
        })),
        None if unreadable => Err("an e-mail of that time cannot be read".into()),
        None => Ok(None),
    }
}

fn date(item: &Value) -> Option<Timestamp> {
    item.get("date")?.as_str()?.parse().ok()
}

/// Whether an e-mail is the one that was sent; `None` where it does not tell.
fn is_it(item: &Value, said: &Request) -> Option<bool> {
    if let Some(label) = label(item) {
        return Some(label == said.send.to_string());
    }
    let to = item.get("to_attendees")?.as_array()?;
    let address = said.target.trim();
    let ours = to.iter().any(|attendee| {
        id(attendee, "identifier").is_some_and(|to| to.eq_ignore_ascii_case(address))
    });
    let subject = item.get("subject").and_then(Value::as_str)?;
    Some(ours && Some(subject.trim()) == said.subject.as_deref().map(str::trim))
}

fn label(item: &Value) -> Option<String> {
    id(item, "label")
        .or_else(|| id(item, "tracking_label"))
        .or_else(|| id(item.get("tracking_options")?, "label"))
}
