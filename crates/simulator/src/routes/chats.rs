//! Messages and InMails. That chats are listed, alone and under an attendee, and messages under a chat, is how this API
//! is read back; our notes on the provider only name the two routes that write.

use super::acting::{self, Actor, Listing};
use super::form::Form;
use crate::control::Tier;
use crate::deeds::{Chat, Deed, Deeds, Message, page};
use crate::gate::Seq;
use crate::problem::Problem;
use crate::world::World;
use axum::extract::{Path, Request, State};
use axum::http::Uri;
use axum::response::Response;
use axum::{Extension, Json};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many chats or messages a page has when the request does not say, and at most.
const PAGE: (usize, usize) = (100, 250);
/// The balance that is told when credits are not counted.
const CREDITS: u64 = 100;

/// `POST /chats`
pub(super) async fn start(
    State(world): State<Arc<World>>,
    Extension(seq): Extension<Seq>,
    request: Request,
) -> Result<Response, Problem> {
    let form = Form::read(request).await?;
    let attendees = form.all("attendees_ids");
    if attendees.is_empty() || attendees.iter().any(String::is_empty) {
        return Err(Problem::missing_parameters("attendees_ids is required."));
    }
    let text = form.need("text")?.to_owned();
    let actor = acting::member(&world, form.get("account_id"))?;
    let inmail = form.get("linkedin[inmail]") == Some("true");
    let deed = Deed::Start {
        attendees,
        text,
        inmail,
    };
    let done = acting::act(&world, seq, &actor, deed)?;
    Ok(acting::created(json!({
        "object": "ChatStarted", "chat_id": done.chat, "message_id": done.reference,
    })))
}

/// `POST /chats/{chat_id}/messages`: the chat says whose it is; `account_id` only guards.
pub(super) async fn write(
    State(world): State<Arc<World>>,
    Extension(seq): Extension<Seq>,
    Path(chat): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let form = Form::read(request).await?;
    let text = form.need("text")?.to_owned();
    let actor = owner(&world, &chat, form.get("account_id"))?;
    let done = acting::act(&world, seq, &actor, Deed::Write { chat, text })?;
    Ok(acting::created(
        json!({ "object": "MessageSent", "message_id": done.reference }),
    ))
}

/// The session that a chat belongs to, which is to be `named` if one is.
fn owner(world: &World, chat: &str, named: Option<&str>) -> Result<Actor, Problem> {
    let index = world.deeds().chats.get(chat).map(|chat| chat.session);
    let Some(index) = index else {
        // A session that is lost is told before a chat that is.
        named
            .map(|id| acting::member(world, Some(id)))
            .transpose()?;
        return Err(Problem::not_found("Chat not found"));
    };
    let id = world.fleet().id_at(index).to_owned();
    let actor = acting::member(world, named.or(Some(&id)))?;
    (actor.index == index)
        .then_some(actor)
        .ok_or_else(Problem::account_mismatch)
}

/// `GET /chats`: the one with the newest message first.
pub(super) async fn list(
    State(world): State<Arc<World>>,
    uri: Uri,
) -> Result<Json<Value>, Problem> {
    let listing: Listing = acting::query(&uri)?;
    let (before, limit) = listing.page(PAGE.0, PAGE.1)?;
    let actor = acting::member(&world, listing.account_id.as_deref())?;
    let now = world.clock.now();
    let deeds = world.deeds();
    let ids = deeds
        .desk(actor.index)
        .into_iter()
        .flat_map(|desk| desk.chat_of.values());
    let chats = ids.filter_map(|id| deeds.chats.get_key_value(id));
    let by_newest: BTreeMap<u64, (&String, &Chat)> = chats
        .filter_map(|(id, chat)| Some((newest(&deeds, chat, now)?, (id, chat))))
        .collect();
    let (items, next) = page(&by_newest, before, limit, |_, _| true);
    let items: Vec<Value> = items
        .into_iter()
        .map(|(id, chat)| chat_item(&actor, id, chat))
        .collect();
    let cursor = acting::cursor(limit, next);
    Ok(Json(
        json!({ "object": "ChatList", "items": items, "cursor": cursor }),
    ))
}

