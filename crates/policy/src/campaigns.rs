//! Which pauses are lifted when senders are back (R-CAM-1, R-CAM-2, R-HEAL-1, R-HEAL-3).

mod changes;

pub use changes::{CampaignChanges, CampaignPause, Heal, PauseReason};

use crate::decision::{Alert, Decision};
use crate::ids::{CampaignId, PauseId, WorkspaceId};
use jiff::Timestamp;
use serde_json::json;

/// Heals within an hour after which the next one is called a loop (R-HEAL-3).
pub const HEALS_PER_HOUR_MAX: i64 = 3;

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

/// A campaign with an `account_disconnected` pause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PausedCampaign {
    /// The campaign.
    pub campaign: CampaignId,
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// The `account_disconnected` pause.
    pub pause: PauseId,
    /// That pause's `version`.
    pub pause_version: i32,
    /// Its workspace's policy.
    pub on_sender_loss: OnSenderLoss,
    /// Its senders.
    pub senders: i64,
    /// Those of them that are `connected`, which means verified (R-LNK-6).
    pub able: i64,
    /// How often its `account_disconnected` was lifted in the last hour.
    pub heals_last_hour: i64,
    /// Whether it has `stuck_loop` already.
    pub stuck: bool,
}

/// Lifts `account_disconnected` where senders are back, and nothing else (R-HEAL-1); a campaign that is about to be
/// healed for the fourth time in an hour also gets `stuck_loop`, which only a person clears (R-HEAL-3).
pub fn heal(rows: &[PausedCampaign], now: Timestamp) -> Decision {
    let mut decision = Decision::nothing(now);
    for row in rows.iter().filter(|row| senders_are_back(row)) {
        decision.campaigns.heals.push(Heal {
            pause: row.pause,
            version: row.pause_version,
            campaign: row.campaign,
        });
        if row.heals_last_hour >= HEALS_PER_HOUR_MAX && !row.stuck {
            decision.campaigns.pauses.push(stuck_loop(row));
            decision.alerts.push(alert(row));
        }
    }
    decision
}

fn senders_are_back(row: &PausedCampaign) -> bool {
    match row.on_sender_loss {
        // A campaign without senders is not healed: nobody is back.
        OnSenderLoss::PauseCampaign => row.senders > 0 && row.able == row.senders,
        OnSenderLoss::ContinueWithRemaining => row.able > 0,
    }
}

fn stuck_loop(row: &PausedCampaign) -> CampaignPause {
    CampaignPause {
        campaign: row.campaign,
        reason: PauseReason::StuckLoop,
        note: format!(
            "resumed and paused again {} times within an hour; look at its senders, then resume it",
            row.heals_last_hour
        ),
    }
}

fn alert(row: &PausedCampaign) -> Alert {
    Alert {
        code: "stuck_loop",
        subject: format!("campaign {}", row.campaign),
        detail: json!({
            "workspace": row.workspace,
            "heals_last_hour": row.heals_last_hour,
            "senders": row.senders,
        }),
    }
}

#[cfg(test)]
mod tests;
