//! Sends, each with its steps (R-CAP-5).

use super::{ByAge, Page, fetched};
use crate::columns::values;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use policy::ids::SendId;
use policy::sends::SendState;
use serde::Serialize;
use tokio_postgres::Row;
use utoipa::ToSchema;
use uuid::Uuid;

const SENDS: Sql = sql!("views/sends");
const SEND: Sql = sql!("views/send");
const SEND_STEPS: Sql = sql!("views/send_steps");

/// Which sends; all that is said must fit.
#[derive(Clone, Debug)]
pub struct SendFilter {
    /// How far they came.
    pub state: SendState,
    /// Of one account.
    pub account: Option<Uuid>,
    /// Of one campaign.
    pub campaign: Option<Uuid>,
    /// Of one workspace.
    pub workspace: Option<Uuid>,
}

/// A send in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ListedSend)]
pub struct SendView {
    /// Its id.
    pub id: Uuid,
    /// Its sender.
    pub account_id: Uuid,
    /// Its sender's name.
    pub account: String,
    /// Its workspace.
    pub workspace_id: Uuid,
    /// Its campaign; none if it is of none.
    pub campaign_id: Option<Uuid>,
    /// Its campaign's name.
    pub campaign: Option<String>,
    /// Its enrollment.
    pub enrollment_id: Option<Uuid>,
    /// Key of its step.
    pub step: Option<String>,
    /// What is done.
    pub action: String,
    /// To whom: the provider's id of the person, or an address.
    pub target: String,
    /// `planned`, `reserved`, `sending`, `sent`, `refused`, `failed`, `unknown` or `cancelled`.
    pub state: String,
    /// Code of its end.
    pub code: Option<String>,
    /// When it was planned.
    #[schema(value_type = String, format = DateTime)]
    pub planned_at: Timestamp,
    /// When it was called.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub called_at: Option<Timestamp>,
    /// When its state was written.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub settled_at: Option<Timestamp>,
    /// Looks for an unknown outcome so far.
    pub looks: i16,
    /// The next look; none once it was given up, and waits for a person.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub look_at: Option<Timestamp>,
    /// The provider's name for what came into being.
    pub reference: Option<String>,
}

/// A line of a send's audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SendStepView {
    /// `intent` or `outcome`.
    pub event: String,
    /// When it was written.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// State before.
    pub from: String,
    /// State after.
    pub to: String,
    /// Code of an outcome.
    pub code: String,
    /// What was noted.
    pub note: String,
    /// Whether its capacity was given back.
    pub refunded: bool,
    /// Who wrote it.
    pub actor: String,
}

/// One send with its steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SendDetail {
    /// Itself.
    #[serde(flatten)]
    pub send: SendView,
    /// Its audit, in order.
    pub steps: Vec<SendStepView>,
}

impl Tx {
    /// One page of sends, the newest plan first.
    pub async fn send_views(
        &self,
        filter: &SendFilter,
        before: Option<ByAge>,
        limit: u32,
    ) -> Result<Page<SendView>, StoreError> {
        let (at, id) = before.map(|ByAge(at, id)| (at, id)).unzip();
        let page = values(SENDS)
            .value("state", filter.state.as_str())
            .value("account", filter.account)
            .value("campaign", filter.campaign)
            .value("workspace", filter.workspace)
            .value("before_at", at)
            .value("before_id", id)
            .value("limit", fetched(limit));
        let rows = self.rows_with(page).await?;
        let rows = rows.iter().map(send).collect::<Result<_, _>>()?;
        Ok(Page::of(rows, limit, |one: &SendView| {
            ByAge::text(one.planned_at, one.id)
        }))
    }

    /// One send of an account; without the account only one that is open, or of unknown outcome.
    pub async fn send_detail(
        &self,
        id: SendId,
        account: Option<Uuid>,
    ) -> Result<Option<SendDetail>, StoreError> {
        let rows = self.rows(SEND, &[&id.0, &account]).await?;
        let Some(found) = rows.first() else {
            return Ok(None);
        };
        let send = send(found)?;
        let rows = self.rows(SEND_STEPS, &[&send.account_id, &id.0]).await?;
        let steps = rows.iter().map(step).collect::<Result<_, _>>()?;
        Ok(Some(SendDetail { send, steps }))
    }
}

fn send(found: &Row) -> Result<SendView, StoreError> {
    Ok(SendView {
        id: row::get(found, "id")?,
        account_id: row::get(found, "account_id")?,
        account: row::get(found, "account")?,
        workspace_id: row::get(found, "workspace_id")?,
        campaign_id: row::get(found, "campaign_id")?,
        campaign: row::get(found, "campaign")?,
        enrollment_id: row::get(found, "enrollment_id")?,
        step: row::get(found, "step")?,
        action: row::get(found, "action")?,
        target: row::get(found, "target")?,
        state: row::get(found, "state")?,
        code: row::get(found, "code")?,
        planned_at: row::get(found, "planned_at")?,
        called_at: row::get(found, "sending_at")?,
        settled_at: row::get(found, "settled_at")?,
        looks: row::get(found, "looks")?,
        look_at: row::get(found, "look_at")?,
        reference: row::get(found, "reference")?,
    })
}

fn step(found: &Row) -> Result<SendStepView, StoreError> {
    Ok(SendStepView {
        event: row::get(found, "event")?,
        at: row::get(found, "recorded_at")?,
        from: row::get(found, "from_state")?,
        to: row::get(found, "to_state")?,
        code: row::get(found, "code")?,
        note: row::get(found, "note")?,
        refunded: row::get(found, "refunded")?,
        actor: row::get(found, "actor")?,
    })
}
