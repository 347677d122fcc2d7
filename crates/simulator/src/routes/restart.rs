//! `POST /accounts/{id}/restart`.

use crate::chance::{Topic, paired};
use crate::control::{Change, Health, RestartLine, RestartMode, Span};
use crate::counts::Cause;
use crate::gate::Seq;
use crate::problem::Problem;
use crate::restarts::Outcome;
use crate::state::into_health;
use crate::world::World;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// How long a late restart takes when nothing says it.
const LATE_SECONDS: Span = Span { min: 60, max: 600 };
/// Why a life ends by a restart.
const WHY: &str = "restart";

pub(super) async fn restart(
    State(world): State<Arc<World>>,
    Extension(seq): Extension<Seq>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let (number, before) = {
        let fleet = world.fleet();
        let session = fleet.live(&id).ok_or_else(Problem::account_not_found)?;
        let index = fleet.index_of(&id).unwrap_or_default();
        (index as u64, session.worst())
    };
    let faults = world.faults();
    let outcome = world.restarts().begin(&id, number, &faults, world.chance);
    *world.counts().restarts.entry(outcome.mode).or_default() += 1;
    world.restarts().note(RestartLine {
        seq: seq.0,
        at: world.clock.now(),
        session: id.clone(),
        attempt: outcome.attempt,
        before: before.to_string(),
        mode: outcome.mode,
    });
    if matches!(&*before, "STOPPED" | "ERROR" | "CONNECTING") {
        let span = faults.restart_late_seconds.unwrap_or(LATE_SECONDS);
        change(&world, &id, outcome, (number, span));
    }
    answer(outcome.mode, faults.retry_after_seconds)
}

/// Becomes of the session what the outcome says.
fn change(world: &World, id: &str, outcome: Outcome, (number, span): (u64, Span)) {
    let into = |change: &Change| {
        world.change_because(id, change, Cause::Owner, WHY);
    };
    let later = |health| {
        into(&into_health(Health::Connecting));
        let draw = paired(number, outcome.attempt);
        let drawn = || {
            let chance = world.chance;
            chance.between(Topic::RestartLength, draw, span.min, span.max)
        };
        let wait = Duration::from_secs(outcome.late_seconds.unwrap_or_else(drawn));
        world.settle_later(id, wait, health, (Cause::Owner, WHY));
    };
    match outcome.mode {
        RestartMode::Fixes => {
            into(&into_health(Health::Connecting));
            into(&into_health(Health::Ok));
        }
        RestartMode::Late => later(Health::Ok),
        RestartMode::Relapses => later(Health::Error),
        RestartMode::Disconnected => into(&into_health(Health::Credentials)),
        RestartMode::Gone => into(&Change {
            gone: true,
            ..Change::default()
        }),
        RestartMode::Ignored
        | RestartMode::Fails
        | RestartMode::TooManyRequests
        | RestartMode::ServerError => {}
    }
}

fn answer(mode: RestartMode, retry_after_seconds: Option<u64>) -> Result<Response, Problem> {
    match mode {
        RestartMode::Fixes | RestartMode::Ignored | RestartMode::Late | RestartMode::Relapses => {
            Ok(Json(json!({ "object": "AccountRestarted" })).into_response())
        }
        RestartMode::Fails => {
            let failed = Json(json!({ "object": "AccountFailedToRestart" }));
            Ok((StatusCode::INTERNAL_SERVER_ERROR, failed).into_response())
        }
        RestartMode::Disconnected => Err(Problem::disconnected_account()),
        RestartMode::Gone => Err(Problem::account_not_found()),
        RestartMode::TooManyRequests => Err(Problem {
            retry_after_seconds,
            ..Problem::too_many_requests()
        }),
        RestartMode::ServerError => Err(Problem::unavailable()),
    }
}
