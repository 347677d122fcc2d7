//! What the lives of owners are made of.

use super::{Life, PATIENCE};
use crate::commands::Failure;
use crate::up::owners::diary::Deed;
use crate::up::owners::site::Link;
use policy::ids::AccountId;
use simulator::control::Health;

/// Dead pages in a row after which an owner gives in.
const DEAD_MAX: u32 = 3;

impl Life<'_> {
    /// Signs up and in.
    pub(super) async fn begin(&self) -> Result<AccountId, Failure> {
        let (account, link) = self.sign_up(Some(&self.owner.handle)).await?;
        self.sign_in(account, link).await?;
        Ok(account)
    }

    /// Makes an account; where it came without a link, asks for one until there is one.
    pub(super) async fn sign_up(&self, handle: Option<&str>) -> Result<(AccountId, Link), Failure> {
        let (account, link) = self.site.join(self.owner, handle).await?;
        let (site, owner) = (self.site, self.owner);
        let ask = || async move { site.link(owner, account, false).await };
        let link = if link.is_some() {
            link
        } else {
            site.until(PATIENCE, ask).await?
        };
        let link = link.ok_or_else(|| Failure::new("nobody makes a link"))?;
        Ok((account, link))
    }

    /// Signs in on the provider's page; where that is dead, says so and goes on with another one.
    pub(super) async fn sign_in(&self, account: AccountId, mut link: Link) -> Result<(), Failure> {
        for _ in 0..DEAD_MAX {
            if self.site.opens(&link.url).await? {
                return self.fill(account, &link.url, "sign_in").await;
            }
            self.found_dead(&link.url);
            match self.site.link(self.owner, account, true).await? {
                Some(other) => link = other,
                None => break,
            }
        }
        Ok(())
    }

    /// Clicks on the product's button, and signs in.
    pub(super) async fn come_again(&self, account: AccountId) -> Result<(), Failure> {
        match self.site.link(self.owner, account, false).await? {
            Some(link) => self.sign_in(account, link).await,
            None => Ok(()),
        }
    }

    /// Signs in by a page of ours, as a reader of a mail does: it is looked at first, by a program perhaps.
    pub(super) async fn use_page(&self, account: AccountId, page: &str) -> Result<(), Failure> {
        let mut is_dead = false;
        for _ in 0..DEAD_MAX {
            self.site.opens(page).await?;
            let Some(hosted) = self.site.press(page, is_dead).await? else {
                // Nothing is to be done any more, or not yet.
                return Ok(());
            };
            if self.site.opens(&hosted).await? {
                return self.fill(account, &hosted, "sign_in").await;
            }
            self.found_dead(&hosted);
            is_dead = true;
        }
        Ok(())
    }

    pub(super) async fn fill(
        &self,
        account: AccountId,
        url: &str,
        deed: &str,
    ) -> Result<(), Failure> {
        if self.site.fill(url, deed, &self.owner.handle).await? {
            self.site.diary.signed_in(account, &self.owner.handle);
            self.site.diary.did(self.owner, Deed::SignedIn);
        }
        Ok(())
    }

    fn found_dead(&self, url: &str) {
        self.site.diary.is_over(url);
        self.site.diary.did(self.owner, Deed::FoundDead);
    }

    pub(super) async fn is_connected(&self, account: AccountId) -> Result<bool, Failure> {
        self.comes_to(account, |status| status == "connected").await
    }

    /// Once connected, so many minutes later the session is lost; whether the account says so.
    pub(super) async fn is_lost_after(
        &self,
        account: AccountId,
        minutes: f64,
    ) -> Result<bool, Failure> {
        if !self.is_connected(account).await? {
            return Ok(false);
        }
        self.site.pass(minutes).await;
        self.change_session(Health::Credentials).await?;
        self.site.diary.did(self.owner, Deed::LostSession);
        self.comes_to(account, |status| status != "connected").await
    }

    pub(super) async fn comes_to(
        &self,
        account: AccountId,
        is_it: fn(&str) -> bool,
    ) -> Result<bool, Failure> {
        let site = self.site;
        let look = || async move {
            let seen = site.look(account).await?;
            Ok(is_it(&seen.status).then_some(()))
        };
        Ok(site.until(PATIENCE, look).await?.is_some())
    }

    pub(super) async fn mend(&self) -> Result<(), Failure> {
        self.change_session(Health::Ok).await?;
        self.site.diary.did(self.owner, Deed::MendedElsewhere);
        Ok(())
    }

    async fn change_session(&self, health: Health) -> Result<(), Failure> {
        self.site
            .control
            .change_session_of(&self.owner.handle, health)
            .await
    }
}
