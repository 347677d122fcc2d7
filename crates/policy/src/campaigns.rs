//! Which campaigns stand still for their senders, and which go on when those are back (R-CAM-1, R-CAM-2, R-HEAL-1,
//! R-HEAL-3).

mod changes;
pub mod reassign;

pub use changes::{CampaignChanges, CampaignPause, Heal, PauseReason, StuckLoop};

use crate::account::Flip;
use crate::decision::{Decision, NewJob};
use crate::ids::{CampaignId, PauseId, WorkspaceId};
use crate::jobs::{CAMPAIGNS_RESUME, NameAccounts};
use jiff::Timestamp;
use serde_json::json;

/// Heals within an hour after which the next one is called a loop (R-HEAL-3).
pub const HEALS_PER_HOUR_MAX: i64 = 3;
/// Accounts whose campaigns one job heals.
const RESUMED_MAX: usize = 500;

crate::words! {
    /// A workspace's policy for a campaign that loses a sender (R-CAM-2).
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
    pub enum OnSenderLoss {
        /// Pause until every sender is back.
        #[default]
        PauseCampaign = "pause_campaign",
        /// Go on while any sender is left.
        ContinueWithRemaining = "continue_with_remaining",
    }
}

/// A campaign with its senders counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CampaignSenders {
    /// The campaign.
    pub campaign: CampaignId,
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// Its `account_disconnected` pause, if it has one.
    pub pause: Option<OpenPause>,
    /// Its workspace's policy.
    pub on_sender_loss: OnSenderLoss,
    /// Its senders.
    pub senders: i64,
    /// Those of them that are `connected`, which means verified (R-LNK-6).
    pub able: i64,
    /// How often the system lifted its `account_disconnected` in the last hour, since a person last cleared `stuck_loop`.
    pub heals_last_hour: i64,
    /// Whether it has `stuck_loop` already.
    pub stuck: bool,
}

/// A pause in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenPause {
    /// The pause.
    pub id: PauseId,
    /// Steps up whenever the pause is asserted again.
    pub version: i32,
}

/// Lifts `account_disconnected` where senders are back, and nothing else (R-HEAL-1); a campaign that is about to be
/// healed for the fourth time in an hour also gets `stuck_loop`, which only a person clears (R-HEAL-3). A campaign that
/// runs against its policy, whatever led there, is paused (R-CAM-2).
pub fn heal(rows: &[CampaignSenders], now: Timestamp) -> Decision {
    let mut decision = Decision::nothing(now);
    for row in rows {
        match row.pause {
            Some(pause) if senders_are_back(row) => {
                decision.campaigns.heals.push(Heal {
                    pause: pause.id,
                    version: pause.version,
                    campaign: row.campaign,
                    stuck: is_loop(row).then(|| stuck_loop(row)),
                });
            }
            None if must_stand(row) => decision.campaigns.pauses.push(CampaignPause {
                campaign: row.campaign,
                reason: PauseReason::AccountDisconnected,
                note: "a sender cannot send".to_owned(),
            }),
            _ => {}
        }
    }
    decision
}

/// Jobs that heal the campaigns of accounts that these flips connected, seconds later (R-HEAL-1); the sweep is the net
/// below. A version of an account is reached once, so the first of each job names it.
pub fn resume(back: &[&Flip], now: Timestamp) -> Vec<NewJob> {
    let jobs = back.chunks(RESUMED_MAX).filter_map(|flips| {
        let first = flips.first()?;
        let accounts = flips.iter().map(|flip| flip.account).collect();
        Some(NewJob {
            kind: CAMPAIGNS_RESUME,
            cause: format!(
                "{}:{}@{}",
                CAMPAIGNS_RESUME.name, first.account, first.version
            ),
            workspace: None,
            account: None,
            run_at: now,
            payload: json!(NameAccounts { accounts }),
        })
    });
    jobs.collect()
}

fn senders_are_back(row: &CampaignSenders) -> bool {
    // A campaign without senders is not healed: nobody is back.
    row.senders > 0 && !must_stand(row)
}

fn must_stand(row: &CampaignSenders) -> bool {
    match row.on_sender_loss {
        OnSenderLoss::PauseCampaign => row.able < row.senders,
        OnSenderLoss::ContinueWithRemaining => row.senders > 0 && row.able == 0,
    }
}

fn is_loop(row: &CampaignSenders) -> bool {
    row.heals_last_hour >= HEALS_PER_HOUR_MAX && !row.stuck
}

fn stuck_loop(row: &CampaignSenders) -> StuckLoop {
    StuckLoop {
        note: format!(
            "resumed and paused again {} times within an hour; look at its senders, then resume it",
            row.heals_last_hour
        ),
        detail: json!({
            "workspace": row.workspace,
            "heals_last_hour": row.heals_last_hour,
            "senders": row.senders,
        }),
    }
}

#[cfg(test)]
mod tests;
