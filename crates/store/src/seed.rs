//! Putting a fleet into an empty database: for `relink up`, the tests and the bench. Only the owner can.

mod sequences;

use crate::config::Config;
use crate::error::StoreError;
use crate::migrate;
use crate::said::DriverMessage;
use crate::sql::{Sql, sql};
use jiff::Timestamp;
use policy::campaigns::OnSenderLoss;
use policy::ids::{AccountId, AttemptId, CampaignId, WorkspaceId};
use policy::sends::sender::SendingRules;
use tokio_postgres::types::ToSql;
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
const STEPS: Sql = sql!("seed/steps");
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
    let (ids, names): (Vec<Uuid>, Vec<&str>) = fleet
        .workspaces
        .iter()
        .map(|(id, name)| (id.0, name.as_str()))
        .unzip();
    run(&tx, WORKSPACES, &[&ids, &names, &at]).await?;
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
    let ids: Vec<Uuid> = accounts.iter().map(|one| one.id.0).collect();
    let workspaces: Vec<Uuid> = accounts.iter().map(|one| one.workspace.0).collect();
    let kinds: Vec<&str> = accounts.iter().map(|one| one.kind.as_str()).collect();
    let tiers: Vec<&str> = accounts.iter().map(|one| one.tier).collect();
    let names: Vec<&str> = accounts.iter().map(|one| one.name.as_str()).collect();
    let handles: Vec<Option<&str>> = accounts.iter().map(|one| one.handle.as_deref()).collect();
    let sessions: Vec<Option<&str>> = accounts.iter().map(|one| one.session.as_deref()).collect();
    let identities: Vec<Option<&str>> =
        accounts.iter().map(|one| one.identity.as_deref()).collect();
    run(
        tx,
        ACCOUNTS,
        &[
            &ids,
            &workspaces,
            &kinds,
            &tiers,
            &names,
            &handles,
            &sessions,
            &identities,
            &at,
        ],
    )
    .await?;
    run(tx, AUDIT_NEW, &[&ids, &at]).await?;
    let linked: Vec<Uuid> = accounts
        .iter()
        .filter(|one| one.session.is_some())
        .map(|one| one.id.0)
        .collect();
    run(tx, CONNECT, &[&linked, &at]).await?;
    let ruled: Vec<(Uuid, &SendingRules)> = accounts
        .iter()
        .filter_map(|one| one.rules.as_ref().map(|rules| (one.id.0, rules)))
        .collect();
    let waiting: Vec<(Uuid, Uuid, Option<&str>)> = accounts
        .iter()
        .filter_map(|one| {
            one.attempt
                .as_ref()
                .map(|(attempt, session)| (one.id.0, attempt.0, session.as_deref()))
        })
        .collect();
    let accounts: Vec<Uuid> = waiting.iter().map(|one| one.0).collect();
    let attempts: Vec<Uuid> = waiting.iter().map(|one| one.1).collect();
    let sessions: Vec<Option<&str>> = waiting.iter().map(|one| one.2).collect();
    run(tx, ATTEMPTS, &[&accounts, &attempts, &sessions, &at]).await?;
    plant_rules(tx, &ruled).await
}

async fn plant_rules(
    tx: &Transaction<'_>,
    ruled: &[(Uuid, &SendingRules)],
) -> Result<(), StoreError> {
    fn column<'a, T>(
        of: &'a [(Uuid, &'a SendingRules)],
        read: impl Fn(&'a SendingRules) -> T,
    ) -> Vec<T> {
        of.iter().map(|(_, rules)| read(rules)).collect()
    }
    let small = |number: u16| i16::try_from(number).unwrap_or(i16::MAX);
    let large = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    let accounts: Vec<Uuid> = ruled.iter().map(|(account, _)| *account).collect();
    run(
        tx,
        RULES,
        &[
            &accounts,
            &column(ruled, |rules| rules.zone.as_str()),
            &column(ruled, |rules| small(rules.start_minute)),
            &column(ruled, |rules| small(rules.end_minute)),
            &column(ruled, |rules| i16::from(rules.days)),
            &column(ruled, |rules| large(rules.ramp_start)),
            &column(ruled, |rules| large(rules.ramp_step)),
        ],
    )
    .await
}

async fn plant_campaigns(
    tx: &Transaction<'_>,
    campaigns: &[Campaign],
    at: Timestamp,
) -> Result<(), StoreError> {
    let ids: Vec<Uuid> = campaigns.iter().map(|one| one.id.0).collect();
    let workspaces: Vec<Uuid> = campaigns.iter().map(|one| one.workspace.0).collect();
    let names: Vec<&str> = campaigns.iter().map(|one| one.name.as_str()).collect();
    let policies: Vec<&str> = campaigns
        .iter()
        .map(|one| one.on_sender_loss.as_str())
        .collect();
    run(tx, CAMPAIGNS, &[&ids, &workspaces, &names, &policies, &at]).await?;
    run(tx, STEPS, &[&ids]).await?;
    let pairs = campaigns
        .iter()
        .flat_map(|one| one.senders.iter().map(move |sender| (one.id.0, sender.0)));
    let (of, senders): (Vec<Uuid>, Vec<Uuid>) = pairs.unzip();
    run(tx, SENDERS, &[&of, &senders]).await?;
    let enrolled = campaigns
        .iter()
        .filter(|one| !one.senders.is_empty())
        .flat_map(|one| {
            (0..one.enrollments)
                .map(move |number| (one.id.0, one.senders[number % one.senders.len()].0))
        });
    let (of, senders): (Vec<Uuid>, Vec<Uuid>) = enrolled.unzip();
    let prospects: Vec<Uuid> = of.iter().map(|_| Uuid::now_v7()).collect();
    run(tx, ENROLLMENTS, &[&prospects, &of, &senders, &at]).await
}

async fn run(
    tx: &Transaction<'_>,
    sql: Sql,
    params: &[&(dyn ToSql + Sync)],
) -> Result<(), StoreError> {
    let done = tx.execute(sql.text, params).await;
    done.map(|_| ()).map_err(|source| StoreError::Query {
        query: sql.name,
        source: DriverMessage::of(source),
    })
}
