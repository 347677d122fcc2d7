//! Invitations: sent, listed while they are pending, withdrawn.

use super::acting::{self, Actor, Listing};
use super::read;
use crate::control::Tier;
use crate::deeds::{Deed, Invitation, page};
use crate::gate::Seq;
use crate::problem::Problem;
use crate::world::World;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// The most characters of a note, of a free session and of one that pays.
const NOTE_CHARACTERS_MAX: (usize, usize) = (200, 300);
/// How many invitations a page has when the request does not say, and at most.
const PAGE: (usize, usize) = (10, 100);

#[derive(Deserialize)]
struct Invite {
    account_id: String,
    provider_id: String,
    message: Option<String>,
}

/// `POST /users/invite`
pub(super) async fn send(
    State(world): State<Arc<World>>,
    Extension(seq): Extension<Seq>,
    body: Bytes,
) -> Result<Response, Problem> {
    let invite: Invite = read(&body)?;
    let note = invite.message.filter(|note| !note.is_empty());
    if invite.provider_id.is_empty() {
        return Err(Problem::missing_parameters("provider_id is required."));
    }
    let actor = acting::member(&world, Some(&invite.account_id))?;
    let most = match actor.tier {
        Tier::Free => NOTE_CHARACTERS_MAX.0,
        Tier::Premium | Tier::SalesNavigator | Tier::Recruiter => NOTE_CHARACTERS_MAX.1,
    };
    if note.as_deref().map_or(0, |note| note.chars().count()) > most {
        let detail = format!("/message must have at most {most} characters.");
        return Err(Problem::too_many_characters(&detail));
    }
    let target = invite.provider_id;
    let done = acting::act(&world, seq, &actor, Deed::Invite { target, note })?;
    let mut answer = json!({ "object": "UserInvitationSent", "invitation_id": done.reference });
    if let Some(usage) = done.usage {
        answer["usage"] = usage.into();
    }
    Ok(acting::created(answer))
}

/// `GET /users/invite/sent`: pending ones only, newest first.
pub(super) async fn sent(
    State(world): State<Arc<World>>,
    uri: Uri,
) -> Result<Json<Value>, Problem> {
    let listing: Listing = acting::query(&uri)?;
    let (before, limit) = listing.page(PAGE.0, PAGE.1)?;
    let actor = acting::member(&world, listing.account_id.as_deref())?;
    let deeds = world.deeds();
    let (items, next) = deeds
        .desk(actor.index)
        .map_or_else(Default::default, |desk| {
            page(&desk.invitations, before, limit, |_| true)
        });
    let items: Vec<Value> = items
        .into_iter()
        .map(|invitation| item(&actor, invitation))
        .collect();
    let cursor = acting::cursor(limit, next);
    Ok(Json(
        json!({ "object": "InvitationList", "items": items, "cursor": cursor }),
    ))
}

fn item(actor: &Actor, invitation: &Invitation) -> Value {
    json!({
        "object": "InvitationSent",
        "id": invitation.id,
        "invited_user": invitation.target,
        "invited_user_id": invitation.target,
        "invited_user_public_id": super::profiles::public_identifier(&invitation.target),
        "invited_user_description": "",
        "date": "Sent recently",
        "parsed_datetime": format!("{:.3}", invitation.at),
        "invitation_text": invitation.note,
        "inviter": { "inviter_name": "", "inviter_id": actor.identity },
        "specifics": { "provider": "LINKEDIN", "shared_secret": "" },
    })
}

/// `DELETE /users/invite/sent/{invitation_id}`
pub(super) async fn withdraw(
    State(world): State<Arc<World>>,
    Extension(seq): Extension<Seq>,
    Path(invitation): Path<String>,
    uri: Uri,
) -> Result<Json<Value>, Problem> {
    let listing: Listing = acting::query(&uri)?;
    let actor = acting::member(&world, listing.account_id.as_deref())?;
    acting::act(&world, seq, &actor, Deed::Withdraw { invitation })?;
    Ok(Json(json!({ "object": "InvitationCanceled" })))
}
