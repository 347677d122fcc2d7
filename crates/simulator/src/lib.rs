//! A look-alike of the provider's API (Unipile v1), with faults on demand: the provider of `relink up` and of the
//! tests, and their **referee**. It writes every request into its log *before* it answers it, and counts what it saw
//! by itself, so that nobody has to believe the fleet's own numbers.
//!
//! | part | what it is |
//! |---|---|
//! | [`serve`] | runs one simulator on a listener until it is told to stop |
//! | [`control`] | the JSON types of `/control/…`, by which tests and `relink up` steer it |
//! | `state`, `session` | the sessions that it holds |
//! | `deeds`, `forms` | what they did outward: the effects log, limits, and the verdict; what is shown of it again |
//! | `gate`, `faults` | what happens to a request before (or instead of) its route |
//! | `routes` | the provider's routes and the control routes |
//! | `webhooks`, `dispatch` | who is told what, and how unreliably |
//! | `script` | what befalls the sessions as time goes by: steps, bursts, rotation, the provider's daily restart |
//! | `lives` | curves by which sessions die, and the truth about every life |
//! | `content`, `oddities` | what accounts hold beside what we read, and what is odd about single ones |
//! | `log`, `counts`, `removals`, `restarts` | the referee's memory |
//!
//! Everything random is a function of the seed and of a running number (of the request, the event, the session), so a
//! run with the same seed and the same calls in the same order meets the same faults.

mod chance;
mod clock;
mod config;
mod content;
pub mod control;
mod counts;
mod deeds;
mod dispatch;
mod faults;
mod forms;
mod gate;
mod links;
mod lives;
mod log;
mod net;
mod oddities;
mod people;
mod problem;
mod refused;
mod removals;
mod restarts;
mod routes;
mod script;
mod server;
mod session;
mod skew;
mod state;
mod webhooks;
mod wire;
mod world;

pub use config::Config;
pub use server::{ServeError, serve};
