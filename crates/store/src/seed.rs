//! Putting a fleet into an empty database: for `relink up`, the tests and the bench. Only the owner can.

mod sequences;

use crate::columns::Columns;
use crate::columns::borrowed;
use crate::columns::columns;
use crate::columns::values;
use crate::config::Config;
use crate::error::StoreError;
use crate::migrate;
use crate::number::clamp;
use crate::said::DriverMessage;
use crate::sql::{Sql, sql};
use jiff::Timestamp;
use policy::campaigns::OnSenderLoss;
use policy::ids::{AccountId, AttemptId, CampaignId, WorkspaceId};
use policy::sends::sender::SendingRules;
use tokio_postgres::{Client, Transaction};
use uuid::Uuid;

pub use sequences::{OwnCaps, Sequence, StepPlan, own_caps, sequences};

const WORKSPACES: Sql = sql!("seed/workspaces");
const ACCOUNTS: Sql = sql!("seed/accounts");
const AUDIT_NEW: Sql = sql!("seed/audit_new");
const CONNECT: Sql = sql!("seed/connect");
const ATTEMPTS: Sql = sql!("seed/attempts");
const CAMPAIGNS: Sql = sql!("seed/campaigns");
const SENDERS: Sql = sql!("seed/senders");
const RULES: Sql = sql!("seed/rules");
const ENROLLMENTS: Sql = sql!("seed/enrollments");

/// An account to be.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// The provider's type, `LINKEDIN`.
    pub kind: String,
    /// `free` or `premium`.
    pub tier: &'static str,
    /// Display name.
    pub name: String,
    /// Declared profile identifier or address, lower case.
    pub handle: Option<String>,
    /// Known identity.
    pub identity: Option<String>,
    /// Linked session: with one it is connected, without it is connecting.
    pub session: Option<String>,
    /// The attempt that it is waiting for, with the session that the attempt's own 202 named, if one did.
    pub attempt: Option<(AttemptId, Option<String>)>,
    /// When it sends; none for the defaults.
    pub rules: Option<SendingRules>,
}

/// A campaign to be, of three steps.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// Its id.
    pub id: CampaignId,
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// Its name.
    pub name: String,
    /// What the loss of a sender means for it.
    pub on_sender_loss: OnSenderLoss,
    /// Its senders.
    pub senders: Vec<AccountId>,
    /// Prospects enrolled, spread over its senders and steps.
    pub enrollments: usize,
}

/// A whole fleet.
#[derive(Clone, Debug, Default)]
pub struct Fleet {
    /// Tenants with their names.
    pub workspaces: Vec<(WorkspaceId, String)>,
    /// Accounts, each audited from its first status on.
    pub accounts: Vec<Account>,
    /// Campaigns.
    pub campaigns: Vec<Campaign>,
}

/// Writes `fleet` in one transaction, as things were at `at`.
pub async fn plant(config: &Config, fleet: &Fleet, at: Timestamp) -> Result<(), StoreError> {
    let mut client: Client = migrate::connect_as_owner(config).await?;
    let failed = |source| StoreError::Query {
        query: "seed",
        source: DriverMessage::of(source),
    };
    let tx = client.transaction().await.map_err(failed)?;
    let workspaces = columns(WORKSPACES, &fleet.workspaces)
        .with("id", |(id, _)| id.0)
        .with("name", |(_, name)| name.as_str())
        .value("at", at);
    run(&tx, workspaces).await?;
    for accounts in fleet.accounts.chunks(10_000) {
        plant_accounts(&tx, accounts, at).await?;
    }
    for campaigns in fleet.campaigns.chunks(10_000) {
        plant_campaigns(&tx, campaigns, at).await?;
    }
    tx.commit().await.map_err(failed)
}

