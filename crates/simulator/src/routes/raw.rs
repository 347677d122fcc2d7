//! The raw route, as far as connections are removed by it. Everything else that it could do is refused.

use super::{acting, read};
use crate::deeds::{CONNECTION_URN, Deed};
use crate::gate::Seq;
use crate::problem::Problem;
use crate::world::World;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

const URL: &str = "https://www.linkedin.com/voyager/api/relationships/dash/memberRelationships";
const ACTION: &str = "removeFromMyConnections";

#[derive(Deserialize)]
struct Raw {
    account_id: String,
    method: String,
    request_url: String,
    #[serde(default)]
    query_params: Parameters,
    #[serde(default)]
    body: Connection,
}

#[derive(Default, Deserialize)]
struct Parameters {
    action: Option<String>,
}

#[derive(Default, Deserialize)]
struct Connection {
    #[serde(rename = "connectionUrn")]
    urn: Option<String>,
}

/// `POST /linkedin`
pub(super) async fn send(
    State(world): State<Arc<World>>,
    Extension(seq): Extension<Seq>,
    body: Bytes,
) -> Result<Response, Problem> {
    let raw: Raw = read(&body)?;
    let known = raw.method == "POST"
        && raw.request_url == URL
        && raw.query_params.action.as_deref() == Some(ACTION);
    if !known {
        return Err(Problem::invalid_request(
            "The simulator knows no other request than the removal of a connection.",
        ));
    }
    let member = raw.body.urn.as_deref();
    let member = member.and_then(|urn| urn.strip_prefix(CONNECTION_URN));
    let member = member.filter(|member| !member.is_empty());
    let member = member
        .ok_or_else(|| Problem::invalid_parameters("/body/connectionUrn is invalid."))?
        .to_owned();
    let actor = acting::member(&world, Some(&raw.account_id))?;
    acting::act(&world, seq, &actor, Deed::Remove { member })?;
    Ok(acting::created(
        json!({ "object": "LinkedinRawData", "data": {} }),
    ))
}
