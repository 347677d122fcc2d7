//! Facts that the end of a call is judged by.

use crate::ids::{AccountId, CampaignId, SendId, WorkspaceId};
use crate::sends::blame::Blame;
use crate::sends::{Action, SendState};

/// What is known of a send whose call has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettleFacts {
    /// The send.
    pub send: SendId,
    /// The account.
    pub account: AccountId,
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// The campaign that it was for.
    pub campaign: Option<CampaignId>,
    /// State as it stands: `sending`, unless others have noted or decided something while the call went on.
    pub state: SendState,
    /// Code of its last end; null while it has none.
    pub code: Option<String>,
    /// What was done.
    pub action: Action,
    /// An invitation with a note, of an account on whose tier notes are few: a limit may be the note's alone.
    pub has_scarce_note: bool,
    /// Cooldowns of notes in a row so far; 0 for none.
    pub note_streak: u16,
    /// How often in a row nothing of this account reached the provider; 0 for none.
    pub silence_streak: u16,
    /// This step was refused once before, and was to be tried once more.
    pub odd_before: bool,
    /// Refusals of this action in a row so far; 0 for none.
    pub cooldown_streak: u16,
    /// Whom each of the account's last settled sends speaks of, null where it went well: the newest first, this one
    /// excluded, within 24 hours and after its last protective hold ended, at most 50, of those alone that
    /// [`Blame::counts`] (R-CAP-8).
    pub recent: Vec<Option<Blame>>,
    /// The same of the campaign, since its `failures_from` (R-HEAL-2).
    pub campaign_recent: Vec<Option<Blame>>,
    /// This is the one send that must succeed first (R-CAP-8).
    pub probing: bool,
}
