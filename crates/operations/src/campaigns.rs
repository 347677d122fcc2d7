//! A person lets a campaign go on (R-CAM-1).

use crate::{Done, Operation, Refused};
use policy::campaigns::PauseReason;
use policy::ids::CampaignId;
use policy::lifting::Lifting;
use serde::Deserialize;
use store::Tx;
use store::operators::{Act, Scope};
use utoipa::ToSchema;
use uuid::Uuid;

/// Lifts one pause that a person lifts; what others pause stays paused.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Resume {
    /// Campaign to resume.
    pub id: Uuid,
    /// Pause to lift: `manual`, `stuck_loop`, `failure_rate` or `operator`.
    #[schema(example = "stuck_loop")]
    pub pause: String,
}

impl Operation for Resume {
    const SCOPE: Scope = Scope::Operate;

    fn what(&self) -> String {
        format!("campaigns resume {} --pause {}", self.id, self.pause)
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        let pause = reason(&self.pause)?;
        let still = tx.resume_campaign(act, CampaignId(self.id), pause).await?;
        let rest = match still.as_slice() {
            [] => "nothing pauses the campaign any more".to_owned(),
            left => format!("still paused: {}", left.join(", ")),
        };
        let says = format!("lifted {pause}; {rest}");
        Ok(Done::new(says).with_json("pauses", serde_json::json!(still)))
    }
}

fn reason(word: &str) -> Result<PauseReason, Refused> {
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
