//! What a rule decided, complete: committing it leaves nothing to choose, not even the time.
//!
//! `Tx::apply` of the store commits decisions. Each part stands with its noun, here and in the store, where its writer
//! takes it apart whole: a part, or a field of one, that nothing writes does not compile.

use crate::account::StatusChanges;
use crate::campaigns::CampaignChanges;
use crate::confirm::CaseChanges;
use crate::duties::DutyVerdict;
use crate::ids::{AccountId, WorkspaceId};
use crate::interlock::RemovalChanges;
use crate::jobs::Kind;
use crate::links::LinkChanges;
use crate::notices::NoticeChanges;
use crate::restarts::RestartChanges;
use crate::sends::decided::SendChanges;
use crate::verify::VerificationChanges;
use crate::watch::{RunStep, StopChanges};
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
    /// Changes of accounts' status.
    pub status: StatusChanges,
    /// Campaigns to resume and to pause.
    pub campaigns: CampaignChanges,
    /// Cases opened, polled and closed.
    pub cases: CaseChanges,
    /// Losses that the breaker stopped, as looks change them.
    pub stops: StopChanges,
    /// Looks that verify accounts, for the next ones.
    pub verifications: VerificationChanges,
    /// Ends of calls, and what they mean for accounts.
    pub sends: SendChanges,
    /// Steps of removals (`docs/removals.md`).
    pub removals: RemovalChanges,
    /// Ends of restarts (R-LNK-8).
    pub restarts: RestartChanges,
    /// Attempts to link, and what they brought (R-LNK-3).
    pub links: LinkChanges,
    /// Notices to owners (R-LNK-7).
    pub notices: NoticeChanges,
    /// What operators must hear.
    pub alerts: Vec<Alert>,
    /// Jobs to enqueue next.
    pub jobs: Vec<NewJob>,
    /// Progress of a run of the status watch.
    pub run: Option<RunStep>,
    /// Whether the job could decide anything, of jobs that may not (R-WAT-5); null where their end is enough.
    pub duty: Option<DutyVerdict>,
}

impl Decision {
    /// A decision to do nothing.
    pub fn nothing(at: Timestamp) -> Self {
        Self {
            at,
            on_moved: OnMoved::Skip,
            status: StatusChanges::default(),
            campaigns: CampaignChanges::default(),
            cases: CaseChanges::default(),
            stops: StopChanges::default(),
            verifications: VerificationChanges::default(),
            sends: SendChanges::default(),
            removals: RemovalChanges::default(),
            restarts: RestartChanges::default(),
            links: LinkChanges::default(),
            notices: NoticeChanges::default(),
            alerts: vec![],
            jobs: vec![],
            run: None,
            duty: None,
        }
    }
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
