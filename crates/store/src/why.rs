//! Everything that says why an account or a campaign sends or does not: read at one instant, changed by nothing here.

mod account;
mod campaign;
mod pauses;
mod restarts;

use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use uuid::Uuid;

pub use account::{AccountSheet, ActionSheet, HoldSheet, Membership, OpenSend, UnknownSheet};
pub use campaign::{CampaignSheet, PauseSheet, SenderPlace, StepSheet};
pub use pauses::WorkPauseSheet;
pub use restarts::RestartSheet;

/// More of the same name are not listed.
const FOUND_MAX: i64 = 10;
/// Names that an error suggests.
const SUGGESTED_MAX: i64 = 5;

/// What goes by a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameMatch {
    /// Exactly one.
    One(Uuid),
    /// Several, which only their ids tell apart: id, name, workspace, session.
    Several(Vec<(Uuid, String, String, Option<String>)>),
    /// None.
    Nothing {
        /// How many there are of that kind.
        known: i64,
        /// Names of some, the most alike first.
        like: Vec<String>,
    },
}

const FIND_WORKSPACE: Sql = sql!("why/find_workspace");
const LIKE_WORKSPACE: Sql = sql!("why/like_workspace");

impl Tx {
    /// The workspace that goes by an id or a name.
    pub async fn find_workspace(&self, called: &str) -> Result<NameMatch, StoreError> {
        self.find(FIND_WORKSPACE, LIKE_WORKSPACE, called).await
    }

    async fn find(&self, find: Sql, like: Sql, called: &str) -> Result<NameMatch, StoreError> {
        let called = called.trim();
        let id: Option<Uuid> = called.parse().ok();
        let rows = self.rows(find, &[&called, &id, &FOUND_MAX]).await?;
        if let [only] = rows.as_slice() {
            return Ok(NameMatch::One(row::get(only, "id")?));
        }
        if rows.is_empty() {
            let rows = self.rows(like, &[&called, &SUGGESTED_MAX]).await?;
            let known = rows
                .first()
                .map_or(Ok(0), |first| row::get(first, "known"))?;
            let names = rows.iter().map(|found| row::get(found, "name"));
            let like = names.collect::<Result<_, _>>()?;
            return Ok(NameMatch::Nothing { known, like });
        }
        let several = rows.iter().map(|found| {
            Ok::<_, StoreError>((
                row::get(found, "id")?,
                row::get(found, "name")?,
                row::get(found, "workspace")?,
                row::get(found, "detail")?,
            ))
        });
        Ok(NameMatch::Several(several.collect::<Result<_, _>>()?))
    }
}
