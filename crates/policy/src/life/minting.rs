//! What a call for a link comes to: an old link, a new one, a wait, or a refusal (R-LNK-1, R-LNK-9).

use super::attempt::later;
use crate::account::{AttemptPhase, AttemptPurpose, Status};
use crate::ids::{AttemptId, SessionId};
use jiff::{SignedDuration, Timestamp};

/// How long an open link is given again instead of a new one.
pub const LINK_HELD: SignedDuration = SignedDuration::from_secs(90);

/// How long after a login a call for another link is told to wait for what the login brings.
pub const ANSWER_PATIENCE: SignedDuration = SignedDuration::from_secs(90);

/// How long an attempt's name is good: the longest that an attempt lives.
pub const NAME_LIFE: SignedDuration = SignedDuration::from_hours(24);

/// How long one mint may take, in the machine's time; whoever comes after that takes it over.
pub const MINT_LEASE: SignedDuration = SignedDuration::from_secs(30);

/// Links that may be called dead within [`DEAD_WITHIN`].
pub const DEAD_MAX: usize = 3;

/// Time in which [`DEAD_MAX`] links may be called dead.
pub const DEAD_WITHIN: SignedDuration = SignedDuration::from_mins(10);

/// What a link is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Intent {
    /// A first login, or the way back of an account that is lost.
    Repair,
    /// As `Repair`, and of a connected account a new login before anything broke.
    Renew,
    /// As `Repair`, and of a disconnected account its return: for whoever may undo a disconnect.
    Restore,
}

/// What the caller says of the link that it was given before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LastLink {
    /// Nothing: it may well work.
    Unsaid,
    /// It does not work.
    Dead,
}

/// Newest attempt of an account, as far as minting needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewestMint {
    /// The attempt.
    pub attempt: AttemptId,
    /// Its state.
    pub phase: AttemptPhase,
    /// What it is for.
    pub purpose: AttemptPurpose,
    /// Number of its mint, from 1; 0 for one that was not minted here.
    pub mint_no: i32,
    /// When its link was made; null while it is none.
    pub minted_at: Option<Timestamp>,
    /// End of the time that its mint may take.
    pub lease_ends_at: Option<Timestamp>,
    /// When its link stops to work.
    pub link_ends_at: Timestamp,
    /// When its page was used.
    pub answered_at: Option<Timestamp>,
}

/// Account and attempts, read while the account's row is locked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MintFacts {
    /// Instant after the lock was had, by the database's clock.
    pub at: Timestamp,
    /// Status of the account.
    pub status: Status,
    /// Its linked session.
    pub session: Option<SessionId>,
    /// Session that a disconnected account kept the name of.
    pub kept_session: Option<SessionId>,
    /// Whether it was ever connected.
    pub was_connected: bool,
    /// Its newest attempt.
    pub newest: Option<NewestMint>,
    /// Instants within [`DEAD_WITHIN`] at which links of it were called dead, the newest first, [`DEAD_MAX`] at most.
    pub dead_said: Vec<Timestamp>,
}

/// What the provider is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkTarget {
    /// A page that makes a session.
    Create,
    /// A page on which that session gets its credentials anew.
    Reconnect(SessionId),
}

/// What is done about a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MintStep {
    /// The open link is given again.
    Reuse(AttemptId),
    /// Another call mints; it has until then.
    Wait {
        /// Attempt that is being minted.
        attempt: AttemptId,
        /// End of its lease.
        until: Timestamp,
    },
    /// An attempt whose minter is gone is minted by this call.
    TakeOver {
        /// The attempt.
        attempt: AttemptId,
        /// What it is for.
        purpose: AttemptPurpose,
        /// What the provider is asked for.
        target: LinkTarget,
        /// Number of the mint.
        mint_no: i32,
    },
    /// A new attempt is begun.
    Begin {
        /// What it is for.
        purpose: AttemptPurpose,
        /// What the provider is asked for.
        target: LinkTarget,
        /// Attempt that it takes the place of.
        supersedes: Option<AttemptId>,
    },
    /// There is none.
    Refuse(MintRefusal),
}

/// Why a call gets no link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MintRefusal {
    /// It is connected, and nobody asked to renew it.
    AlreadyConnected,
    /// The newest link was used a moment ago.
    InProgress,
    /// Only a restore brings it back.
    Disconnected,
    /// Three links were called dead; room for the next is then.
    TooManyDead(Timestamp),
}

