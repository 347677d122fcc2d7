//! Own e-mails, in their mailbox.

use super::age::{Ages, EMAIL, is_old};
use super::fold::{fold, likeness};
use super::walk::{List, Page, Walker};
use crate::unipile::decode::id;
use crate::unipile::http::Http;
use crate::unipile::routes::traces::EMAILS;
use jiff::Timestamp;
use policy::ids::SendId;
use policy::sends::call::{ReadBack, Request};
use policy::sends::sight::{Addressee, Age, Item, Items, Likeness};
use serde_json::Value;
use std::ops::ControlFlow;

/// Folders whose e-mails the account did not send.
const NOT_SENT: [&str; 5] = ["inbox", "spam", "junk", "draft", "drafts"];
/// Lists of those to whom an e-mail went.
const TO: [&str; 3] = ["to_attendees", "cc_attendees", "bcc_attendees"];

/// Each own e-mail to the address, and each other that names a send: copies of those show that the mailbox keeps any.
/// The provider documents no label in this list, and a mail server may keep no copy.
pub(super) async fn sent(http: &Http, asked: &ReadBack) -> Items {
    let list = List {
        route: EMAILS,
        id: "",
        object: "EmailList",
    };
    let mut seen = Items::default();
    let mut ages = Ages::new(asked, EMAIL);
    let read = |page: &Page| {
        ages.begin(page);
        for item in &page.items {
            let age = ages.of(date(item));
            match own(item, &asked.request, age) {
                Mail::Told(item) => seen.items.push(item),
                Mail::NotOurs => {}
                Mail::Untold if is_old(age) => {}
                Mail::Untold => seen.lack("an e-mail cannot be read"),
            }
        }
        if ages.are_past() {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    };
    let walked = Walker::new(http, &asked.request.session)
        .walk(&list, read)
        .await;
    if let Err(unclear) = walked {
        seen.lack(&unclear.why);
    }
    seen
}

/// Item of the list, as far as it concerns this send.
enum Mail {
    Told(Item),
    /// Not sent from here, or to somebody else and under no name of ours.
    NotOurs,
    Untold,
}

fn own(item: &Value, said: &Request, age: Age) -> Mail {
    let role = item.get("role").and_then(Value::as_str).unwrap_or_default();
    if NOT_SENT.iter().any(|it| role.eq_ignore_ascii_case(it)) {
        return Mail::NotOurs;
    }
    let (label, reference) = (label(item), id(item, "tracking_id"));
    let subject = item.get("subject").and_then(Value::as_str);
    let addressee = match is_to(item, &said.target) {
        Some(true) => Addressee::Target,
        Some(false) if label.is_none() && reference.is_none() => return Mail::NotOurs,
        Some(false) => Addressee::Other,
        // A label says whose it is; without one it may be for anybody.
        None if label.is_some() => Addressee::Other,
        None => return Mail::Untold,
    };
    let wanted = fold(said.subject.as_deref().unwrap_or_default());
    Mail::Told(Item {
        reference,
        chat: None,
        label,
        addressee,
        text: subject.map_or(Likeness::Unreadable, |it| likeness(it, &wanted)),
        age,
    })
}

/// Asks whether an e-mail went to this address; `None` where it does not tell.
fn is_to(item: &Value, address: &str) -> Option<bool> {
    item.get("to_attendees")?.as_array()?;
    let address = plain(address);
    let attendees = TO
        .iter()
        .filter_map(|key| item.get(key)?.as_array())
        .flatten();
    let mut readable = true;
    for attendee in attendees {
        match id(attendee, "identifier") {
            Some(it) if plain(&it) == address => return Some(true),
            Some(_) => {}
            None => readable = false,
        }
    }
    readable.then_some(false)
}

fn plain(address: &str) -> String {
    address.trim().to_lowercase()
}

fn date(item: &Value) -> Option<Timestamp> {
    item.get("date")?.as_str()?.parse().ok()
}

/// Send whose label it carries; a label that is none of ours says nothing.
fn label(item: &Value) -> Option<SendId> {
    let label = id(item, "label")
        .or_else(|| id(item, "tracking_label"))
        .or_else(|| id(item.get("tracking_options")?, "label"))?;
    label.parse().ok().map(SendId)
}
