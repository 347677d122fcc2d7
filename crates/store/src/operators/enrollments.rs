//! What people do to enrollments (R-CAM-6, R-CAM-7).

use super::Act;
use crate::columns::values;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use policy::ids::{AccountId, CampaignId, EnrollmentId};
use uuid::Uuid;

const CHANGE_ENROLLMENTS: Sql = sql!("operators/change_enrollments");
const REASSIGN_ENROLLMENTS: Sql = sql!("operators/reassign_enrollments");

/// Act on enrollments. No step is sent twice by any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnrollmentAct {
    /// Ends them; a call under way is not taken back.
    Stop,
    /// Lets overdue ones go now.
    Send,
    /// Leaves out the step that they stand on.
    Skip,
    /// Puts them on the step of this number or key.
    Move(String),
    /// Lets stopped ones go on at the step where they stopped.
    Restart,
}

impl EnrollmentAct {
    /// Words of all of them.
    pub const NAMES: [&'static str; 5] = ["stop", "send", "skip", "move", "restart"];

    /// The word in commands and in the audit.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Send => "send",
            Self::Skip => "skip",
            Self::Move(_) => "move",
            Self::Restart => "restart",
        }
    }
}

/// Enrollments that an act is about; at most 1,000 at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnrollmentSelector {
    /// These, all of them or none.
    Ids(Vec<EnrollmentId>),
    /// Overdue ones of a campaign, the longest due first.
    OverdueOf(CampaignId),
}

/// What an act on enrollments did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnrollmentsChanged {
    /// Enrollments changed.
    pub changed: i64,
    /// Those of them with a call on its way.
    pub under_way: i64,
    /// Overdue ones of the campaign that are left.
    pub still_overdue: i64,
}

impl Tx {
    /// Does one act on enrollments: on all that are named, or on none.
    pub async fn change_enrollments(
        &self,
        act: &Act<'_>,
        what: &EnrollmentAct,
        which: &EnrollmentSelector,
    ) -> Result<EnrollmentsChanged, StoreError> {
        let (ids, overdue_of) = match which {
            EnrollmentSelector::Ids(ids) => (Some(uuids(ids)), None),
            EnrollmentSelector::OverdueOf(campaign) => (None, Some(campaign.0)),
        };
        let step = match what {
            EnrollmentAct::Move(step) => Some(step.as_str()),
            _ => None,
        };
        let asked = values(CHANGE_ENROLLMENTS)
            .value("token", act.secret())
            .value("audit", act.audit)
            .value("act", what.as_str())
            .value("enrollments", ids)
            .value("overdue_of", overdue_of)
            .value("step", step)
            .value("reason", act.reason);
        let rows = self.rows_with(asked).await?;
        let found = rows.first().ok_or_else(|| StoreError::Row {
            column: "changed",
            why: "no answer".into(),
        })?;
        Ok(EnrollmentsChanged {
            changed: row::get(found, "changed")?,
            under_way: row::get(found, "under_way")?,
            still_overdue: row::get(found, "still_overdue")?,
        })
    }

    /// Gives enrollments of a sender to others, each to the one beside it. How many; refused if any moved on meanwhile.
    pub async fn reassign_enrollments(
        &self,
        act: &Act<'_>,
        (campaign, from): (CampaignId, AccountId),
        moves: &[(EnrollmentId, AccountId)],
    ) -> Result<i64, StoreError> {
        let enrollments: Vec<Uuid> = moves.iter().map(|(one, _)| one.0).collect();
        let accounts: Vec<Uuid> = moves.iter().map(|(_, to)| to.0).collect();
        let asked = values(REASSIGN_ENROLLMENTS)
            .value("token", act.secret())
            .value("audit", act.audit)
            .value("campaign", campaign.0)
            .value("from", from.0)
            .value("enrollments", enrollments)
            .value("accounts", accounts)
            .value("reason", act.reason);
        self.acted(asked, "moved").await
    }
}

fn uuids(ids: &[EnrollmentId]) -> Vec<Uuid> {
    ids.iter().map(|id| id.0).collect()
}
