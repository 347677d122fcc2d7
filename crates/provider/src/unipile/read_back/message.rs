//! Own messages, in the chats with their addressee.

use super::age::{Ages, MESSAGE, is_old};
use super::fold::fold;
use super::walk::{List, Page, Walker};
use super::{Unclear, chats, fold};
use crate::unipile::decode::id;
use crate::unipile::http::Http;
use crate::unipile::routes::traces::MESSAGES;
use jiff::Timestamp;
use policy::sends::call::ReadBack;
use policy::sends::sight::{Addressee, Age, Item, Items, Likeness};
use serde_json::Value;
use std::ops::ControlFlow;

/// There may be several chats with one person: one for each of LinkedIn's products.
pub(super) async fn sent(http: &Http, asked: &ReadBack) -> Items {
    let mut seen = Items::default();
    if let Err(unclear) = in_chats(http, asked, &mut seen).await {
        seen.lack(&unclear.why);
    }
    seen
}

async fn in_chats(http: &Http, asked: &ReadBack, seen: &mut Items) -> Result<(), Unclear> {
    let mut walker = Walker::new(http, &asked.request.session);
    for chat in chats::with_target(&mut walker, asked).await? {
        match chat {
            Some(chat) => in_chat(&mut walker, &chat, asked, seen).await?,
            None => seen.lack("a chat cannot be read"),
        }
    }
    Ok(())
}

async fn in_chat(
    walker: &mut Walker<'_>,
    chat: &str,
    asked: &ReadBack,
    seen: &mut Items,
) -> Result<(), Unclear> {
    let list = List {
        route: MESSAGES,
        id: chat,
        object: "MessageList",
    };
    let wanted = fold(asked.request.body.as_deref().unwrap_or_default());
    let mut ages = Ages::new(asked, MESSAGE);
    let read = |page: &Page| {
        ages.begin(page);
        for item in &page.items {
            let age = ages.of(at(item));
            match speaker(item) {
                Speaker::Theirs => {}
                Speaker::Ours => seen.items.push(own(item, chat, &wanted, age)),
                Speaker::Untold if is_old(age) => {}
                Speaker::Untold => seen.lack("a message cannot be read"),
            }
        }
        if ages.are_past() {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    };
    walker.walk(&list, read).await.map(drop)
}

fn own(item: &Value, chat: &str, wanted: &str, age: Age) -> Item {
    let text = item.get("text").and_then(Value::as_str);
    Item {
        reference: id(item, "id"),
        chat: Some(chat.to_owned()),
        label: None,
        addressee: Addressee::Target,
        text: match text {
            _ if is_flagged(item, "deleted") => Likeness::Unreadable,
            Some(text) => fold::likeness(text, wanted),
            None => Likeness::Unreadable,
        },
        age,
    }
}

/// Side of the chat that a message is of.
enum Speaker {
    Ours,
    /// The other's, or nobody's: an event of the chat.
    Theirs,
    Untold,
}

fn speaker(item: &Value) -> Speaker {
    match item.get("is_sender") {
        _ if is_flagged(item, "is_event") => Speaker::Theirs,
        Some(Value::Bool(true)) => Speaker::Ours,
        Some(Value::Bool(false)) => Speaker::Theirs,
        Some(own) => match own.as_u64() {
            Some(1) => Speaker::Ours,
            Some(0) => Speaker::Theirs,
            _ => Speaker::Untold,
        },
        None => Speaker::Untold,
    }
}

fn is_flagged(item: &Value, key: &str) -> bool {
    let flag = item.get(key);
    flag.is_some_and(|it| {
        it.as_bool()
            .unwrap_or_else(|| it.as_u64().is_some_and(|it| it > 0))
    })
}

fn at(item: &Value) -> Option<Timestamp> {
    item.get("timestamp")?.as_str()?.parse().ok()
}
