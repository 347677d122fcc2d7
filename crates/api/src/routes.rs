//! The tables of routes, one a listener.

mod accounts;
mod alerts;
mod attempts;
pub(crate) mod callbacks;
mod campaigns;
mod linking;
mod lists;
mod notices;
pub(crate) mod ops;
pub(crate) mod owners;
mod page;
pub(crate) mod product;
mod stops;
mod work;
mod workspaces;

use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Nothing is asked.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// One thing by its id.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ById {
    pub(crate) id: Uuid,
}
