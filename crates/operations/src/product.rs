//! What a product back end reads: one workspace's accounts with their pills (R-PILL-1).

use crate::Refused;
use jiff::Timestamp;
use policy::ids::{AccountId, WorkspaceId};
use policy::pill::{Colour, pill};
use serde::Serialize;
use store::Tx;
use store::product::OwnersAccount;
use utoipa::ToSchema;
use uuid::Uuid;

/// An account as its owner sees it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnersView {
    #[schema(value_type = Uuid)]
    id: AccountId,
    name: String,
    /// The provider's type, `LINKEDIN`.
    kind: String,
    /// `connecting`, `connected`, `reconnect_needed`, `action_required`, `recovering`, `missing` or `disconnected`.
    status: &'static str,
    /// Since when it has that status.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// The cause of its newest change, as its audit has it.
    reason: Option<String>,
    pill: PillView,
    /// Zone of its sending window, a name of the tz database.
    zone: String,
    /// Owner of that zone: `account`, `owner`, `workspace`, or `unknown`, and then it is UTC.
    zone_from: &'static str,
}

/// What is shown.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PillView {
    text: String,
    /// `blue`, `amber`, `green` or `grey`.
    colour: &'static str,
    /// Whether it turns.
    spinner: bool,
    /// A hold, below the text.
    second_line: Option<String>,
}

/// Some accounts of a workspace.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PageView {
    accounts: Vec<OwnersView>,
    /// Ask with it for the next page; none: this is the last one.
    next_cursor: Option<Uuid>,
}

/// One account of that workspace. Another workspace's is as missing as none.
pub async fn account(tx: &Tx, of: WorkspaceId, id: AccountId) -> Result<OwnersView, Refused> {
    let found = tx.owners_account(of, id).await?;
    let found = found.ok_or_else(|| Refused::missing(format!("there is no account {id}")))?;
    Ok(view(found, tx.now().at))
}

/// A page of that workspace's accounts, those after `cursor`.
pub async fn accounts(
    tx: &Tx,
    of: WorkspaceId,
    cursor: Option<AccountId>,
    limit: u32,
) -> Result<PageView, Refused> {
    // One more tells whether there is a next page.
    let ask = i64::from(limit) + 1;
    let mut found = tx.owners_accounts(of, cursor, ask).await?;
    let is_more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let now = tx.now().at;
    let last = found.last().map(|it| it.id.0).filter(|_| is_more);
    Ok(PageView {
        accounts: found.into_iter().map(|one| view(one, now)).collect(),
        next_cursor: last,
    })
}

fn view(found: OwnersAccount, now: Timestamp) -> OwnersView {
    let pill = pill(&found.facts, now);
    OwnersView {
        id: found.id,
        name: found.name,
        kind: found.kind,
        status: found.facts.status.as_str(),
        since: found.facts.since,
        reason: found.cause,
        zone: found.zone,
        zone_from: found.zone_from.as_str(),
        pill: PillView {
            text: pill.text,
            colour: colour(pill.colour),
            spinner: pill.spinner,
            second_line: pill.second_line,
        },
    }
}

const fn colour(colour: Colour) -> &'static str {
    match colour {
        Colour::Blue => "blue",
        Colour::Amber => "amber",
        Colour::Green => "green",
        Colour::Grey => "grey",
    }
}
