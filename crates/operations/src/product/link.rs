//! A link with which an owner signs in: asked for by a product, by an operator (R-LNK-1).

use crate::workspaces::browser_url;
use crate::{Code, Refused};
use jiff::Timestamp;
use linking::{Deadness, Intent, LinkAsk, Minted, Minter, NotMinted};
use policy::ids::{AccountId, WorkspaceId};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use store::{Store, StoreError};
use utoipa::ToSchema;
use uuid::Uuid;

/// Time after which a provider that is down, or a call that mints, is asked again.
const SOON: Duration = Duration::from_secs(5);

/// What a link is wanted for, and where the owner's browser goes after it.
#[derive(Clone, Debug)]
pub struct LinkWish {
    /// What it is for.
    pub intent: Intent,
    /// Whether the link that was given before works.
    pub dead: Deadness,
    /// Place for the owner's browser after a success; the workspace's, without one.
    pub success_url: Option<String>,
    /// Place for the owner's browser after a failure; the workspace's, without one.
    pub failure_url: Option<String>,
}

/// Asks for a link of an account.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reconnect {
    /// The account is connected, and its owner signs in again before anything breaks.
    #[serde(default)]
    pub renew: bool,
    /// The link that was given does not work: another one is made at once, at most 3 in 10 minutes.
    #[serde(default)]
    pub dead: bool,
    /// Place for the owner's browser after the sign-in; the workspace's, without one.
    #[serde(default)]
    pub success_url: Option<String>,
    /// Place for the owner's browser after a sign-in that failed; the workspace's, without one.
    #[serde(default)]
    pub failure_url: Option<String>,
}

/// A page on which an owner signs in.
#[derive(Clone, Serialize, ToSchema)]
pub struct LinkView {
    /// Attempt that the link is of.
    pub attempt: Uuid,
    /// Page, to be opened by the owner now: it lives minutes, and is never mailed. Whoever has it can sign in.
    pub url: String,
    /// `first`, `reconnect`, `create`, `renew` or `restore`.
    pub purpose: &'static str,
    /// When the page stops to work, if the provider has not ended it before.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
    /// It was minted for an earlier call, and is given again.
    pub reused: bool,
}

/// Hides the URL.
impl std::fmt::Debug for LinkView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LinkView")
            .field("attempt", &self.attempt)
            .field("purpose", &self.purpose)
            .finish_non_exhaustive()
    }
}

impl From<Minted> for LinkView {
    fn from(minted: Minted) -> Self {
        Self {
            attempt: minted.attempt.0,
            url: minted.url.expose_secret().to_owned(),
            purpose: minted.purpose.as_str(),
            expires_at: minted.expires_at,
            reused: minted.is_reused,
        }
    }
}

impl Reconnect {
    /// The wish, checked. A disconnected account comes back by it: only this call does that.
    pub fn wish(&self) -> Result<LinkWish, Refused> {
        for (field, url) in [
            ("success_url", &self.success_url),
            ("failure_url", &self.failure_url),
        ] {
            if let Some(url) = url {
                browser_url(field, url)?;
            }
        }
        Ok(LinkWish {
            intent: if self.renew { Intent::Renew } else { Intent::Restore },
            dead: if self.dead { Deadness::Dead } else { Deadness::Works },
            success_url: self.success_url.clone(),
            failure_url: self.failure_url.clone(),
        })
    }
}

/// A link for an account of that workspace, asked for by `by` (`token 0a1b2c3d4e5f`).
pub async fn reconnect(
    at: (&Store, &Minter),
    of: (AccountId, WorkspaceId, &str),
    asked: &Reconnect,
) -> Result<LinkView, Refused> {
    mint(at, of, &asked.wish()?).await
}

pub(super) async fn mint(
    (store, minter): (&Store, &Minter),
    (account, workspace, by): (AccountId, WorkspaceId, &str),
    wish: &LinkWish,
) -> Result<LinkView, Refused> {
    let LinkWish {
        intent,
        dead,
        success_url,
        failure_url,
    } = wish;
    let own = store.reading(async |tx| tx.workspace(workspace).await);
    let own: Result<_, StoreError> = own.await;
    let own = own?.ok_or_else(|| Refused::missing("the workspace is gone"))?;
    let ask = LinkAsk {
        account,
        workspace,
        by: by.to_owned(),
        intent: *intent,
        dead: *dead,
        success_url: success_url.clone().or(own.success_url),
        failure_url: failure_url.clone().or(own.failure_url),
    };
    let minted = minter.mint(&ask).await;
    minted.map(LinkView::from).map_err(|why| not_minted(account, why))
}

/// Why there is no link, as programs are told.
pub(crate) fn not_minted(account: AccountId, why: NotMinted) -> Refused {
    let of = |code| Refused::of_code(code, why.to_string());
    match why {
        NotMinted::Missing => Refused::missing(format!("there is no account {account}")),
        NotMinted::AlreadyConnected => of(Code::AlreadyConnected),
        NotMinted::InProgress => of(Code::LinkInProgress).after(SOON),
        NotMinted::Disconnected => of(Code::Disconnected),
        NotMinted::TooManyDead(wait) => of(Code::Rate).after(wait),
        NotMinted::ProviderRefused(Some(ref word)) => {
            of(Code::ProviderRefused).of_provider(word.clone())
        }
        NotMinted::ProviderRefused(None) => of(Code::ProviderRefused),
        NotMinted::ProviderDown => of(Code::ProviderDown).after(SOON),
        NotMinted::ProviderSilent => of(Code::ProviderSilent).after(SOON),
        // Operators are told; whoever asks can only wait.
        NotMinted::OurKey => {
            Refused::of_code(Code::ProviderDown, "the provider takes no calls of ours now").after(SOON)
        }
        NotMinted::Busy => of(Code::Later).after(SOON),
        NotMinted::Database(error) => Refused::from(error),
    }
}
