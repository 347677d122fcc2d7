//! What went wrong with the database, and whether trying again can help: said here once, not at each call.

mod class;

use crate::said::DriverMessage;
use deadpool_postgres::PoolError;
use tokio_postgres::error::SqlState;

pub use class::ErrorClass;
pub(crate) use class::is_of_all_connections;

/// An error of the store. Its source says what the driver or the server said.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// No connection within the pool's limits.
    #[error("get a database connection")]
    Pool(#[from] PoolError),
    /// A statement failed.
    #[error("run query {query}")]
    Query {
        /// The query's file.
        query: &'static str,
        /// What the server or the driver said.
        #[source]
        source: DriverMessage,
    },
    /// The server takes no writes: a standby, or a primary that was demoted.
    #[error("the server takes no writes: it follows another one, or was told to")]
    ReadOnly,
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
    Migrate(#[source] Box<refinery_core::Error>),
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
            Self::Moved { .. } | Self::Superseded { .. } => Fault::Superseded,
            // A session that another account claimed first: the decision was made on older facts.
            _ if self.constraint() == Some("accounts_session_id_key") => Fault::Superseded,
            _ => match self.class() {
                ErrorClass::Work => Fault::Permanent,
                ErrorClass::Moment
                | ErrorClass::Session
                | ErrorClass::Server
                | ErrorClass::Internal
                | ErrorClass::Damage => Fault::Transient,
            },
        }
    }

    /// Subject of it.
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Query { source, .. } => class::class_of(source.inner()),
            Self::Pool(PoolError::Backend(error))
                if class::class_of(error) == ErrorClass::Server =>
            {
                ErrorClass::Server
            }
            Self::Pool(_) | Self::ReadOnly | Self::RolledBack | Self::OutcomeUnknown(_) => {
                ErrorClass::Session
            }
            Self::Count { .. }
            | Self::Row { .. }
            | Self::Moved { .. }
            | Self::Superseded { .. }
            | Self::Step(_)
            | Self::Config(_)
            | Self::Migrate(_)
            | Self::NewerSchema { .. }
            | Self::OlderSchema { .. } => ErrorClass::Work,
        }
    }

    /// Whether it speaks of the connection, the server or what lies on its disk, and not of what was asked: whoever asked is
    /// not to blame, and asks again later.
    pub fn is_of_the_session(&self) -> bool {
        matches!(
            self.class(),
            ErrorClass::Session | ErrorClass::Server | ErrorClass::Damage
        )
    }

    /// Whether the server takes no writes: found out at connecting, by asking, or by a write.
    pub fn is_read_only(&self) -> bool {
        match self {
            Self::ReadOnly => true,
            Self::Pool(PoolError::Backend(error)) => class::is_refused_as_read_only(error),
            Self::Query { source, .. } => {
                class::is_refused_as_read_only(source.inner())
                    || self.sqlstate() == Some(SqlState::READ_ONLY_SQL_TRANSACTION.code())
            }
            _ => false,
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

    /// Whether a value that was asked with is one that no column of the server's holds: an instant, a length of time, a number.
    pub fn is_out_of_range(&self) -> bool {
        let codes = [
            SqlState::DATETIME_FIELD_OVERFLOW,
            SqlState::INTERVAL_FIELD_OVERFLOW,
            SqlState::NUMERIC_VALUE_OUT_OF_RANGE,
        ];
        let code = self.sqlstate();
        code.is_some_and(|code| codes.iter().any(|one| one.code() == code))
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

    /// Version that a thing is at by now, where an act was meant for another one.
    pub fn version_by_now(&self) -> Option<i32> {
        let Self::Query { source, .. } = self else {
            return None;
        };
        let said = source.inner().as_db_error()?;
        (said.constraint() == Some("version")).then(|| said.detail()?.parse().ok())?
    }

    /// The server's name of a violated constraint, if that is what happened.
    pub fn constraint(&self) -> Option<&str> {
        match self {
            Self::Query { source, .. } => source.inner().as_db_error()?.constraint(),
            _ => None,
        }
    }
}
