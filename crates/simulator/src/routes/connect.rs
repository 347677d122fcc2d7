//! Connecting and reconnecting with credentials, with the checkpoints that may stand in between.

use super::read;
use crate::chance::Topic;
use crate::clock::later;
use crate::control::{Kind, NewSession, SessionView};
use crate::counts::Cause;
use crate::problem::Problem;
use crate::state::Refusal;
use crate::world::{Checkpoint, World};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;

/// How long an owner has to answer a checkpoint.
const CHECKPOINT_OPEN: Duration = Duration::from_mins(5);
/// How many checkpoints wait at most; then those that have expired are forgotten.
const CHECKPOINTS_MAX: usize = 10_000;
/// The one code that is always wrong.
const WRONG_CODE: &str = "000000";

/// The bodies of connect and reconnect, as far as they matter here.
#[derive(Deserialize)]
struct Credentials {
    provider: String,
    username: Option<String>,
    password: Option<String>,
    access_token: Option<String>,
    refresh_token: Option<String>,
    imap_user: Option<String>,
    imap_password: Option<String>,
}

impl Credentials {
    /// What kind of session they make, and the secret-free text that stands for the person.
    fn person(&self) -> Result<(Kind, &str), Problem> {
        let unknown =
            || Problem::invalid_parameters("/provider is not one that this server connects.");
        let kind = Kind::of_provider(&self.provider).ok_or_else(unknown)?;
        let person = match kind {
            Kind::Linkedin if self.password.is_some() => self.username.as_ref(),
            Kind::Linkedin => self.access_token.as_ref(),
            Kind::Google | Kind::Outlook => self.refresh_token.as_ref(),
            Kind::Mail | Kind::Icloud if self.imap_password.is_some() => self.imap_user.as_ref(),
            Kind::Mail | Kind::Icloud => None,
        };
        let missing = || Problem::missing_parameters("Credentials or a cookie are required.");
        Ok((
            kind,
            person.filter(|text| !text.is_empty()).ok_or_else(missing)?,
        ))
    }

    /// The session that they make. The same credentials are the same person, in a session of its own each time.
    fn session(&self, id: String) -> Result<NewSession, Problem> {
        let (kind, person) = self.person()?;
        let digest = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(person.as_bytes()));
        let identity = match kind {
            Kind::Linkedin => format!("ACoAA{}", &digest[..34]),
            _ if person.contains('@') => person.to_owned(),
            _ => format!("{}@example.test", digest[..12].to_lowercase()),
        };
        Ok(NewSession {
            id: Some(id),
            kind,
            identity: Some(identity),
            ..NewSession::default()
        })
    }
}

/// `POST /accounts`
pub(super) async fn create(
    State(world): State<Arc<World>>,
    body: Bytes,
) -> Result<Response, Problem> {
    let session = read::<Credentials>(&body)?.session(world.token())?;
    if let Some(kind) = world.faults().checkpoint {
        return Ok(checkpoint(&world, session, false, &kind));
    }
    Ok(appear(&world, session)?.into_response())
}

/// `POST /accounts/{id}`
pub(super) async fn reconnect(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    let session = read::<Credentials>(&body)?.session(id.clone())?;
    if world.fleet().live(&id).is_none() {
        return Err(Problem::account_not_found());
    }
    if let Some(kind) = world.faults().checkpoint {
        return Ok(checkpoint(&world, session, true, &kind));
    }
    world.recover(&id, Cause::Owner);
    Ok((
        StatusCode::CREATED,
        Json(json!({ "object": "AccountReconnected", "account_id": id })),
    )
        .into_response())
}

impl World {
    /// A session that an owner's connect makes; the faults may leave a second one of the same person behind, untold.
    pub(crate) fn connect(&self, new: NewSession) -> Result<SessionView, Refusal> {
        let view = self.create(new, Cause::Owner)?;
        let number = self.fleet().index_of(&view.id).unwrap_or_default();
        let rate = self.faults().second_session.0;
        if self
            .chance
            .happens(Topic::SecondSession, number as u64, rate)
        {
            let second = NewSession {
                id: Some(self.token()),
                kind: view.kind,
                name: Some(view.name.clone()),
                identity: Some(view.identity.clone()),
                handle: Some(view.handle.clone()),
                tier: view.tier,
                ..NewSession::default()
            };
            self.create(second, Cause::Owner)?;
        }
        Ok(view)
    }
}

fn appear(world: &World, session: NewSession) -> Result<impl IntoResponse + use<>, Problem> {
    let view = world.connect(session).map_err(|_| Problem::unavailable())?;
    world.tell(&view.id, view.kind.word(), "CREATION_SUCCESS");
    world.tell(&view.id, view.kind.word(), "OK");
    Ok((
        StatusCode::CREATED,
        Json(json!({ "object": "AccountCreated", "account_id": view.id })),
    ))
}

fn checkpoint(world: &World, session: NewSession, reconnect: bool, kind: &str) -> Response {
    let now = world.clock.now();
    let id = session.id.clone().unwrap_or_default();
    let waiting = Checkpoint {
        expires_at: later(now, CHECKPOINT_OPEN),
        session,
        reconnect,
    };
    let mut checkpoints = world.checkpoints();
    if checkpoints.len() >= CHECKPOINTS_MAX {
        checkpoints.retain(|_, waiting| waiting.expires_at >= now);
    }
    checkpoints.insert(id.clone(), waiting);
    let body = json!({ "object": "Checkpoint", "account_id": id, "checkpoint": { "type": kind } });
    (StatusCode::ACCEPTED, Json(body)).into_response()
}

#[derive(Deserialize)]
struct Solution {
    account_id: String,
    #[serde(rename = "provider")]
    _provider: String,
    code: String,
}

/// `POST /accounts/checkpoint`: any code but `000000` is right.
pub(super) async fn solve(
    State(world): State<Arc<World>>,
    body: Bytes,
) -> Result<Response, Problem> {
    let solution: Solution = read(&body)?;
    if solution.code == WRONG_CODE {
        return Err(Problem::invalid_checkpoint_solution());
    }
    pass_checkpoint(&world, &solution.account_id)
}

/// Ends a checkpoint well, by code or by the owner's hand.
pub(super) fn pass_checkpoint(world: &World, id: &str) -> Result<Response, Problem> {
    let waiting = world
        .checkpoints()
        .remove(id)
        .ok_or_else(Problem::account_not_found)?;
    if waiting.expires_at < world.clock.now() {
        return Err(Problem::intent_killed());
    }
    if !waiting.reconnect {
        return Ok(appear(world, waiting.session)?.into_response());
    }
    world.recover(id, Cause::Owner);
    Ok((
        StatusCode::CREATED,
        Json(json!({ "object": "AccountReconnected", "account_id": id })),
    )
        .into_response())
}
