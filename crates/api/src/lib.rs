//! Who asks from outside, over HTTP: operators, and the back ends of products.
//!
//! A request passes `listener.rs` (limits of connections, request id, metrics, log), `wire.rs` (its head), `door.rs` (whose token, which
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
//! It takes an `Idempotency-Key` like every act. One that calls outward holds the key itself ([`operations::keys::KeyHold`]); one that
//! changes something with a version is a [`operations::Versioned`], and its route `change` or `guarded_change`.
//!
//! What it answers besides is said there too, or a test fails: `.makes(&[Made::Instant("ends_at")])`; a rule between its fields with
//! `.ruled(Ruled::OneOf(&["ids", "code"]))`, codes beside every act's with `.may(&[Code::Finished])`.
//!
//! *Fields.* A word of a closed list is its enum of [`policy::words!`], read with `policy::words::optional`, with its schema in
//! `store::schemas`; an instant is read with `policy::instant`, a length of time is `operations::Life`; a number says `minimum` and
//! `maximum`.
//!
//! *A view.* Give the shown type `Serialize` and `ToSchema` (an instant: `#[schema(value_type = String, format =
//! DateTime)]`), and say what is asked as a type with `Deserialize`, `ToSchema` and `deny_unknown_fields`: its fields
//! come from the path and from the query.
//!
//! ```text
//! view("/v1/flags", READ, "The newest 50 flags", |look, _: Nothing| shown(look.tx.flags())),
//! ```
//!
//! The tests in `tests/it/api*.rs` go over the tables by themselves: scopes, document, dry runs, suites of others; what a document
//! promises is kept in `tests/it/api/snapshot/`, and `UPDATE_DOCS=1` adds to it. An act needs a line in
//! `tests/it/api/acts.rs` besides, with a body that it accepts.

mod api;
mod app;
mod ask;
mod config;
mod document;
mod door;
mod etag;
mod idempotency;
mod limits;
mod listener;
mod methods;
mod openapi;
mod problem;
mod rates;
mod reply;
mod request_id;
mod route;
mod routes;
mod wire;

pub use api::{Api, NoListener, documents, ops_routes, product_routes};
pub use config::Config;
pub use problem::Problem;
pub use route::Route;
