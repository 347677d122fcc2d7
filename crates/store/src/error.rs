//! What went wrong with the database, and whether trying again can help: said here once, not at each call.

use crate::said::Said;
use tokio_postgres::error::SqlState;

/// An error of the store. Its source says what the driver or the server said.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// No connection within the pool's limits.
    #[error("get a database connection")]
    Pool(#[from] deadpool_postgres::PoolError),
    /// A statement failed.
    #[error("run query {query}")]
    Query {
        /// The query's file.
        query: &'static str,
        /// What the server or the driver said.
        #[source]
        source: Said,
    },
    /// A statement changed another number of rows than it must.
    #[error("query {query} changed {changed} rows instead of {expected}")]
    Count {
        /// The query's file.
        query: &'static str,
        /// Rows that had to change.
        expected: u64,
        /// Rows that did.
        changed: u64,
    },
    /// A row holds something that this build cannot read.
    #[error("read column {column}: {why}")]
    Row {
        /// The column.
        column: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// The connection was lost around the commit and the server says that it did not happen.
    #[error("the commit was rolled back")]
    RolledBack,
    /// The connection was lost around the commit and nobody could say what became of it.
    #[error("the outcome of the commit is unknown")]
    OutcomeUnknown(#[source] Box<StoreError>),
    /// Rows that the decision was made on have moved on; it must be made again.
    #[error("{rows} rows have moved on since the decision")]
    Moved {
        /// How many.
        rows: usize,
    },
    /// Another run of the same job, or another leader, has taken over; nothing was written.
    #[error("superseded: {what}")]
    Superseded {
        /// Which fence refused.
        what: &'static str,
    },
    /// The configuration cannot be used.
    #[error("{0}")]
    Config(String),
    /// A migration failed.
    #[error("migrate the database")]
    Migrate(#[source] Box<refinery::Error>),
    /// The database was migrated by a newer build than this one.
    #[error(
        "the database's schema is version {found}, this build knows {known}: run a build that is at least as new as the one that migrated it"
    )]
    NewerSchema {
        /// Version of the database.
        found: i64,
        /// Newest version of this build.
        known: i64,
    },
    /// The database is older than this build needs.
    #[error(
        "the database's schema is version {found}, this build needs {known}: run `relink migrate` first"
    )]
    OlderSchema {
        /// Version of the database.
        found: i64,
        /// Version that this build needs.
        known: i64,
    },
}

/// What an error means for whoever was doing the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The server or the network; trying again can help.
    Transient,
    /// Trying again cannot help.
    Permanent,
    /// Somebody else took over, or the rows moved on: look again.
    Superseded,
}

impl StoreError {
    /// Whether trying again can help.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Pool(_) | Self::RolledBack | Self::OutcomeUnknown(_) => Fault::Transient,
            Self::Moved { .. } | Self::Superseded { .. } => Fault::Superseded,
            Self::Query { source, .. } => fault_of(source.inner()),
            Self::Count { .. }
            | Self::Row { .. }
            | Self::Config(_)
            | Self::Migrate(_)
            | Self::NewerSchema { .. }
            | Self::OlderSchema { .. } => Fault::Permanent,
        }
    }

    /// What one of the database's rules or functions said to refuse an act, for people; none for every other error.
    pub fn refusal(&self) -> Option<&str> {
        let Self::Query { source, .. } = self else {
            return None;
        };
        let said = source.inner().as_db_error()?;
        let refuses = [
            SqlState::INVALID_PARAMETER_VALUE,
            SqlState::INVALID_AUTHORIZATION_SPECIFICATION,
            SqlState::CHECK_VIOLATION,
            SqlState::INSUFFICIENT_PRIVILEGE,
        ];
        refuses.contains(said.code()).then(|| said.message())
    }

    /// The server's name of a violated constraint, if that is what happened.
    pub fn constraint(&self) -> Option<&str> {
        match self {
            Self::Query { source, .. } => source.inner().as_db_error()?.constraint(),
            _ => None,
        }
    }
}

fn fault_of(error: &tokio_postgres::Error) -> Fault {
    let Some(database) = error.as_db_error() else {
        // No answer from the server: the connection broke, unless our own types did not fit its.
        let ours = error.to_string().contains("serializing")
            || error.to_string().contains("deserializing");
        return if ours {
            Fault::Permanent
        } else {
            Fault::Transient
        };
    };
    // A session that another account claimed first: the decision was made on older facts.
    if database.constraint() == Some("accounts_session_id_key") {
        return Fault::Superseded;
    }
    let code = database.code();
    let again = [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::LOCK_NOT_AVAILABLE,
        SqlState::QUERY_CANCELED,
        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
        SqlState::READ_ONLY_SQL_TRANSACTION,
    ];
    let class_of_trouble = ["08", "53", "57", "58"]
        .iter()
        .any(|class| code.code().starts_with(class));
    if again.contains(code) || class_of_trouble {
        Fault::Transient
    } else {
        Fault::Permanent
    }
}
