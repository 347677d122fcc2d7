//! Minting: a short transaction, a call, a short transaction.

use crate::ask::{LinkAsk, Minted};
use crate::call::{self, Failure};
use crate::failure::NotMinted;
use crate::keys::Keys;
use crate::turn::{Grant, Turn, mint_time};
use crate::urls::PublicUrls;
use crate::waiting::Listening;
use policy::account::AttemptPurpose;
use policy::life::LinkTarget;
use provider::{HostedLink, Provider};
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::attempts::NewAttempt;
use store::{Store, StoreError, Tx};

/// Longest that a call waits for another one's mint.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// Oldest that a permission to call may be: whoever comes later would overrun its lease.
const PERMIT_MAX: Duration = Duration::from_secs(8);

/// Mints hosted links, each once. Cheap to clone; clones share one connection that listens.
#[derive(Clone)]
pub struct Minter {
    pub(crate) store: Store,
    provider: Arc<dyn Provider>,
    keys: Arc<Keys>,
    urls: Arc<PublicUrls>,
    listening: Arc<Listening>,
}

/// What else belongs into the transaction that hands a link out: the answer of an idempotent request, an act's record.
pub trait MintEnd: Sync {
    /// Writes it, of a link that is about to be handed out, new or given again; an error rolls the end of the mint back.
    fn write(
        &self,
        tx: &Tx,
        minted: &Minted,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Nothing else.
pub struct NoMintEnd;

impl MintEnd for NoMintEnd {
    async fn write(&self, _tx: &Tx, _minted: &Minted) -> Result<(), StoreError> {
        Ok(())
    }
}

impl Minter {
    /// A minter on an operators' login; nothing is connected yet.
    pub fn new(store: Store, provider: Arc<dyn Provider>, keys: Keys, urls: PublicUrls) -> Self {
        Self {
            store,
            provider,
            keys: Arc::new(keys),
            urls: Arc::new(urls),
            listening: Arc::default(),
        }
    }

    /// Keys that it signs and seals with.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Addresses that it tells the provider and owners.
    pub fn urls(&self) -> &PublicUrls {
        &self.urls
    }

    /// Mints a link, or gives the one that waits already (R-LNK-1). Waits at most ten seconds for another call that mints.
    pub async fn mint(&self, ask: &LinkAsk) -> Result<Minted, NotMinted> {
        self.mint_with(ask, &NoMintEnd).await
    }

    /// As [`Minter::mint`]; `end` writes into the transaction that hands the link out.
    pub async fn mint_with(&self, ask: &LinkAsk, end: &impl MintEnd) -> Result<Minted, NotMinted> {
        let ended = self.mint_or_wait(ask, end).await;
        let word = match &ended {
            Ok(minted) if minted.is_reused => "reused",
            Ok(_) => "minted",
            Err(why) => why.word(),
        };
        metrics::counter!("relink_mints_total", "outcome" => word).increment(1);
        ended
    }

    async fn mint_or_wait(&self, ask: &LinkAsk, end: &impl MintEnd) -> Result<Minted, NotMinted> {
        let began = Instant::now();
        let (mut waited, mut hearing) = (None, None);
        loop {
            let most = match self.take_turn(ask, waited, end).await? {
                Turn::Has(minted) => return Ok(minted),
                Turn::Mints(grant) => return self.mint_granted(ask, grant, end).await,
                Turn::Waits(attempt, most) => {
                    waited = Some(attempt);
                    most
                }
            };
            let left = WAIT_MAX.saturating_sub(began.elapsed());
            if left.is_zero() {
                return Err(NotMinted::Busy);
            }
            match &mut hearing {
                // Looked once more after it began to hear: what ended in between is seen.
                None => hearing = Some(self.listening.wait(&self.store).await),
                Some(hearing) => hearing.ring(ask.account, left.min(most)).await,
            }
        }
    }

    /// Calls the provider, without a transaction, and ends the mint.
    async fn mint_granted(
        &self,
        ask: &LinkAsk,
        mut grant: Grant,
        end: &impl MintEnd,
    ) -> Result<Minted, NotMinted> {
        let mut called = self.call(ask, &grant).await;
        if matches!(called, Err(Failure::Gone)) && grant.target != LinkTarget::Create {
            grant = self.go_on_as_create(ask, grant).await?;
            called = self.call(ask, &grant).await;
        }
        match called {
            Ok(link) => self.hand_out(&grant, &link, end).await,
            // The attempt is left to whoever takes it over.
            Err(Failure::Late) => Err(NotMinted::Busy),
            Err(failure) => self.give_up(&grant, failure).await,
        }
    }

    /// One call. Too late for its lease it is not made: then another may be making it.
    async fn call(&self, ask: &LinkAsk, grant: &Grant) -> Result<HostedLink, Failure> {
        let request = call::request(self, ask, grant);
        if grant.leased.elapsed() > PERMIT_MAX {
            return Err(Failure::Late);
        }
        let called = self.provider.hosted_link(&request).await;
        called.map_err(|error| {
            let (class, status) = (error.class.as_str(), error.status);
            tracing::warn!(class, status, "no link was made");
            Failure::of(&error)
        })
    }

    /// The same attempt, for a new session: its own is exactly gone. It gets time of its own.
    async fn go_on_as_create(&self, ask: &LinkAsk, grant: Grant) -> Result<Grant, NotMinted> {
        let leased = Instant::now();
        let tx = self.store.begin().await?;
        let at = tx.now().at;
        // What was a restore, or a renewal, stays one.
        let purpose = match grant.purpose {
            AttemptPurpose::Reconnect => AttemptPurpose::Create,
            other => other,
        };
        let time = mint_time(&tx, at);
        let new = NewAttempt {
            account: grant.account,
            attempt: grant.attempt,
            supersedes: None,
            is_dead: false,
            purpose,
            by: &ask.by,
            at,
            name_ends_at: grant.name_ends_at,
            time,
        };
        let numbers = (grant.mint_no, grant.mint_no);
        if !tx.renew_mint(&new, numbers).await? {
            tx.abandon().await;
            return Err(NotMinted::Busy);
        }
        tx.finish().await?;
        Ok(Grant {
            purpose,
            target: LinkTarget::Create,
            link_ends_at: time.link_ends_at,
            leased,
            ..grant
        })
    }
}
