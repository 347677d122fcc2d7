//! Who asks from outside, over HTTP: operators, the back ends of products, and without a token the provider (`open.rs`).
//!
//! A request passes `listener.rs` (limits of connections, request id, metrics, log), `door.rs` (whose token, which
//! scope, 404 and 405) and the handler of its route (`route.rs`), which ends in crate `operations` or in a transaction
//! that only looks.
//!
//! # Adding a route
//! One line in the table of its listener, `routes/ops.rs` or `routes/product.rs`; router, document, scope, limits,
//! errors and metrics follow from it.
//!
//! *An act.* Write it as an [`operations::Operation`] and derive for it
//! `#[derive(Deserialize, ToSchema)] #[serde(deny_unknown_fields)]` (a type of crate `policy` needs
//! `#[schema(value_type = …)]`; without fields it is `struct Clear {}`). Its fields come from the path, by the name in
//! braces, and from the body, where `reason` and `dry_run` stand beside them:
//!
//! ```text
//! act::<flags::Enable>(post(), "/v1/flags/{name}", "Allows something for at most 4 hours (gate 5)"),
//! ```
//!
//! *A view.* Give the shown type `Serialize` and `ToSchema` (an instant: `#[schema(value_type = String, format =
//! DateTime)]`), and say what is asked as a type with `Deserialize`, `ToSchema` and `deny_unknown_fields`: its fields
//! come from the path and from the query.
//!
//! ```text
//! view("/v1/flags", READ, "The newest 50 flags", |look, _: Nothing| shown(look.tx.flags())),
//! ```
//!
//! The tests in `tests/it/api*.rs` go over the tables by themselves: scopes, document, dry runs. An act needs a line in
//! `tests/it/api/acts.rs` besides, with a body that it accepts.

mod api;
mod app;
mod ask;
mod config;
mod document;
mod door;
mod limits;
mod listener;
mod methods;
mod open;
mod openapi;
mod problem;
mod proofs;
mod route;
mod routes;
mod tally;

pub use api::{Api, NoListener, links_routes, ops_routes, product_routes};
pub use config::Config;
pub use open::{OpenCall, OpenRoute};
pub use problem::Problem;
pub use route::Route;
