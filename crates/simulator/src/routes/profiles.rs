//! Other people's profiles, and the relations to them.

use super::acting::{self, Listing};
use crate::deeds::{Deed, Invited, Relation, connection_urn, page};
use crate::gate::Seq;
use crate::problem::Problem;
use crate::world::World;
use axum::extract::{Path, State};
use axum::http::header::LOCATION;
use axum::http::{StatusCode, Uri};
use axum::response::IntoResponse;
use axum::{Extension, Json};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// How many relations a page has when the request does not say, and at most.
const PAGE: (usize, usize) = (100, 1_000);
/// What LinkedIn's member ids begin with.
const MEMBER: &str = "ACo";

#[derive(Deserialize)]
struct Look {
    account_id: Option<String>,
    notify: Option<bool>,
}

/// `GET /users/{identifier}` without a slash at its end: moved to the path that has one, and nothing happens.
pub(super) async fn moved(uri: Uri) -> impl IntoResponse {
    let query = uri.query().map(|query| format!("?{query}"));
    let to = format!("{}/{}", uri.path(), query.unwrap_or_default());
    (StatusCode::MOVED_PERMANENTLY, [(LOCATION, to)])
}

/// `GET /users/{identifier}/`: with `notify=true` the person sees who looked.
pub(super) async fn one(
    State(world): State<Arc<World>>,
    Extension(seq): Extension<Seq>,
    Path(identifier): Path<String>,
    uri: Uri,
) -> Result<Json<Value>, Problem> {
    let look: Look = acting::query(&uri)?;
    let actor = acting::member(&world, look.account_id.as_deref())?;
    if look.notify == Some(true) {
        let target = identifier.clone();
        acting::act(&world, seq, &actor, Deed::View { target })?;
    }
    let member = member_id(&identifier);
    let (related, invited) = match world.deeds().desk(actor.index) {
        Some(desk) => (desk.knows(&member), desk.invited(&member)),
        None => (false, None),
    };
    let handle = public_identifier(&identifier);
    let mut profile = json!({
        "object": "UserProfile",
        "provider": "LINKEDIN",
        "provider_id": member,
        "public_identifier": handle,
        "first_name": "",
        "last_name": handle,
        "headline": "",
        "is_relationship": related,
        "network_distance": if related { "FIRST_DEGREE" } else { "SECOND_DEGREE" },
        "throttled_sections": [],
    });
    if let Some(invited) = invited.filter(|_| !related) {
        let status = match invited {
            Invited::Pending => "PENDING",
            Invited::Withdrawn(_) => "WITHDRAWN",
        };
        profile["invitation"] = json!({ "type": "SENT", "status": status });
    }
    Ok(Json(profile))
}

/// `GET /users/relations`: newest first.
pub(super) async fn relations(
    State(world): State<Arc<World>>,
    uri: Uri,
) -> Result<Json<Value>, Problem> {
    let listing: Listing = acting::query(&uri)?;
    let (before, limit) = listing.page(PAGE.0, PAGE.1)?;
    let actor = acting::member(&world, listing.account_id.as_deref())?;
    let now = world.clock.now();
    let deeds = world.deeds();
    let wanted = listing.filter.unwrap_or_default().to_lowercase();
    let (items, next) = deeds
        .desk(actor.index)
        .map_or_else(Default::default, |desk| {
            page(&desk.relations, before, limit, |serial, relation| {
                public_identifier(&relation.member).contains(&wanted)
                    && deeds.shows(serial, relation.at, now)
            })
        });
    let items: Vec<Value> = items.into_iter().map(item).collect();
    let cursor = acting::cursor(limit, next);
    Ok(Json(
        json!({ "object": "UserRelationsList", "items": items, "cursor": cursor }),
    ))
}

fn item(relation: &Relation) -> Value {
    let Relation { member, at } = relation;
    let handle = public_identifier(member);
    json!({
        "object": "UserRelation",
        "first_name": "",
        "last_name": handle,
        "headline": "",
        "public_identifier": handle,
        "public_profile_url": format!("https://www.linkedin.com/in/{handle}"),
        "created_at": at.as_millisecond(),
        "member_id": member,
        "member_urn": format!("urn:li:member:{member}"),
        "connection_urn": connection_urn(member),
        "profile_picture_url": null,
    })
}

/// The world has no register of people: a public identifier leads to a member id that is made up from it.
fn member_id(identifier: &str) -> String {
    if identifier.starts_with(MEMBER) {
        return identifier.to_owned();
    }
    let mut id = format!(
        "ACoAA{}",
        BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(identifier))
    );
    id.truncate(39);
    id
}

/// And a member id to a public identifier that nobody else has.
pub(super) fn public_identifier(identifier: &str) -> String {
    identifier.to_lowercase()
}
