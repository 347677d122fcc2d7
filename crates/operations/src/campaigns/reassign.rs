//! Enrollments of a sender go to others, as a preview said (R-CAM-6).

mod view;

pub use view::{ReassignPreview, Stayer, Taker};

use crate::{Code, Done, Operation, Refused};
use policy::campaigns::reassign::reassign;
use policy::ids::{AccountId, CampaignId};
use serde::Deserialize;
use store::Tx;
use store::operators::{Act, Scope};
use utoipa::ToSchema;
use uuid::Uuid;

/// Gives the people of a sender to other senders, exactly as the preview with this token said.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reassign {
    /// Campaign.
    pub id: Uuid,
    /// Account that gives away.
    pub from: Uuid,
    /// Accounts that take over, of the same workspace; the campaign's other senders in the rotation, if not said.
    #[serde(default)]
    pub to: Option<Vec<Uuid>>,
    /// Token of the preview; it ends when anything that the preview said is otherwise.
    pub token: String,
}

impl Operation for Reassign {
    const SCOPE: Scope = Scope::Operate;

    fn what(&self) -> String {
        format!("campaigns reassign {} --from {}", self.id, self.from)
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        let (campaign, from) = (CampaignId(self.id), AccountId(self.from));
        let seen = preview(tx, campaign, from, self.to.as_deref()).await?;
        if seen.token != self.token.trim() {
            return Err(Refused::of_code(
                Code::ChangedSincePreview,
                "token: what the preview said is otherwise by now; look again",
            ));
        }
        let moved = tx
            .reassign_enrollments(act, (campaign, from), &seen.moves)
            .await?;
        let to: Vec<String> = seen.takers.iter().map(Taker::short).collect();
        let says = format!(
            "moved {moved} people: {}; {} stay",
            to.join(", "),
            seen.stays.len()
        );
        Ok(Done::new(says).with_json("moved", moved.into()))
    }
}

/// What a reassignment would do now, and its token.
pub async fn preview(
    tx: &Tx,
    campaign: CampaignId,
    from: AccountId,
    to: Option<&[Uuid]>,
) -> Result<ReassignPreview, Refused> {
    let sheet = tx.campaign_sheet(campaign.0).await?;
    let sheet =
        sheet.ok_or_else(|| Refused::missing(format!("there is no campaign {campaign}")))?;
    if !sheet.senders.iter().any(|it| it.account == from) {
        return Err(Refused::missing(format!(
            "from: account {from} is no sender of the campaign"
        )));
    }
    let asked: Option<Vec<AccountId>> = to.map(|ids| ids.iter().copied().map(AccountId).collect());
    let facts = tx.to_reassign(campaign, from, asked.as_deref()).await?;
    if let Some(unfit) = asked
        .iter()
        .flatten()
        .find(|id| !facts.names.contains_key(id))
    {
        return Err(Refused::conflict(format!(
            "to: account {unfit} is no other connected account of the campaign's workspace"
        )));
    }
    let enrolled: Vec<_> = facts.waiting.iter().map(|it| it.enrolled.clone()).collect();
    let dealt = reassign(&facts.steps, &enrolled, &facts.targets);
    Ok(view::shown((campaign, from), &facts, dealt))
}
