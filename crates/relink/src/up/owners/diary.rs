//! What owners did, in numbers and in `owners.log`, and what only they can know of the links that they were given.

use super::Owner;
use crate::commands::Failure;
use policy::ids::AccountId;
use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

policy::words! {
    /// Something that an owner did, or met.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(super) enum Deed {
        /// By the product's API.
        MadeAccount = "made an account",
        /// By the product's API, which may have said that none is needed.
        AskedForLink = "asked for a link",
        /// On the provider's page.
        SignedIn = "signed in",
        /// On the provider's page.
        SignedInAsAnother = "signed in as another",
        /// By the way out of the provider's page.
        GaveUp = "gave up",
        /// By the product's API, while the attempt was open.
        TookBack = "took an attempt back",
        /// As the product's API shows the account.
        HadMailbox = "had a mailbox connected",
        /// At the provider, without a page of ours or a link.
        MendedElsewhere = "mended a session elsewhere",
        /// The provider's, when it was to be used.
        FoundDead = "found a dead page",
        /// At the provider.
        LostSession = "lost a session",
        /// By the button of the page that it leads to.
        AnsweredMail = "answered a mail",
        /// That ended the life.
        MetTrouble = "met trouble",
    }
}

/// What owners tell when a run is over.
#[derive(Clone, Debug, Default)]
pub(crate) struct OwnersNote {
    /// Times that each thing was done, by its words.
    pub(crate) deeds: BTreeMap<&'static str, u64>,
    /// Links that were given although they had been used or were dead.
    pub(crate) given_again: u64,
    /// Profile that the owner of an account signed in with last.
    pub(crate) signed_in: BTreeMap<AccountId, String>,
}

/// Written by all owners. Neither a page's address nor a name stands in its file.
pub(super) struct Diary {
    began: Instant,
    speed: f64,
    kept: Mutex<Kept>,
}

struct Kept {
    log: File,
    note: OwnersNote,
    /// Pages that are over, one way or another.
    over: HashSet<String>,
}

impl Diary {
    pub(super) fn begin(logs: &Path, speed: f64) -> Result<Self, Failure> {
        let kept = Kept {
            log: File::create(logs.join("owners.log"))?,
            note: OwnersNote::default(),
            over: HashSet::new(),
        };
        Ok(Self {
            began: Instant::now(),
            speed,
            kept: Mutex::new(kept),
        })
    }

    /// Notes a deed.
    pub(super) fn did(&self, owner: &Owner, deed: Deed) {
        *self.locked().note.deeds.entry(deed.as_str()).or_default() += 1;
        self.write(owner, deed.as_str());
    }

    /// Notes who signed in on an account's page.
    pub(super) fn signed_in(&self, account: AccountId, handle: &str) {
        let mut kept = self.locked();
        kept.note.signed_in.insert(account, handle.to_owned());
    }

    /// Notes why a life ended early.
    pub(super) fn trouble(&self, owner: &Owner, why: &Failure) {
        self.did(owner, Deed::MetTrouble);
        self.write(owner, &why.to_string());
    }

    /// Notes that a page can be used no more.
    pub(super) fn is_over(&self, page: &str) {
        self.locked().over.insert(page.to_owned());
    }

    /// Counts a page that was given although it is over.
    pub(super) fn given(&self, page: &str) {
        let mut kept = self.locked();
        let again = kept.over.contains(page);
        kept.note.given_again += u64::from(again);
    }

    pub(super) fn note(&self) -> OwnersNote {
        self.locked().note.clone()
    }

    /// A line that cannot be written costs its reader no more than itself.
    fn write(&self, owner: &Owner, what: &str) {
        let minutes = self.began.elapsed().as_secs_f64() * self.speed / 60.0;
        let (number, manner) = (owner.number, owner.manner.as_str());
        let mut kept = self.locked();
        writeln!(
            kept.log,
            "{minutes:>6.1} min  owner {number} ({manner}): {what}"
        )
        .ok();
    }

    fn locked(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::super::lives::Manner;
    use super::*;

    #[test]
    fn r_lnk_1_a_link_that_was_used_and_is_given_again_is_counted() {
        let logs = std::env::temp_dir().join(format!("relink-diary-{}", std::process::id()));
        std::fs::create_dir_all(&logs).expect("a directory");
        let diary = Diary::begin(&logs, 60.0).unwrap_or_else(|error| panic!("{error}"));
        let owner = Owner::new(3, Manner::GivesUp, 1);
        diary.given("http://provider/1");
        diary.is_over("http://provider/1");
        diary.given("http://provider/2");
        assert_eq!(diary.note().given_again, 0);
        diary.given("http://provider/1");
        diary.did(&owner, Deed::GaveUp);
        diary.trouble(&owner, &Failure::new("the API is gone"));
        let note = diary.note();
        assert_eq!(note.given_again, 1);
        assert_eq!(note.deeds.values().sum::<u64>(), 2);
        let log = std::fs::read_to_string(logs.join("owners.log")).expect("its file");
        assert!(log.contains("owner 3 (gives up): the API is gone"), "{log}");
        assert!(!log.contains("http"), "{log}");
        std::fs::remove_dir_all(&logs).expect("it was made here");
    }
}
