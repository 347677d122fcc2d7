//! The command that removes an obstacle, or who else does: R-CAM-1's "what would clear it", for every obstacle there is.

use crate::text::one_line;
use jiff::Timestamp;
use policy::account::Status;
use policy::campaigns::PauseReason;
use policy::holds::{COPY, HoldReason};
use policy::ids::{AccountId, CampaignId, WorkspaceId};
use policy::lifting::Lifting;
use policy::sends::Action;
use policy::sends::sender::{ActionFacts, Sender};
use policy::sends::slot::{Reason, Rule, Slot, blocking};
use serde::Serialize;
use std::fmt;
use utoipa::ToSchema;
use uuid::Uuid;

/// What is in the way, and what takes it away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Remedy {
    /// What is in the way.
    pub obstacle: String,
    /// Command that removes it, to be typed with a reason; none where no command does.
    pub command: Option<String>,
    /// What else does: time, an owner, or another command first.
    pub otherwise: Option<String>,
}

impl Remedy {
    fn by(obstacle: impl Into<String>, command: String) -> Self {
        Self {
            obstacle: obstacle.into(),
            command: Some(command),
            otherwise: None,
        }
    }

    fn by_itself(obstacle: impl Into<String>, otherwise: impl Into<String>) -> Self {
        Self {
            obstacle: obstacle.into(),
            command: None,
            otherwise: Some(otherwise.into()),
        }
    }

    /// Names whose obstacle it is, where several senders are told of.
    pub(super) fn of(self, name: &str) -> Self {
        Self {
            obstacle: format!("{name}: {}", self.obstacle),
            ..self
        }
    }

    fn or(self, otherwise: impl Into<String>) -> Self {
        Self {
            otherwise: Some(otherwise.into()),
            ..self
        }
    }
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let obstacle = one_line(&self.obstacle);
        match (&self.command, &self.otherwise) {
            (Some(command), None) => write!(f, "{obstacle}: {command}"),
            (Some(command), Some(otherwise)) => write!(f, "{obstacle}: {command}; or {otherwise}"),
            (None, otherwise) => {
                let otherwise = otherwise
                    .as_deref()
                    .unwrap_or("nothing that this build knows");
                write!(f, "{obstacle}: {otherwise}")
            }
        }
    }
}

/// A pause of work.
pub(super) fn work_pause(id: Uuid, over: &str) -> Remedy {
    Remedy::by(format!("pause of {over}"), format!("relink resume {id}"))
}

/// A hold of an account.
pub(super) fn hold(account: AccountId, workspace: WorkspaceId, reason: &str) -> Remedy {
    let obstacle = format!("hold {reason}");
    if reason == COPY {
        return Remedy::by(obstacle, "relink adopt".to_owned());
    }
    let Some(known) = HoldReason::parse(reason) else {
        return Remedy::by_itself(obstacle, "nothing that this build knows");
    };
    let release = format!("relink accounts release {account} --hold {known}");
    match (known, known.lifting()) {
        (_, Lifting::Person(_)) => Remedy::by(obstacle, release),
        (_, Lifting::Either(_)) => Remedy::by(obstacle, release).or("its own end"),
        (HoldReason::Subscription, _) => subscription(workspace),
        (_, Lifting::System(words)) => {
            let cases = format!("relink cases list --account {account}");
            Remedy::by(obstacle, cases).or(words)
        }
    }
}

/// A subscription that is over.
pub(super) fn subscription(workspace: WorkspaceId) -> Remedy {
    let command = format!("relink workspace subscription renew {workspace}");
    Remedy::by("subscription over", command)
}

/// A status that sends nothing; none for `connected`.
pub(super) fn status(account: AccountId, status: Status) -> Option<Remedy> {
    let obstacle = format!("status {status}");
    let owner = match status {
        Status::Connected => return None,
        Status::Recovering => {
            let command = format!("relink accounts restart {account}");
            return Some(Remedy::by(obstacle, command).or("the ladder of restarts"));
        }
        Status::Connecting => "its owner finishes the link",
        Status::ReconnectNeeded => "its owner signs in again",
        Status::ActionRequired => "its owner confirms at the provider",
        Status::Missing | Status::Disconnected => "its owner links it again",
    };
    Some(Remedy::by_itself(obstacle, owner))
}

/// A pause of a campaign.
pub(super) fn campaign_pause(campaign: CampaignId, workspace: WorkspaceId, reason: &str) -> Remedy {
    let obstacle = format!("pause {reason}");
    let Some(known) = PauseReason::parse(reason) else {
        return Remedy::by_itself(obstacle, "nothing that this build knows");
    };
    match (known, known.lifting()) {
        (_, Lifting::Person(_) | Lifting::Either(_)) => {
            let command = format!("relink campaigns resume {campaign} --pause {known}");
            Remedy::by(obstacle, command)
        }
        (PauseReason::Subscription, _) => subscription(workspace),
        (_, Lifting::System(words)) => Remedy::by_itself(obstacle, words),
    }
}

