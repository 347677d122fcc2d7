//! One account, as a person asks about it.

use super::NameMatch;
use crate::appearance::{Appearance, appears};
use crate::error::StoreError;
use crate::row;
use crate::sends::{AsSender, action_facts};
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use policy::ids::{AccountId, CampaignId};
use policy::sends::sender::ActionFacts;
use std::collections::HashMap;
use tokio_postgres::Row;
use uuid::Uuid;

const FIND: Sql = sql!("why/find_account");
const LIKE: Sql = sql!("why/like_account");
const ACCOUNTS: Sql = sql!("why/accounts");
const HOLDS: Sql = sql!("why/holds");
const ACTIONS: Sql = sql!("why/actions");
const OPEN: Sql = sql!("why/open");
const UNKNOWN: Sql = sql!("why/unknown");
const CAMPAIGNS_OF: Sql = sql!("why/campaigns_of");

/// Sends listed of one kind; more are only counted.
const LISTED_MAX: i64 = 10;

/// An account and all its actions.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountSheet {
    /// As a sender.
    pub known: AsSender,
    /// Pill, times and episode, as every view shows them.
    pub appearance: Appearance,
    /// Its workspace's name.
    pub workspace: String,
    /// The linked session.
    pub session: Option<String>,
    /// All seven, in the order of [`policy::sends::Action::ALL`].
    pub actions: Vec<ActionSheet>,
}

/// What is known of one action of an account.
#[derive(Clone, Debug, PartialEq)]
pub struct ActionSheet {
    /// What the rules are asked with.
    pub facts: ActionFacts,
    /// The tier's caps: a day, a week.
    pub tier: (i32, i32),
    /// Who lifted its own caps above the tier's.
    pub lifted_by: Option<String>,
    /// The note on its own caps; none where it has none.
    pub caps_note: Option<String>,
    /// Until when nobody looks at it, and the rule that said so.
    pub closed: Option<(Timestamp, String)>,
    /// The provider's newest hint of how much of its own limit is used, in percent, and when it came.
    pub usage: Option<(i16, Timestamp)>,
    /// Sends whose outcome nobody knows; they count.
    pub unknown: i64,
    /// When the oldest of them was called.
    pub oldest_unknown_at: Option<Timestamp>,
    /// Enrollments whose turn it is, in campaigns that run or not.
    pub due: i64,
    /// When the next one is due after now.
    pub next_due_at: Option<Timestamp>,
}

/// A reason not to send, in force or over and not proved wrong yet (R-CAP-8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldSheet {
    /// The word in our tables.
    pub reason: String,
    /// Since when.
    pub since: Timestamp,
    /// When it ends by itself; none when a person must end it.
    pub ends_at: Option<Timestamp>,
    /// What was noted.
    pub note: String,
    /// Whether it holds now.
    pub in_force: bool,
}

/// A send that is planned or on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenSend {
    /// Its account's name.
    pub account: String,
    /// Its campaign's name.
    pub campaign: Option<String>,
    /// The word in our tables.
    pub action: String,
    /// To whom.
    pub target: String,
    /// The word in our tables.
    pub state: String,
    /// When it goes.
    pub slot_at: Timestamp,
}

/// A send whose outcome nobody knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownSheet {
    /// Its id.
    pub id: Uuid,
    /// The word in our tables.
    pub action: String,
    /// To whom.
    pub target: String,
    /// When it was called.
    pub sending_at: Option<Timestamp>,
    /// Looks so far.
    pub looks: i16,
    /// The next look; none once it was given up and alerted.
    pub look_at: Option<Timestamp>,
}

/// A campaign that an account sends for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The campaign.
    pub id: CampaignId,
    /// The campaign's name.
    pub campaign: String,
    /// Whether it is active.
    pub active: bool,
    /// Whether the account is in its rotation.
    pub in_rotation: bool,
    /// Reasons for which it does not run.
    pub pauses: Vec<String>,
}

impl Tx {
    /// The account that goes by an id, a name, a session or a handle.
    pub async fn find_account(&self, called: &str) -> Result<NameMatch, StoreError> {
        self.find(FIND, LIKE, called).await
    }

