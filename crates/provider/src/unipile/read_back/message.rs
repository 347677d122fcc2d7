//! A message, in the chats with its addressee.

use super::recent::Recent;
use super::walk::{List, Walker};
use super::{Unclear, chats};
use crate::unipile::decode::id;
use crate::unipile::http::Http;
use crate::unipile::routes::traces::MESSAGES;
use jiff::Timestamp;
use policy::sends::call::{ReadBack, Receipt};
use serde_json::Value;
use std::ops::ControlFlow;

/// There may be several chats with one person: one for each of LinkedIn's products.
pub(super) async fn sent(http: &Http, asked: &ReadBack) -> Result<Option<Receipt>, Unclear> {
    let said = &asked.request;
    let mut walker = Walker::new(http, &said.session);
    let chats = chats::with_target(&mut walker, asked).await?;
    let mut doubt = chats.contains(&None);
    for chat in chats.into_iter().flatten() {
        match in_chat(&mut walker, &chat, asked).await? {
            ChatFinding::Found(receipt) => return Ok(Some(receipt)),
            ChatFinding::Unreadable => doubt = true,
            ChatFinding::Absent => {}
        }
    }
    if doubt {
        return Err("a chat or message cannot be read".into());
    }
    Ok(None)
}

enum ChatFinding {
    Found(Receipt),
    Unreadable,
    Absent,
}

async fn in_chat(
    walker: &mut Walker<'_>,
    chat: &str,
    asked: &ReadBack,
) -> Result<ChatFinding, Unclear> {
    let list = List {
        route: MESSAGES,
        id: chat,
        object: "MessageList",
    };
    let wanted = plain(asked.request.body.as_deref().unwrap_or_default());
    let mut recent = Recent::new(asked);
    let mut unreadable = false;
    let found = walker
        .walk(&list, |items| {
            for item in items {
                let Some(message) = Message::read(item) else {
                    unreadable = true;
                    continue;
                };
                if !recent.note(message.at) || !message.own {
                    continue;
                }
                match message.text {
                    Some(text) if plain(text) == wanted => {
                        return ControlFlow::Break(Some(id(item, "id")));
                    }
                    Some(_) => {}
                    // Ours, of that time, and it does not tell what it said.
                    None => unreadable = true,
                }
            }
            if recent.is_past() {
                return ControlFlow::Break(None);
            }
            ControlFlow::Continue(())
        })
        .await?;
    Ok(match found.flatten() {
        Some(reference) => ChatFinding::Found(Receipt {
            reference,
            chat: Some(chat.to_owned()),
            usage: None,
        }),
        None if unreadable => ChatFinding::Unreadable,
        None => ChatFinding::Absent,
    })
}

struct Message<'a> {
    at: Timestamp,
    own: bool,
    text: Option<&'a str>,
}

impl<'a> Message<'a> {
    fn read(item: &'a Value) -> Option<Self> {
        let own = match item.get("is_sender")? {
            Value::Bool(own) => *own,
            own => match own.as_u64()? {
                0 => false,
                1 => true,
                _ => return None,
            },
        };
        Some(Self {
            at: item.get("timestamp")?.as_str()?.parse().ok()?,
            own,
            text: item.get("text").and_then(Value::as_str),
        })
    }
}

/// A text without what a messenger may change about its spaces and line ends.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
