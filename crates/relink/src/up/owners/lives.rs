//! Lives of owners, in minutes of the fleet's clock; `steps.rs` has what they are made of.

mod steps;

use super::Owner;
use super::diary::Deed;
use super::site::Site;
use crate::commands::Failure;
use crate::up::letters::page_of;

/// Between the beginnings of two lives.
const APART: f64 = 0.4;
/// Longer than anything takes that an owner waits for.
const PATIENCE: f64 = 180.0;

policy::words! {
    /// Way in which somebody goes about it, in the order in which a small fleet gets them.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(super) enum Manner {
        /// Signs in at once, is lost, and signs in again by the page that a mail leads to.
        AnswersMail = "answers mails",
        /// Clicks on the product's button again and again.
        ClicksTwice = "clicks twice",
        /// Leaves the provider's page by its way out, and comes again.
        GivesUp = "gives up",
        /// Signs in as somebody else, and by our page as themselves.
        IsAnother = "signs in as another",
        /// Opens the page, goes away, and comes back when it is dead.
        ComesLate = "comes late",
        /// Signs in, and the provider tells nobody.
        IsUntold = "nobody tells",
        /// Has a link for a lost session, and mends that elsewhere.
        MendsElsewhere = "mends it elsewhere",
        /// Has an account already, and makes another one.
        IsKnown = "is known already",
        /// Takes the attempt back, and comes again.
        TakesBack = "takes it back",
        /// Links a mailbox, and mends its lost session elsewhere when the page is dead.
        HasMailbox = "has a mailbox",
        /// Signs in, and is content.
        IsContent = "signs in",
    }
}

impl Manner {
    /// Whether the account is a mailbox, signed in to at its own provider.
    pub(super) const fn is_mailbox(self) -> bool {
        matches!(self, Self::HasMailbox)
    }
}

/// Lives one life to its end.
pub(super) async fn live(site: &Site, owner: &Owner) -> Result<(), Failure> {
    site.pass(f64::from(owner.number) * APART).await;
    let life = Life { site, owner };
    match owner.manner {
        Manner::AnswersMail => life.answer_mail().await,
        Manner::ClicksTwice => life.click_twice().await,
        Manner::GivesUp => life.give_up().await,
        Manner::IsAnother => life.be_another().await,
        Manner::ComesLate => life.come_late().await,
        Manner::IsUntold => life.be_untold().await,
        Manner::MendsElsewhere => life.mend_elsewhere().await,
        Manner::IsKnown => life.be_known().await,
        Manner::TakesBack => life.take_back().await,
        Manner::HasMailbox => life.have_mailbox().await,
        Manner::IsContent => life.begin().await.map(drop),
    }
}

struct Life<'a> {
    site: &'a Site,
    owner: &'a Owner,
}

