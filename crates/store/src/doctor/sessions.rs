//! Whether a connection is a session of the server's, or of a pooler's between us and it.

use crate::config::Config;
use crate::error::StoreError;
use crate::migrate;
use crate::said::DriverMessage;
use tokio_postgres::{Client, SimpleQueryMessage, SimpleQueryRow};

const BACKEND: &str = "select pg_backend_pid() as pid";
const BEGIN: &str = "begin";
/// Values in the server's base unit, as it shows them here and nowhere else.
const SETTINGS: &str =
    "select s.name, s.setting from pg_settings s where s.name = any (array['statement_timeout',
    'lock_timeout', 'idle_in_transaction_session_timeout']) order by s.name";

/// A setting that every connection asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The server's name of it.
    pub name: String,
    /// What was asked for, as the server shows it.
    pub asked: String,
    /// What is in force.
    pub found: String,
}

/// What two connections, open together, have found out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sessions {
    /// Backend of a transaction of the first one.
    pub first: i64,
    /// Backend of a transaction of the second one, begun after that and kept open.
    pub second: i64,
    /// Backend of another transaction of the first one, meanwhile.
    pub first_again: i64,
    /// Settings that were asked for at connecting.
    pub settings: Vec<Setting>,
}

impl Sessions {
    /// Connects twice, and asks.
    pub async fn look(config: &Config) -> Result<Self, StoreError> {
        let parsed = config.parsed()?;
        let one = migrate::connect_by(config, &parsed).await?;
        let other = migrate::connect_by(config, &parsed).await?;
        let settings = read_settings(&one, config).await?;
        let first = backend(&one).await?;
        ask(&other, BEGIN).await?;
        Ok(Self {
            first,
            second: backend(&other).await?,
            first_again: backend(&one).await?,
            settings,
        })
    }

    /// Whether something hands transactions of one connection to several sessions of the server.
    pub fn is_pooled_by_transaction(&self) -> bool {
        self.first == self.second || self.first != self.first_again
    }

    /// Settings that were asked for and are not in force.
    pub fn lost_settings(&self) -> impl Iterator<Item = &Setting> {
        self.settings.iter().filter(|one| one.asked != one.found)
    }
}

async fn read_settings(client: &Client, config: &Config) -> Result<Vec<Setting>, StoreError> {
    let rows = ask(client, SETTINGS).await?;
    let rows = rows
        .iter()
        .map(|row| (text(row, "name"), text(row, "setting")));
    let asked = config.limits();
    let settings = rows.filter_map(|(name, found)| {
        let (_, limit) = asked.iter().find(|(asked, _)| *asked == name)?;
        Some(Setting {
            asked: limit.as_millis().to_string(),
            name,
            found,
        })
    });
    Ok(settings.collect())
}

async fn backend(client: &Client) -> Result<i64, StoreError> {
    let rows = ask(client, BACKEND).await?;
    let pid = rows.first().and_then(|row| text(row, "pid").parse().ok());
    pid.ok_or_else(|| StoreError::Row {
        column: "pid",
        why: "no number".to_owned(),
    })
}

/// Without a prepared statement, which a pooler may make elsewhere than it runs it.
async fn ask(client: &Client, text: &str) -> Result<Vec<SimpleQueryRow>, StoreError> {
    let answers = client.simple_query(text).await;
    let answers = answers.map_err(|source| StoreError::Query {
        query: "look at two sessions",
        source: DriverMessage::of(source),
    })?;
    let rows = answers.into_iter().filter_map(|answer| match answer {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    Ok(rows.collect())
}

fn text(row: &SimpleQueryRow, column: &str) -> String {
    row.try_get(column)
        .ok()
        .flatten()
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sessions([first, second, first_again]: [i64; 3], found: &str) -> Sessions {
        Sessions {
            first,
            second,
            first_again,
            settings: vec![Setting {
                name: "statement_timeout".to_owned(),
                asked: "60000".to_owned(),
                found: found.to_owned(),
            }],
        }
    }

    #[test]
    fn poolers_are_told_from_servers_by_backends_and_settings() {
        for (backends, found, is_pooled, lost) in [
            ([1, 2, 1], "60000", false, 0),
            // One server connection serves both, or they take turns.
            ([1, 1, 2], "60000", true, 0),
            ([1, 2, 3], "60000", true, 0),
            ([1, 1, 1], "60000", true, 0),
            // A pooler of sessions that ignores what is asked for at connecting.
            ([1, 2, 1], "0", false, 1),
            ([1, 1, 2], "0", true, 1),
        ] {
            let seen = sessions(backends, found);
            assert_eq!(seen.is_pooled_by_transaction(), is_pooled, "{seen:?}");
            assert_eq!(seen.lost_settings().count(), lost, "{seen:?}");
        }
    }
}
