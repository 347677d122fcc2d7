//! The provider's Account object, and its list of them.

use super::decode::{Lacks, cursor, id, identity, object};
use crate::{Page, Unreadable};
use jiff::Timestamp;
use policy::ids::{Identity, SessionId};
use policy::session::{Health, Session};
use serde_json::Value;

/// Longest status word that is kept, in characters.
const WORD_CHARS_MAX: usize = 64;

/// Reads one page; an item that cannot be read does not spoil the others.
pub(crate) fn page(value: &Value) -> Result<Page, Lacks> {
    object(value, "AccountList")?;
    let items = value
        .get("items")
        .and_then(Value::as_array)
        .ok_or(Lacks("items"))?;
    let mut page = Page {
        sessions: Vec::with_capacity(items.len()),
        cursor: cursor(value)?,
        unreadable: Vec::new(),
    };
    for item in items {
        match session(item) {
            Ok(session) => page.sessions.push(session),
            Err(Lacks(what)) => page.unreadable.push(Unreadable {
                id: id(item, "id").map(SessionId),
                why: format!("no readable {what}"),
            }),
        }
    }
    Ok(page)
}

/// Reads one account. Of `connection_params`, which may hold a proxy's password, only the person is taken.
pub(crate) fn session(value: &Value) -> Result<Session, Lacks> {
    object(value, "Account")?;
    let params = value.get("connection_params");
    let words = words(value);
    Ok(Session {
        id: exact_id(value).ok_or(Lacks("id"))?,
        kind: id(value, "type").ok_or(Lacks("type"))?,
        name: id(value, "name").unwrap_or_default(),
        health: Health::worst(words.iter().map(|word| Health::of_provider(word))),
        words,
        identity: params.and_then(person),
        handle: params.and_then(handle),
        created_at: created_at(value).ok_or(Lacks("created_at"))?,
    })
}

/// An id is opaque, so it is not trimmed: with a space it would be another.
fn exact_id(value: &Value) -> Option<SessionId> {
    let text = id(value, "id")?;
    (value.get("id")?.as_str()? == text).then_some(SessionId(text))
}

fn created_at(value: &Value) -> Option<Timestamp> {
    value.get("created_at")?.as_str()?.parse().ok()
}

/// Each source's word; a source without one still counts, as a word that we do not know (R-ST-3).
fn words(value: &Value) -> Vec<String> {
    let sources = value.get("sources").and_then(Value::as_array);
    let word = |source: &Value| match source.get("status").and_then(Value::as_str) {
        Some(word) => word.chars().take(WORD_CHARS_MAX).collect(),
        None => "(none)".to_owned(),
    };
    sources.into_iter().flatten().map(word).collect()
}

/// LinkedIn's member id, or the mailbox. A mail server's bare user name means nobody without its server.
fn person(params: &Value) -> Option<Identity> {
    if let Some(im) = messenger(params) {
        return id(im, "id").map(|text| identity(&text));
    }
    let user = mailbox(params)?;
    if user.contains('@') {
        return Some(identity(&user));
    }
    let host = id(params.get("mail")?, "imap_host")?;
    Some(identity(&format!("{user}@{host}")))
}

fn handle(params: &Value) -> Option<String> {
    match messenger(params) {
        Some(im) => id(im, "publicIdentifier"),
        None => mailbox(params).filter(|user| user.contains('@')),
    }
    .map(|text| text.to_lowercase())
}

fn messenger(params: &Value) -> Option<&Value> {
    params.get("im").filter(|im| im.is_object())
}

fn mailbox(params: &Value) -> Option<String> {
    let mail = params.get("mail")?;
    id(mail, "username").or_else(|| id(mail, "imap_user"))
}