    /// Accounts with all their actions, in the order asked; those that do not exist are left out.
    pub async fn account_sheets(&self, ids: &[Uuid]) -> Result<Vec<AccountSheet>, StoreError> {
        let now = self.now().at;
        let senders = self.senders(ids).await?;
        let mut senders: HashMap<Uuid, AsSender> = senders
            .into_iter()
            .map(|one| (one.sender.account.0, one))
            .collect();
        let mut actions: HashMap<Uuid, Vec<ActionSheet>> = HashMap::new();
        for found in self.rows(ACTIONS, &[&ids, &now]).await? {
            let account = row::get(&found, "account_id")?;
            actions.entry(account).or_default().push(action(&found)?);
        }
        let mut appearances = self.appearances(ids).await?;
        let mut sheets = HashMap::new();
        for found in self.rows(ACCOUNTS, &[&ids]).await? {
            let id: Uuid = row::get(&found, "id")?;
            let mut actions = actions.remove(&id).unwrap_or_default();
            actions.sort_by_key(|one| one.facts.action);
            if let Some(known) = senders.remove(&id) {
                let appearance = appears(&mut appearances, id)?;
                sheets.insert(id, account(&found, (known, appearance), actions)?);
            }
        }
        Ok(ids.iter().filter_map(|id| sheets.remove(id)).collect())
    }

    /// Holds of an account that say something now.
    pub async fn holds_of(&self, account: AccountId) -> Result<Vec<HoldSheet>, StoreError> {
        let rows = self.rows(HOLDS, &[&account.0, &self.now().at]).await?;
        rows.iter()
            .map(|found| {
                Ok(HoldSheet {
                    reason: row::get(found, "reason")?,
                    since: row::get(found, "since")?,
                    ends_at: row::get(found, "ends_at")?,
                    note: row::get(found, "note")?,
                    in_force: row::get(found, "in_force")?,
                })
            })
            .collect()
    }

    /// The next sends of some accounts, of one campaign or of any; at most ten.
    pub async fn open_sends(
        &self,
        accounts: &[Uuid],
        campaign: Option<CampaignId>,
    ) -> Result<Vec<OpenSend>, StoreError> {
        let campaign = campaign.map(|it| it.0);
        let rows = self
            .rows(OPEN, &[&accounts, &campaign, &LISTED_MAX])
            .await?;
        rows.iter()
            .map(|found| {
                Ok(OpenSend {
                    account: row::get(found, "account")?,
                    campaign: row::get(found, "campaign")?,
                    action: row::get(found, "action")?,
                    target: row::get(found, "target")?,
                    state: row::get(found, "state")?,
                    slot_at: row::get(found, "slot_at")?,
                })
            })
            .collect()
    }

    /// Sends of an account whose outcome nobody knows; at most ten, the oldest first.
    pub async fn unknown_of(&self, account: AccountId) -> Result<Vec<UnknownSheet>, StoreError> {
        let rows = self.rows(UNKNOWN, &[&account.0, &LISTED_MAX]).await?;
        rows.iter()
            .map(|found| {
                Ok(UnknownSheet {
                    id: row::get(found, "id")?,
                    action: row::get(found, "action")?,
                    target: row::get(found, "target")?,
                    sending_at: row::get(found, "sending_at")?,
                    looks: row::get(found, "looks")?,
                    look_at: row::get(found, "look_at")?,
                })
            })
            .collect()
    }

    /// The campaigns that an account sends for.
    pub async fn campaigns_of(&self, account: AccountId) -> Result<Vec<Membership>, StoreError> {
        let rows = self.rows(CAMPAIGNS_OF, &[&account.0]).await?;
        rows.iter()
            .map(|found| {
                Ok(Membership {
                    id: CampaignId(row::get(found, "id")?),
                    campaign: row::get(found, "name")?,
                    active: row::get(found, "active")?,
                    in_rotation: row::get(found, "in_rotation")?,
                    pauses: row::get(found, "pauses")?,
                })
            })
            .collect()
    }
}

fn account(
    found: &Row,
    (known, appearance): (AsSender, Appearance),
    actions: Vec<ActionSheet>,
) -> Result<AccountSheet, StoreError> {
    Ok(AccountSheet {
        known,
        appearance,
        workspace: row::get(found, "workspace")?,
        session: row::get(found, "session_id")?,
        actions,
    })
}

fn action(found: &Row) -> Result<ActionSheet, StoreError> {
    let closed: Option<Timestamp> = row::get(found, "closed_until")?;
    let rule: Option<String> = row::get(found, "closed_rule")?;
    let usage: Option<i16> = row::get(found, "usage")?;
    let usage_at: Option<Timestamp> = row::get(found, "usage_at")?;
    Ok(ActionSheet {
        facts: action_facts(found)?,
        tier: (row::get(found, "tier_day")?, row::get(found, "tier_week")?),
        lifted_by: row::get(found, "lifted_by")?,
        caps_note: row::get(found, "caps_note")?,
        closed: closed.zip(rule),
        usage: usage.zip(usage_at),
        unknown: row::get(found, "unknown")?,
        oldest_unknown_at: row::get(found, "oldest_unknown_at")?,
        due: row::get(found, "due")?,
        next_due_at: row::get(found, "next_due_at")?,
    })
}
