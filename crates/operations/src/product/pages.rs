//! Where an owner acts: the address of their page, for who shows it to them (R-API-1).

use jiff::Timestamp;
use linking::{Keys, PageTicket, PublicUrls};
use policy::ids::AccountId;
use policy::pill::OwnerAction;
use store::views::AccountView;

const DAY_SECONDS: i64 = 24 * 60 * 60;
/// Days that an address is good for, from the beginning of the day on which it is shown.
const DAYS: i64 = 31;

/// Addresses of owners' pages, each signed by the fleet's key.
#[derive(Clone, Copy)]
pub struct OwnerPages<'a> {
    keys: &'a Keys,
    urls: &'a PublicUrls,
}

impl<'a> OwnerPages<'a> {
    /// Pages of whoever holds that key, reached at those addresses.
    pub const fn new(keys: &'a Keys, urls: &'a PublicUrls) -> Self {
        Self { keys, urls }
    }

    /// Page on which an owner does `action`; null for what is done on none. The same all day (UTC), so that a view that did not
    /// change is the same view.
    pub fn action_url(
        &self,
        account: AccountId,
        (episode, action): (i64, OwnerAction),
        now: Timestamp,
    ) -> Option<String> {
        if !action.has_a_page() {
            return None;
        }
        let today = now.as_second().div_euclid(DAY_SECONDS);
        let ticket = PageTicket {
            account,
            episode,
            step: PageTicket::OF_A_LINK,
            ends_at: Timestamp::from_second((today + DAYS) * DAY_SECONDS).ok()?,
        };
        Some(self.urls.page(&self.keys.page(&ticket)).to_string())
    }
}

impl OwnerPages<'_> {
    /// Adds its owner's page to an account of a list.
    #[must_use]
    pub fn on(&self, mut listed: AccountView, now: Timestamp) -> AccountView {
        let action = OwnerAction::parse(&listed.action).unwrap_or(OwnerAction::None);
        let about = (listed.episode_version, action);
        listed.action_url = self.action_url(AccountId(listed.id), about, now);
        listed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::SecretString;
    use uuid::Uuid;

    #[test]
    fn r_api_1_a_page_is_named_where_its_owner_acts_and_stays_the_same_all_day() {
        let key = SecretString::from("0123456789abcdef".repeat(4));
        let keys = Keys::parse(&key, None).expect("a key");
        let urls = PublicUrls::parse("https://cb.example", "https://me.example").expect("bases");
        let pages = OwnerPages::new(&keys, &urls);
        let account = AccountId(Uuid::from_u128(7));
        let at = |text: &str| text.parse::<Timestamp>().expect("an instant");
        let page = |action, now| pages.action_url(account, (3, action), at(now));
        let first = page(OwnerAction::OwnerReconnect, "2026-12-01T00:00:00Z").expect("a page");
        let last = page(OwnerAction::OwnerConfirm, "2026-12-01T23:59:59Z");
        assert_eq!(last.as_ref(), Some(&first));
        let ticket = first.strip_prefix("https://me.example/r/").expect("ours");
        let read = keys.read_page(ticket).expect("signed");
        assert_eq!((read.account, read.episode), (account, 3));
        assert_eq!(read.ends_at, at("2027-01-01T00:00:00Z"));
        for action in [
            OwnerAction::None,
            OwnerAction::Wait,
            OwnerAction::AskSupport,
        ] {
            assert_eq!(page(action, "2026-12-01T00:00:00Z"), None);
        }
    }
}
