//! Whom we ask: the sessions' provider, behind the trait [`Provider`].
//!
//! [`Unipile`] speaks the provider's v1 over HTTP; it is the only code that names an HTTP client. Each answer becomes
//! either what was asked for or a [`ProviderError`] with a [`Class`], taken from one table ([`TABLE`]). What cannot be
//! read with certainty is never taken for news of an account: only one exact body means that a session is gone.
//!
//! An outward call takes a permission that only the store gives, and uses it up ([`Provider::send`]); [`outcome_of`] is
//! the one place that says whether it happened, did not, or may have. What may have is looked for without acting
//! ([`Provider::read_back`]).
//!
//! Nothing here logs, retries, follows redirects or keeps `connection_params`, which may hold a proxy's password.

mod answer;
mod class;
mod config;
mod contract;
mod error;
mod link;
mod outcome;
mod owner;
mod unipile;
mod webhook;

pub use answer::answer_of;
pub use class::{Class, TABLE};
pub use config::{Config, ConfigError};
pub use contract::{Answered, LIMIT_MAX, Page, Provider, Unreadable};
pub use error::{Cause, ProviderError};
pub use link::{HostedLink, LinkRequest, Purpose};
pub use outcome::{outcome_of, restart_outcome_of};
pub use owner::{Owner, Product};
pub use unipile::{ROUTES, Unipile, outward};
pub use webhook::{NewWebhook, RegisteredWebhook};