async fn plant_accounts(
    tx: &Transaction<'_>,
    accounts: &[Account],
    at: Timestamp,
) -> Result<(), StoreError> {
    let planted = columns(ACCOUNTS, accounts)
        .with("id", |one| one.id.0)
        .with("workspace_id", |one| one.workspace.0)
        .with("kind", |one| one.kind.as_str())
        .with("tier", |one| one.tier)
        .with("name", |one| one.name.as_str())
        .with("handle", |one| one.handle.as_deref())
        .with("session_id", |one| one.session.as_deref())
        .with("identity", |one| one.identity.as_deref())
        .value("at", at);
    run(tx, planted).await?;
    let ids: Vec<Uuid> = accounts.iter().map(|one| one.id.0).collect();
    run(tx, values(AUDIT_NEW).value("id", ids).value("at", at)).await?;
    let linked = accounts.iter().filter(|one| one.session.is_some());
    let linked: Vec<Uuid> = linked.map(|one| one.id.0).collect();
    run(
        tx,
        values(CONNECT).value("accounts", linked).value("at", at),
    )
    .await?;
    let waiting: Vec<(AccountId, &AttemptId, &Option<String>)> = accounts
        .iter()
        .filter_map(|one| {
            let (attempt, session) = one.attempt.as_ref()?;
            Some((one.id, attempt, session))
        })
        .collect();
    let attempts = columns(ATTEMPTS, &waiting)
        .with("account_id", |(account, _, _)| account.0)
        .with("id", |(_, attempt, _)| attempt.0)
        .with("session_id", |(_, _, session)| session.as_deref())
        .value("at", at);
    run(tx, attempts).await?;
    let ruled: Vec<(AccountId, &SendingRules)> = accounts
        .iter()
        .filter_map(|one| one.rules.as_ref().map(|rules| (one.id, rules)))
        .collect();
    plant_rules(tx, &ruled).await
}

async fn plant_rules(
    tx: &Transaction<'_>,
    ruled: &[(AccountId, &SendingRules)],
) -> Result<(), StoreError> {
    let planted = columns(RULES, ruled)
        .with("account_id", |(account, _)| account.0)
        .with("zone", |(_, rules)| rules.zone.as_str())
        .with("start_minute", |(_, rules)| {
            clamp::<i16, _>(rules.start_minute)
        })
        .with("end_minute", |(_, rules)| clamp::<i16, _>(rules.end_minute))
        .with("days", |(_, rules)| i16::from(rules.days))
        .with("ramp_start", |(_, rules)| clamp::<i32, _>(rules.ramp_start))
        .with("ramp_step", |(_, rules)| clamp::<i32, _>(rules.ramp_step));
    run(tx, planted).await
}

async fn plant_campaigns(
    tx: &Transaction<'_>,
    campaigns: &[Campaign],
    at: Timestamp,
) -> Result<(), StoreError> {
    let planted = columns(CAMPAIGNS, campaigns)
        .with("id", |one| one.id.0)
        .with("workspace_id", |one| one.workspace.0)
        .with("name", |one| one.name.as_str())
        .with("on_sender_loss", |one| one.on_sender_loss.as_str())
        .value("at", at);
    run(tx, planted).await?;
    let usual: Vec<Sequence> = campaigns
        .iter()
        .map(|one| Sequence {
            campaign: one.id,
            steps: sequences::USUAL.to_vec(),
            variables: &[],
        })
        .collect();
    sequences::save_steps(tx, &usual).await?;
    let pairs = campaigns
        .iter()
        .flat_map(|one| one.senders.iter().map(move |sender| (one.id, *sender)));
    let pairs: Vec<(CampaignId, AccountId)> = pairs.collect();
    let senders = columns(SENDERS, &pairs)
        .with("campaign_id", |(campaign, _)| campaign.0)
        .with("account_id", |(_, sender)| sender.0);
    run(tx, senders).await?;
    let enrolled = campaigns
        .iter()
        .filter(|one| !one.senders.is_empty())
        .flat_map(|one| {
            (0..one.enrollments)
                .map(move |number| (one.id, one.senders[number % one.senders.len()]))
        });
    let enrolled: Vec<(CampaignId, AccountId)> = enrolled.collect();
    let enrollments = columns(ENROLLMENTS, &enrolled)
        .with("id", |_| Uuid::now_v7())
        .with("campaign_id", |(campaign, _)| campaign.0)
        .with("account_id", |(_, sender)| sender.0)
        .value("at", at);
    run(tx, enrollments).await
}

async fn run<R>(tx: &Transaction<'_>, with: Columns<'_, R>) -> Result<(), StoreError> {
    let (sql, params) = with.parts();
    let done = tx.execute(sql.text, &borrowed(&params)).await;
    done.map(|_| ()).map_err(|source| StoreError::Query {
        query: sql.name,
        source: DriverMessage::of(source),
    })
}
