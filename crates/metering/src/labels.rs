//! The labels, and the closed set of values of each. Never an id, a name, an address or a text of anybody's.

mod http;

pub use http::http_outcome;

use crate::job_kind::JobKind;
use http::HTTP_OUTCOMES;
use policy::account::{AttemptOutcome, AttemptPurpose, Cause, Status};
use policy::alerts::{ALERT_CODES, AlertClass};
use policy::campaigns::PauseReason;
use policy::class::Class;
use policy::duties::{LeaderDuty, UNSCHEDULED};
use policy::events;
use policy::holds::HoldReason;
use policy::interlock::Gate;
use policy::jobs::Queue;
use policy::links::{LandedBy, LandedSince};
use policy::notices::NoticeStep;
use policy::restarts::ReturnedBy;
use policy::sends::{Action, SendState};
use store::ErrorClass;
use store::jobs::FailureKind;

/// A label of a metric.
#[derive(Clone, Copy, Debug)]
pub struct Label {
    /// Its name.
    pub name: &'static str,
    /// What it can say.
    pub values: Values,
}

/// A closed set of values.
#[derive(Clone, Copy, Debug)]
pub enum Values {
    /// These words.
    Words(&'static [&'static str]),
    /// The words of an enum of ours.
    Of(fn() -> Vec<&'static str>),
    /// Names of queues.
    Queues,
    /// Kinds of job; each has one queue, so beside a `queue` this label alone says how many sets there are.
    Kinds,
    /// Kinds of job that the scheduler asks for.
    Schedules,
    /// These, and the duties that no schedule asks for.
    Duties,
    /// Codes of alerts.
    Codes,
    /// Classes of alerts; beside a code only its own.
    Classes,
    /// One word for each build.
    Build,
}

