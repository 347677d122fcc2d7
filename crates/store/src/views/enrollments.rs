//! Enrollments of a campaign.

use super::{Page, fetched};
use crate::columns::values;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use serde::Serialize;
use tokio_postgres::Row;
use utoipa::ToSchema;
use uuid::Uuid;

const ENROLLMENTS: Sql = sql!("views/enrollments");

policy::words! {
    /// State of an enrollment.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum EnrollmentState {
        /// Steps are left.
        Active = "active",
        /// Its last step is done.
        Done = "done",
        /// Something or somebody ended it before.
        Stopped = "stopped",
    }
}

/// Which enrollments of a campaign; all that is said must fit.
#[derive(Clone, Debug, Default)]
pub struct EnrollmentFilter {
    /// In one state.
    pub state: Option<EnrollmentState>,
    /// Of one sender.
    pub account: Option<Uuid>,
    /// Only those that are too late to go by themselves (R-CAM-7).
    pub overdue: bool,
}

/// An enrollment in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ListedEnrollment)]
pub struct EnrollmentView {
    /// Its id.
    pub id: Uuid,
    /// Its campaign.
    pub campaign_id: Uuid,
    /// Its sender.
    pub account_id: Uuid,
    /// Its sender's name.
    pub account: String,
    /// The person's name.
    pub person: String,
    /// The provider's id of the person, or an address.
    pub target: String,
    /// Number of the step that it stands on.
    pub step: i16,
    /// Key of that step, which it keeps when steps move.
    pub step_key: String,
    /// What that step does.
    pub action: String,
    /// `active`, `done` or `stopped`.
    pub state: String,
    /// Its place in line; none while a send of it is open, and once it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due_at: Option<Timestamp>,
    /// Its step is not tried again before.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub not_before: Option<Timestamp>,
    /// Since when it waits for a person, because it is too late (R-CAM-7).
    #[schema(value_type = Option<String>, format = DateTime)]
    pub overdue_since: Option<Timestamp>,
    /// When it was stopped.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub stopped_at: Option<Timestamp>,
    /// Why it was stopped.
    pub stopped_why: Option<String>,
    /// Its send that is open, or of unknown outcome.
    pub send_id: Option<Uuid>,
    /// That send's state.
    pub send_state: Option<String>,
}

impl Tx {
    /// One page of a campaign's enrollments in the order of their ids, after `after`.
    pub async fn enrollment_views(
        &self,
        campaign: Uuid,
        filter: &EnrollmentFilter,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Page<EnrollmentView>, StoreError> {
        let page = values(ENROLLMENTS)
            .value("campaign", campaign)
            .value("state", filter.state.map(EnrollmentState::as_str))
            .value("account", filter.account)
            .value("overdue", filter.overdue)
            .value("after", after.unwrap_or_default())
            .value("limit", fetched(limit));
        let rows = self.rows_with(page).await?;
        let rows = rows.iter().map(enrollment).collect::<Result<_, _>>()?;
        Ok(Page::of(rows, limit, |one: &EnrollmentView| {
            one.id.to_string()
        }))
    }
}

fn enrollment(found: &Row) -> Result<EnrollmentView, StoreError> {
    Ok(EnrollmentView {
        id: row::get(found, "id")?,
        campaign_id: row::get(found, "campaign_id")?,
        account_id: row::get(found, "account_id")?,
        account: row::get(found, "account")?,
        person: row::get(found, "person")?,
        target: row::get(found, "target")?,
        step: row::get(found, "step")?,
        step_key: row::get(found, "step_key")?,
        action: row::get(found, "action")?,
        state: row::get(found, "state")?,
        due_at: row::get(found, "due_at")?,
        not_before: row::get(found, "not_before")?,
        overdue_since: row::get(found, "overdue_since")?,
        stopped_at: row::get(found, "stopped_at")?,
        stopped_why: row::get(found, "stopped_why")?,
        send_id: row::get(found, "send")?,
        send_state: row::get(found, "send_state")?,
    })
}
