//! What a rule decided, complete: committing it leaves nothing to choose, not even the time.
//!
//! One function of the store commits decisions and is the only writer of an account's status; each [`Flip`] becomes
//! one changed row and exactly one audit row in one transaction (R-ST-2, R-AUD-2).

use crate::account::Status;
use crate::confirm::{Answer, Verdict};
use crate::ids::{
    AccountId, AttemptId, CampaignId, CaseId, Identity, PauseId, SessionId, WorkspaceId,
};
use crate::interlock::RemovalStep;
use crate::jobs::Kind;
use crate::sends::decided::{Look, NewCooldown, NewHold, Settlement};
use crate::session::Session;
use jiff::Timestamp;
use serde_json::Value;

/// What to do with rows that have moved on since the decision's facts were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnMoved {
    /// Leave those rows alone; the next sweep looks at them afresh.
    Skip,
    /// Commit nothing and run the job again on fresh facts.
    Retry,
}

/// Everything that one job decided.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// The instant that it was decided at, by the database's clock.
    pub at: Timestamp,
    /// What a moved row means for it.
    pub on_moved: OnMoved,
    /// Changes of status.
    pub flips: Vec<Flip>,
    /// Pauses to lift (R-HEAL-1).
    pub heals: Vec<Heal>,
    /// Pauses to add.
    pub pauses: Vec<Pause>,
    /// Cases to open.
    pub cases: Vec<NewCase>,
    /// Polls that were made.
    pub polls: Vec<Poll>,
    /// Cases to close.
    pub verdicts: Vec<CaseVerdict>,
    /// Ends of calls (R-CAP-5).
    pub settlements: Vec<Settlement>,
    /// Looks for unknown outcomes that settled nothing (R-CAP-6).
    pub looks: Vec<Look>,
    /// Actions that the provider holds, or holds no longer (R-CAP-7).
    pub cooldowns: Vec<NewCooldown>,
    /// Accounts to hold (R-CAP-7, R-CAP-8).
    pub holds: Vec<NewHold>,
    /// Steps of removals (SPEC §7).
    pub removals: Vec<RemovalStep>,
    /// What operators must hear.
    pub alerts: Vec<Alert>,
    /// What to do next.
    pub jobs: Vec<NewJob>,
    /// How far a run of the status watch has come.
    pub run: Option<RunStep>,
}

impl Decision {
    /// A decision to do nothing.
    pub fn nothing(at: Timestamp) -> Self {
        Self {
            at,
            on_moved: OnMoved::Skip,
            flips: vec![],
            heals: vec![],
            pauses: vec![],
            cases: vec![],
            polls: vec![],
            verdicts: vec![],
            settlements: vec![],
            looks: vec![],
            cooldowns: vec![],
            holds: vec![],
            removals: vec![],
            alerts: vec![],
            jobs: vec![],
            run: None,
        }
    }
}

/// Why an account's status changed; the code in its audit row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The provider asks for credentials.
    Credentials,
    /// The provider lacks permissions.
    Permissions,
    /// The provider stopped or failed.
    ProviderError,
    /// The provider is connecting a session that was connected.
    ProviderConnecting,
    /// The session answers again and was verified (R-LNK-6).
    Verified,
    /// A session that never landed was found and verified (R-ORP-1).
    OrphanLinked,
    /// Three polls found it gone (R-DEL-3).
    ConfirmedMissing,
}

impl Cause {
    /// Every cause.
    pub const ALL: [Self; 7] = [
        Self::Credentials,
        Self::Permissions,
        Self::ProviderError,
        Self::ProviderConnecting,
        Self::Verified,
        Self::OrphanLinked,
        Self::ConfirmedMissing,
    ];

    /// Reads the code in our tables; `None` for any other.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.as_str() == word)
    }

    /// The code in the audit row and in metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Credentials => "credentials",
            Self::Permissions => "permissions",
            Self::ProviderError => "provider_error",
            Self::ProviderConnecting => "provider_connecting",
            Self::Verified => "verified",
            Self::OrphanLinked => "orphan_linked",
            Self::ConfirmedMissing => "confirmed_missing",
        }
    }
}

/// A change of one account's status.
#[derive(Clone, Debug, PartialEq)]
pub struct Flip {
    /// The account.
    pub account: AccountId,
    /// `status_version` of the row that this was decided on; a row at any other has moved on.
    pub version: i64,
    /// Status that it was decided on.
    pub from: Status,
    /// Status to have.
    pub to: Status,
    /// Why.
    pub cause: Cause,
    /// When the news was observed; older than the account's last flip means moved on (R-ST-2).
    pub observed_at: Timestamp,
    /// What was seen, for the audit row.
    pub evidence: Value,
    /// The session to link with it, for a verified (re)connect.
    pub link: Option<Link>,
}

