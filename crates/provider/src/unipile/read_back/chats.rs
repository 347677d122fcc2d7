//! The chats in which a message may stand.

use super::Unclear;
use super::age::{Ages, MESSAGE, is_old};
use super::walk::{List, Walker};
use crate::unipile::decode::id;
use crate::unipile::routes::traces::{CHATS, CHATS_WITH};
use jiff::Timestamp;
use policy::sends::call::ReadBack;
use serde_json::Value;
use std::ops::ControlFlow;

/// What a list of chats calls itself.
const OBJECT: &str = "ChatList";
/// Bytes of an id that say of which kind it is.
const KIND_BYTES: usize = 3;

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
        .walk(&list, |page| {
            let direct = page.items.iter().filter(|item| !is_group(item));
            chats.extend(direct.map(|item| id(item, "id")));
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
    let target = asked.request.target.as_str();
    let mut ages = Ages::new(asked, MESSAGE);
    let mut chats = Vec::new();
    walker
        .walk(&list, |page| {
            ages.begin(page);
            for item in &page.items {
                let age = ages.of(at(item));
                match id(item, "attendee_provider_id") {
                    Some(attendee) if attendee == target => chats.push(id(item, "id")),
                    Some(attendee) if is_somebody_else(&attendee, target) => {}
                    _ if is_old(age) || is_group(item) => {}
                    _ => chats.push(None),
                }
            }
            if ages.are_past() {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        })
        .await?;
    Ok(chats)
}

/// Two ids of one kind name two people; one of another kind may be the same person's, for each of LinkedIn's products
/// has its own.
fn is_somebody_else(attendee: &str, target: &str) -> bool {
    let kind = |id: &str| id.as_bytes().get(..KIND_BYTES).map(<[u8]>::to_vec);
    kind(attendee) == kind(target)
}

/// When the newest message was said; a chat without one has none.
fn at(item: &Value) -> Option<Timestamp> {
    item.get("timestamp")?.as_str()?.parse().ok()
}

/// One person's chat has the type 0.
fn is_group(item: &Value) -> bool {
    matches!(item.get("type").and_then(Value::as_u64), Some(1..))
}
