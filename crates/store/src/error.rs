//! What went wrong with the database, and whether trying again can help: said here once, not at each call.

use crate::said::DriverMessage;
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
        source: DriverMessage,
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
    /// A step that could not be said to anybody is not saved.
    #[error("save a step")]
    Step(#[source] policy::templates::step::StepRefused),
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
    /// The database was migrated by a newer build than this one, and serves builds as old as this one no longer.
    #[error(
        "the database's schema is version {found} and needs builds that know {needs} or more, this build knows {known}: run a newer build"
    )]
    NewerSchema {
        /// Version of the database.
        found: i64,
        /// The newest version that a build must know to work with it.
        needs: i64,
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

/// Kinds of refusals by the database's own rules and functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// What was asked for is wrong in itself (22023).
    Invalid,
    /// The operator's token is not good (28000).
    Unknown,
    /// The token, or the database's login, may not do this (42501).
    Forbidden,
    /// There is no such thing (P0002).
    Missing,
    /// It is not in a state for it (55000, 23514, 23505).
    Conflict,
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
            | Self::Step(_)
            | Self::Config(_)
            | Self::Migrate(_)
            | Self::NewerSchema { .. }
            | Self::OlderSchema { .. } => Fault::Permanent,
        }
    }

    /// What kind of refusal it is, if it is one.
    pub fn refusal_kind(&self) -> Option<Refusal> {
        let Self::Query { source, .. } = self else {
            return None;
        };
        Some(match source.inner().as_db_error()?.code() {
            &SqlState::INVALID_PARAMETER_VALUE => Refusal::Invalid,
            &SqlState::INVALID_AUTHORIZATION_SPECIFICATION => Refusal::Unknown,
            &SqlState::INSUFFICIENT_PRIVILEGE => Refusal::Forbidden,
            &SqlState::NO_DATA_FOUND => Refusal::Missing,
            &SqlState::CHECK_VIOLATION
            | &SqlState::UNIQUE_VIOLATION
            | &SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE => Refusal::Conflict,
            _ => return None,
        })
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
            SqlState::NO_DATA_FOUND,
            SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE,
        ];
        refuses.contains(said.code()).then(|| said.message())
    }

    /// The server's five letters for what went wrong; none if it did not answer.
    pub fn sqlstate(&self) -> Option<&str> {
        match self {
            Self::Query { source, .. } => source.inner().code().map(SqlState::code),
            _ => None,
        }
    }

    /// Whether the rows themselves were refused, and others may be taken: values that no column takes or that this build
    /// cannot read, and what a constraint, a trigger or a policy of the table forbids.
    pub(crate) fn is_of_the_data(&self) -> bool {
        // A session that was claimed meanwhile is no odd row: its decision is made again.
        if self.fault() == Fault::Superseded {
            return false;
        }
        if let Self::Row { .. } | Self::Count { .. } = self {
            return true;
        }
        let codes = [
            // A value that no index takes.
            SqlState::PROGRAM_LIMIT_EXCEEDED,
            SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE,
            SqlState::INSUFFICIENT_PRIVILEGE,
            SqlState::WITH_CHECK_OPTION_VIOLATION,
        ];
        // Data, constraints, and what functions raise (P0001 and its like).
        let classes = ["22", "23", "P0"];
        let code = self.sqlstate();
        code.is_some_and(|code| {
            classes.contains(&&code[..2]) || codes.iter().any(|one| one.code() == code)
        })
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
