//! The control routes of outward actions: what bounds them, what happened, and the verdict on it.

use super::control::{LINES, LogQuery, Refused, loopback_only, refused, unknown};
use crate::control::{
    Cap, ClockStep, ClockView, DeskView, HandInvitations, Limit, Manners, NewRelations, OneOrMany,
    ScriptedRefusal, Verdict,
};
use crate::deeds::{RELATIONS_MAX, judge, line};
use crate::world::World;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// More than LinkedIn would let anybody send in months.
const HAND_INVITATIONS_MAX: u64 = 10_000;

pub(super) fn router() -> Router<Arc<World>> {
    Router::new()
        .route("/control/effects", get(effects))
        .route("/control/verdict", get(verdict))
        .route("/control/caps", post(set_caps))
        .route("/control/limits", get(limits).post(set_limits))
        .route(
            "/control/refusals",
            get(refusals).post(add_refusals).delete(clear_refusals),
        )
        .route("/control/manners", get(manners).put(set_manners))
        .route("/control/relations", post(connect))
        .route("/control/invitations", post(invite_by_hand))
        .route("/control/sessions/{id}/desk", get(desk))
        .route("/control/clock", get(clock).post(step_clock))
        .layer(super::control::room_for_many())
        .layer(middleware::from_fn(loopback_only))
}

async fn effects(State(world): State<Arc<World>>, Query(query): Query<LogQuery>) -> Response {
    let (since, limit) = (query.since.unwrap_or(0), query.limit.unwrap_or(LINES));
    let effects = world.deeds().effects.since(since, limit);
    let mut text = String::new();
    let fleet = world.fleet();
    for (number, effect) in effects {
        text.push_str(&json!(line(number, &effect, &fleet)).to_string());
        text.push('\n');
    }
    ([(CONTENT_TYPE, "application/jsonl")], text).into_response()
}

/// Found aside, on a copy: a million effects take a moment.
async fn verdict(State(world): State<Arc<World>>) -> Result<Json<Verdict>, Refused> {
    let judged = tokio::task::spawn_blocking(move || {
        let (effects, caps, repeats_refused, full) = {
            let deeds = world.deeds();
            (
                deeds.effects.all(),
                deeds.caps.clone(),
                deeds.repeats_refused,
                deeds.effects.is_full(),
            )
        };
        let name = |session| world.fleet().id_at(session).to_owned();
        Verdict {
            repeats_refused,
            full,
            ..judge(world.clock.now(), &effects, &caps, &name)
        }
    });
    let judged = judged.await;
    judged
        .map(Json)
        .map_err(|error| refused(StatusCode::INTERNAL_SERVER_ERROR, &error))
}

async fn set_caps(
    State(world): State<Arc<World>>,
    Json(caps): Json<OneOrMany<Cap>>,
) -> Result<Json<Value>, Refused> {
    let caps: Vec<Cap> = caps.into();
    let indexes: Result<Vec<Option<usize>>, Refused> = {
        let fleet = world.fleet();
        let index = |cap: &Cap| match &cap.session {
            None => Ok(None),
            Some(id) => fleet.index_of(id).map(Some).ok_or_else(|| unknown(id)),
        };
        caps.iter().map(index).collect()
    };
    let mut deeds = world.deeds();
    let now = world.clock.now();
    for (cap, session) in caps.iter().zip(indexes?) {
        deeds.caps.set(session, cap, now);
    }
    Ok(Json(json!({ "set": caps.len() })))
}

async fn limits(State(world): State<Arc<World>>) -> Json<Vec<Limit>> {
    Json(world.deeds().limits.all())
}

async fn set_limits(
    State(world): State<Arc<World>>,
    Json(limits): Json<OneOrMany<Limit>>,
) -> Json<Vec<Limit>> {
    let mut deeds = world.deeds();
    for limit in Vec::from(limits) {
        deeds.limits.set(limit);
    }
    Json(deeds.limits.all())
}

async fn refusals(State(world): State<Arc<World>>) -> Json<Vec<ScriptedRefusal>> {
    Json(world.deeds().refusals.all())
}

