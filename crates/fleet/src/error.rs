//! Why a job did not have its effect.

use provider::ProviderError;
use std::error::Error;
use std::fmt::Write;
use store::jobs::FailureKind;
use store::{Fault, StoreError};

/// An error of a job. Whether to try again is decided here, once, by what went wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JobError {
    /// The database.
    #[error("use the store")]
    Store(#[from] StoreError),
    /// The provider.
    #[error("ask the provider")]
    Provider(#[from] ProviderError),
    /// The payload is not what its kind and version promise. The parser's words are not shown: they quote it.
    #[error("read the payload: {}", unread(.0))]
    Payload(serde_json::Error),
    /// The job's code panicked.
    #[error("the job panicked: {0}")]
    Panicked(String),
    /// The worker was started without what the job needs.
    #[error("this worker was started without {0}")]
    NoTool(&'static str),
    /// A chain's step led to itself.
    #[error("the step {0} leads to itself")]
    Stuck(String),
    /// It ran longer than its kind may.
    #[error("the job ran longer than {0:?}")]
    Overdue(std::time::Duration),
}

impl JobError {
    /// What kind of failure this is.
    pub fn kind(&self) -> FailureKind {
        match self {
            Self::Store(error) => match error.fault() {
                Fault::Transient => FailureKind::Transient,
                Fault::Permanent => FailureKind::Permanent,
                Fault::Superseded => FailureKind::Superseded,
            },
            Self::Provider(error) if error.retryable() => FailureKind::Transient,
            Self::Provider(_) | Self::Payload(_) | Self::NoTool(_) | Self::Stuck(_) => {
                FailureKind::Permanent
            }
            Self::Panicked(_) => FailureKind::Panicked,
            Self::Overdue(_) => FailureKind::Overdue,
        }
    }

    /// Whether the connection to the database failed, or none could be had: that says nothing of the job (R-Q-2).
    pub fn is_of_the_connection(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_of_the_session())
    }
}

/// What is wrong with a payload, without anything of it.
fn unread(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let field = text.strip_prefix("missing field `");
    match field.and_then(|rest| rest.split('`').next()) {
        // A name of ours.
        Some(field) => format!("it lacks {field}"),
        None => "a value is not of its kind".to_owned(),
    }
}

/// An error with all its sources, for the one log line or row that reports it.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        // Writing to a String cannot fail.
        write!(text, ": {cause}").ok();
        source = cause.source();
    }
    text
}
