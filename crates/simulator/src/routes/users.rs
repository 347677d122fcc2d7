//! The owner's own profile.

use crate::control::{Health, Kind};
use crate::problem::Problem;
use crate::wire;
use crate::world::World;
use axum::Json;
use axum::extract::{RawQuery, State};
use serde_json::Value;
use std::sync::Arc;

/// The account that a query names, as it stands there: ids need no percent-encoding.
pub(super) fn account_id(query: &str) -> Option<&str> {
    query
        .split('&')
        .find_map(|pair| pair.strip_prefix("account_id="))
        .filter(|id| !id.is_empty())
}

/// `GET /users/me`: the provider asks LinkedIn for it, so it fails where the listing still answers.
pub(super) async fn me(
    State(world): State<Arc<World>>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Problem> {
    let query = query.unwrap_or_default();
    let id =
        account_id(&query).ok_or_else(|| Problem::missing_parameters("account_id is required."))?;
    let told = world.oddities().profile_health(id);
    let has_no_mail_profiles = world.deeds().manners.no_mail_profiles;
    let profile = {
        let fleet = world.fleet();
        let session = fleet.live(id).ok_or_else(Problem::account_not_found)?;
        if has_no_mail_profiles && session.kind != Kind::Linkedin {
            return Err(Problem::not_implemented());
        }
        // A mailbox's first source is its mail, and that is what is asked.
        let mail = session.words.first().map(AsRef::as_ref);
        match told.map(Health::word).or(mail) {
            Some("CREDENTIALS" | "PERMISSIONS" | "ERROR" | "STOPPED") => {
                return Err(Problem::disconnected_account());
            }
            _ => wire::profile(session),
        }
    };
    Ok(Json(world.oddities().profile(id, profile)))
}
