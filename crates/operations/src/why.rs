//! Which rule says what of an account or a campaign, until when, and what would change it. Read in the caller's
//! transaction, at one instant of the database's clock; `Display` is for people, `Serialize` for programs.

mod account;
mod campaign;
mod paused;
mod remedy;
mod subscription;
mod words;

pub use account::{AccountView, ActionView};
pub use campaign::{CampaignView, PauseView, SenderView};
pub use remedy::Remedy;
pub use subscription::SubscriptionView;
pub use words::Eligibility;

use crate::Refused;
use policy::ids::{AccountId, CampaignId, WorkspaceId};
use store::Tx;

/// Why an account sends or does not; of one workspace, or of any. Another workspace's is as missing as none.
pub async fn account(
    tx: &Tx,
    id: AccountId,
    of: Option<WorkspaceId>,
) -> Result<AccountView, Refused> {
    let found = account::read(tx, id, of).await?;
    found.ok_or_else(|| Refused::missing(format!("there is no account {id}")))
}

/// Why a campaign runs or does not; of one workspace, or of any. Another workspace's is as missing as none.
pub async fn campaign(
    tx: &Tx,
    id: CampaignId,
    of: Option<WorkspaceId>,
) -> Result<CampaignView, Refused> {
    let found = campaign::read(tx, id, of).await?;
    found.ok_or_else(|| Refused::missing(format!("there is no campaign {id}")))
}
