//! What people say of sends whose outcome is unknown (R-CAP-6), and which sends can be listed.

use crate::{Done, Operation, Refused};
use policy::ids::SendId;
use policy::sends::SendState;
use serde::Deserialize;
use store::Tx;
use store::operators::{Act, Scope, SendFinding};
use store::schemas::SendFindingName;
use store::views::SendFilter;
use utoipa::ToSchema;
use uuid::Uuid;

/// Decides a send whose outcome is unknown: found, its step is done; absent, the same step goes again.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Decide {
    /// Send to decide.
    pub id: Uuid,
    /// `found` or `absent`, as the person who looked at the provider saw it.
    #[serde(rename = "as")]
    #[schema(value_type = SendFindingName)]
    pub finding: String,
}

impl Operation for Decide {
    const SCOPE: Scope = Scope::Operate;

    fn what(&self) -> String {
        format!("sends decide {} --as {}", self.id, self.finding)
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        let finding = SendFinding::parse(&self.finding).ok_or_else(|| {
            let why = format!("as: {:?} is neither found nor absent", self.finding);
            Refused::invalid(why)
        })?;
        let decided = tx.decide_send(act, SendId(self.id), finding).await?;
        let state = match finding {
            SendFinding::Found => "is sent",
            SendFinding::Absent => "failed, and its capacity stays taken",
        };
        let next = match &decided.enrollment {
            Some((state, step)) if state == "active" => format!("; its enrollment is at {step}"),
            Some((state, _)) => format!("; its enrollment is {state}"),
            None => String::new(),
        };
        let says = format!("decided: the {} {state}{next}", decided.action);
        Ok(Done::new(says).with("account", &decided.account))
    }
}

/// Refuses a list that would read all sends there ever were: settled ones are listed of an account or a campaign.
pub fn checked(filter: SendFilter) -> Result<SendFilter, Refused> {
    let is_open = match filter.state {
        SendState::Planned | SendState::Reserved | SendState::Sending | SendState::Unknown => true,
        SendState::Sent | SendState::Refused | SendState::Failed | SendState::Cancelled => false,
    };
    if is_open || filter.account.is_some() || filter.campaign.is_some() {
        return Ok(filter);
    }
    let why = format!(
        "state: {} sends are listed of an account or of a campaign",
        filter.state
    );
    Err(Refused::invalid(why))
}
