//! Changes of campaigns' pauses, as decided (R-CAM-1, R-HEAL-1).

use crate::ids::{CampaignId, PauseId};
use serde_json::Value;

/// Part of a decision about campaigns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CampaignChanges {
    /// Pauses to lift (R-HEAL-1).
    pub heals: Vec<Heal>,
    /// Pauses to add, after the heals.
    pub pauses: Vec<CampaignPause>,
}

/// Lift one pause, if nothing has re-asserted it since.
#[derive(Clone, Debug, PartialEq)]
pub struct Heal {
    /// Open pause; lifted already is no error.
    pub pause: PauseId,
    /// Version of the pause when the facts were read; another means that it was asserted again.
    pub version: i32,
    /// Campaign that the pause belongs to.
    pub campaign: CampaignId,
    /// What else the campaign gets if this heal took effect, and not otherwise (R-HEAL-3).
    pub stuck: Option<StuckLoop>,
}

/// Stop a campaign that is healed and paused again and again.
#[derive(Clone, Debug, PartialEq)]
pub struct StuckLoop {
    /// Note of the pause `stuck_loop`.
    pub note: String,
    /// Details of the alert that goes with it.
    pub detail: Value,
}

/// Add one reason to a campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CampaignPause {
    /// Campaign to pause, running or not.
    pub campaign: CampaignId,
    /// Reason; one that the campaign has already is left as it is.
    pub reason: PauseReason,
    /// Explanation for people, as `relink why` shows it.
    pub note: String,
}

crate::words! {
    /// Reason for which a campaign does not run (R-CAM-1).
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum PauseReason {
        /// A sender cannot send.
        AccountDisconnected = "account_disconnected",
        /// A person of the workspace paused it.
        Manual = "manual",
        /// Healed and paused too often (R-HEAL-3).
        StuckLoop = "stuck_loop",
        /// The workspace's subscription ended.
        Subscription = "subscription",
        /// Too many sends failed.
        FailureRate = "failure_rate",
        /// An operator paused it.
        Operator = "operator",
    }
}
