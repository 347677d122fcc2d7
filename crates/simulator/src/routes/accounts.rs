//! Listing, fetching and deleting accounts.

mod cursor;

use crate::control::ListMode;
use crate::gate::Seq;
use crate::problem::Problem;
use crate::state::Fleet;
use crate::wire;
use crate::world::World;
use axum::extract::{Path, RawQuery, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use cursor::Cursor;
use serde_json::{Value, json};
use std::sync::Arc;

/// How many accounts a page has when the request does not say.
const PAGE: usize = 100;
/// The most that a request may ask for.
const PAGE_MAX: usize = 250;

/// What the query asks for.
#[derive(Debug, Default, PartialEq)]
struct Wanted {
    limit: Option<usize>,
    cursor: Option<Cursor>,
}

/// The query's `limit` and `cursor`, refused as the provider's schema refuses them. Other parameters are ignored.
fn wanted(query: Option<&str>) -> Result<Wanted, Problem> {
    let mut wanted = Wanted::default();
    for (key, value) in pairs(query.unwrap_or("")) {
        match key {
            "limit" => {
                let limit = value
                    .parse()
                    .ok()
                    .filter(|limit| (1..=PAGE_MAX).contains(limit));
                let limit = limit.ok_or_else(|| {
                    Problem::invalid_parameters("/limit must be an integer from 1 to 250.")
                })?;
                wanted.limit = Some(limit);
            }
            "cursor" => {
                let cursor = Cursor::read(&value)
                    .ok_or_else(|| Problem::invalid_parameters("/cursor is invalid."))?;
                wanted.cursor = Some(cursor);
            }
            _ => {}
        }
    }
    Ok(wanted)
}

/// The parts of a query, percent-decoded as far as cursors and ids need it.
pub(super) fn pairs(query: &str) -> impl Iterator<Item = (&str, String)> {
    query.split('&').filter_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        let value = ["%2B", "%2b"]
            .iter()
            .fold(value.to_owned(), |text, code| text.replace(code, "+"));
        let value = ["%2F", "%2f"]
            .iter()
            .fold(value, |text, code| text.replace(code, "/"));
        Some((
            key,
            ["%3D", "%3d"]
                .iter()
                .fold(value, |text, code| text.replace(code, "=")),
        ))
    })
}

/// `GET /accounts`
pub(super) async fn list(
    State(world): State<Arc<World>>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let wanted = wanted(query.as_deref())?;
    let limit = wanted
        .limit
        .or(wanted.cursor.as_ref().map(|cursor| cursor.limit))
        .unwrap_or(PAGE)
        .clamp(1, PAGE_MAX);
    let mode = world.faults().list;
    let cursor = wanted.cursor.as_ref();
    if let Some(past) = cursor.and_then(Cursor::distance_past_the_end) {
        let next = Cursor::past_the_end(limit, past + 1);
        let answer = json!({ "object": "AccountList", "items": [], "cursor": next });
        return Ok(written(&world, answer));
    }
    let fleet = world.fleet();
    let after = cursor.and_then(Cursor::last_id).map(|last| {
        let index = fleet.index_of(last);
        index.ok_or_else(|| Problem::invalid_parameters("/cursor is invalid."))
    });
    let (items, next) = page(&fleet, mode, after.transpose()?, limit);
    let round = cursor.map_or(0, |cursor| cursor.round);
    let next = match (next, mode) {
        (Some(index), _) => Some(Cursor::after(limit, fleet.id_at(index), round)),
        (None, ListMode::Endless) => Some(Cursor::past_the_end(limit, 0)),
        (None, ListMode::Circling) => Some(Cursor::around(limit, round + 1)),
        (None, _) => None,
    };
    drop(fleet);
    let answer = json!({ "object": "AccountList", "items": items, "cursor": next });
    Ok(written(&world, answer))
}

/// An answer with what is odd about the sessions in it.
fn written(world: &World, answer: Value) -> Response {
    let text = world.oddities().written(answer);
    ([(CONTENT_TYPE, "application/json")], text).into_response()
}

/// Items of a page, and the place behind which the next one begins.
fn page(
    fleet: &Fleet,
    mode: ListMode,
    after: Option<usize>,
    limit: usize,
) -> (Vec<Value>, Option<usize>) {
    let end = match mode {
        ListMode::Half => fleet.half(),
        ListMode::Empty => 0,
        ListMode::Complete
        | ListMode::CursorLoop
        | ListMode::Shifting
        | ListMode::Skipping
        | ListMode::Endless
        | ListMode::Circling => usize::MAX,
    };
    let (sessions, next) = fleet.page(after, end, limit);
    let next = match mode {
        // Always on to the second page, however often it was seen.
        ListMode::CursorLoop => fleet
            .page(None, end, limit)
            .0
            .last()
            .and_then(|last| fleet.index_of(&last.id)),
        ListMode::Shifting => match sessions.as_slice() {
            [.., last, _] if next.is_some() => fleet.index_of(&last.id),
            _ => next,
        },
        // What was deleted on an earlier page moved all others up by one.
        ListMode::Skipping => next.and_then(|_| {
            let skipped = fleet.page(next, end, 1).0;
            skipped.first().and_then(|it| fleet.index_of(&it.id))
        }),
        ListMode::Complete
        | ListMode::Endless
        | ListMode::Circling
        | ListMode::Half
        | ListMode::Empty => next,
    };
    (sessions.into_iter().map(wire::account).collect(), next)
}

/// `GET /accounts/{id}`
pub(super) async fn one(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let account = world.fleet().live(&id).map(wire::account);
    let account = account.ok_or_else(Problem::account_not_found)?;
    Ok(written(&world, account))
}

/// `DELETE /accounts/{id}`
pub(super) async fn delete(
    State(world): State<Arc<World>>,
    Extension(seq): Extension<Seq>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let kind = {
        let mut fleet = world.fleet();
        let kind = fleet
            .live(&id)
            .map(|session| session.kind)
            .ok_or_else(Problem::account_not_found)?;
        fleet.delete(&id);
        kind
    };
    world.removals().deleted(seq.0);
    world.counts().deletes += 1;
    world.note_life(&id, "deleted");
    world.tell(&id, kind.word(), "DELETED");
    Ok(Json(json!({ "object": "AccountDeleted" })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_the_query_and_anything_else_is_refused() {
        let text = Cursor::after(250, "-abc_", 0);
        let query = format!(
            "cursor={}&limit=250&provider=LINKEDIN",
            text.replace('=', "%3D")
        );
        let read = wanted(Some(&query)).expect("it was written here");
        assert_eq!(read.limit, Some(250));
        assert_eq!(read.cursor, Cursor::read(&text));
        for query in [
            "limit=0",
            "limit=251",
            "limit=x",
            "limit=",
            "limit=-1",
            "cursor=",
            "cursor=e30=",
            "cursor=1",
        ] {
            assert!(wanted(Some(query)).is_err(), "{query}");
        }
    }
}
