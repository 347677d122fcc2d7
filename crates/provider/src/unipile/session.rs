//! The provider's Account object, and its list of them.

use super::decode::{Lacks, id, object};
use super::door::{Cut, Listed, item, line};
use crate::{Page, Unreadable};
use jiff::Timestamp;
use policy::identity::{self, handle};
use policy::ids::{Identity, SessionId};
use policy::session::{Session, Source, States};
use serde_json::Value;

/// Longest status word that is kept, in characters.
const WORD_CHARS_MAX: usize = 64;
/// Words that are kept of one session; all of them count.
const WORDS_MAX: usize = 16;
/// Longest display name that is kept, in characters.
const NAME_CHARS_MAX: usize = 200;

/// Reads one page; an item that cannot be read does not spoil the others.
pub(crate) fn page(text: &str) -> Result<Page, Lacks> {
    let (items, cursor) = Listed::read(text, "AccountList")?;
    let mut page = Page {
        sessions: Vec::with_capacity(items.len()),
        cursor,
        unreadable: Vec::new(),
        answered_at: None,
    };
    for raw in items {
        let item = item(raw);
        match session(&item) {
            Ok(session) => page.sessions.push(session),
            Err(Lacks(what)) => page.unreadable.push(Unreadable {
                id: exact_id(&item),
                why: format!("no readable {what}"),
            }),
        }
    }
    Ok(page)
}

/// A page of one item that is too long to be read, by what was noted of it.
pub(crate) fn page_of_one(cut: &Cut) -> Result<Page, Lacks> {
    Ok(Page {
        sessions: Vec::new(),
        cursor: cut.next_cursor()?,
        unreadable: vec![Unreadable {
            id: exact_id(&cut.first_item()),
            why: "too long to be read".to_owned(),
        }],
        answered_at: None,
    })
}

/// Reads one account. Of `connection_params`, which may hold a proxy's password, only the person is taken (R-LNK-11).
pub(crate) fn session(value: &Value) -> Result<Session, Lacks> {
    object(value, "Account")?;
    let params = value.get("connection_params");
    let kind = shown(value, "type", WORD_CHARS_MAX).ok_or(Lacks("type"))?;
    let sources = sources(value);
    let States { health, odd, side } = States::of(&kind, &sources);
    let words = sources.into_iter().map(|source| source.word);
    Ok(Session {
        id: exact_id(value).ok_or(Lacks("id"))?,
        name: shown(value, "name", NAME_CHARS_MAX).unwrap_or_default(),
        health,
        words: words.take(WORDS_MAX).collect(),
        odd: odd.into_iter().take(WORDS_MAX).collect(),
        side,
        identity: params.and_then(person),
        handle: params.and_then(handle_of),
        created_at: created_at(value).ok_or(Lacks("created_at"))?,
        kind,
    })
}

/// An id is opaque, so it is not trimmed: with a space it would be another.
fn exact_id(value: &Value) -> Option<SessionId> {
    let text = id(value, "id")?;
    (value.get("id")?.as_str()? == text).then_some(SessionId(text))
}

/// A text for people.
fn shown(value: &Value, key: &str, chars_max: usize) -> Option<String> {
    let text = line(value.get(key)?.as_str()?, chars_max);
    (!text.is_empty()).then_some(text)
}

fn created_at(value: &Value) -> Option<Timestamp> {
    value.get("created_at")?.as_str()?.parse().ok()
}

/// Each source and its word; one without still counts, as a word that we do not know (R-ST-3).
fn sources(value: &Value) -> Vec<Source> {
    let sources = value.get("sources").and_then(Value::as_array);
    let source = |source: &Value| {
        let word = shown(source, "status", WORD_CHARS_MAX);
        let id = id(source, "id");
        Source::new(id.as_deref(), word.unwrap_or_else(|| "(none)".to_owned()))
    };
    sources.into_iter().flatten().map(source).collect()
}

/// LinkedIn's member id, or the mailbox.
fn person(params: &Value) -> Option<Identity> {
    if let Some(im) = messenger(params) {
        return id(im, "id").map(Identity);
    }
    let mail = params.get("mail")?;
    identity::mailbox(&mailbox(mail)?, id(mail, "imap_host").as_deref())
}

fn handle_of(params: &Value) -> Option<String> {
    match messenger(params) {
        Some(im) => handle("LINKEDIN", &id(im, "publicIdentifier")?),
        None => handle("MAIL", &mailbox(params.get("mail")?)?),
    }
}

fn messenger(params: &Value) -> Option<&Value> {
    params.get("im").filter(|im| im.is_object())
}

fn mailbox(mail: &Value) -> Option<String> {
    id(mail, "username").or_else(|| id(mail, "imap_user"))
}
