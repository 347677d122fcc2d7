//! E-mails: sent, and listed. That the list tells the tracking id and label is how this API is read back; our notes on
//! the provider only name the route that sends.

use super::acting::{self, Actor, Listing};
use super::form::Form;
use crate::control::MailServer;
use crate::deeds::{Attendee, Deed, Email, page};
use crate::gate::Seq;
use crate::problem::Problem;
use crate::world::World;
use axum::extract::{Request, State};
use axum::http::Uri;
use axum::response::Response;
use axum::{Extension, Json};
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// How many e-mails a page has when the request does not say, and at most.
const PAGE: (usize, usize) = (100, 250);

#[derive(Deserialize)]
struct Tracking {
    label: Option<String>,
}

/// `POST /emails`
pub(super) async fn send(
    State(world): State<Arc<World>>,
    Extension(seq): Extension<Seq>,
    request: Request,
) -> Result<Response, Problem> {
    let form = Form::read(request).await?;
    let to = receivers(form.need("to")?)?;
    let label = match form.get("tracking_options") {
        None => None,
        Some(text) => {
            let tracking: Result<Tracking, _> = serde_json::from_str(text);
            let tracking = tracking
                .map_err(|_| Problem::invalid_parameters("/tracking_options is invalid."))?;
            tracking.label
        }
    };
    let deed = Deed::Email {
        to,
        subject: form.get("subject").unwrap_or_default().to_owned(),
        body: form.need("body")?.to_owned(),
        label,
    };
    let actor = acting::mailbox(&world, form.get("account_id"))?;
    let done = acting::act(&world, seq, &actor, deed)?;
    Ok(acting::created(json!({
        "object": "EmailSent", "tracking_id": done.reference, "provider_id": done.provider_id,
    })))
}

/// A JSON array of attendees, or one address.
fn receivers(text: &str) -> Result<Vec<Attendee>, Problem> {
    if !text.trim_start().starts_with('[') {
        return Ok(vec![Attendee {
            display_name: None,
            identifier: text.trim().to_owned(),
        }]);
    }
    let read: Result<Vec<Attendee>, _> = serde_json::from_str(text);
    let to = read.map_err(|_| Problem::invalid_parameters("/to is invalid."))?;
    if to.is_empty() {
        return Err(Problem::missing_parameters("to is required."));
    }
    Ok(to)
}

/// `GET /emails`: sent ones only, for the simulator receives none; newest first.
pub(super) async fn list(
    State(world): State<Arc<World>>,
    uri: Uri,
) -> Result<Json<Value>, Problem> {
    let listing: Listing = acting::query(&uri)?;
    let (before, limit) = listing.page(PAGE.0, PAGE.1)?;
    let actor = acting::mailbox(&world, listing.account_id.as_deref())?;
    let now = world.clock.now();
    let deeds = world.deeds();
    let (items, next) = deeds
        .desk(actor.index)
        .map_or_else(Default::default, |desk| {
            page(&desk.emails, before, limit, |serial, it| {
                !actor.mail.keeps_no_copy && deeds.shows(serial, it.at, now)
            })
        });
    let items: Vec<Value> = items
        .into_iter()
        .map(|email| item(&actor, email, &deeds.text(&email.subject)))
        .collect();
    let cursor = acting::cursor(limit, next);
    Ok(Json(
        json!({ "object": "EmailList", "items": items, "cursor": cursor }),
    ))
}

fn item(actor: &Actor, email: &Email, subject: &str) -> Value {
    let attendee = |display_name: Option<&str>, identifier: &str| {
        json!({
            "display_name": display_name.unwrap_or(identifier),
            "identifier": identifier,
            "identifier_type": "EMAIL_ADDRESS",
        })
    };
    let MailServer {
        keeps_no_copy: _,
        shows_no_label,
        date_seconds,
    } = actor.mail;
    let label = email.label.as_deref().filter(|_| !shows_no_label);
    let off = SignedDuration::from_secs(date_seconds);
    let date = email.at.checked_add(off).unwrap_or(email.at);
    let to: Vec<Value> = email
        .to
        .iter()
        .map(|to| attendee(to.display_name.as_deref(), &to.identifier))
        .collect();
    json!({
        "object": "Email",
        "id": email.id,
        "provider_id": email.id,
        "account_id": actor.id,
        "role": "sent",
        "date": format!("{date:.3}"),
        "subject": subject,
        "from_attendee": attendee(None, &actor.identity),
        "to_attendees": to,
        "tracking_id": email.tracking_id,
        "label": label,
    })
}