/// What a call for a link comes to.
pub fn mint_step(facts: &MintFacts, intent: Intent, last: LastLink) -> MintStep {
    let (purpose, target) = match wanted(facts, intent) {
        Ok(wanted) => wanted,
        Err(refusal) => return MintStep::Refuse(refusal),
    };
    let open = facts.newest.as_ref().filter(|it| !it.phase.is_closed());
    let Some(newest) = open else {
        return begin(facts, (purpose, target), last, None);
    };
    match newest.phase {
        AttemptPhase::Minting if is_same_login(newest.purpose, purpose) => {
            minting(facts, newest, (purpose, target))
        }
        AttemptPhase::Open if last == LastLink::Unsaid && is_held(facts, newest, purpose) => {
            MintStep::Reuse(newest.attempt)
        }
        AttemptPhase::Answered | AttemptPhase::Verifying
            if last == LastLink::Unsaid && is_fresh(facts, newest) =>
        {
            MintStep::Refuse(MintRefusal::InProgress)
        }
        _ => begin(facts, (purpose, target), last, Some(newest.attempt)),
    }
}

/// Purpose and page for an account as it is.
fn wanted(facts: &MintFacts, intent: Intent) -> Result<(AttemptPurpose, LinkTarget), MintRefusal> {
    let linked = || facts.session.clone().map(LinkTarget::Reconnect);
    match (facts.status, intent) {
        (Status::Connected, Intent::Renew) => {
            let target = linked().unwrap_or(LinkTarget::Create);
            Ok((AttemptPurpose::Renew, target))
        }
        (Status::Connected, Intent::Repair | Intent::Restore) => Err(MintRefusal::AlreadyConnected),
        (Status::Disconnected, Intent::Restore) => {
            let kept = facts.kept_session.clone().map(LinkTarget::Reconnect);
            Ok((AttemptPurpose::Restore, kept.unwrap_or(LinkTarget::Create)))
        }
        (Status::Disconnected, Intent::Repair | Intent::Renew) => Err(MintRefusal::Disconnected),
        // Three polls have proved that its session is gone: there is nothing to reconnect.
        (Status::Missing, _) => Ok((AttemptPurpose::Create, LinkTarget::Create)),
        (
            Status::Connecting
            | Status::ReconnectNeeded
            | Status::ActionRequired
            | Status::Recovering,
            _,
        ) => Ok(match linked() {
            Some(target) => (AttemptPurpose::Reconnect, target),
            None if facts.was_connected => (AttemptPurpose::Create, LinkTarget::Create),
            None => (AttemptPurpose::First, LinkTarget::Create),
        }),
    }
}

/// Another call is at it, until its lease ends.
fn minting(
    facts: &MintFacts,
    newest: &NewestMint,
    (purpose, target): (AttemptPurpose, LinkTarget),
) -> MintStep {
    let attempt = newest.attempt;
    match newest.lease_ends_at {
        Some(until) if facts.at < until => MintStep::Wait { attempt, until },
        _ => MintStep::TakeOver {
            attempt,
            purpose,
            target,
            mint_no: newest.mint_no.saturating_add(1),
        },
    }
}

/// Whether an open link is given again: young, alive, and for what is wanted now (R-LNK-1).
fn is_held(facts: &MintFacts, newest: &NewestMint, purpose: AttemptPurpose) -> bool {
    let is_young = |minted: Timestamp| facts.at < later(minted, LINK_HELD);
    newest.minted_at.is_some_and(is_young)
        && facts.at < newest.link_ends_at
        && is_same_login(newest.purpose, purpose)
}

/// A renewal flips nothing, so it is no way back for an account that was lost meanwhile; a restore that began is one. A
/// reconnect goes on as `create` where the session turns out to be gone.
fn is_same_login(newest: AttemptPurpose, wanted: AttemptPurpose) -> bool {
    let is_renewal = |it| it == AttemptPurpose::Renew;
    is_renewal(newest) == is_renewal(wanted)
}

fn is_fresh(facts: &MintFacts, newest: &NewestMint) -> bool {
    let is_young = |answered: Timestamp| facts.at < later(answered, ANSWER_PATIENCE);
    newest.answered_at.is_some_and(is_young)
}

fn begin(
    facts: &MintFacts,
    (purpose, target): (AttemptPurpose, LinkTarget),
    last: LastLink,
    supersedes: Option<AttemptId>,
) -> MintStep {
    if last == LastLink::Dead
        && let Some(oldest) = facts.dead_said.get(DEAD_MAX - 1)
    {
        let room = later(*oldest, DEAD_WITHIN);
        return MintStep::Refuse(MintRefusal::TooManyDead(room));
    }
    MintStep::Begin {
        purpose,
        target,
        supersedes,
    }
}

#[cfg(test)]
mod tests;
