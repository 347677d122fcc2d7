//! The job that verifies and links one account.

use super::Proof;
use crate::decision::NewJob;
use crate::ids::{AccountId, SessionId, WorkspaceId};
use crate::jobs::ORPHAN_LINK;
use crate::links::LandedBy;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Payload of [`ORPHAN_LINK`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkOrphan {
    /// The account.
    pub account: AccountId,
    /// The session that was found.
    pub session: SessionId,
    /// Reason why it was the account's when it was found; looked at anew.
    pub proof: Proof,
    /// What found it; a look found what a link was made for just now.
    #[serde(default)]
    pub found_by: LandedBy,
}

impl LinkOrphan {
    /// The job that does it.
    pub fn job(&self, cause: String, workspace: WorkspaceId, run_at: Timestamp) -> NewJob {
        NewJob {
            kind: ORPHAN_LINK,
            cause,
            workspace: Some(workspace),
            account: Some(self.account),
            run_at,
            payload: json!(self),
        }
    }
}