impl Life<'_> {
    async fn answer_mail(&self) -> Result<(), Failure> {
        let account = self.begin().await?;
        if !self.is_lost_after(account, 4.0).await? {
            return Ok(());
        }
        let address = self.owner.address();
        let (site, address) = (self.site, address.as_str());
        let read = || async move { Ok(site.mails.newest_to(address)) };
        let mail = site.until(PATIENCE, read);
        let Some(page) = mail.await?.as_deref().and_then(page_of) else {
            return Ok(());
        };
        // Longer than a notice must stand before its owner is told that all is well again.
        site.pass(16.0).await;
        self.site.diary.did(self.owner, Deed::AnsweredMail);
        self.use_page(account, &page).await
    }

    async fn click_twice(&self) -> Result<(), Failure> {
        let (account, first) = self.sign_up(Some(&self.owner.handle)).await?;
        let click = || self.site.link(self.owner, account, false);
        let (one, other) = tokio::join!(click(), click());
        let given = [Some(first), one?, other?].into_iter().flatten();
        // Where time flies, a click may have come too late to get the same page: the newest counts.
        if let Some(newest) = given.max_by_key(|link| link.attempt) {
            self.sign_in(account, newest).await?;
        }
        if self.is_connected(account).await? {
            click().await?;
        }
        Ok(())
    }

    async fn give_up(&self) -> Result<(), Failure> {
        let (account, link) = self.sign_up(Some(&self.owner.handle)).await?;
        self.site.fill(&link.url, "give_up", "").await?;
        self.site.diary.did(self.owner, Deed::GaveUp);
        self.site.pass(6.0).await;
        self.come_again(account).await
    }

    async fn be_another(&self) -> Result<(), Failure> {
        let (account, link) = self.sign_up(Some(&self.owner.handle)).await?;
        self.site.fill(&link.url, "sign_in_as_another", "").await?;
        self.site.diary.did(self.owner, Deed::SignedInAsAnother);
        self.site.pass(6.0).await;
        // Not before the login is refused: until then the page says that it is being looked at.
        let is_refused = self
            .comes_to(account, |it| it == "reconnect_needed")
            .await?;
        let page = self.site.look(account).await?.page;
        match page.filter(|_| is_refused) {
            Some(page) => self.use_page(account, &page).await,
            None => Ok(()),
        }
    }

    async fn come_late(&self) -> Result<(), Failure> {
        let (account, link) = self.sign_up(Some(&self.owner.handle)).await?;
        self.site.opens(&link.url).await?;
        // Past the page's end and the grace after it.
        self.site.pass(40.0).await;
        self.sign_in(account, link).await
    }

    async fn be_untold(&self) -> Result<(), Failure> {
        let (account, link) = self.sign_up(Some(&self.owner.handle)).await?;
        self.fill(account, &link.url, "sign_in_untold").await
    }

    async fn mend_elsewhere(&self) -> Result<(), Failure> {
        let account = self.begin().await?;
        if !self.is_lost_after(account, 12.0).await? {
            return Ok(());
        }
        if let Some(link) = self.site.link(self.owner, account, false).await? {
            self.site.opens(&link.url).await?;
        }
        self.site.pass(3.0).await;
        self.mend().await
    }

    async fn take_back(&self) -> Result<(), Failure> {
        let (account, link) = self.sign_up(Some(&self.owner.handle)).await?;
        self.site.opens(&link.url).await?;
        self.site.pass(2.0).await;
        if self.site.cancel(self.owner, account, link.attempt).await? {
            // Nobody may be led there again.
            self.site.diary.is_over(&link.url);
        }
        // Within a minute it is back where it was before.
        self.comes_to(account, |it| it != "connecting").await?;
        self.site.pass(4.0).await;
        self.come_again(account).await
    }

    /// Nothing but the watch finds a session that is mended when its page is over.
    async fn have_mailbox(&self) -> Result<(), Failure> {
        let account = self.begin().await?;
        if !self.is_connected(account).await? {
            return Ok(());
        }
        self.site.diary.did(self.owner, Deed::HadMailbox);
        if !self.is_lost_after(account, 6.0).await? {
            return Ok(());
        }
        if let Some(link) = self.site.link(self.owner, account, false).await? {
            self.site.opens(&link.url).await?;
        }
        self.site.pass(40.0).await;
        self.mend().await
    }

    /// The person is another account's of the workspace: the login is refused.
    async fn be_known(&self) -> Result<(), Failure> {
        self.site.pass(15.0).await;
        let (site, person) = (self.site, &self.owner.known);
        // Whoever is connected first has the person: the other account's login would be refused, and never be well.
        let look = || async move { Ok(site.was_connected(person).await?.then_some(())) };
        if site.until(PATIENCE, look).await?.is_none() {
            return Ok(());
        }
        let (account, link) = self.sign_up(None).await?;
        self.site.fill(&link.url, "sign_in", person).await?;
        self.site.diary.signed_in(account, person);
        self.site.diary.did(self.owner, Deed::SignedIn);
        Ok(())
    }
}
