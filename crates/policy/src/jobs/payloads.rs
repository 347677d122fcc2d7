//! Payloads of jobs; their kinds say which version of them this build writes.

use crate::ids::{AccountId, AttemptId, CaseId, RemovalId, RestartId, SendId};
use crate::listing::CursorMark;
use crate::notices::NoticeTry;
use crate::schedule::ShardRange;
use crate::watch::RunVerdict;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Payload of a job that a schedule made for the whole fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tick {
    /// The tick that asked for it.
    pub slot: Timestamp,
}

/// Payload of a job that a schedule made for a range of shards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TickShards {
    /// The tick that asked for it.
    pub slot: Timestamp,
    /// The shards to look at.
    pub shards: ShardRange,
}

/// Payload of [`ORPHANS_WATCH`](super::ORPHANS_WATCH): first [`TickShards`], then page after page of the same range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrphanPages {
    /// The tick that asked for it.
    pub slot: Timestamp,
    /// The shards to look at.
    pub shards: ShardRange,
    /// Last account of the page before.
    #[serde(default)]
    pub after: Option<AccountId>,
    /// Verifications that the pages before asked for.
    #[serde(default)]
    pub asked: u32,
}

/// Payload of [`STATUS_WATCH`](super::STATUS_WATCH).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchPages {
    /// The tick that the run belongs to.
    pub slot: Timestamp,
    /// The provider's cursor to go on from; none for the first page.
    #[serde(default)]
    pub cursor: Option<String>,
    /// Pages read by earlier jobs of this run.
    #[serde(default)]
    pub pages: u32,
    /// What those jobs leave to the next; none before the first page, and from builds that kept it in tables.
    #[serde(default)]
    pub so_far: Option<ListedSoFar>,
}

/// Way that a listing has come when one of its jobs ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedSoFar {
    /// When the job ended.
    pub at: Timestamp,
    /// Sessions that were read.
    pub sessions: u64,
    /// Cursor by which a list that goes round is found.
    pub mark: CursorMark,
}

/// Payload of [`CAMPAIGNS_RESUME`](super::CAMPAIGNS_RESUME).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameAccounts {
    /// The accounts, of any workspaces.
    pub accounts: Vec<AccountId>,
}

/// Payload of [`STATUS_COMPARE`](super::STATUS_COMPARE).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompareRun {
    /// The run.
    pub slot: Timestamp,
    /// Jobs of this run before it.
    #[serde(default)]
    pub part: u32,
    /// All sessions that changed are carried over.
    #[serde(default)]
    pub is_carried: bool,
    /// Last account that was compared; none before the first.
    #[serde(default)]
    pub after: Option<AccountId>,
}

/// Payload of [`STATUS_APPLY`](super::STATUS_APPLY): a whole run to judge, then its shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ApplyStep {
    /// A share of a judged run.
    Share(ApplyShare),
    /// A run that is compared.
    Judge(ApplyRun),
}

impl ApplyStep {
    /// The run.
    pub const fn slot(&self) -> Timestamp {
        match self {
            Self::Share(share) => share.slot,
            Self::Judge(run) => run.slot,
        }
    }
}

/// Payload of [`STATUS_APPLY`](super::STATUS_APPLY) for a run that is compared; a run that a build before this one began to
/// apply is judged anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplyRun {
    /// The run.
    pub slot: Timestamp,
    /// Chunks that earlier jobs of version 1 have dealt with.
    pub chunk: u32,
    /// Judgement by chunk 0 of version 1.
    #[serde(flatten)]
    pub verdict: RunVerdict,
}

/// Payload of [`STATUS_APPLY`](super::STATUS_APPLY) for a share of a judged run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplyShare {
    /// The run.
    pub slot: Timestamp,
    /// Number of the share, from 1.
    pub chunk: u32,
    /// Judgement of the run, for its end.
    #[serde(flatten)]
    pub verdict: RunVerdict,
    /// First account of the share.
    pub first: AccountId,
    /// Last account of the share, included.
    pub last: AccountId,
    /// Verifications that the whole run asks for.
    pub verifiable: u32,
}

/// Payload of [`LOSSES_APPLY`](super::LOSSES_APPLY).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptedLosses {
    /// Audit row of the act that accepted them.
    pub audit: Uuid,
    /// Last account of the page before.
    #[serde(default)]
    pub after: Option<AccountId>,
}

/// Payload of [`ATTEMPTS_END`](super::ATTEMPTS_END).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndAttempts {
    /// The tick that asked for it.
    pub slot: Timestamp,
    /// How many looks of this tick came before; 0 for the tick's own.
    #[serde(default)]
    pub chunk: u32,
}

/// Payload of [`ACCOUNT_VERIFY`](super::ACCOUNT_VERIFY).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifyAccount {
    /// The account.
    pub account: AccountId,
}

/// Payload of [`CONFIRM_POLL`](super::CONFIRM_POLL).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PollCase {
    /// The case.
    pub case: CaseId,
    /// Number of the poll within the case, from 1.
    pub number: u32,
}

/// Payload of [`ACCOUNT_CHECK`](super::ACCOUNT_CHECK).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckAccount {
    /// The account.
    pub account: AccountId,
    /// What the provider said.
    pub code: String,
}

/// Payload of [`SENDS_EXECUTE`](super::SENDS_EXECUTE) and [`SENDS_RESOLVE`](super::SENDS_RESOLVE).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameSend {
    /// The account.
    pub account: AccountId,
    /// The send.
    pub send: SendId,
}

/// Payload of [`SENDS_COMPARE`](super::SENDS_COMPARE).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompareInvitations {
    /// The account.
    pub account: AccountId,
}

/// Payload of [`REMOVALS_LOOK`](super::REMOVALS_LOOK) and [`REMOVALS_PROVE`](super::REMOVALS_PROVE).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookAtRemoval {
    /// The removal.
    pub removal: RemovalId,
    /// Number of the look, from 1.
    pub number: i32,
}

/// Payload of [`REMOVALS_EXECUTE`](super::REMOVALS_EXECUTE).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameRemoval {
    /// The removal.
    pub removal: RemovalId,
}

/// Payload of [`SESSIONS_RECOVER`](super::SESSIONS_RECOVER).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoverSession {
    /// The account.
    pub account: AccountId,
    /// Its `status_version` since it is `recovering`; at any other the job is moot.
    pub version: i64,
    /// Number of the rung, from 1; 0 where an operator asked.
    pub rung: u32,
    /// The restart that an operator asked for.
    #[serde(default)]
    pub by_operator: Option<RestartId>,
    /// Instant that the fleet's bound has kept for it.
    #[serde(default)]
    pub place: Option<Timestamp>,
}

/// Payload of [`LINKS_ANSWER`](super::LINKS_ANSWER).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerLink {
    /// Row of `provider_events`.
    pub event: Uuid,
    /// Times that it waited for the end of its attempt's minting.
    #[serde(default)]
    pub waited: u16,
}

/// Payload of [`LINKS_LOOK`](super::LINKS_LOOK).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookAtLink {
    /// The account.
    pub account: AccountId,
    /// The attempt; closed, it ends the looks.
    pub attempt: AttemptId,
    /// Looks in a row of which each asks for the next; 0 for one that asks for none.
    #[serde(default)]
    pub follow: u16,
}

/// Payload of [`NOTICES_DELIVER`](super::NOTICES_DELIVER).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailNotices {
    /// Notices that the mail tells, of one reader; the first one names it.
    pub notices: Vec<NoticeTry>,
}
