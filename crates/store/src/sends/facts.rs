//! Reading the facts that the rules of sending are asked with.

use crate::columns::columns;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::{SignedDuration, Timestamp};
use policy::ids::{AccountId, CampaignId, SendId, WorkspaceId};
use policy::sends::sender::{
    ActionFacts, Caps, Cooldown, LastSend, Outage, Probe, RulesFrom, SendHold, Sender,
    SendingRules, ZoneFrom,
};
use policy::sends::{Action, SendState, Tier};
use tokio_postgres::Row;
use uuid::Uuid;

pub(super) const SENDERS: Sql = sql!("sends/senders");
const FACTS: Sql = sql!("sends/facts");

/// An account as a sender, with what only the store needs of it.
#[derive(Clone, Debug, PartialEq)]
pub struct AsSender {
    /// The facts.
    pub sender: Sender,
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// Its name, for people.
    pub name: String,
    /// Version of its rules; a reservation decided on another is refused. 0: it has none of its own.
    pub rules_version: i32,
    /// Owner of its hours.
    pub rules_from: RulesFrom,
    /// Owner of its zone.
    pub zone_from: ZoneFrom,
}

/// A send with its action's facts. Its own capacity is not among them.
#[derive(Clone, Debug, PartialEq)]
pub struct SendFacts {
    /// The account.
    pub account: AccountId,
    /// The send.
    pub send: SendId,
    /// How far it has come.
    pub state: SendState,
    /// Its tenant.
    pub workspace: WorkspaceId,
    /// Its campaign, if it is of one.
    pub campaign: Option<CampaignId>,
    /// What is known of its action.
    pub facts: ActionFacts,
}

impl Tx {
    /// Accounts as senders, now. In no order; accounts that do not exist are not in it.
    pub async fn senders(&self, accounts: &[Uuid]) -> Result<Vec<AsSender>, StoreError> {
        let rows = self.rows(SENDERS, &[&accounts, &self.now().at]).await?;
        rows.iter().map(sender).collect()
    }

    /// Some sends with their actions' facts. In no order; sends that do not exist are not in it.
    pub async fn send_facts(
        &self,
        sends: &[(AccountId, SendId)],
    ) -> Result<Vec<SendFacts>, StoreError> {
        let asked = columns(FACTS, sends)
            .with("account_id", |(account, _)| account.0)
            .with("id", |(_, send)| send.0)
            .value("at", self.now().at);
        let rows = self.rows_with(asked).await?;
        rows.iter()
            .map(|found| {
                Ok(SendFacts {
                    account: AccountId(row::get(found, "account_id")?),
                    send: SendId(row::get(found, "id")?),
                    state: word(found, "state", SendState::parse)?,
                    workspace: WorkspaceId(row::get(found, "workspace_id")?),
                    campaign: row::get::<Option<Uuid>>(found, "campaign_id")?.map(CampaignId),
                    facts: action_facts(found)?,
                })
            })
            .collect()
    }
}

pub(super) fn sender(found: &Row) -> Result<AsSender, StoreError> {
    let account = AccountId(row::get(found, "account_id")?);
    let rules = SendingRules {
        zone: row::get(found, "zone")?,
        start_minute: unsigned(found, "start_minute")?,
        end_minute: unsigned(found, "end_minute")?,
        days: u8::try_from(row::get::<i16>(found, "days")?).unwrap_or(0),
        ramp_start: count(found, "ramp_start")?,
        ramp_step: count(found, "ramp_step")?,
    };
    let outage = row::get::<Option<Timestamp>>(found, "outage_from")?
        .zip(row::get(found, "outage_until")?)
        .map(|(from, until)| Outage { from, until });
    let last = row::get::<Option<Uuid>>(found, "last_send")?
        .zip(row::get(found, "last_at")?)
        .map(|(send, at)| LastSend {
            send: SendId(send),
            at,
        });
    let sender = Sender {
        account,
        status: row::status(found, "status")?,
        tier: word(found, "tier", Tier::parse)?,
        rules,
        holds: holds(found)?,
        first_connected_at: row::get(found, "first_connected_at")?,
        outage,
        probe: word(found, "probe", probe)?,
        last,
        is_busy: row::get(found, "is_busy")?,
        slack: SignedDuration::from_secs_f64(row::get(found, "slack_s")?),
    };
    Ok(AsSender {
        sender,
        workspace: WorkspaceId(row::get(found, "workspace_id")?),
        name: row::get(found, "name")?,
        rules_version: row::get(found, "rules_version")?,
        rules_from: word(found, "rules_from", RulesFrom::parse)?,
        zone_from: word(found, "zone_from", ZoneFrom::parse)?,
    })
}

fn holds(found: &Row) -> Result<Vec<SendHold>, StoreError> {
    let reasons: Option<Vec<String>> = row::get(found, "hold_reasons")?;
    let ends: Option<Vec<Option<Timestamp>>> = row::get(found, "hold_ends")?;
    let both = reasons
        .unwrap_or_default()
        .into_iter()
        .zip(ends.unwrap_or_default());
    Ok(both
        .map(|(reason, until)| SendHold { reason, until })
        .collect())
}

/// The columns that every query about an action gives under the same names.
pub(crate) fn action_facts(found: &Row) -> Result<ActionFacts, StoreError> {
    let until: Option<Timestamp> = row::get(found, "cooldown_until")?;
    let code: Option<String> = row::get(found, "cooldown_code")?;
    let streak = unsigned(found, "cooldown_streak")?;
    Ok(ActionFacts {
        action: word(found, "action", Action::parse)?,
        caps: Caps {
            day: count(found, "cap_day")?,
            week: count(found, "cap_week")?,
        },
        cooldown: until.zip(code).map(|(until, code)| Cooldown {
            until,
            code,
            streak,
        }),
        counted: row::get(found, "counted")?,
        by_hand: row::get(found, "by_hand")?,
    })
}

fn probe(word: &str) -> Option<Probe> {
    match word {
        "not_needed" => Some(Probe::NotNeeded),
        "due" => Some(Probe::Due),
        "pending" => Some(Probe::Pending),
        _ => None,
    }
}

/// A column that holds one of our words.
pub(crate) fn word<T>(
    found: &Row,
    column: &'static str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<T, StoreError> {
    let text: &str = row::get(found, column)?;
    parse(text).ok_or_else(|| StoreError::Row {
        column,
        why: format!("unknown {text}"),
    })
}

fn count(found: &Row, column: &'static str) -> Result<u32, StoreError> {
    let number: i32 = row::get(found, column)?;
    u32::try_from(number).map_err(|_| StoreError::Row {
        column,
        why: format!("{number} is below zero"),
    })
}

pub(super) fn unsigned(found: &Row, column: &'static str) -> Result<u16, StoreError> {
    let number: i16 = row::get(found, column)?;
    u16::try_from(number).map_err(|_| StoreError::Row {
        column,
        why: format!("{number} is below zero"),
    })
}