/// The session that an account is linked to by a flip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The session.
    pub session: SessionId,
    /// The person behind it.
    pub identity: Option<Identity>,
    /// The attempt that it answers, to be closed.
    pub attempt: Option<AttemptId>,
}

/// Lift one pause, if nothing has re-asserted it since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heal {
    /// The pause.
    pub pause: PauseId,
    /// Its `version` when the facts were read.
    pub version: i32,
    /// Its campaign.
    pub campaign: CampaignId,
}

/// Why a campaign does not run (R-CAM-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PauseReason {
    /// A sender cannot send.
    AccountDisconnected,
    /// A person of the workspace paused it.
    Manual,
    /// Healed and paused too often (R-HEAL-3).
    StuckLoop,
    /// The subscription ended.
    Subscription,
    /// Too many sends failed.
    FailureRate,
    /// An operator paused it.
    Operator,
}

impl PauseReason {
    /// Every reason.
    pub const ALL: [Self; 6] = [
        Self::AccountDisconnected,
        Self::Manual,
        Self::StuckLoop,
        Self::Subscription,
        Self::FailureRate,
        Self::Operator,
    ];

    /// The word in our tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccountDisconnected => "account_disconnected",
            Self::Manual => "manual",
            Self::StuckLoop => "stuck_loop",
            Self::Subscription => "subscription",
            Self::FailureRate => "failure_rate",
            Self::Operator => "operator",
        }
    }
}

/// Add one reason to a campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pause {
    /// The campaign.
    pub campaign: CampaignId,
    /// The reason.
    pub reason: PauseReason,
    /// For people.
    pub note: String,
}

/// Open a case for a linked session that a complete list did not hold.
#[derive(Clone, Debug, PartialEq)]
pub struct NewCase {
    /// The account.
    pub account: AccountId,
    /// The session that is suspected to be missing.
    pub session: SessionId,
    /// What was seen.
    pub evidence: Value,
    /// When the first poll is due.
    pub poll_at: Timestamp,
}

/// One poll of a case, as it was answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Poll {
    /// The case.
    pub case: CaseId,
    /// Its number within the case, from 1.
    pub number: u32,
    /// Before the first request, by the database's clock.
    pub started_at: Timestamp,
    /// After the last answer, by the database's clock.
    pub finished_at: Timestamp,
    /// What the suspected session's `GET` answered.
    pub answer: Answer,
    /// The session known good that was asked beside it.
    pub control: Option<SessionId>,
    /// What that one answered.
    pub control_answer: Answer,
}

/// The end of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseVerdict {
    /// The case.
    pub case: CaseId,
    /// How it ended.
    pub verdict: Verdict,
}

/// Something that an operator must hear; an open alert of the same code and subject is counted up, not repeated.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// What kind of trouble (`mass_change`).
    pub code: &'static str,
    /// What it is about, the other half of the key (`run 2026-…`).
    pub subject: String,
    /// Details for people.
    pub detail: Value,
}

/// A job to enqueue in the deciding transaction (R-JOB-1).
#[derive(Clone, Debug, PartialEq)]
pub struct NewJob {
    /// What kind.
    pub kind: Kind,
    /// What asked for it; the same cause is the same job, however often it is asked for.
    pub cause: String,
    /// The tenant that it works for, for fairness (R-JOB-6).
    pub workspace: Option<WorkspaceId>,
    /// The account that it works for, for pauses.
    pub account: Option<AccountId>,
    /// The earliest instant that it may run.
    pub run_at: Timestamp,
    /// Its payload, as the kind's version says.
    pub payload: Value,
}

/// A step of one run of the status watch; `slot` names the run.
#[derive(Clone, Debug, PartialEq)]
pub enum RunStep {
    /// Some pages of sessions were read.
    Listed {
        /// The run.
        slot: Timestamp,
        /// When the reading of these pages began; no sight in them is newer.
        seen_at: Timestamp,
        /// What they held.
        sessions: Vec<Session>,
        /// Every cursor that they gave.
        cursors: Vec<String>,
        /// Every item of these pages could at least be named: absence from the list then means something.
        is_whole: bool,
        /// Set when these were the last pages: how many comparing jobs follow.
        complete: Option<u32>,
    },
    /// The listing says nothing: the run ends without a comparison (R-WAT-3).
    Inconclusive {
        /// The run.
        slot: Timestamp,
        /// Why, for people.
        why: String,
    },
    /// Some proposals were dealt with.
    Handled {
        /// The run.
        slot: Timestamp,
        /// Whose.
        accounts: Vec<AccountId>,
        /// Set when none is left.
        outcome: Option<RunOutcome>,
    },
}

/// How a run of the status watch ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunOutcome {
    /// Its proposals were applied.
    Applied,
    /// The mass-change breaker refused its losses (R-WAT-3).
    Aborted,
}

impl RunOutcome {
    /// The word in our tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Aborted => "aborted",
        }
    }
}
