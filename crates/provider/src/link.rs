//! Hosted links: what we ask for, and what comes back.

use jiff::Timestamp;
use policy::ids::SessionId;
use std::fmt;

/// A hosted page to mint. Its `Debug` hides the signed name and the URLs, which carry secrets in their queries.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkRequest {
    /// First link or relink.
    pub purpose: Purpose,
    /// When the page should stop working, if the provider's daily restart has not ended it before.
    pub expires_at: Timestamp,
    /// Our signed attempt token: the only proof that ties the session to an account (R-LNK-2).
    pub name: String,
    /// Where the provider tells the outcome.
    pub notify_url: String,
    /// Where the owner's browser goes after success.
    pub success_redirect_url: Option<String>,
    /// Where the owner's browser goes after failure.
    pub failure_redirect_url: Option<String>,
}

/// Why a hosted page is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A new session.
    Create {
        /// The provider's own names of what may be linked (`LINKEDIN`, `GOOGLE`, `*:MAILING`).
        providers: Vec<String>,
    },
    /// A session that lost its credentials; it keeps its id.
    Reconnect {
        /// Which.
        session: SessionId,
    },
}

/// A minted page. Whoever holds the URL can link, so its `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct HostedLink {
    /// To be opened in the owner's browser now; never to be mailed.
    pub url: String,
}

impl fmt::Debug for LinkRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkRequest")
            .field("purpose", &self.purpose)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for HostedLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostedLink").finish_non_exhaustive()
    }
}
