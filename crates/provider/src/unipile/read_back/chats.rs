//! The chats in which a message may stand.

use super::Unclear;
use super::recent::Recent;
use super::walk::{List, Walker};
use crate::unipile::decode::id;
use crate::unipile::routes::traces::{CHATS, CHATS_WITH};
use jiff::Timestamp;
use policy::sends::call::ReadBack;
use serde_json::Value;
use std::ops::ControlFlow;

/// What a list of chats calls itself.
const OBJECT: &str = "ChatList";

/// Ids of every chat that the message may stand in; `None` for one that tells too little.
pub(super) async fn with_target(
    walker: &mut Walker<'_>,
    asked: &ReadBack,
) -> Result<Vec<Option<String>>, Unclear> {
    let list = List {
        route: CHATS_WITH,
        id: &asked.request.target,
        object: OBJECT,
    };
    let mut chats = Vec::new();
    let complete = walker
        .walk(&list, |items| {
            chats.extend(items.iter().map(|item| id(item, "id")));
            ControlFlow::<()>::Continue(())
        })
        .await;
    match complete {
        Ok(_) => Ok(chats),
        // The account never wrote to them, or the provider knows them by another id here. Its words alone prove
        // nothing; its list of all chats does.
        Err(unclear) if unclear.no_attendee => among_recent(walker, asked).await,
        Err(unclear) => Err(unclear),
    }
}

/// The same, of all chats in which anything was said since the call.
async fn among_recent(
    walker: &mut Walker<'_>,
    asked: &ReadBack,
) -> Result<Vec<Option<String>>, Unclear> {
    let list = List {
        route: CHATS,
        id: "",
        object: OBJECT,
    };
    let mut recent = Recent::new(asked);
    let mut chats = Vec::new();
    walker
        .walk(&list, |items| {
            for item in items {
                let may_be_it = at(item).is_none_or(|at| recent.note(at));
                match id(item, "attendee_provider_id") {
                    Some(attendee) if attendee == asked.request.target => {
                        chats.push(id(item, "id"));
                    }
                    None if may_be_it && !is_group(item) => chats.push(None),
                    _ => {}
                }
            }
            if recent.is_past() {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        })
        .await?;
    Ok(chats)
}

/// When the newest message was said; a chat without one has none.
fn at(item: &Value) -> Option<Timestamp> {
    item.get("timestamp")?.as_str()?.parse().ok()
}

/// One person's chat has the type 0.
fn is_group(item: &Value) -> bool {
    matches!(item.get("type").and_then(Value::as_u64), Some(1..))
}
