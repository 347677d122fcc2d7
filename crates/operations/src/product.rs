//! What a product back end reads: one workspace's accounts with their pills (R-PILL-1).

use crate::Refused;
use jiff::Timestamp;
use policy::ids::{AccountId, WorkspaceId};
use policy::pill::{Colour, action, pill};
use serde::Serialize;
use store::Tx;
use store::appearance::{Appearance, Episode};
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
    cause: Option<String>,
    /// What its owner can do: `none`, `wait`, `ask_support`, `owner_confirm` or `owner_reconnect`.
    action: &'static str,
    pill: PillView,
    /// When it was first connected; the pill does not change by it.
    #[schema(value_type = Option<String>, format = DateTime)]
    first_connected_at: Option<Timestamp>,
    /// Newest of: connected, last send that the provider took, last verified.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_activity_at: Option<Timestamp>,
    /// When its session was last looked at, there or not.
    #[schema(value_type = Option<String>, format = DateTime)]
    checked_at: Option<Timestamp>,
    /// First call after its last episode that the provider took; none before it, and where it had no episode.
    #[schema(value_type = Option<String>, format = DateTime)]
    working_since: Option<Timestamp>,
    /// The time in which it cannot send, while that lasts.
    episode: Option<Episode>,
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
    /// Holds, and since when nobody looked, below the text.
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
    let OwnersAccount {
        id,
        name,
        appearance,
    } = found;
    let Appearance {
        facts,
        cause,
        first_connected_at,
        working_since,
        episode,
        zone_from,
    } = appearance;
    let pill = pill(&facts, now);
    OwnersView {
        id,
        name,
        status: facts.status.as_str(),
        since: facts.since,
        cause,
        action: action(&facts, now).as_str(),
        zone: facts.zone.iana_name().unwrap_or("UTC").to_owned(),
        zone_from: zone_from.as_str(),
        pill: PillView {
            text: pill.text,
            colour: colour(pill.colour),
            spinner: pill.spinner,
            second_line: pill.second_line,
        },
        first_connected_at,
        last_activity_at: facts.last_activity,
        checked_at: facts.checked,
        working_since,
        episode,
        kind: facts.kind,
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
