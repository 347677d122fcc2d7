//! What all outward routes have in common: who acts, what the query asks for, and how lists are paged.

use crate::control::{Kind, Tier};
use crate::deeds::{Deed, Doer, Done};
use crate::gate::Seq;
use crate::problem::Problem;
use crate::world::World;
use axum::Json;
use axum::extract::Query;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A session that may act: live, and connected.
#[derive(Clone, Debug)]
pub(super) struct Actor {
    /// In the fleet.
    pub(super) index: usize,
    pub(super) id: String,
    pub(super) kind: Kind,
    pub(super) tier: Tier,
    pub(super) identity: String,
    /// LinkedIn refuses whatever it does.
    pub(super) restricted: bool,
}

/// The session that a request names, if the provider can act for it.
pub(super) fn actor(world: &World, id: Option<&str>) -> Result<Actor, Problem> {
    let id = id.filter(|id| !id.is_empty());
    let id = id.ok_or_else(|| Problem::missing_parameters("account_id is required."))?;
    let actor = connected(world, id)?;
    world.deeds().ripen(actor.index, world.clock.now());
    Ok(actor)
}

fn connected(world: &World, id: &str) -> Result<Actor, Problem> {
    let fleet = world.fleet();
    let session = fleet.live(id).ok_or_else(Problem::account_not_found)?;
    let index = fleet.index_of(id).ok_or_else(Problem::account_not_found)?;
    match &*session.worst() {
        "CREDENTIALS" | "PERMISSIONS" | "ERROR" | "STOPPED" => Err(Problem::disconnected_account()),
        _ => Ok(Actor {
            index,
            id: session.id.clone(),
            kind: session.kind,
            tier: session.tier,
            identity: session.identity.clone(),
            restricted: session.restricted,
        }),
    }
}

/// As [`actor`], on LinkedIn.
pub(super) fn member(world: &World, id: Option<&str>) -> Result<Actor, Problem> {
    let actor = actor(world, id)?;
    (actor.kind == Kind::Linkedin)
        .then_some(actor)
        .ok_or_else(Problem::invalid_account)
}

/// As [`actor`], with a mailbox.
pub(super) fn mailbox(world: &World, id: Option<&str>) -> Result<Actor, Problem> {
    let actor = actor(world, id)?;
    (actor.kind != Kind::Linkedin)
        .then_some(actor)
        .ok_or_else(Problem::invalid_account)
}

/// Does it and writes it down: effects log first, then the counters and the request's line.
pub(super) fn act(world: &World, seq: Seq, actor: &Actor, deed: Deed) -> Result<Done, Problem> {
    if actor.restricted {
        return Err(Problem::account_restricted());
    }
    let action = deed.action();
    let done = {
        let mut deeds = world.deeds();
        let who = Doer {
            seq: seq.0,
            session: actor.index,
            id: &actor.id,
            tier: actor.tier,
            // Read under the lock, so that the log's instants never go backwards.
            now: world.clock.now(),
        };
        deeds.perform(who, deed)?
    };
    *world.counts().effects.entry(action).or_default() += 1;
    world.log().took_effect(seq.0, &actor.id, action);
    Ok(done)
}

pub(super) fn created(body: Value) -> Response {
    (StatusCode::CREATED, Json(body)).into_response()
}

/// The query, refused as the provider's schema refuses it. Unknown parameters are ignored.
pub(super) fn query<T: DeserializeOwned>(uri: &Uri) -> Result<T, Problem> {
    Query::try_from_uri(uri)
        .map(|Query(query)| query)
        .map_err(|error| Problem::invalid_parameters(&format!("The query does not fit: {error}.")))
}

/// What a list's query asks for.
#[derive(Debug, Deserialize)]
pub(super) struct Listing {
    pub(super) account_id: Option<String>,
    cursor: Option<String>,
    limit: Option<usize>,
    pub(super) filter: Option<String>,
}

/// A cursor, written as base64 of JSON like the provider's. It stays where it is when newer items come.
#[derive(Deserialize, Serialize)]
struct Cursor {
    limit: usize,
    before: u64,
}

impl Listing {
    /// The serial number to go on before, and how many items to show; of at most `max`, `default` when none is said.
    pub(super) fn page(&self, default: usize, max: usize) -> Result<(Option<u64>, usize), Problem> {
        let cursor = self.cursor.as_deref().map(|text| {
            let cursor = BASE64_STANDARD
                .decode(text)
                .ok()
                .and_then(|json| serde_json::from_slice(&json).ok());
            cursor.ok_or_else(|| Problem::invalid_parameters("/cursor is invalid."))
        });
        let cursor: Option<Cursor> = cursor.transpose()?;
        let limit = self.limit.or(cursor.as_ref().map(|cursor| cursor.limit));
        let limit = limit.unwrap_or(default);
        if !(1..=max).contains(&limit) {
            let detail = format!("/limit must be an integer from 1 to {max}.");
            return Err(Problem::invalid_parameters(&detail));
        }
        Ok((cursor.map(|cursor| cursor.before), limit))
    }
}

/// The cursor to the items before this serial number.
pub(super) fn cursor(limit: usize, before: Option<u64>) -> Option<String> {
    let cursor = serde_json::to_vec(&Cursor {
        limit,
        before: before?,
    });
    cursor.ok().map(|json| BASE64_STANDARD.encode(&json))
}