async fn add_refusals(
    State(world): State<Arc<World>>,
    Json(refusals): Json<OneOrMany<ScriptedRefusal>>,
) -> Result<Json<Vec<ScriptedRefusal>>, Refused> {
    let refusals: Vec<ScriptedRefusal> = refusals.into();
    let sound =
        |refusal: &ScriptedRefusal| (400..600).contains(&refusal.status) && refusal.times > 0;
    if !refusals.iter().all(sound) {
        return Err(refused(
            StatusCode::BAD_REQUEST,
            "a refusal has a status from 400 to 599, and happens at least once",
        ));
    }
    let mut deeds = world.deeds();
    for refusal in refusals {
        deeds.refusals.add(refusal);
    }
    Ok(Json(deeds.refusals.all()))
}

async fn clear_refusals(State(world): State<Arc<World>>) -> Json<Vec<ScriptedRefusal>> {
    world.deeds().refusals.clear();
    Json(Vec::new())
}

async fn manners(State(world): State<Arc<World>>) -> Json<Manners> {
    Json(world.deeds().manners)
}

async fn set_manners(
    State(world): State<Arc<World>>,
    Json(manners): Json<Manners>,
) -> Json<Manners> {
    world.deeds().manners = manners;
    Json(manners)
}

async fn connect(
    State(world): State<Arc<World>>,
    Json(NewRelations { session, members }): Json<NewRelations>,
) -> Result<Json<Value>, Refused> {
    let index = world.fleet().index_of(&session);
    let index = index.ok_or_else(|| unknown(&session))?;
    let now = world.clock.now();
    let connected = world.deeds().connect(index, members, now);
    let too_many = || {
        let error = format!("a session has at most {RELATIONS_MAX} relations");
        refused(StatusCode::CONFLICT, &error)
    };
    let relations = connected.ok_or_else(too_many)?;
    Ok(Json(json!({ "relations": relations })))
}

async fn desk(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
) -> Result<Json<DeskView>, Refused> {
    desk_of(&world, &id).map(Json)
}

fn desk_of(world: &World, id: &str) -> Result<DeskView, Refused> {
    let (index, restricted) = {
        let fleet = world.fleet();
        let found = fleet.index_of(id).zip(fleet.any(id));
        let (index, session) = found.ok_or_else(|| unknown(id))?;
        (index, session.restricted)
    };
    let mut deeds = world.deeds();
    deeds.ripen(index, world.clock.now());
    let desk = deeds.desk(index);
    Ok(DeskView {
        restricted,
        ..desk.map(crate::deeds::Desk::view).unwrap_or_default()
    })
}

async fn invite_by_hand(
    State(world): State<Arc<World>>,
    Json(HandInvitations {
        session,
        people,
        count,
        note,
    }): Json<HandInvitations>,
) -> Result<Json<DeskView>, Refused> {
    let index = world.fleet().index_of(&session);
    let index = index.ok_or_else(|| unknown(&session))?;
    if count > HAND_INVITATIONS_MAX {
        let error = format!("an owner sends at most {HAND_INVITATIONS_MAX} invitations at once");
        return Err(refused(StatusCode::BAD_REQUEST, &error));
    }
    {
        let mut deeds = world.deeds();
        let now = world.clock.now();
        deeds.ripen(index, now);
        deeds.invite_by_hand(index, people, count, note.as_deref(), now);
    }
    desk_of(&world, &session).map(Json)
}

async fn clock(State(world): State<Arc<World>>) -> Json<ClockView> {
    Json(ClockView {
        now: world.clock.now(),
    })
}

async fn step_clock(
    State(world): State<Arc<World>>,
    Json(step): Json<ClockStep>,
) -> Result<Json<ClockView>, Refused> {
    let stepped = match (step.to, step.ahead_seconds) {
        (Some(to), None) => world.clock.step_to(to),
        (None, Some(seconds)) => match u64::try_from(seconds) {
            Ok(seconds) => world.clock.step_ahead(Duration::from_secs(seconds)),
            Err(_) => Err(world.clock.now()),
        },
        (None, None) | (Some(_), Some(_)) => {
            let error = "a step says either `to` or `ahead_seconds`";
            return Err(refused(StatusCode::BAD_REQUEST, error));
        }
    };
    let backwards = |now| {
        let error = format!(
            "the clock shows {now}, and is never stepped backwards or past the end of time"
        );
        refused(StatusCode::CONFLICT, &error)
    };
    stepped.map_err(backwards)?;
    Ok(clock(State(world)).await)
}
