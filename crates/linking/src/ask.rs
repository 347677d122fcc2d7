//! With what a link is asked for, and what is given.

use jiff::Timestamp;
use policy::ids::{AccountId, AttemptId, WorkspaceId};
use secrecy::SecretString;

pub use policy::account::AttemptPurpose;
pub use policy::life::{Intent, LastLink};

/// A link for an account.
#[derive(Clone, Debug)]
pub struct LinkAsk {
    /// Account to link.
    pub account: AccountId,
    /// Workspace that it must be of: the token's, the page's.
    pub workspace: WorkspaceId,
    /// Whoever asks, as the attempt keeps it: `token 0a1b2c`, `operator anna`, `owner via notice`.
    pub by: String,
    /// What it is wanted for.
    pub intent: Intent,
    /// Report on the link that was given before.
    pub last_link: LastLink,
    /// Address for the owner's browser after a success; our own return page without one.
    pub success_url: Option<String>,
    /// Address for the owner's browser after a failure; our own return page without one.
    pub failure_url: Option<String>,
}

/// A hosted page that waits for its owner. Its `Debug` hides the URL.
#[derive(Clone, Debug)]
pub struct Minted {
    /// Attempt that its callback will name.
    pub attempt: AttemptId,
    /// Page, to be opened by the owner now; never to be mailed, logged or stored in the clear.
    pub url: SecretString,
    /// What it does for its account.
    pub purpose: AttemptPurpose,
    /// When the page stops to work, if the provider's daily restart has not ended it before.
    pub expires_at: Timestamp,
    /// It was minted for an earlier call, and is given again (R-LNK-1).
    pub is_reused: bool,
}
