//! How a person stands to the account.

use super::Unclear;
use crate::unipile::decode::{Lacks, id, object};
use crate::unipile::http::Http;
use crate::unipile::reply::shape;
use crate::unipile::routes::traces::PROFILE;
use policy::sends::call::{Receipt, Request};
use serde_json::Value;

/// How a person stands to the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::unipile) enum Standing {
    /// A connection.
    Connected,
    /// Our invitation waits for an answer.
    Invited,
    /// An invitation of ours was ignored or withdrawn.
    InvitedOnce,
    /// None of these.
    Stranger,
}

/// It happened if the person is a connection no more.
pub(super) async fn removed(http: &Http, said: &Request) -> Result<Option<Receipt>, Unclear> {
    Ok(match standing(http, said).await? {
        Standing::Connected => None,
        _ => Some(Receipt::default()),
    })
}

/// Asks for the profile so that its owner is not told.
pub(in crate::unipile) async fn standing(http: &Http, said: &Request) -> Result<Standing, Unclear> {
    let route = &PROFILE;
    let query = [("account_id", said.session.0.as_str()), ("notify", "false")];
    let request = http.request(route, &said.target)?.query(&query);
    let (status, value) = http.call(route, request).await?;
    Ok(read(&value, &said.target).map_err(|Lacks(what)| shape(route, status, what))?)
}

fn read(value: &Value, target: &str) -> Result<Standing, Lacks> {
    object(value, "UserProfile")?;
    let public = id(value, "public_identifier");
    let is_target = id(value, "provider_id").is_some_and(|id| id == target)
        || public.is_some_and(|id| id.eq_ignore_ascii_case(target));
    if !is_target {
        return Err(Lacks("profile of the one asked for"));
    }
    let connected = match value.get("network_distance").and_then(Value::as_str) {
        Some("FIRST_DEGREE") => true,
        Some("SECOND_DEGREE" | "THIRD_DEGREE" | "OUT_OF_NETWORK") => false,
        _ => return Err(Lacks("network_distance")),
    };
    let relation = value.get("is_relationship").and_then(Value::as_bool);
    if relation.is_some_and(|relation| relation != connected) {
        return Err(Lacks("is_relationship that fits its network_distance"));
    }
    Ok(match invitation(value)? {
        _ if connected => Standing::Connected,
        Some(("SENT", "PENDING")) => Standing::Invited,
        Some(("SENT", _)) => Standing::InvitedOnce,
        _ => Standing::Stranger,
    })
}

/// Type and status; a profile without one says that there is none.
fn invitation(value: &Value) -> Result<Option<(&str, &str)>, Lacks> {
    let Some(invitation) = value.get("invitation").filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let text = |key: &str| invitation.get(key).and_then(Value::as_str);
    text("type")
        .zip(text("status"))
        .map(Some)
        .ok_or(Lacks("invitation"))
}
