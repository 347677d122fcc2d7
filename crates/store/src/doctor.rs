//! What `relink doctor` asks PostgreSQL. Everything runs in transactions that can only read, or that are rolled back.

mod sessions;

use crate::config::Config;
use crate::error::StoreError;
use crate::migrate;
use crate::row;
use crate::said::DriverMessage;
use crate::sql::{Sql, sql};
use crate::store::Store;
use crate::tx::Tx;
use jiff::Timestamp;
use secrecy::SecretString;
use std::collections::BTreeMap;
use tokio_postgres::config::TargetSessionAttrs;
use tokio_postgres::{Client, Row};
use uuid::Uuid;

pub use sessions::{Sessions, Setting};

const SERVER: Sql = sql!("doctor/server");
const ROLES: Sql = sql!("doctor/roles");
const HISTORY: Sql = sql!("doctor/history");
const LEASE: Sql = sql!("doctor/lease");
const TOKEN: Sql = sql!("doctor/token");

/// The server, and this login's place on it.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "answers to questions that have nothing to do with each other"
)]
pub struct Server {
    /// `server_version_num`: 150013.
    pub version: i32,
    /// For people.
    pub version_text: String,
    /// Who is logged in.
    pub login: String,
    /// The database's name.
    pub database: String,
    /// `TimeZone` of the session.
    pub zone: String,
    /// `on`, or commits are lost with the machine.
    pub fsync: String,
    /// `on`, or pages are torn.
    pub full_page_writes: String,
    /// Anything but `off`, or commits are lost with the server.
    pub synchronous_commit: String,
    /// It follows another server and takes no writes.
    pub is_standby: bool,
    /// `on`, or transactions may write.
    pub default_read_only: String,
    /// `max_connections`.
    pub connections_max: i32,
    /// Kept for superusers, and for those who may use reserved connections.
    pub connections_reserved: i32,
    /// Open now, this one too.
    pub connections_used: i32,
    /// Limit of this login; -1 is none.
    pub connections_of_login: i32,
    /// Limit of the database; -1 is none.
    pub connections_of_database: i32,
    /// This connection is by TLS.
    pub is_secured: bool,
    /// Runtime roles that the login is or belongs to.
    pub member_of: Vec<String>,
    /// The schema `relink` is there.
    pub has_schema: bool,
    /// It was ever migrated.
    pub has_history: bool,
    /// The login may use the schema.
    pub may_use_schema: bool,
}

/// A role of ours, as it is on the server.
#[derive(Clone, Debug)]
pub struct RoleState {
    /// Its name.
    pub name: String,
    /// It exists.
    pub is_there: bool,
    /// What is wrong with it.
    pub wrong: Option<String>,
}

/// How the applied migrations compare with this build's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MigrationsState {
    /// The newest that is applied; 0 for none.
    pub applied: i64,
    /// The newest of this build.
    pub known: i64,
    /// Of this build, and not applied.
    pub missing: Vec<String>,
    /// Applied, and unknown to this build.
    pub newer: Vec<String>,
    /// Applied with another text than this build's.
    pub changed: Vec<String>,
}

/// Who leads.
#[derive(Clone, Debug)]
pub struct LeaseState {
    /// The scheduler that took it last.
    pub holder: Option<Uuid>,
    /// Until when; none if it was never taken or was given up.
    pub expires_at: Option<Timestamp>,
    /// It has not expired.
    pub is_held: bool,
}

/// A token as its row tells.
#[derive(Clone, Debug)]
pub struct TokenState {
    /// Whose.
    pub operator: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// When it dies.
    pub ends_at: Timestamp,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
}

/// A connection that can only read, whatever schema there is.
pub struct Looking(Client);

impl Looking {
    /// Connects outside of any pool. The error of a server that refuses has its [`StoreError::sqlstate`].
    pub async fn start(config: &Config) -> Result<Self, StoreError> {
        let client = match migrate::connect(config).await {
            // What a server is that takes no writes, the doctor says in words of its own.
            Err(error) if error.is_read_only() => {
                migrate::connect_to(config, TargetSessionAttrs::Any).await?
            }
            connected => connected?,
        };
        let only_reading = client
            .batch_execute("begin isolation level repeatable read, read only")
            .await;
        only_reading.map_err(|source| StoreError::Query {
            query: "begin",
            source: DriverMessage::of(source),
        })?;
        Ok(Self(client))
    }

