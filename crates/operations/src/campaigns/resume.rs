//! A person pauses a campaign, and lets it go on (R-CAM-1).

use crate::{Done, Operation, Refused};
use policy::campaigns::PauseReason;
use policy::ids::CampaignId;
use policy::lifting::Lifting;
use serde::Deserialize;
use store::Tx;
use store::operators::{Act, Scope};
use store::schemas::{LiftablePause, SettablePause};
use utoipa::ToSchema;
use uuid::Uuid;

/// Pauses a campaign until a person lifts that pause; nothing that is planned for it goes out.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Pause {
    /// Campaign to pause.
    pub id: Uuid,
    /// Pause to set: `manual` or `operator`.
    #[schema(value_type = SettablePause)]
    pub pause: String,
}

impl Operation for Pause {
    const SCOPE: Scope = Scope::Operate;

    fn what(&self) -> String {
        format!("campaigns pause {} --pause {}", self.id, self.pause)
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        let pause = settable(&self.pause)?;
        let all = tx.pause_campaign(act, CampaignId(self.id), pause).await?;
        let says = format!(
            "paused it ({pause}); what keeps it from running: {}",
            all.join(", ")
        );
        Ok(Done::new(says).with_json("pauses", serde_json::json!(all)))
    }
}

fn settable(word: &str) -> Result<PauseReason, Refused> {
    let all: Vec<_> = PauseReason::set_by_people()
        .map(PauseReason::as_str)
        .collect();
    match PauseReason::parse(word) {
        Some(found) if all.contains(&found.as_str()) => Ok(found),
        Some(found) => Err(Refused::conflict(format!(
            "pause: no person sets {found}; its own cause does"
        ))),
        None => Err(Refused::invalid(format!(
            "pause: {word:?} is none that a person sets: {}",
            all.join(", ")
        ))),
    }
}

/// Lifts one pause that a person lifts; what others pause stays paused.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Resume {
    /// Campaign to resume.
    pub id: Uuid,
    /// Pause to lift: `manual`, `stuck_loop`, `failure_rate` or `operator`.
    #[schema(value_type = LiftablePause)]
    pub pause: String,
}

impl Operation for Resume {
    const SCOPE: Scope = Scope::Operate;

    fn what(&self) -> String {
        format!("campaigns resume {} --pause {}", self.id, self.pause)
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        let pause = liftable(&self.pause)?;
        let still = tx.resume_campaign(act, CampaignId(self.id), pause).await?;
        let rest = match still.as_slice() {
            [] => "nothing pauses the campaign any more".to_owned(),
            left => format!("still paused: {}", left.join(", ")),
        };
        let says = format!("lifted {pause}; {rest}");
        Ok(Done::new(says).with_json("pauses", serde_json::json!(still)))
    }
}

fn liftable(word: &str) -> Result<PauseReason, Refused> {
    let lifted: Vec<_> = PauseReason::lifted_by_people()
        .map(PauseReason::as_str)
        .collect();
    let found = PauseReason::parse(word).ok_or_else(|| {
        let all = lifted.join(", ");
        Refused::invalid(format!(
            "pause: {word:?} is none that a person lifts: {all}"
        ))
    })?;
    match found.lifting() {
        Lifting::System(words) => Err(Refused::conflict(format!(
            "pause: no person lifts {found}; it is cleared by {words}"
        ))),
        Lifting::Person(_) | Lifting::Either(_) => Ok(found),
    }
}
