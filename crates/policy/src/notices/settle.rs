//! What a mail server's answer means.

use super::{
    MailAddress, MailOutcome, NoticeChange, NoticeChanges, NoticeName, NoticeState, NoticeTry,
    NoticeWhy, ServerTrouble, StoppedAddress,
};
use crate::decision::{Alert, Decision};
use crate::ids::WorkspaceId;
use crate::settled::Settled;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

/// First wait before a mail that was put off is tried again; doubles.
const RETRY_FIRST: SignedDuration = SignedDuration::from_mins(5);
/// Longest wait.
const RETRY_MAX: SignedDuration = SignedDuration::from_hours(24);

/// A mailbox, and what became of its mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// The address.
    pub address: MailAddress,
    /// End of giving the mail away for it.
    pub outcome: MailOutcome,
}

/// A mail that was given away, as its notices stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailFacts {
    /// Workspace of all its notices.
    pub workspace: WorkspaceId,
    /// Notices that it tells.
    pub notices: Vec<NoticeTry>,
}

/// Wait before a mail that was put off is tried again, after so many tries.
pub fn retry_after(tries: i32) -> SignedDuration {
    let doubled = (1..tries.min(16)).fold(RETRY_FIRST, |wait, _| wait + wait);
    doubled.min(RETRY_MAX)
}

/// Ends the notices of a mail. One of several readers is enough; where nobody has it and somebody may yet, it is tried
/// again. What may have been taken is never given again.
pub fn settle(facts: &MailFacts, recipients: &[Recipient], now: Timestamp) -> Settled {
    let end = end_of(recipients);
    let changes = facts.notices.iter().map(|it| {
        let NoticeTry { notice, tries } = *it;
        let due_at = (end.state == NoticeState::Planned).then(|| later(now, retry_after(tries)));
        NoticeChange {
            notice,
            seen: (NoticeState::Sending, tries),
            then: (end.state, tries),
            due_at,
            why: end.why,
            code: end.code,
            trouble: end.trouble,
            is_held: false,
        }
    });
    let lead = facts.notices.first().map(|it| it.notice);
    let stopped = lead.map_or_else(Vec::new, |lead| stopped(facts.workspace, lead, recipients));
    Settled {
        decision: Decision {
            alerts: alerts(lead, recipients),
            notices: NoticeChanges {
                changes: changes.collect(),
                stopped,
                ..NoticeChanges::default()
            },
            ..Decision::nothing(now)
        },
        dead: None,
    }
}

/// End of a whole mail.
#[derive(Clone, Copy)]
struct MailEnd {
    state: NoticeState,
    why: Option<NoticeWhy>,
    code: Option<i16>,
    trouble: Option<ServerTrouble>,
}

impl MailEnd {
    const UNANSWERED: Self = Self::failed(NoticeWhy::Unanswered, None);

    const fn failed(why: NoticeWhy, code: Option<i16>) -> Self {
        Self {
            state: NoticeState::Failed,
            why: Some(why),
            code,
            trouble: None,
        }
    }

    const fn of(outcome: MailOutcome) -> Self {
        let (state, code, trouble) = match outcome {
            MailOutcome::Unanswered => return Self::UNANSWERED,
            MailOutcome::Refused { code } => return Self::failed(NoticeWhy::Refused, Some(code)),
            MailOutcome::Undeliverable { code } => {
                return Self::failed(NoticeWhy::Undeliverable, Some(code));
            }
            MailOutcome::Accepted { code } => (NoticeState::Sent, Some(code), None),
            MailOutcome::PutOff { code, trouble } => (NoticeState::Planned, code, trouble),
        };
        Self {
            state,
            why: None,
            code,
            trouble,
        }
    }
}

/// Of several readers, the end that forbids most to give the mail away again.
fn end_of(recipients: &[Recipient]) -> MailEnd {
    let rank = |outcome: &MailOutcome| match outcome {
        MailOutcome::Accepted { .. } => 0,
        MailOutcome::Unanswered => 1,
        MailOutcome::PutOff { .. } => 2,
        MailOutcome::Refused { .. } => 3,
        MailOutcome::Undeliverable { .. } => 4,
    };
    let outcomes = recipients.iter().map(|it| it.outcome);
    outcomes
        .min_by_key(rank)
        .map_or(MailEnd::UNANSWERED, MailEnd::of)
}

fn stopped(
    workspace: WorkspaceId,
    notice: NoticeName,
    recipients: &[Recipient],
) -> Vec<StoppedAddress> {
    let gone = recipients
        .iter()
        .filter(|it| matches!(it.outcome, MailOutcome::Undeliverable { .. }));
    gone.map(|it| StoppedAddress {
        workspace,
        address: it.address.clone(),
        notice,
    })
    .collect()
}

/// Alerts name no address: whoever reads them finds it by the account.
fn alerts(lead: Option<NoticeName>, recipients: &[Recipient]) -> Vec<Alert> {
    let mut alerts = vec![];
    for it in recipients {
        match it.outcome {
            MailOutcome::Undeliverable { code } | MailOutcome::Refused { code } => {
                alerts.extend(lead.map(|lead| undeliverable(lead, code)));
            }
            MailOutcome::PutOff {
                code,
                trouble: Some(trouble),
            } => alerts.push(Alert {
                code: "mail_server",
                subject: format!("mail server {trouble}"),
                detail: json!({ "at": trouble.as_str(), "code": code }),
            }),
            MailOutcome::PutOff { trouble: None, .. }
            | MailOutcome::Accepted { .. }
            | MailOutcome::Unanswered => {}
        }
    }
    alerts.dedup();
    alerts
}

fn undeliverable(lead: NoticeName, code: i16) -> Alert {
    Alert {
        code: "notice_undeliverable",
        subject: format!("account {}", lead.account),
        detail: json!({ "step": lead.step.as_str(), "code": code }),
    }
}

pub(super) fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}
