//! The kinds of job that decisions may ask for, and their payloads. What a kind *does* stands in its worker's file.

mod payloads;

pub use payloads::{
    AcceptedLosses, AnswerLink, ApplyRun, ApplyShare, ApplyStep, CheckAccount, CompareInvitations,
    CompareRun, EndAttempts, ListedSoFar, LookAtLink, LookAtRemoval, MailNotices, NameAccounts,
    NameRemoval, NameSend, OrphanPages, PollCase, RecoverSession, Tick, TickShards, VerifyAccount,
    WatchPages,
};

use serde::{Deserialize, Serialize};

/// Declares [`Queue`] from one list of names and sentences.
macro_rules! queues {
    ($($queue:ident = $name:literal: $sentence:literal,)+) => {
        crate::words! {
            serde:
            /// Queue of jobs: also a worker crate, a metrics label and a Deployment.
            #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
            pub enum Queue {
                $(#[doc = concat!($sentence, ".")] $queue = $name,)+
            }
        }

        impl Queue {
            /// Sentence that help, `docs/jobs.md` and manifests show, without its full stop.
            pub const fn sentence(self) -> &'static str {
                match self {
                    $(Self::$queue => $sentence,)+
                }
            }
        }
    };
}

queues! {
    Sweeps = "sweeps": "Changes our own rows, a set at a time; asks nobody outside",
    Watches = "watches": "Lists the provider's sessions, compares and judges",
    Confirmations = "confirmations": "Polls sessions that may be gone",
    Sends = "sends": "Acts outward: what goes to people, each at most once",
    Removals = "removals": "Removes sessions, one at a time, behind the interlock",
    Notices = "notices": "Tells owners and teams, each at most once",
}

/// Name, queue and payload version of a kind of job. A name is never changed or reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// `area.verb`.
    pub name: &'static str,
    /// Where it is queued.
    pub queue: Queue,
    /// Version of the payload that this build writes (R-JOB-5).
    pub version: i16,
}

/// Name of a kind that this build knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct KindName(&'static str);

impl crate::words::Word for KindName {
    fn members() -> Vec<Self> {
        KINDS.iter().map(|kind| Self(kind.name)).collect()
    }

    fn word(self) -> &'static str {
        self.0
    }
}

/// Every kind that there is.
pub const KINDS: [Kind; 30] = [
    STATUS_WATCH,
    STATUS_COMPARE,
    STATUS_APPLY,
    LOSSES_APPLY,
    ACCOUNT_VERIFY,
    ORPHANS_WATCH,
    ORPHAN_LINK,
    CAMPAIGNS_HEAL,
    CAMPAIGNS_RESUME,
    CONFIRM_POLL,
    ACCOUNT_CHECK,
    SENDS_DISPATCH,
    SENDS_EXECUTE,
    SENDS_SETTLE,
    SENDS_RESOLVE,
    SENDS_COMPARE,
    HOLDS_RELEASE,
    REMOVALS_LOOK,
    REMOVALS_EXECUTE,
    REMOVALS_PROVE,
    DUPLICATES_WATCH,
    SUBSCRIPTIONS_GRACE,
    GUARDS_WATCH,
    ATTEMPTS_END,
    SESSIONS_RECOVER,
    LINKS_ANSWER,
    LINKS_LOOK,
    LINKS_LIST,
    NOTICES_PLAN,
    NOTICES_DELIVER,
];

