//! What mails are made and given away with.

use jiff::{SignedDuration, Timestamp};
use linking::{Keys, OptOut, PageTicket, PublicUrls};
use mailing::{Mailer, OptOutUrl};
use policy::ids::AccountId;
use policy::notices::NoticeFacts;

/// Life of an owner's page after its mail.
const PAGE_LIFE: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Mail server, and the keys and addresses of the links in mails.
#[derive(Clone, Debug)]
pub struct Postbox {
    /// Whoever gives mails away.
    pub mailer: Mailer,
    /// Keys that sign links.
    pub keys: Keys,
    /// Addresses that links stand below.
    pub urls: PublicUrls,
}

impl Postbox {
    /// Address of the page of a notice's owner.
    pub(crate) fn page(&self, notice: &NoticeFacts, now: Timestamp) -> String {
        let ticket = PageTicket {
            account: notice.notice.account,
            episode: notice.notice.episode,
            step: notice.notice.step.number(),
            ends_at: now.checked_add(PAGE_LIFE).unwrap_or(Timestamp::MAX),
        };
        self.urls.page(&self.keys.page(&ticket)).into()
    }

    /// Address that takes the owner of an account off the list.
    pub(crate) fn opt_out(&self, account: AccountId) -> OptOutUrl {
        let token = self.keys.opt_out(&OptOut { account });
        OptOutUrl(self.urls.opt_out(&token).into())
    }
}
