//! Judgement of errors: of the work, of the moment, of the connection, of the server, or of what it has stored.

use tokio_postgres::error::{DbError, SqlState};

policy::words! {
    /// Subject of an error of the database: says whether asking again cures it, and who pays for it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub enum ErrorClass {
        /// Statement, its rows or its rights; asked again, it fails again.
        Work = "work",
        /// Others, at this moment: locks, deadlocks, a limit of time or memory.
        Moment = "moment",
        /// Connection, or the part that its server plays; another connection may do.
        Session = "session",
        /// Server that takes nothing now: its disk is full, all its connections are in use.
        Server = "server",
        /// Server's own code; another connection cures it at times, and at times the work is to blame.
        Internal = "internal",
        /// Stored rows, or the disk below them; only people cure it.
        Damage = "damage",
    }
}

impl ErrorClass {
    /// Whether a connection that brought such an error must not be used again.
    pub(crate) const fn spoils(self) -> bool {
        matches!(self, Self::Session | Self::Internal | Self::Damage)
    }
}

/// Beginnings of the driver's own words for what our code got wrong; all others speak of the connection.
const OURS: [&str; 8] = [
    "error serializing",
    "error deserializing",
    "error encoding",
    "invalid column",
    "invalid connection string",
    "invalid configuration",
    "query returned an unexpected number",
    "expected ",
];

/// Codes that speak of the session, and whose family does not.
const OF_THE_SESSION: [&str; 13] = [
    // A server that takes no writes.
    "25006",
    // A transaction, statement or cursor that this session made and that is not there, or that it did not make and that is: what
    // goes through a pooler of transactions ends on other sessions.
    "25P01", "26000", "34000", "42P03", "42P05",
    // Ended by the server: idle for too long, shut down, crashed, its database dropped.
    "25P03", "25P04", "57P01", "57P02", "57P03", "57P04", "57P05",
];

/// Routine of the server that finds out that a prepared statement would answer with other columns than when it was made. Its
/// words are translated, this is not.
const STALE_PLAN: &str = "RevalidateCachedQuery";

pub(super) fn class_of(error: &tokio_postgres::Error) -> ErrorClass {
    match error.as_db_error() {
        Some(said) => class_of_answer(said),
        None => class_of_words(&error.to_string()),
    }
}

/// Whether every connection that was made before is as bad as the one that brought this error: the server takes no writes any
/// more, or a migration has changed what statements answer.
pub(crate) fn is_of_all_connections(error: &tokio_postgres::Error) -> bool {
    let Some(said) = error.as_db_error() else {
        return false;
    };
    *said.code() == SqlState::READ_ONLY_SQL_TRANSACTION || is_stale_plan(said)
}

/// Whether no connection was made because its server takes no writes.
pub(super) fn is_refused_as_read_only(error: &tokio_postgres::Error) -> bool {
    let cause = std::error::Error::source(error);
    let cause = cause.and_then(|it| it.downcast_ref::<std::io::Error>());
    cause.is_some_and(|it| it.kind() == std::io::ErrorKind::PermissionDenied)
}

fn is_stale_plan(said: &DbError) -> bool {
    *said.code() == SqlState::FEATURE_NOT_SUPPORTED && said.routine() == Some(STALE_PLAN)
}

fn class_of_answer(said: &DbError) -> ErrorClass {
    if is_stale_plan(said) {
        return ErrorClass::Session;
    }
    class_of_code(said.code().code())
}

fn class_of_words(words: &str) -> ErrorClass {
    if OURS.iter().any(|ours| words.starts_with(ours)) {
        ErrorClass::Work
    } else {
        ErrorClass::Session
    }
}

fn class_of_code(code: &str) -> ErrorClass {
    match code {
        _ if OF_THE_SESSION.contains(&code) => ErrorClass::Session,
        "55P03" | "53200" | "53400" => ErrorClass::Moment,
        "XX001" | "XX002" => ErrorClass::Damage,
        _ => class_of_family(code.get(..2).unwrap_or_default()),
    }
}

fn class_of_family(family: &str) -> ErrorClass {
    match family {
        "08" | "3B" => ErrorClass::Session,
        "40" | "57" | "72" => ErrorClass::Moment,
        "53" | "F0" => ErrorClass::Server,
        "58" => ErrorClass::Damage,
        "XX" => ErrorClass::Internal,
        _ => ErrorClass::Work,
    }
}

#[cfg(test)]
mod tests;
