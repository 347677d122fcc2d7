//! An account as its owner sees it, and pages of them.

use super::pages::OwnerPages;
use crate::Refused;
use jiff::Timestamp;
use policy::account::{AccountKind, Status};
use policy::ids::{AccountId, CampaignId, WorkspaceId};
use policy::pill::{Colour, OwnerAction, action, pill};
use serde::Serialize;
use store::Tx;
use store::appearance::{Appearance, Episode};
use store::product::{OwnersAccount, OwnersFilter, SaidOfAccount};
use utoipa::ToSchema;
use uuid::Uuid;

/// Accounts that a page looks at, at most, to find those whose owner has that to do.
const LOOKED_AT_MAX: i64 = 2_000;

/// An account as its owner sees it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnersView {
    #[schema(value_type = Uuid)]
    id: AccountId,
    name: String,
    /// Name that its product gave it, unique in the workspace.
    external_id: Option<String>,
    /// The provider's type, `LINKEDIN`.
    kind: String,
    /// `free` or `premium`.
    tier: String,
    /// Profile or address that is to sign in, in lower case.
    handle: Option<String>,
    owner: OwnerView,
    /// Earlier account of the same person that it went on as, with its login and its campaigns; null of any other.
    #[schema(value_type = Option<Uuid>)]
    merged_into: Option<AccountId>,
    /// Version of what its product says of it, as in its `ETag`.
    version: i32,
    /// `connecting`, `connected`, `reconnect_needed`, `action_required`, `recovering`, `missing` or `disconnected`.
    status: &'static str,
    /// Since when it has that status.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// The cause of its newest change, as its audit has it.
    cause: Option<String>,
    /// What its owner can do: `none`, `wait`, `ask_support`, `owner_confirm` or `owner_reconnect`.
    action: &'static str,
    /// Page on which its owner does that; null where there is nothing to do, or nothing that a page helps with.
    action_url: Option<String>,
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

/// The person whose account it is, as its product says.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnerView {
    /// Mail address, in lower case; null: nobody is told anything by mail.
    email: Option<String>,
    name: Option<String>,
    /// Language that they read, `de-DE`.
    locale: Option<String>,
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
    /// Ask with it for the next page; none: this is the last one. With `action`, a page may be short and have a next one.
    next_cursor: Option<Uuid>,
}

/// Which accounts of a workspace, and where the page begins.
#[derive(Clone, Debug, Default)]
pub struct AccountsAsked {
    /// Place where the page before ended.
    pub cursor: Option<AccountId>,
    /// Accounts of the page, at most.
    pub limit: u32,
    /// In this status.
    pub status: Option<Status>,
    /// Whose owner has this to do.
    pub action: Option<OwnerAction>,
    /// Of this kind.
    pub kind: Option<AccountKind>,
    /// Called so by the product.
    pub external_id: Option<String>,
    /// Sending for this campaign.
    pub campaign: Option<CampaignId>,
    /// With a change of status after this.
    pub changed_after: Option<Timestamp>,
}

impl AccountsAsked {
    fn filter(&self) -> OwnersFilter {
        let may_be = self.action.map(OwnerAction::statuses);
        let statuses = match (self.status, may_be) {
            (None, None) => None,
            (Some(status), None) => Some(vec![status]),
            (None, Some(some)) => Some(some.to_vec()),
            (Some(status), Some(some)) => {
                Some(some.iter().copied().filter(|it| *it == status).collect())
            }
        };
        OwnersFilter {
            statuses,
            kind: self.kind,
            external_id: self.external_id.clone(),
            campaign: self.campaign,
            changed_after: self.changed_after,
        }
    }

    fn fits(&self, found: &OwnersAccount, now: Timestamp) -> bool {
        let asked = self.action;
        asked.is_none_or(|asked| action(&found.appearance.facts, now) == asked)
    }
}

/// One account of that workspace. Another workspace's is as missing as none.
pub async fn account(
    tx: &Tx,
    of: WorkspaceId,
    (id, pages): (AccountId, OwnerPages<'_>),
) -> Result<OwnersView, Refused> {
    let found = tx.owners_account(of, id).await?;
    let found = found.ok_or_else(|| Refused::missing(format!("there is no account {id}")))?;
    Ok(view(found, tx.now().at, pages))
}

/// A page of that workspace's accounts. What its owner can do is no column: accounts in whose status it may be are read on until
/// the page is full, a bounded number of them.
pub async fn accounts(
    tx: &Tx,
    of: WorkspaceId,
    (asked, pages): (&AccountsAsked, OwnerPages<'_>),
) -> Result<PageView, Refused> {
    let (filter, now) = (asked.filter(), tx.now().at);
    let most = asked.limit as usize;
    // One more tells whether there is a next page.
    let ask = i64::from(asked.limit) + 1;
    let (mut fitting, mut cursor, mut looked_at) = (vec![], asked.cursor, 0);
    let next = loop {
        let found = tx.owners_accounts(of, &filter, (cursor, ask)).await?;
        let is_end = i64::try_from(found.len()).is_ok_and(|it| it < ask);
        let has_more = {
            let mut fit = found.into_iter().filter(|one| {
                cursor = Some(one.id);
                asked.fits(one, now)
            });
            fitting.extend(fit.by_ref().take(most - fitting.len()));
            fit.next().is_some()
        };
        looked_at += ask;
        if has_more {
            break fitting.last().map(|one| one.id);
        } else if is_end {
            break None;
        } else if fitting.len() == most || LOOKED_AT_MAX <= looked_at {
            break cursor;
        }
    };
    let shown = fitting.into_iter().map(|one| view(one, now, pages));
    Ok(PageView {
        accounts: shown.collect(),
        next_cursor: next.map(|it| it.0),
    })
}

fn view(found: OwnersAccount, now: Timestamp, pages: OwnerPages<'_>) -> OwnersView {
    let OwnersAccount {
        id,
        said,
        appearance,
    } = found;
    let SaidOfAccount {
        name,
        external_id,
        handle,
        tier,
        version,
        owner_email,
        owner_name,
        locale,
    } = said;
    let Appearance {
        facts,
        cause,
        first_connected_at,
        working_since,
        episode,
        episode_version,
        zone_from,
        merged_into,
    } = appearance;
    let (pill, action) = (pill(&facts, now), action(&facts, now));
    let about = (episode_version.unwrap_or_default(), action);
    OwnersView {
        id,
        name,
        external_id,
        tier,
        handle,
        owner: OwnerView {
            email: owner_email,
            name: owner_name,
            locale,
        },
        merged_into,
        version,
        status: facts.status.as_str(),
        since: facts.since,
        cause,
        action: action.as_str(),
        action_url: pages.action_url(id, about, now),
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
