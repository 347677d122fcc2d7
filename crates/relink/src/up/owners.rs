//! Owners of a demonstration: people who link accounts by the product's API and the provider's page, as people do.
//!
//! Each lives one life (`lives.rs`) beside the planted fleet: some click twice, give up, sign in as somebody else, come back
//! late, or answer the mail that tells them of a loss.

mod diary;
mod lives;
mod site;

pub(crate) use diary::OwnersNote;
pub(crate) use site::{Site, SiteAddresses};

use lives::{Manner, live};
use policy::account::ProductKind;
use std::sync::Arc;
use tokio::task::JoinSet;

/// Owners of the smallest fleet, and of the largest.
const OWNERS: (u32, u32) = (6, 11);
/// Planted accounts for each owner, in between.
const ACCOUNTS_OF_ONE: u32 = 18;

/// One of them.
#[derive(Clone, Debug)]
struct Owner {
    number: u32,
    manner: Manner,
    /// Public profile or mail address, which is theirs alone in data that is kept from run to run.
    handle: String,
    /// Profile of the first owner.
    known: String,
}

impl Owner {
    fn new(number: u32, manner: Manner, run: i64) -> Self {
        let name = |number: u32| format!("lake-{number}-{run}");
        let profile = name(number);
        Self {
            number,
            manner,
            handle: if manner.is_mailbox() {
                address(&profile)
            } else {
                profile
            },
            known: name(0),
        }
    }

    /// Kind of the account, in the product's word.
    fn kind(&self) -> &'static str {
        let kind = if self.manner.is_mailbox() {
            ProductKind::Google
        } else {
            ProductKind::Linkedin
        };
        kind.as_str()
    }

    /// Where its mails go.
    fn address(&self) -> String {
        if self.manner.is_mailbox() {
            self.handle.clone()
        } else {
            address(&self.handle)
        }
    }
}

fn address(name: &str) -> String {
    format!("{name}@lakeside.example")
}

/// Everybody who links accounts while the fleet runs. Dropping it ends their lives.
pub(crate) struct Owners {
    site: Arc<Site>,
    lives: JoinSet<()>,
}

impl Owners {
    /// Begins the lives of the owners that belong to a fleet of so many accounts. `run` tells their names from those of every
    /// other run.
    pub(crate) fn begin(site: Site, accounts: u32, run: i64) -> Self {
        let (least, most) = OWNERS;
        let count = (accounts / ACCOUNTS_OF_ONE).clamp(least, most);
        let site = Arc::new(site);
        let mut lives = JoinSet::new();
        for (number, manner) in (0..count).zip(Manner::ALL.into_iter().cycle()) {
            let owner = Owner::new(number, manner, run);
            let site = Arc::clone(&site);
            lives.spawn(async move {
                if let Err(error) = live(&site, &owner).await {
                    site.diary.trouble(&owner, &error);
                }
            });
        }
        Self { site, lives }
    }

    /// Lets nobody begin anything more; what they did.
    pub(crate) async fn rest(mut self) -> OwnersNote {
        self.lives.shutdown().await;
        self.site.diary.note()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r_lnk_1_a_mailbox_is_signed_in_to_by_its_address_and_a_profile_by_its_name() {
        let owner = |manner| Owner::new(3, manner, 7);
        let facts = |it: &Owner| (it.kind(), it.handle.clone(), it.address());
        let mailbox = "lake-3-7@lakeside.example".to_owned();
        assert_eq!(
            facts(&owner(Manner::HasMailbox)),
            ("google", mailbox.clone(), mailbox.clone())
        );
        assert_eq!(
            facts(&owner(Manner::TakesBack)),
            ("linkedin", "lake-3-7".to_owned(), mailbox)
        );
    }
}
