//! Several live sessions of one person, as the newest listing has them (R-DUP-1).

use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use policy::duplicates::{Duplicate, Duplicates, LinkedTo, Listing, Twin, Unknown, known};
use policy::ids::{AccountId, Identity, SessionId, WorkspaceId};
use policy::session::Health;
use tokio_postgres::Row;
use uuid::Uuid;

const LISTING: Sql = sql!("duplicates/listing");
const TOTALS: Sql = sql!("duplicates/totals");
const LIST: Sql = sql!("duplicates/list");

/// Sessions listed of one person; more are only counted.
const TWINS_MAX: i64 = 10;

impl Tx {
    /// Everybody who has several live sessions of one kind, all counted and at most `people_max` of them listed; or why
    /// nobody can say so now.
    pub async fn duplicates(
        &self,
        people_max: i64,
    ) -> Result<Result<Duplicates, Unknown>, StoreError> {
        let listing = match known(self.newest_listing().await?, self.now().at) {
            Ok(listing) => listing,
            Err(unknown) => return Ok(Err(unknown)),
        };
        let rows = self.rows(TOTALS, &[]).await?;
        let totals = rows.first().ok_or(StoreError::Row {
            column: "identities",
            why: "no answer".into(),
        })?;
        let rows = self
            .rows(LIST, &[&listing.listed_at, &people_max, &TWINS_MAX])
            .await?;
        Ok(Ok(Duplicates {
            listed_at: listing.listed_at,
            identities: row::get(totals, "identities")?,
            sessions: row::get(totals, "sessions")?,
            inert: row::get(totals, "inert")?,
            several_linked: row::get(totals, "several_linked")?,
            none_linked: row::get(totals, "none_linked")?,
            sample: people(self.readable("duplicates.watch", &rows, session_of, person)),
        }))
    }

    /// The newest complete listing, however old; none before the first.
    pub async fn newest_listing(&self) -> Result<Option<Listing>, StoreError> {
        let rows = self.rows(LISTING, &[]).await?;
        rows.first()
            .map(|found| {
                Ok(Listing {
                    listed_at: row::get(found, "listed_at")?,
                    is_whole: row::get(found, "is_whole")?,
                })
            })
            .transpose()
    }
}

fn session_of(found: &Row) -> String {
    let session = row::get::<String>(found, "session_id").unwrap_or_default();
    format!("session {session}")
}

/// A person with one of their sessions.
fn person(found: &Row) -> Result<Duplicate, StoreError> {
    Ok(Duplicate {
        identity: Identity(row::get(found, "identity")?),
        kind: row::get(found, "kind")?,
        sessions: row::get(found, "sessions")?,
        linked: row::get(found, "linked")?,
        twins: vec![twin(found)?],
    })
}

/// One after another: the rows of a person stand together.
fn people(rows: Vec<Duplicate>) -> Vec<Duplicate> {
    let mut people: Vec<Duplicate> = vec![];
    for one in rows {
        match people.last_mut() {
            Some(last) if last.identity == one.identity && last.kind == one.kind => {
                last.twins.extend(one.twins);
            }
            _ => people.push(one),
        }
    }
    people
}

fn twin(found: &Row) -> Result<Twin, StoreError> {
    let linked = match row::get::<Option<Uuid>>(found, "account_id")? {
        None => None,
        Some(id) => Some(LinkedTo {
            account: AccountId(id),
            name: row::get(found, "name")?,
            workspace: WorkspaceId(row::get(found, "workspace_id")?),
        }),
    };
    Ok(Twin {
        session: SessionId(row::get(found, "session_id")?),
        health: Health::parse(row::get(found, "health")?).unwrap_or(Health::Unknown),
        linked,
        first_seen: row::get(found, "first_seen")?,
        last_seen: row::get(found, "seen_at")?,
    })
}