/// `GET /chat_attendees/{attendee_id}/chats`
pub(super) async fn with_attendee(
    State(world): State<Arc<World>>,
    Path(attendee): Path<String>,
    uri: Uri,
) -> Result<Json<Value>, Problem> {
    let listing: Listing = acting::query(&uri)?;
    listing.page(PAGE.0, PAGE.1)?;
    let actor = acting::member(&world, listing.account_id.as_deref())?;
    let now = world.clock.now();
    let deeds = world.deeds();
    let chat = deeds
        .desk(actor.index)
        .and_then(|desk| desk.chat_of.get(&attendee))
        .and_then(|id| deeds.chats.get_key_value(id))
        .filter(|(_, chat)| newest(&deeds, chat, now).is_some());
    // Whom the session has never written to, it does not know as an attendee.
    let (id, chat) = chat.ok_or_else(|| Problem::not_found("Attendee not found"))?;
    Ok(Json(json!({
        "object": "ChatList", "items": [chat_item(&actor, id, chat)], "cursor": null,
    })))
}

/// The serial number of the newest message that lists show by now.
fn newest(deeds: &Deeds, chat: &Chat, now: Timestamp) -> Option<u64> {
    let messages = chat.messages.iter().rev();
    let mut shown = messages.filter(|&(&serial, it)| deeds.shows(serial, it.at, now));
    shown.next().map(|(&serial, _)| serial)
}

fn chat_item(actor: &Actor, id: &str, chat: &Chat) -> Value {
    let last = chat.messages.values().next_back();
    json!({
        "object": "Chat",
        "id": id,
        "account_id": actor.id,
        "account_type": "LINKEDIN",
        "provider_id": id,
        "attendee_provider_id": chat.attendee,
        "name": null,
        "type": 0,
        "timestamp": last.map(|message| format!("{:.3}", message.at)),
        "unread_count": 0,
    })
}

/// `GET /chats/{chat_id}/messages`: newest first.
pub(super) async fn messages(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Json<Value>, Problem> {
    let listing: Listing = acting::query(&uri)?;
    let (before, limit) = listing.page(PAGE.0, PAGE.1)?;
    let actor = owner(&world, &id, listing.account_id.as_deref())?;
    let now = world.clock.now();
    let deeds = world.deeds();
    let chat = deeds.chats.get(&id);
    let chat = chat.ok_or_else(|| Problem::not_found("Chat not found"))?;
    let (items, next) = page(&chat.messages, before, limit, |serial, it| {
        deeds.shows(serial, it.at, now)
    });
    let items: Vec<Value> = items
        .into_iter()
        .map(|message| message_item(&actor, &id, message, &deeds.text(&message.text)))
        .collect();
    let cursor = acting::cursor(limit, next);
    Ok(Json(
        json!({ "object": "MessageList", "items": items, "cursor": cursor }),
    ))
}

fn message_item(actor: &Actor, chat: &str, message: &Message, text: &str) -> Value {
    json!({
        "object": "Message",
        "id": message.id,
        "provider_id": message.id,
        "account_id": actor.id,
        "chat_id": chat,
        "sender_id": actor.identity,
        "text": text,
        "timestamp": format!("{:.3}", message.at),
        "is_sender": 1,
        "attachments": [],
        "seen": 0,
        "delivered": 1,
        "deleted": 0,
        "is_event": 0,
    })
}

/// `GET /linkedin/inmail_balance`
pub(super) async fn inmail_balance(
    State(world): State<Arc<World>>,
    uri: Uri,
) -> Result<Json<Value>, Problem> {
    let listing: Listing = acting::query(&uri)?;
    let actor = acting::member(&world, listing.account_id.as_deref())?;
    let deeds = world.deeds();
    let used = deeds.desk(actor.index).map_or(0, |desk| desk.inmails);
    let credits = deeds.manners.inmail_credits;
    let left = credits.map_or(CREDITS, |credits| credits.saturating_sub(used));
    let of = |tier| if actor.tier == tier { left } else { 0 };
    Ok(Json(json!({
        "object": "LinkedinInmailBalance",
        "premium": of(Tier::Premium),
        "recruiter": of(Tier::Recruiter),
        "sales_navigator": of(Tier::SalesNavigator),
    })))
}