const fn words(name: &'static str, words: &'static [&'static str]) -> Label {
    Label {
        name,
        values: Values::Words(words),
    }
}

const fn of(name: &'static str, values: fn() -> Vec<&'static str>) -> Label {
    Label {
        name,
        values: Values::Of(values),
    }
}

const fn label(name: &'static str, values: Values) -> Label {
    Label { name, values }
}

/// A word of a closed set, or `other`: what a set does not know cannot make a new series.
pub fn known(words: &[&'static str], word: &str) -> &'static str {
    words
        .iter()
        .find(|known| **known == word)
        .copied()
        .unwrap_or(OTHER)
}

/// For words that this build does not know.
pub const OTHER: &str = "other";

pub(crate) const QUEUE: Label = label("queue", Values::Queues);
pub(crate) const KIND: Label = label("kind", Values::Kinds);
pub(crate) const SCHEDULE: Label = label("schedule", Values::Schedules);
pub(crate) const DUTY: Label = label("duty", Values::Duties);
pub(crate) const LEADER_DUTY: Label =
    of("duty", || LeaderDuty::ALL.map(LeaderDuty::as_str).to_vec());
pub(crate) const VERSION: Label = label("version", Values::Build);
pub(crate) const GIT: Label = label("git", Values::Build);

pub(crate) const JOB_OUTCOME: Label = words("outcome", &["done", "failed", "dead"]);
pub(crate) const FAULT: Label = of("fault", || {
    FailureKind::ALL.map(FailureKind::as_str).to_vec()
});
pub(crate) const SETTLEMENT: Label =
    words("settlement", &["done", "requeue", "hand_back", "reject"]);
pub(crate) const SLOT_STATE: Label = words("state", &["busy", "free"]);
pub(crate) const DEAD_BY_RUN: Label = words("reason", &["permanent", "exhausted"]);
pub(crate) const DEAD_BY_RESCUE: Label = words("reason", &["vanished"]);
pub(crate) const ROWS: Label = words("rows", &["seen", "changed"]);
pub(crate) const DURING: Label = words("during", &STORE_CALLS);

/// What waits patiently for the database.
pub const STORE_CALLS: [&str; 7] = [
    "beat",
    "check the schema",
    "claim jobs",
    "leave jobs",
    "raise an alert",
    "record a failure",
    "settle",
];

pub(crate) const CAUSE: Label = of("cause", || Cause::ALL.map(Cause::as_str).to_vec());
pub(crate) const CODE: Label = label("code", Values::Codes);
pub(crate) const ALERT_CLASS: Label = label("class", Values::Classes);
pub(crate) const SEND_STATE: Label = of("state", || SendState::ALL.map(SendState::as_str).to_vec());
pub(crate) const ACTION: Label = of("action", || Action::ALL.map(Action::as_str).to_vec());
pub(crate) const HOLD: Label = of("reason", || {
    HoldReason::ALL.map(HoldReason::as_str).to_vec()
});
pub(crate) const REFUSAL: Label = of("reason", || Class::ALL.map(Class::as_str).to_vec());
pub(crate) const RULE: Label = words("rule", DENIALS);
/// Why the database refuses to reserve a send that the rules let pass a moment before.
pub const DENIALS: &[&str] = &[
    "daily_cap",
    "weekly_cap",
    "allowance",
    "spacing",
    "busy",
    "probing",
    "cooldown",
    "hold",
    "status",
    "rules",
    "campaign",
    "enrollment",
    "window",
    OTHER,
];
pub(crate) const RESTART_STATE: Label =
    words("state", &["restarted", "refused", "not_sent", "unknown"]);
pub(crate) const LANDED_BY: Label = of("by", || LandedBy::ALL.map(LandedBy::as_str).to_vec());
pub(crate) const LANDED_SINCE: Label = of("since", || {
    LandedSince::ALL.map(LandedSince::as_str).to_vec()
});
pub(crate) const NOTICE_STEP: Label =
    of("step", || NoticeStep::ALL.map(NoticeStep::as_str).to_vec());
pub(crate) const NOTICE_END: Label = words("state", &["sent", "failed", "skipped", "suppressed"]);
pub(crate) const RETURNED_BY: Label = of("by", || ReturnedBy::ALL.map(ReturnedBy::as_str).to_vec());
pub(crate) const PURPOSE: Label = of("purpose", || {
    AttemptPurpose::ALL.map(AttemptPurpose::as_str).to_vec()
});
pub(crate) const ATTEMPT_OUTCOME: Label = of("outcome", || {
    AttemptOutcome::ALL.map(AttemptOutcome::as_str).to_vec()
});
pub(crate) const MINT: Label = words(
    "outcome",
    &[
        "minted",
        "reused",
        "missing",
        "already_connected",
        "in_progress",
        "disconnected",
        "merged",
        "too_many_dead",
        "provider_refused",
        "provider_down",
        "provider_silent",
        "our_key",
        "busy",
        "database",
    ],
);
pub(crate) const ANSWER: Label = words("answer", &["present", "gone", "inconclusive"]);
pub(crate) const VERDICT: Label = words(
    "verdict",
    &[
        "confirmed",
        "recovered",
        "expired",
        "withdrawn",
        "dismissed",
    ],
);
pub(crate) const CASE_STATE: Label = words("state", &CASES);
/// An open case, and how those closed in the last 24 hours ended.
pub const CASES: [&str; 6] = [
    "open",
    "confirmed",
    "recovered",
    "expired",
    "withdrawn",
    "dismissed",
];

pub(crate) const EVENT_ROUTE: Label = words("route", &["callback", "webhook"]);
pub(crate) const EVENT_VERDICT: Label = of("verdict", || {
    let all = events::Verdict::ALL.map(events::Verdict::as_str);
    all.to_vec()
});
pub(crate) const ATTEMPT: Label = words("verdict", &["permitted", "vanished", "refused"]);
pub(crate) const SENT: Label = words("sent", &["yes", "no"]);
pub(crate) const GATE: Label = of("gate", || Gate::ALL.map(Gate::as_str).to_vec());
pub(crate) const FLEET_GATE: Label = words("gate", &FLEET_GATES);
/// Gates that can be judged for the whole fleet: the switch is a process's, three looks are a session's.
pub const FLEET_GATES: [&str; 4] = ["sanity", "cap", "flag", "audit"];
pub(crate) const REMOVAL_STATE: Label = words("state", &REMOVALS);
pub(crate) const REMOVAL_END: Label = words(
    "state",
    &["deleted", "unknown", "not_sent", "kept", "withdrawn"],
);
/// States of a removal, as the table checks them.
pub const REMOVALS: [&str; 9] = [
    "requested",
    "refused",
    "withdrawn",
    "permitted",
    "calling",
    "deleted",
    "unknown",
    "not_sent",
    "kept",
];

pub(crate) const ROUTE: Label = of("route", || provider::ROUTES.to_vec());
pub(crate) const ANSWERED: Label = of("outcome", || {
    std::iter::once("ok")
        .chain(Class::ALL.map(Class::as_str))
        .collect()
});

pub(crate) const CONSUMER: Label = words("role", &["consumer"]);
pub(crate) const PUBLISHER: Label = words("role", &["publisher"]);
/// Connections of a scheduler to the broker.
pub(crate) const CONNECTED: Label = words("role", &["publisher", "dead", "witness"]);
pub(crate) const LISTENER: Label = words("listener", &["product", "ops", "webhooks"]);
/// What an answer of the HTTP API means to whoever asked; see [`http_outcome`].
pub(crate) const HTTP_OUTCOME: Label = words("outcome", &HTTP_OUTCOMES);
pub(crate) const CONNECTION: Label = words("state", &["idle", "in_use"]);

pub(crate) const ERROR_CLASS: Label =
    of("class", || ErrorClass::ALL.map(ErrorClass::as_str).to_vec());
pub(crate) const RELAYED: Label = words("verdict", &["confirmed", "returned", "nacked", "lost"]);
pub(crate) const RESCUE: Label = words("reason", &["vanished", "exhausted", "silent"]);
pub(crate) const TICKED: Label = words("outcome", &["fired", "skipped"]);

pub(crate) const DEPTH: Label = words("state", &DEPTHS);
/// Where an open job stands.
pub const DEPTHS: [&str; 4] = ["due", "scheduled", "paused", "running"];
pub(crate) const PAUSE_SCOPE: Label = words("scope", &PAUSE_SCOPES);
/// What a pause covers.
pub const PAUSE_SCOPES: [&str; 5] = ["everything", "queue", "kind", "workspace", "account"];
pub(crate) const PAUSE_MODE: Label = words("mode", &PAUSE_MODES);
/// What a pause does to running work.
pub const PAUSE_MODES: [&str; 2] = ["hold", "drain"];
pub(crate) const PAUSE_ORIGIN: Label = words("origin", &PAUSE_ORIGINS);
/// Who paused.
pub const PAUSE_ORIGINS: [&str; 2] = ["operator", "system"];
pub(crate) const STATUS: Label = of("status", || Status::ALL.map(Status::as_str).to_vec());
pub(crate) const CAMPAIGN_STATE: Label = words("state", &CAMPAIGNS);
/// What a campaign does.
pub const CAMPAIGNS: [&str; 3] = ["running", "paused", "inactive"];
pub(crate) const CAMPAIGN_PAUSE: Label = of("reason", || {
    PauseReason::ALL.map(PauseReason::as_str).to_vec()
});
pub(crate) const USED: Label = words("used", &CAP_SHARES);
/// How much of its day's cap an account has used, in percent, the upper end left out.
pub const CAP_SHARES: [&str; 4] = ["0-50", "50-80", "80-100", "100"];

impl Values {
    /// Words that it can say in a process that knows these kinds of `jobs`.
    pub fn list(self, jobs: &[JobKind]) -> Vec<&'static str> {
        match self {
            Self::Words(words) => words.to_vec(),
            Self::Of(values) => values(),
            Self::Queues => Queue::ALL.map(Queue::as_str).to_vec(),
            Self::Kinds => jobs.iter().map(|job| job.kind.name).collect(),
            Self::Schedules => jobs
                .iter()
                .filter(|job| job.is_scheduled)
                .map(|job| job.kind.name)
                .collect(),
            Self::Duties => {
                let unscheduled = UNSCHEDULED.iter().map(|(kind, _)| kind.name);
                let mut duties = Self::Schedules.list(jobs);
                duties.extend(unscheduled);
                duties
            }
            Self::Codes => {
                let codes = ALERT_CODES.iter().map(|it| it.code);
                codes.chain([OTHER]).collect()
            }
            Self::Classes => AlertClass::ALL.map(AlertClass::as_str).to_vec(),
            // Known where it is set.
            Self::Build => vec![],
        }
    }
}
