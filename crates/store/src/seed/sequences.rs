//! Other steps than the usual three, and caps of an account's own.

use super::run;
use crate::config::Config;
use crate::error::StoreError;
use crate::migrate;
use crate::said::DriverMessage;
use crate::sql::{Sql, sql};
use policy::ids::{AccountId, CampaignId};
use policy::sends::Action;
use std::time::Duration;
use uuid::Uuid;

const STEPS: Sql = sql!("seed/sequence_steps");
const STARTS: Sql = sql!("seed/sequence_starts");
const ENDS: Sql = sql!("seed/sequence_ends");
const OWN_CAPS: Sql = sql!("seed/own_caps");

/// What a campaign does, from its first step on.
#[derive(Clone, Debug)]
pub struct Sequence {
    /// A planted campaign.
    pub campaign: CampaignId,
    /// At least one.
    pub steps: Vec<StepPlan>,
}

/// One step.
#[derive(Clone, Debug)]
pub struct StepPlan {
    /// What is done.
    pub action: Action,
    /// How long after the step before.
    pub wait: Duration,
    /// Of an e-mail.
    pub subject: Option<&'static str>,
    /// What is said; none where nothing is.
    pub body: Option<&'static str>,
}

/// An account's own caps of an action.
#[derive(Clone, Debug)]
pub struct OwnCaps {
    /// The account.
    pub account: AccountId,
    /// The action.
    pub action: Action,
    /// In any 24 hours.
    pub day: i32,
    /// In any 7 × 24 hours.
    pub week: i32,
    /// Who lifted them above the tier's; none when they only lower.
    pub lifted_by: Option<&'static str>,
    /// Why.
    pub note: &'static str,
}

/// Gives planted campaigns other steps; their enrollments begin at the first.
pub async fn sequences(config: &Config, sequences: &[Sequence]) -> Result<(), StoreError> {
    let numbered = sequences.iter().flat_map(|one| {
        let steps = (1_i16..).zip(&one.steps);
        steps.map(|(number, step)| (one.campaign.0, number, step))
    });
    let numbered: Vec<(Uuid, i16, &StepPlan)> = numbered.collect();
    let campaigns: Vec<Uuid> = numbered.iter().map(|one| one.0).collect();
    let numbers: Vec<i16> = numbered.iter().map(|one| one.1).collect();
    let actions: Vec<&str> = numbered.iter().map(|one| one.2.action.as_str()).collect();
    let waits: Vec<f64> = numbered
        .iter()
        .map(|one| one.2.wait.as_secs_f64())
        .collect();
    let subjects: Vec<Option<&str>> = numbered.iter().map(|one| one.2.subject).collect();
    let bodies: Vec<Option<&str>> = numbered.iter().map(|one| one.2.body).collect();
    let ids: Vec<Uuid> = sequences.iter().map(|one| one.campaign.0).collect();
    let lengths: Vec<i16> = sequences
        .iter()
        .map(|one| i16::try_from(one.steps.len()).unwrap_or(i16::MAX))
        .collect();
    let mut client = migrate::connect_as_owner(config).await?;
    let failed = |source| StoreError::Query {
        query: "seed",
        source: DriverMessage::of(source),
    };
    let tx = client.transaction().await.map_err(failed)?;
    run(
        &tx,
        STEPS,
        &[&campaigns, &numbers, &actions, &waits, &subjects, &bodies],
    )
    .await?;
    run(&tx, STARTS, &[&ids]).await?;
    run(&tx, ENDS, &[&ids, &lengths]).await?;
    tx.commit().await.map_err(failed)
}

/// Gives accounts caps of their own.
pub async fn own_caps(config: &Config, caps: &[OwnCaps]) -> Result<(), StoreError> {
    let accounts: Vec<Uuid> = caps.iter().map(|one| one.account.0).collect();
    let actions: Vec<&str> = caps.iter().map(|one| one.action.as_str()).collect();
    let days: Vec<i32> = caps.iter().map(|one| one.day).collect();
    let weeks: Vec<i32> = caps.iter().map(|one| one.week).collect();
    let lifted: Vec<Option<&str>> = caps.iter().map(|one| one.lifted_by).collect();
    let notes: Vec<&str> = caps.iter().map(|one| one.note).collect();
    let mut client = migrate::connect_as_owner(config).await?;
    let failed = |source| StoreError::Query {
        query: "seed",
        source: DriverMessage::of(source),
    };
    let tx = client.transaction().await.map_err(failed)?;
    run(
        &tx,
        OWN_CAPS,
        &[&accounts, &actions, &days, &weeks, &lifted, &notes],
    )
    .await?;
    tx.commit().await.map_err(failed)
}
