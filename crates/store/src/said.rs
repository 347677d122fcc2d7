//! What the database or its driver said, without what may quote a row.

use std::error::Error;
use std::fmt;
use tokio_postgres::error::{DbError, SqlState};

/// An error of the driver's. Shown are the server's severity, message and code; never its detail, hint or context, for
/// those quote whole rows ("Failing row contains (…)"), and of errors of the data itself not even the message, which
/// quotes the value.
pub struct DriverMessage(tokio_postgres::Error);

impl DriverMessage {
    /// As the driver gave it.
    pub(crate) fn of(error: tokio_postgres::Error) -> Self {
        Self(error)
    }

    /// What the server said, for those who judge it.
    pub(crate) fn inner(&self) -> &tokio_postgres::Error {
        &self.0
    }
}

/// Our own functions refuse in words of ours, with this code among others; the rest of its class is about values.
fn quotes_a_value(code: &SqlState) -> bool {
    code.code().starts_with("22") && *code != SqlState::INVALID_PARAMETER_VALUE
}

fn show(said: &DbError, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (severity, code) = (said.severity(), said.code());
    if quotes_a_value(code) {
        return write!(f, "db error: {severity}: {} of the data", code.code());
    }
    write!(
        f,
        "db error: {severity}: {} ({})",
        said.message(),
        code.code()
    )
}

impl fmt::Display for DriverMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_db_error() {
            Some(said) => show(said, f),
            None => write!(f, "{}", self.0),
        }
    }
}

impl fmt::Debug for DriverMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for DriverMessage {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        // The server's own error is shown above, in part.
        match self.0.as_db_error() {
            Some(_) => None,
            None => self.0.source(),
        }
    }
}
