//! A call that did not bring what was asked for.

use crate::Class;
use std::time::Duration;

/// A call that failed. Its `Display` says what was attempted; its source says what went wrong. It
/// keeps no text of the provider's: one that repeats what it was told, or says what it should not, cannot bring that
/// into a log, a row or an alert. Texts are boxed, so that
/// errors made of this one stay small.
#[derive(Debug, thiserror::Error)]
#[error("ask the provider: {route}")]
pub struct ProviderError {
    /// What it means.
    pub class: Class,
    /// The HTTP status, where an answer came.
    pub status: Option<u16>,
    /// The provider's error type (`errors/cannot_resend_yet`), where it is one: a word.
    pub kind: Option<Box<str>>,
    /// What the provider's detail says was not found, where it says so in words that we know.
    pub not_found: Option<&'static str>,
    /// The provider's word for the checkpoint at which the owner is expected (`2FA`), where it says.
    pub checkpoint: Option<Box<str>>,
    /// Method and path of the call, ids left out.
    pub route: &'static str,
    /// How long the provider asks us to wait, at most a day.
    pub retry_after: Option<Duration>,
    /// What went wrong.
    #[source]
    pub cause: Cause,
}

/// What went wrong. No request header, URL or body is in it.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// No connection was made, so nothing was sent.
    #[error("no connection was made")]
    Unreached(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The whole answer was not there in time.
    #[error("no whole answer came in time")]
    TimedOut(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The connection ended before the answer did.
    #[error("the connection broke")]
    Broken(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The provider said no, in its own language or another.
    #[error("answered {0}")]
    Refused(Box<str>),
    /// A body past the client's limit, in bytes.
    #[error("the answer is longer than {0} bytes")]
    TooLong(usize),
    /// A good status, and a body that does not say what such a call must say.
    #[error("the answer has no readable {0}")]
    Shape(&'static str),
    /// A good answer for another session.
    #[error("the answer is for another session")]
    OtherSession,
    /// Refused here, before anything was sent.
    #[error("not sent: {0}")]
    NotSent(&'static str),
}

impl ProviderError {
    /// An error with nothing known beside its class and cause.
    pub fn new(route: &'static str, class: Class, cause: Cause) -> Self {
        Self {
            class,
            status: None,
            kind: None,
            not_found: None,
            checkpoint: None,
            route,
            retry_after: None,
            cause,
        }
    }

    /// What it means.
    pub const fn class(&self) -> Class {
        self.class
    }

    /// Whether the same call, made again by its job's next attempt, harms nothing and may fare better. What has a
    /// waiting time of its own (caps, prospects) and what a person must mend is not.
    pub fn retryable(&self) -> bool {
        match self.class {
            Class::Transient => true,
            Class::Unreadable | Class::Mismatch => self.route.starts_with("GET "),
            _ => false,
        }
    }
}
