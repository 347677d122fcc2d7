//! Other steps than the usual three, and caps of an account's own.

use super::run;
use crate::columns::columns;
use crate::columns::values;
use crate::config::Config;
use crate::error::StoreError;
use crate::migrate;
use crate::number::clamp;
use crate::said::DriverMessage;
use crate::sql::{Sql, sql};
use policy::ids::{AccountId, CampaignId};
use policy::sends::Action;
use policy::templates::step::CheckedStep;
use std::time::Duration;
use tokio_postgres::Transaction;
use uuid::Uuid;

const STEPS: Sql = sql!("seed/steps");
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
    /// Names that its people may have values for, beside those that everybody has.
    pub variables: &'static [&'static str],
}

/// One step.
#[derive(Clone, Copy, Debug)]
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

/// What campaigns do that are given no other steps.
pub(super) const USUAL: [StepPlan; 3] = [
    usual(Action::Invite, 0, "Hello {{first_name}}, shall we connect?"),
    usual(
        Action::Message,
        2,
        "Thank you for connecting, {{first_name}}.",
    ),
    usual(
        Action::Message,
        4,
        "Is this still of interest, {{first_name}}?",
    ),
];

const fn usual(action: Action, days: u64, body: &'static str) -> StepPlan {
    StepPlan {
        action,
        wait: Duration::from_secs(days * 24 * 60 * 60),
        subject: None,
        body: Some(body),
    }
}

/// Gives planted campaigns other steps; their enrollments begin at the first. A step that could not be said is refused.
pub async fn sequences(config: &Config, sequences: &[Sequence]) -> Result<(), StoreError> {
    let mut client = migrate::connect_as_owner(config).await?;
    let failed = |source| StoreError::Query {
        query: "seed",
        source: DriverMessage::of(source),
    };
    let tx = client.transaction().await.map_err(failed)?;
    save_steps(&tx, sequences).await?;
    let ids: Vec<Uuid> = sequences.iter().map(|one| one.campaign.0).collect();
    run(&tx, values(STARTS).value("campaigns", ids)).await?;
    let ends = columns(ENDS, sequences)
        .with("campaign_id", |one| one.campaign.0)
        .with("steps", |one| clamp::<i16, _>(one.steps.len()));
    run(&tx, ends).await?;
    tx.commit().await.map_err(failed)
}

/// Saves campaigns' steps, each checked: the one statement that writes them (R-TPL-1).
pub(super) async fn save_steps(
    tx: &Transaction<'_>,
    sequences: &[Sequence],
) -> Result<(), StoreError> {
    let numbered = sequences.iter().flat_map(|one| {
        let steps = (1_i16..).zip(&one.steps);
        steps.map(|(number, step)| {
            CheckedStep::check(step.action, step.subject, step.body, one.variables)
                .map(|checked| (one.campaign, number, step.wait, checked))
        })
    });
    let numbered: Vec<(CampaignId, i16, Duration, CheckedStep)> = numbered
        .collect::<Result<_, _>>()
        .map_err(StoreError::Step)?;
    let steps = columns(STEPS, &numbered)
        .with("campaign_id", |(campaign, _, _, _)| campaign.0)
        .with("step", |(_, number, _, _)| *number)
        .with("action", |(_, _, _, step)| step.action().as_str())
        .with("wait_s", |(_, _, wait, _)| wait.as_secs_f64())
        .with("subject", |(_, _, _, step)| step.subject())
        .with("body", |(_, _, _, step)| step.body());
    run(tx, steps).await
}

/// Gives accounts caps of their own.
pub async fn own_caps(config: &Config, caps: &[OwnCaps]) -> Result<(), StoreError> {
    let mut client = migrate::connect_as_owner(config).await?;
    let failed = |source| StoreError::Query {
        query: "seed",
        source: DriverMessage::of(source),
    };
    let tx = client.transaction().await.map_err(failed)?;
    let planted = columns(OWN_CAPS, caps)
        .with("account_id", |one| one.account.0)
        .with("action", |one| one.action.as_str())
        .with("day", |one| one.day)
        .with("week", |one| one.week)
        .with("lifted_by", |one| one.lifted_by)
        .with("note", |one| one.note);
    run(&tx, planted).await?;
    tx.commit().await.map_err(failed)
}
