//! Subscriptions of workspaces: what an operator says of one is in force in that transaction (R-SUB-1).

use crate::text::utc;
use crate::{Done, Operation, Refused};
use jiff::Timestamp;
use policy::ids::WorkspaceId;
use policy::instant::optional;
use policy::subscriptions::{Standing, standing};
use serde::Deserialize;
use store::Tx;
use store::operators::{Act, Scope};
use utoipa::ToSchema;
use uuid::Uuid;

/// Says until when a workspace's subscription runs. A past end pauses its campaigns and holds its accounts at once; one to
/// come, or none, lets them go.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Subscribe {
    /// Id of the workspace.
    pub id: Uuid,
    /// End of the subscription, also a past one; null: it does not end.
    #[serde(default, deserialize_with = "optional")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ends_at: Option<Timestamp>,
}

impl Operation for Subscribe {
    const SCOPE: Scope = Scope::Operate;

    fn what(&self) -> String {
        format!("workspace subscription {}", self.id)
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        let workspace = WorkspaceId(self.id);
        let (accounts, campaigns) = tx.subscribe_workspace(act, workspace, self.ends_at).await?;
        let what = format!("{accounts} accounts and {campaigns} campaigns");
        Ok(Done::new(match standing(self.ends_at, tx.now().at) {
            Standing::Runs => format!("noted that the subscription runs on; let go: {what}"),
            Standing::Ends { at } => format!(
                "noted that the subscription runs until {}; let go: {what}; its end is followed within the hour",
                utc(at)
            ),
            Standing::Grace { ended_at, .. } | Standing::GraceOver { ended_at, .. } => format!(
                "noted that the subscription ended at {}; held or paused: {what}",
                utc(ended_at)
            ),
        }))
    }
}

/// Ends a workspace's subscription.
#[derive(Clone, Debug)]
pub struct EndSubscription {
    /// Id of the workspace.
    pub id: Uuid,
    /// End, also one to come; none: now, by the database's clock.
    pub at: Option<Timestamp>,
}

impl Operation for EndSubscription {
    const SCOPE: Scope = Scope::Operate;

    fn what(&self) -> String {
        format!("workspace subscription end {}", self.id)
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        let ends_at = Some(self.at.unwrap_or(tx.now().at));
        let id = self.id;
        Subscribe { id, ends_at }.act(tx, act).await
    }
}

/// Renews a workspace's subscription, whether it ended or will end.
#[derive(Clone, Debug)]
pub struct RenewSubscription {
    /// Id of the workspace.
    pub id: Uuid,
    /// Next end, which must be to come; none: it runs on without one.
    pub until: Option<Timestamp>,
}

impl Operation for RenewSubscription {
    const SCOPE: Scope = Scope::Operate;

    fn what(&self) -> String {
        format!("workspace subscription renew {}", self.id)
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        if self.until.is_some_and(|it| it <= tx.now().at) {
            return Err(Refused::invalid(
                "until: a renewal runs until an instant to come",
            ));
        }
        let (id, ends_at) = (self.id, self.until);
        Subscribe { id, ends_at }.act(tx, act).await
    }
}
