//! A large fleet in a fresh database, with every trigger on, so that its audit verifies.

use crate::Failure;
use crate::listing::{identity_of, session_of};
use crate::place::Place;
use jiff::Timestamp;
use policy::campaigns::OnSenderLoss;
use policy::ids::{AccountId, CampaignId, WorkspaceId};
use std::time::Instant;
use store::seed::{Account, Campaign, Fleet, plant};
use tokio::task::JoinSet;
use uuid::Uuid;

/// Rows planted by one transaction.
const CHUNK: usize = 10_000;
/// Transactions that plant at once.
const PLANTERS: usize = 2;

/// Plants connected accounts, and campaigns of one sender each.
pub(crate) async fn fleet(
    place: &Place,
    accounts: u32,
    campaigns: u32,
    at: Timestamp,
) -> Result<(), Failure> {
    let began = Instant::now();
    let workspace = WorkspaceId(Uuid::now_v7());
    let tenants = Fleet {
        workspaces: vec![(workspace, "Bench".to_owned())],
        ..Fleet::default()
    };
    plant(&place.owner, &tenants, at).await?;
    let numbers: Vec<u32> = (0..accounts).collect();
    let ids: Vec<AccountId> = numbers.iter().map(|_| AccountId(Uuid::now_v7())).collect();
    let fleets = numbers
        .chunks(CHUNK)
        .zip(ids.chunks(CHUNK))
        .map(|(numbers, ids)| {
            let pairs = numbers.iter().zip(ids);
            Fleet {
                accounts: pairs
                    .map(|(&number, &id)| account(number, id, workspace))
                    .collect(),
                ..Fleet::default()
            }
        });
    plant_all(place, fleets, at).await?;
    let numbers: Vec<u32> = (0..campaigns).collect();
    let fleets = numbers.chunks(CHUNK).map(|numbers| Fleet {
        campaigns: numbers
            .iter()
            .map(|&number| campaign(number, &ids, workspace))
            .collect(),
        ..Fleet::default()
    });
    plant_all(place, fleets, at).await?;
    place.admin.batch_execute("analyze").await?;
    eprintln!(
        "sweeps: {accounts} accounts and {campaigns} campaigns planted in {:.0?}",
        began.elapsed()
    );
    Ok(())
}

async fn plant_all(
    place: &Place,
    fleets: impl Iterator<Item = Fleet>,
    at: Timestamp,
) -> Result<(), Failure> {
    let mut planters: JoinSet<Result<(), store::StoreError>> = JoinSet::new();
    for fleet in fleets {
        if planters.len() >= PLANTERS
            && let Some(ended) = planters.join_next().await
        {
            ended??;
        }
        let owner = place.owner.clone();
        planters.spawn(async move { plant(&owner, &fleet, at).await });
    }
    while let Some(ended) = planters.join_next().await {
        ended??;
    }
    Ok(())
}

fn account(number: u32, id: AccountId, workspace: WorkspaceId) -> Account {
    Account {
        id,
        workspace,
        kind: "LINKEDIN".to_owned(),
        tier: "free",
        name: format!("Person {number}"),
        handle: Some(format!("person-{number}")),
        identity: Some(identity_of(number)),
        session: Some(session_of(number)),
        attempt: None,
        rules: None,
    }
}

/// Its sender is any account, the same one every time.
fn campaign(number: u32, accounts: &[AccountId], workspace: WorkspaceId) -> Campaign {
    let sender = accounts
        .get(number as usize * 7 % accounts.len().max(1))
        .copied();
    Campaign {
        id: CampaignId(Uuid::now_v7()),
        workspace,
        name: format!("Campaign {number}"),
        on_sender_loss: OnSenderLoss::PauseCampaign,
        senders: sender.into_iter().collect(),
        enrollments: 0,
    }
}