/// A campaign that its owner has not started, or ended.
pub(super) fn not_active() -> Remedy {
    Remedy::by_itself("not active", "its owner starts it")
}

/// A sender whose people can go to others meanwhile.
pub(super) fn lost_sender(campaign: CampaignId, account: AccountId, name: &str) -> Remedy {
    let command = format!("relink campaigns reassign {campaign} --from {account}");
    Remedy::by(format!("{name}: its people wait"), command).or("it connects again")
}

/// Enrollments that are too late to go by themselves.
pub(super) fn overdue(campaign: CampaignId, count: i64) -> Remedy {
    let command = format!("relink enrollments send --overdue-of {campaign}");
    Remedy::by(format!("{count} overdue"), command).or("skip or stop in place of send")
}

/// Enrollments that ended before their last step.
pub(super) fn stopped(campaign: CampaignId, count: i64) -> Remedy {
    let command = format!("relink enrollments list --campaign {campaign} --state stopped");
    Remedy::by(format!("{count} stopped"), command)
        .or("relink enrollments restart or move, of those that it lists")
}

/// Sends of a campaign whose outcome is unknown.
pub(super) fn unknown_in(campaign: CampaignId, unknown: i64, given_up: i64) -> Remedy {
    let command = format!("relink sends list --campaign {campaign}");
    let obstacle = format!("{unknown} unknown, {given_up} of them wait for a person");
    Remedy::by(obstacle, command).or("relink sends decide, of those that it lists")
}

/// A send whose outcome is unknown.
pub(super) fn unknown(send: Uuid, looks_on: bool) -> Remedy {
    let command = format!("relink sends decide {send} --as found|absent");
    let remedy = Remedy::by(format!("unknown {send}"), command);
    if looks_on {
        remedy.or("the next look")
    } else {
        remedy
    }
}

/// What keeps one action of an account from going now; none where it may, or where status or hold do, which are told once.
pub(super) fn action(
    sender: &Sender,
    facts: &ActionFacts,
    slot: &Slot,
    now: Timestamp,
) -> Option<Remedy> {
    match slot {
        Slot::Never(reason) => never(sender.account, facts.action, reason),
        Slot::At { at, .. } if *at <= now => None,
        Slot::At { rule, .. } => {
            let longest = blocking(sender, facts, now)
                .into_iter()
                .max_by_key(|it| it.1);
            let rule = longest.map(|it| it.0).or_else(|| rule.clone())?;
            later(sender.account, facts.action, &rule)
        }
    }
}

fn never(account: AccountId, action: Action, reason: &Reason) -> Option<Remedy> {
    Some(match reason {
        Reason::Status(_) | Reason::Hold { .. } => return None,
        Reason::NoCap { .. } => Remedy::by("cap", caps(account, action)),
        Reason::BadRules(_) | Reason::NoWindow => Remedy::by("window", rules(account)),
        Reason::NoRamp => Remedy::by("ramp", rules(account)),
        Reason::Busy => Remedy::by_itself("call on its way", "its end, within a minute"),
        Reason::Probing => Remedy::by_itself(
            "probing send",
            "its end; if it is unknown, relink sends decide",
        ),
        Reason::Unsettled => Remedy::by_itself("rules", "this is a defect; please report it"),
    })
}

fn later(account: AccountId, action: Action, rule: &Rule) -> Option<Remedy> {
    Some(match rule {
        Rule::Hold { .. } => return None,
        Rule::Cooldown { code, .. } => {
            Remedy::by_itself(format!("cooldown after {code}"), "time alone")
        }
        Rule::Spacing { .. } => Remedy::by_itself("spacing", "time alone"),
        Rule::DailyCap(_) | Rule::WeeklyCap(_) => {
            Remedy::by("cap", caps(account, action)).or("time")
        }
        Rule::Ramp(_) => Remedy::by("ramp", rules(account)).or("time"),
        Rule::OutageRamp(_) => Remedy::by_itself("ramp after an outage", "time alone"),
        Rule::Window => Remedy::by("window", rules(account)).or("time"),
    })
}

fn caps(account: AccountId, action: Action) -> String {
    format!("relink accounts cap {account} {action}")
}

fn rules(account: AccountId) -> String {
    format!("relink accounts rules {account}")
}

#[cfg(test)]
mod tests;