    /// The server and this login.
    pub async fn server(&self) -> Result<Server, StoreError> {
        let rows = self.rows(SERVER).await?;
        let found = rows.first().ok_or_else(|| StoreError::Row {
            column: "version",
            why: "no answer".into(),
        })?;
        Ok(Server {
            version: row::get(found, "version")?,
            version_text: row::get(found, "version_text")?,
            login: row::get(found, "login")?,
            database: row::get(found, "database")?,
            zone: row::get(found, "zone")?,
            fsync: row::get(found, "fsync")?,
            full_page_writes: row::get(found, "full_page_writes")?,
            synchronous_commit: row::get(found, "synchronous_commit")?,
            is_standby: row::get(found, "is_standby")?,
            default_read_only: row::get(found, "default_read_only")?,
            connections_max: row::get(found, "connections_max")?,
            connections_reserved: row::get(found, "connections_reserved")?,
            connections_used: row::get(found, "connections_used")?,
            connections_of_login: row::get(found, "connections_of_login")?,
            connections_of_database: row::get(found, "connections_of_database")?,
            is_secured: row::get(found, "is_secured")?,
            member_of: row::get(found, "member_of")?,
            has_schema: row::get(found, "has_schema")?,
            has_history: row::get(found, "has_history")?,
            may_use_schema: row::get(found, "may_use_schema")?,
        })
    }

    /// Our five roles.
    pub async fn roles(&self) -> Result<Vec<RoleState>, StoreError> {
        let rows = self.rows(ROLES).await?;
        rows.iter()
            .map(|found| {
                Ok(RoleState {
                    name: row::get(found, "name")?,
                    is_there: row::get(found, "is_there")?,
                    wrong: row::get(found, "wrong")?,
                })
            })
            .collect()
    }

    /// The applied migrations; only where there is a history, [`Server::has_history`].
    pub async fn migrations(&self) -> Result<MigrationsState, StoreError> {
        let rows = self.rows(HISTORY).await?;
        let applied = rows.iter().map(|found| {
            let (version, name): (i64, String) =
                (row::get(found, "version")?, row::get(found, "name")?);
            let sum: Option<String> = row::get(found, "checksum")?;
            Ok::<_, StoreError>((version, (name, sum.unwrap_or_default())))
        });
        Ok(compared(applied.collect::<Result<_, _>>()?))
    }

    async fn rows(&self, sql: Sql) -> Result<Vec<Row>, StoreError> {
        let found = self.0.query(sql.text, &[]).await;
        found.map_err(|source| StoreError::Query {
            query: sql.name,
            source: DriverMessage::of(source),
        })
    }
}

fn compared(applied: BTreeMap<i64, (String, String)>) -> MigrationsState {
    let mut state = MigrationsState {
        applied: applied.keys().next_back().copied().unwrap_or(0),
        known: migrate::known_version(),
        ..MigrationsState::default()
    };
    let mut left = applied;
    for (version, name, sum) in migrate::known() {
        match left.remove(&version) {
            None => state.missing.push(label(version, &name)),
            Some(found) if found != (name.clone(), sum) => {
                state.changed.push(label(version, &name));
            }
            Some(_) => {}
        }
    }
    let newer = left
        .iter()
        .map(|(version, (name, _))| label(*version, name));
    state.newer = newer.collect();
    state
}

fn label(version: i64, name: &str) -> String {
    format!("V{version:04}__{name}")
}

impl Tx {
    /// Who leads now.
    pub async fn lease(&self) -> Result<Option<LeaseState>, StoreError> {
        let rows = self.rows(LEASE, &[&self.now().at]).await?;
        rows.first()
            .map(|found| {
                Ok(LeaseState {
                    holder: row::get(found, "holder")?,
                    expires_at: row::get(found, "expires_at")?,
                    is_held: row::get(found, "is_held")?,
                })
            })
            .transpose()
    }

    /// A token's row by its id, the 12 digits after `rlo_`; not every login may ask.
    pub async fn token(&self, id: &str) -> Result<Option<TokenState>, StoreError> {
        let rows = self.rows(TOKEN, &[&id]).await?;
        rows.first()
            .map(|found| {
                Ok(TokenState {
                    operator: row::get(found, "operator")?,
                    scopes: row::get(found, "scopes")?,
                    ends_at: row::get(found, "ends_at")?,
                    revoked_at: row::get(found, "revoked_at")?,
                })
            })
            .transpose()
    }
}

impl Store {
    /// Whether the database takes this token; that it was used is not noted. An error, [`StoreError::refusal`], if not.
    pub async fn try_token(&self, token: &SecretString) -> Result<(), StoreError> {
        // Its use is noted in this transaction, and forgotten with it.
        let bearer = self.reading(async |tx| tx.bearer(token).await);
        bearer.await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_that_are_missing_newer_or_changed_are_named() {
        let all = migrate::known();
        let mut applied: BTreeMap<i64, (String, String)> = all
            .iter()
            .map(|(version, name, sum)| (*version, (name.clone(), sum.clone())))
            .collect();
        let (last, last_name, _) = all.last().expect("some");
        assert_eq!(
            compared(applied.clone()),
            MigrationsState {
                applied: *last,
                known: *last,
                ..MigrationsState::default()
            }
        );
        applied.remove(last);
        applied.insert(9_999, ("later".to_owned(), "0".to_owned()));
        let changed = applied.get_mut(&3).expect("the third");
        "1".clone_into(&mut changed.1);
        let state = compared(applied);
        assert_eq!(state.missing, [label(*last, last_name)]);
        assert_eq!(state.newer, ["V9999__later"]);
        assert_eq!(state.changed, ["V0003__audit"]);
    }
}
