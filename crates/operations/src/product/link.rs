//! A link with which an owner signs in: asked for by a product, or by an operator for it (R-LNK-1).

use super::not_minted::not_minted;
use crate::keys::{KeptAnswer, KeyHold};
use crate::workspaces::browser_url;
use crate::{Code, Done, OperationRequest, Refused};
use jiff::Timestamp;
use linking::{Intent, LastLink, LinkAsk, MintEnd, Minted, Minter, NotMinted};
use policy::account::Status;
use policy::ids::{AccountId, AttemptId, WorkspaceId};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::operators::Act;
use store::{Store, StoreError, Tx};
use utoipa::ToSchema;
use uuid::Uuid;

/// What a link is wanted for, and where the owner's browser goes after it.
#[derive(Clone, Debug)]
pub struct LinkWish {
    /// What it is for.
    pub intent: Intent,
    /// Report on the link that was given before.
    pub last_link: LastLink,
    /// Place for the owner's browser after a success; the workspace's, without one.
    pub success_url: Option<String>,
    /// Place for the owner's browser after a failure; the workspace's, without one.
    pub failure_url: Option<String>,
}

/// Asks for a link of an account.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reconnect {
    /// Id of the account.
    pub id: Uuid,
    /// The account is connected, and its owner signs in again before anything breaks.
    #[serde(default)]
    #[schema(default = false)]
    pub renew: bool,
    /// The link that was given does not work: another one is made at once, at most 3 in 10 minutes.
    #[serde(default)]
    #[schema(default = false)]
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
        let (intent, last_link) = match (self.renew, self.dead) {
            (true, false) => (Intent::Renew, LastLink::Unsaid),
            (true, true) => (Intent::Renew, LastLink::Dead),
            (false, false) => (Intent::Restore, LastLink::Unsaid),
            (false, true) => (Intent::Restore, LastLink::Dead),
        };
        Ok(LinkWish {
            intent,
            last_link,
            success_url: self.success_url.clone(),
            failure_url: self.failure_url.clone(),
        })
    }
}

/// Account that a link is for, and whoever asks, as the attempt keeps it: `token 0a1b2c3d4e5f`.
#[derive(Clone, Copy, Debug)]
pub struct LinkFor<'a> {
    /// Account to link.
    pub account: AccountId,
    /// Workspace that it must be of.
    pub workspace: WorkspaceId,
    /// Whoever asks.
    pub by: &'a str,
}

/// A link for an account, with its audit row; with a held key its answer is kept in the same transaction, without the URL.
pub async fn give_link(
    at: (&Store, &Minter),
    asked: &OperationRequest<'_>,
    of: LinkFor<'_>,
    (wish, hold): (&LinkWish, Option<&KeyHold>),
) -> Result<LinkView, Refused> {
    let what = format!("accounts link {}", of.account);
    let mut act = Act::new(asked.token, asked.reason.trim());
    act.audit = hold.map_or(act.audit, KeyHold::audit);
    let end = Noted {
        act: &act,
        account: of.account,
        hold,
    };
    let minted = mint(at, of, wish, &end).await;
    let says = match &minted {
        Ok(_) => format!("done, audit {}", act.audit),
        Err(refused) => format!("refused: {refused}"),
    };
    (asked.log)(&format!("[SENSITIVE-OP] {what}: {says}"));
    minted
}

/// Says what can be known of a link before the provider is asked for one; nothing is written.
pub async fn try_link(store: &Store, of: LinkFor<'_>, wish: &LinkWish) -> Result<Done, Refused> {
    let tx = store.begin().await?;
    let found = tx.owners_account(of.workspace, of.account).await;
    tx.abandon().await;
    let missing = || Refused::missing(format!("there is no account {}", of.account));
    let appearance = found?.ok_or_else(missing)?.appearance;
    if let Some(into) = appearance.merged_into {
        return Err(not_minted(of.account, NotMinted::Merged(into)));
    }
    let status = appearance.facts.status;
    if status == Status::Connected && wish.intent != Intent::Renew {
        return Err(not_minted(of.account, NotMinted::AlreadyConnected));
    }
    Ok(Done::new("made a link, unless the provider refuses it"))
}

/// Reads a link that an earlier call with the same key was given, for as long as it waits for its owner.
pub async fn given_before(
    (store, minter): (&Store, &Minter),
    of: LinkFor<'_>,
    kept: &KeptAnswer,
) -> Result<LinkView, Refused> {
    let attempt = AttemptId(kept.subject.unwrap_or_default());
    let tx = store.begin().await?;
    let found = tx.given_link((of.workspace, of.account), attempt).await;
    tx.abandon().await;
    let given = found?.and_then(|found| {
        let url = minter.keys().open_url(attempt, &found.sealed)?;
        Some(LinkView {
            attempt: attempt.0,
            url,
            purpose: found.purpose.as_str(),
            expires_at: found.ends_at,
            reused: true,
        })
    });
    given.ok_or_else(|| {
        let why = "the link that this key stands for has ended; ask for another with a new key";
        Refused::of_code(Code::Expired, why)
    })
}

/// Row of the record, and the answer of a key, in the transaction that makes a link known.
struct Noted<'a> {
    act: &'a Act<'a>,
    account: AccountId,
    hold: Option<&'a KeyHold>,
}

impl MintEnd for Noted<'_> {
    async fn write(&self, tx: &Tx, minted: &Minted) -> Result<(), StoreError> {
        tx.note_link(self.act, (self.account, minted.attempt))
            .await?;
        if let Some(hold) = self.hold {
            let kept = KeptAnswer {
                status: if minted.is_reused { 200 } else { 201 },
                body: json!({ "purpose": minted.purpose.as_str() }),
                subject: Some(minted.attempt.0),
            };
            hold.complete(tx, &kept).await?;
        }
        Ok(())
    }
}

pub(super) async fn mint(
    (store, minter): (&Store, &Minter),
    of: LinkFor<'_>,
    wish: &LinkWish,
    end: &impl MintEnd,
) -> Result<LinkView, Refused> {
    let LinkWish {
        intent,
        last_link,
        success_url,
        failure_url,
    } = wish;
    let tx = store.begin().await?;
    let own = tx.workspace(of.workspace).await;
    tx.abandon().await;
    let own = own?.ok_or_else(|| Refused::missing("the workspace is gone"))?;
    let ask = LinkAsk {
        account: of.account,
        workspace: of.workspace,
        by: of.by.to_owned(),
        intent: *intent,
        last_link: *last_link,
        success_url: success_url.clone().or(own.success_url),
        failure_url: failure_url.clone().or(own.failure_url),
    };
    let given = minter.mint_with(&ask, end).await;
    given
        .map(LinkView::from)
        .map_err(|why| not_minted(of.account, why))
}