/// Lists the provider's sessions, some pages a job ([`WatchPages`]).
pub const STATUS_WATCH: Kind = Kind {
    name: "status.watch",
    queue: Queue::Watches,
    version: 2,
};
/// Compares the fleet with the sessions that a run listed ([`CompareRun`]).
pub const STATUS_COMPARE: Kind = Kind {
    name: "status.compare",
    queue: Queue::Watches,
    version: 2,
};
/// Judges a whole run, then applies what it proposes in shares ([`ApplyStep`]).
pub const STATUS_APPLY: Kind = Kind {
    name: "status.apply",
    queue: Queue::Watches,
    version: 2,
};
/// Applies losses that an operator accepted after the breaker stopped them ([`AcceptedLosses`], R-WAT-3).
pub const LOSSES_APPLY: Kind = Kind {
    name: "losses.apply",
    queue: Queue::Watches,
    version: 1,
};
/// Verifies one account whose session looks well ([`VerifyAccount`], R-LNK-6).
pub const ACCOUNT_VERIFY: Kind = Kind {
    name: "account.verify",
    queue: Queue::Watches,
    version: 1,
};
/// Looks for sessions that never landed, a page of a range of shards a job ([`OrphanPages`], R-ORP).
pub const ORPHANS_WATCH: Kind = Kind {
    name: "orphans.watch",
    queue: Queue::Watches,
    version: 1,
};
/// Verifies and links the session of one account whose link never landed ([`LinkOrphan`](crate::orphans::LinkOrphan), R-ORP-1, R-LNK-6).
pub const ORPHAN_LINK: Kind = Kind {
    name: "orphan.link",
    queue: Queue::Watches,
    version: 1,
};
/// Lifts pauses whose cause is gone, one range of shards a job ([`TickShards`], R-HEAL-1).
pub const CAMPAIGNS_HEAL: Kind = Kind {
    name: "campaigns.heal",
    queue: Queue::Sweeps,
    version: 1,
};
/// Heals the campaigns of accounts that have just come back ([`NameAccounts`], R-HEAL-1).
pub const CAMPAIGNS_RESUME: Kind = Kind {
    name: "campaigns.resume",
    queue: Queue::Sweeps,
    version: 1,
};
/// One poll of one case ([`PollCase`], R-DEL-2).
pub const CONFIRM_POLL: Kind = Kind {
    name: "confirm.poll",
    queue: Queue::Confirmations,
    version: 1,
};
/// Looks at one account at once, because a send was refused for its session ([`CheckAccount`], R-CAP-7).
pub const ACCOUNT_CHECK: Kind = Kind {
    name: "account.check",
    queue: Queue::Watches,
    version: 1,
};
/// Plans the next send of each account that may send, one range of shards a job ([`TickShards`], R-CAP-4).
pub const SENDS_DISPATCH: Kind = Kind {
    name: "sends.dispatch",
    queue: Queue::Sweeps,
    version: 1,
};
/// Makes one planned send ([`NameSend`], R-CAP-5).
pub const SENDS_EXECUTE: Kind = Kind {
    name: "sends.execute",
    queue: Queue::Sends,
    version: 1,
};
/// Asks for a look at every unknown outcome that is due, one range of shards a job ([`TickShards`], R-CAP-6).
pub const SENDS_SETTLE: Kind = Kind {
    name: "sends.settle",
    queue: Queue::Sweeps,
    version: 1,
};
/// Looks for one send whose outcome is unknown ([`NameSend`], R-CAP-6).
pub const SENDS_RESOLVE: Kind = Kind {
    name: "sends.resolve",
    queue: Queue::Sends,
    version: 1,
};
/// Compares the invitations that the provider lists for one account with ours, once a day in which it invites
/// ([`CompareInvitations`], R-CAP-10).
pub const SENDS_COMPARE: Kind = Kind {
    name: "sends.compare",
    queue: Queue::Sends,
    version: 1,
};
/// Ends holds and queue pauses whose time is over ([`TickShards`]).
pub const HOLDS_RELEASE: Kind = Kind {
    name: "holds.release",
    queue: Queue::Sweeps,
    version: 1,
};

/// One look at a session that is to be removed ([`LookAtRemoval`], gate 3).
pub const REMOVALS_LOOK: Kind = Kind {
    name: "removals.look",
    queue: Queue::Removals,
    version: 1,
};
/// The one attempt of a removal ([`NameRemoval`], R-DEL-1).
pub const REMOVALS_EXECUTE: Kind = Kind {
    name: "removals.execute",
    queue: Queue::Removals,
    version: 1,
};
/// Looks whether a session is gone whose removal nobody saw end ([`LookAtRemoval`]).
pub const REMOVALS_PROVE: Kind = Kind {
    name: "removals.prove",
    queue: Queue::Removals,
    version: 1,
};

/// Looks for several live sessions of one person in the newest listing ([`Tick`], R-DUP-1).
pub const DUPLICATES_WATCH: Kind = Kind {
    name: "duplicates.watch",
    queue: Queue::Watches,
    version: 1,
};
/// Holds what belongs to ended subscriptions, and lets go what belongs to renewed ones ([`TickShards`], R-SUB-1).
pub const SUBSCRIPTIONS_GRACE: Kind = Kind {
    name: "subscriptions.grace",
    queue: Queue::Sweeps,
    version: 1,
};

/// Tests the guards of the record, and looks at the clock, for the deletion interlock ([`Tick`], gates 2 and 6).
pub const GUARDS_WATCH: Kind = Kind {
    name: "guards.watch",
    queue: Queue::Watches,
    version: 1,
};

/// Ends attempts whose time is over, and takes their accounts back to where they were ([`EndAttempts`], R-LNK-10).
pub const ATTEMPTS_END: Kind = Kind {
    name: "attempts.end",
    queue: Queue::Watches,
    version: 1,
};

/// Restarts the session of one account that is `recovering` ([`RecoverSession`], R-LNK-8).
pub const SESSIONS_RECOVER: Kind = Kind {
    name: "sessions.recover",
    queue: Queue::Watches,
    version: 1,
};

/// Acts on one stored event of the provider: a callback of a link, or news of a session ([`AnswerLink`], R-LNK-3).
pub const LINKS_ANSWER: Kind = Kind {
    name: "links.answer",
    queue: Queue::Watches,
    version: 1,
};
/// Looks whether the login of one open attempt has ended, in case nobody tells ([`LookAtLink`], R-LNK-3).
pub const LINKS_LOOK: Kind = Kind {
    name: "links.look",
    queue: Queue::Watches,
    version: 1,
};
/// Lists the provider's new sessions, once for all attempts whose session nobody has named ([`Tick`], R-LNK-3).
pub const LINKS_LIST: Kind = Kind {
    name: "links.list",
    queue: Queue::Watches,
    version: 1,
};
/// Plans notices that are due: one mail for each reader ([`Tick`], R-LNK-7).
pub const NOTICES_PLAN: Kind = Kind {
    name: "notices.plan",
    queue: Queue::Notices,
    version: 1,
};
/// Gives one mail to the mail server, at most once ([`MailNotices`], R-LNK-7).
pub const NOTICES_DELIVER: Kind = Kind {
    name: "notices.deliver",
    queue: Queue::Notices,
    version: 1,
};
