//! The one way in which a transaction is committed, and what became of it where the answer was lost.

use super::{prepare, roll_back};
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::store::Store;
use deadpool_postgres::Object;

const XID: Sql = sql!("clock/xid");
const XACT_STATUS: Sql = sql!("clock/xact_status");

pub(super) async fn commit(client: Object, store: &Store) -> Result<(), StoreError> {
    let xid = prepare(store, &client, XID).await;
    let Ok(xid) = xid else {
        roll_back(store, client).await;
        return xid.map(|_| ());
    };
    // Sent together. If the first fails, the server turns the COMMIT into a rollback and `checked` says so.
    let (checked, number, committed) = tokio::join!(
            biased;
        client.batch_execute("SET CONSTRAINTS ALL IMMEDIATE"),
        client.query_one(&xid, &[]),
        client.batch_execute("COMMIT"),
    );
    let number = number.ok().and_then(|found| {
        let xid = found.try_get::<_, Option<String>>("xid").ok().flatten()?;
        Some((xid, found.try_get::<_, String>("server").ok()?))
    });
    let failed = match (checked, committed) {
        (Ok(()), Ok(())) => return Ok(()),
        (Err(source), _) => store.failed(&client, "check deferred constraints", source),
        (_, Err(source)) => store.failed(&client, "commit", source),
    };
    if !client.is_closed() {
        store.give_back(client);
        return Err(failed);
    }
    drop(Object::take(client));
    // The answer was lost with the connection: ask the server what became of the transaction.
    let Some((xid, server)) = number else {
        return Err(failed);
    };
    match outcome(store, &xid, &server).await {
        Ok(Some(status)) if status == "committed" => Ok(()),
        Ok(Some(status)) if status == "aborted" => Err(StoreError::RolledBack),
        Ok(_) => Err(StoreError::OutcomeUnknown(Box::new(failed))),
        Err(error) => Err(StoreError::OutcomeUnknown(Box::new(error))),
    }
}

/// Status of the transaction; none where the server that ran it is not the one that answers.
async fn outcome(store: &Store, xid: &str, server: &str) -> Result<Option<String>, StoreError> {
    let client = store.client().await?;
    let statement = prepare(store, &client, XACT_STATUS).await?;
    let found = client.query_one(&statement, &[&xid, &server]).await;
    let found = found.map_err(|source| store.failed(&client, XACT_STATUS.name, source))?;
    row::get(&found, "status")
}
