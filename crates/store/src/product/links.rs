//! Links that were given and wait for their owners.

use crate::columns::values;
use crate::error::StoreError;
use crate::row;
use crate::sends::word;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use policy::account::AttemptPurpose;
use policy::ids::{AccountId, AttemptId, WorkspaceId};

const GIVEN_LINK: Sql = sql!("product/given_link");

/// A link that waits for its owner.
#[derive(Clone, Debug)]
pub struct GivenLink {
    /// What it does for its account.
    pub purpose: AttemptPurpose,
    /// Its URL, sealed for its attempt alone.
    pub sealed: Vec<u8>,
    /// When its page stops to work.
    pub ends_at: Timestamp,
}

impl Tx {
    /// The link of an attempt, while it waits for its owner; none once it was used, has ended, or is another workspace's.
    pub async fn given_link(
        &self,
        (of, account): (WorkspaceId, AccountId),
        attempt: AttemptId,
    ) -> Result<Option<GivenLink>, StoreError> {
        let asked = values(GIVEN_LINK)
            .value("workspace", of.0)
            .value("account", account.0)
            .value("attempt", attempt.0)
            .value("at", self.now().at);
        let rows = self.rows_with(asked).await?;
        let read = rows.first().map(|found| {
            Ok(GivenLink {
                purpose: word(found, "purpose", AttemptPurpose::parse)?,
                sealed: row::get(found, "url_sealed")?,
                ends_at: row::get(found, "link_ends_at")?,
            })
        });
        read.transpose()
    }
}
